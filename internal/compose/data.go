package compose

import (
	"time"

	"dateline/internal/press"
)

// Data is what a template sees as its dot. docs/templates.md tells it to those
// who write templates; a test holds the two together.
type Data struct {
	Language  string // BCP 47 tag of the edition
	Direction string // ltr or rtl
	Subject   string // of the mail, with its marks
	Preheader string // the opening of the text, for the inbox's list
	Sender    SenderData
	Release   ReleaseData
	Event     EventData
	Embargo   EmbargoData
	Send      SendData
	Change    ChangeData
	Contact   ContactData
	Media     []MediaData // whom journalists may ask
	Documents []DocumentData

	Attachments []string // names of the files that the mail carries, but for background documents
	Story       any      // the body with the dateline run into it: HTML in the page, plain text in the text
	Body        any      // the body alone
}

// SenderData is who sends the release, in the edition's language.
type SenderData struct {
	Name         string
	Organisation string
	Address      string // postal; may be empty
	Website      string // may be empty
	Email        string // where replies go
}

// ReleaseData is the release itself.
type ReleaseData struct {
	Kind     string // release, advisory, statement, correction, kill or embargo
	Label    string // the same for readers
	Headline string
	Dateline string // the cities in capitals, and the date
	Cities   []string
	Date     press.Date
	Website  string // may be empty
}

// EventData is what the release reports on; all is empty where it has none.
type EventData struct {
	Title string
	Dates string
}

// EmbargoData is the embargo and how this copy stands to it.
type EmbargoData struct {
	None     bool      // for immediate release
	Held     bool      // this copy leaves before the lift
	Lift     time.Time // in the dateline's zone
	Tellings []Telling // the lift in the dateline's zone, the contact's where it is another, and UTC
}

// Telling is the lift as told in one zone.
type Telling struct {
	When   string // all of it, by the phrase `when`
	Date   string
	Time   string
	City   string
	Offset string
}

// SendData is the wave that this copy belongs to.
type SendData struct {
	Kind    string // advance, general or follow-up
	Advance bool
	Test    bool // a copy for the desk's own eyes
}

// ChangeData is what a correction or a follow-up says first.
type ChangeData struct {
	About string // the headline of the text that is corrected; may be empty
	What  string // what was wrong, or what is new since then; may be empty
}

// ContactData is the recipient. Its values are put in when the page is done: a
// template can print them and ask whether they are there, no more.
type ContactData struct {
	Name      string // may be empty
	Outlet    string // may be empty
	Address   string
	Addressee string // the outlet, else the name, else the address
	OptOut    string // the contact's own link to opt out or to change what they get; may be empty
}

// MediaData is a person whom journalists may ask.
type MediaData struct {
	Name  string
	Role  string // may be empty
	Email string // may be empty
	Phone string // as it is written; may be empty
	Tel   string // for a tel: link (RFC 3966): digits, with + before them where it is international
}

// DocumentData is a background document: linked to, or in the mail.
type DocumentData struct {
	Title string
	URL   string // empty where it is in the mail
	File  string // its name in the mail; empty where it is linked to
}

// telDigits gives a telephone number as a tel: link takes it.
func telDigits(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' || s[i] == '+' && len(out) == 0 {
			out = append(out, s[i])
		}
	}
	return string(out)
}
