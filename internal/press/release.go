package press

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// ReleaseKind is what a release is.
type ReleaseKind string

// The kinds of release.
const (
	News       ReleaseKind = "release"
	Advisory   ReleaseKind = "advisory"
	Statement  ReleaseKind = "statement"
	Correction ReleaseKind = "correction"
	KillNotice ReleaseKind = "kill"
	// EmbargoNotice tells of a moved embargo. Only Dateline itself writes it.
	EmbargoNotice ReleaseKind = "embargo"
)

// ReleaseKinds lists every kind of release that people write.
func ReleaseKinds() []ReleaseKind {
	return []ReleaseKind{News, Advisory, Statement, Correction, KillNotice}
}

// Release is one press release, as the config folder has it.
type Release struct {
	Slug          string         `json:"slug"`
	Kind          ReleaseKind    `json:"kind"`
	Topic         string         `json:"topic,omitempty"`
	About         string         `json:"about,omitempty"` // of a notice or a correction: the slug of the release that it is about
	Sender        string         `json:"sender"`
	Event         Occasion       `json:"event,omitzero"`
	Dateline      Dateline       `json:"dateline"`
	Embargo       Embargo        `json:"embargo"`
	Recurs        Recurrence     `json:"recurs,omitzero"`
	Editions      []Edition      `json:"editions"`
	Sends         []Send         `json:"sends"`
	MediaContacts []MediaContact `json:"media_contacts,omitempty"`
	Website       string         `json:"website,omitempty"`
	Background    []Background   `json:"background,omitempty"`
	// Every contact needs an edition in a language of theirs, and every edition is
	// signed off, before it can be approved.
	AllLanguages bool   `json:"all_languages,omitempty"`
	Files        []File `json:"files,omitempty"` // what editions show or carry, each once, by name
}

// File is a file that mails carry: a picture, an attachment, a background
// document.
type File struct {
	Name string `json:"name"` // within the release's folder
	Type string `json:"type"` // the media type that its content has (RFC 6838)
	Data []byte `json:"data"`
}

// File finds a file by its name.
func (r Release) File(name string) (File, bool) {
	for _, f := range r.Files {
		if f.Name == name {
			return f, true
		}
	}
	return File{}, false
}

// Occasion is what a release reports on; its title stands in each edition.
type Occasion struct {
	From Date `json:"from"`
	To   Date `json:"to,omitzero"` // zero where it took one day
}

// Dateline is where and when a text was filed. The cities stand once more in
// each edition, in its language and in the same order.
type Dateline struct {
	Cities []string `json:"cities"`
	Date   Date     `json:"date"`
	Zone   string   `json:"zone"` // the zone in which the embargo is told first
}

// Embargo is the instant before which nothing may be published; None means
// that the release is sent on approval.
type Embargo struct {
	None bool   `json:"none,omitempty"`
	Lift Moment `json:"lift,omitzero"`
}

// Recurrence is the rule by which a release comes again and again, in place of
// an embargo. Each occurrence is a release of its own, with the embargo that the
// rule gives it.
type Recurrence struct {
	Cron string `json:"cron"` // five fields: minute, hour, day of month, month, day of week
	Zone string `json:"zone"`
}

// IsZero tells whether the release does not recur.
func (r Recurrence) IsZero() bool { return r == Recurrence{} }

// Edition is the release in one language.
type Edition struct {
	Lang     Lang     `json:"lang"`
	Headline string   `json:"headline"`
	Subject  string   `json:"subject"` // of the mail; the headline where none is given
	Event    string   `json:"event,omitempty"`
	Cities   []string `json:"cities"`
	Body     string   `json:"body"` // Markdown
	File     string   `json:"file"` // within the release's folder
	BodyLine int      `json:"body_line"`

	Changed     string   `json:"changed,omitempty"`       // what a correction corrects, or a follow-up brings
	About       string   `json:"about,omitempty"`         // of a correction: the headline of the text that it corrects
	Attachments []string `json:"attachments,omitempty"`   // names of files, those of the release first
	SignedOffBy string   `json:"signed_off_by,omitempty"` // who vouches for the language
}

// MediaContact is a person whom journalists may ask.
type MediaContact struct {
	Name  Text    `json:"name"`
	Role  Text    `json:"role,omitempty"`
	Email Address `json:"email,omitempty"`
	Phone string  `json:"phone,omitempty"`
}

// Background is a document that a release points to, or brings.
type Background struct {
	Title Text   `json:"title"`
	URL   string `json:"url"`            // empty where the mail carries it
	File  string `json:"file,omitempty"` // its name among the release's files
}

// SendKind is what a send is to the embargo.
type SendKind string

// The kinds of send.
const (
	Advance  SendKind = "advance"   // before the lift, to outlets with an agreement
	General  SendKind = "general"   // at the lift or later
	FollowUp SendKind = "follow-up" // after another send, to those who have it
)

// Send is one wave of a release.
type Send struct {
	Name        string        `json:"name"`
	Kind        SendKind      `json:"kind"`
	After       string        `json:"after,omitempty"` // the send that a follow-up follows
	Lists       []string      `json:"lists"`           // a follow-up without any goes to everybody of that send
	At          Schedule      `json:"at"`
	LateAfter   time.Duration `json:"late_after"` // past its instant by more, a copy expires
	Again       bool          `json:"again,omitempty"`
	IgnoreQuiet bool          `json:"ignore_quiet,omitempty"` // goes out in quiet hours too
}

// Schedule is when a send is due: at a Moment, at a Local time of each contact,
// or so long Before the lift (zero: at the lift).
type Schedule struct {
	Moment Moment        `json:"moment,omitzero"`
	Local  WallTime      `json:"local,omitzero"`
	Before time.Duration `json:"before,omitempty"`
}

// Due is the send's instant, given the lift. A local send has no single one;
// DueIn says when it is due to somebody. Here it is reckoned on UTC's clocks.
func (s Schedule) Due(lift time.Time) time.Time { return s.DueIn(lift, time.UTC) }

// DueIn is the instant at which the send is due to somebody who lives by a
// zone, given the lift. A local time before the lift means at the lift.
func (s Schedule) DueIn(lift time.Time, loc *time.Location) time.Time {
	switch {
	case !s.Moment.IsZero():
		return s.Moment.At
	case !s.Local.IsZero():
		if at := s.Local.FirstIn(loc); at.After(lift) {
			return at
		}
		return lift
	default:
		return lift.Add(-s.Before)
	}
}

// ZonesAt is the instant around which the zone database must be what it was at
// the approval: the lift, or without one the first local send; zero where no
// instant of the release hangs on a zone.
func (r Release) ZonesAt() time.Time {
	at := r.Embargo.Lift.At
	for _, s := range r.Sends {
		if local := s.At.Local; r.Embargo.None && !local.IsZero() && (at.IsZero() || local.Time().Before(at)) {
			at = local.Time()
		}
	}
	return at
}

// HasFollowUp tells whether a send follows another one.
func (r Release) HasFollowUp() bool {
	return slices.ContainsFunc(r.Sends, func(s Send) bool { return s.Kind == FollowUp })
}

// Edition finds the edition in a language.
func (r Release) Edition(l Lang) (Edition, bool) {
	for _, e := range r.Editions {
		if e.Lang == l {
			return e, true
		}
	}
	return Edition{}, false
}

// Send finds a send by its name.
func (r Release) Send(name string) (Send, bool) {
	for _, s := range r.Sends {
		if s.Name == name {
			return s, true
		}
	}
	return Send{}, false
}

// Sender is an identity that releases are sent under.
type Sender struct {
	ID           string  `json:"id"`
	Name         Text    `json:"name"` // the display name beside the address
	From         Address `json:"from"`
	ReplyTo      Address `json:"reply_to,omitempty"`
	Bounces      Address `json:"bounces,omitempty"` // the envelope sender; From where none is given
	ListID       string  `json:"list_id"`           // RFC 2919, without the angle brackets
	Organisation Text    `json:"organisation"`      // the letterhead
	Address      Text    `json:"address,omitempty"` // the postal address in the footer
	Website      string  `json:"website,omitempty"`
	OptOut       string  `json:"opt_out,omitempty"` // where the opt-out pages are: https://HOST, without a slash at its end
	Precedence   string  `json:"precedence,omitempty"`
	// The domains whose DKIM signatures every copy has; none where the relay signs.
	// The keys are not here: they may change while an approval stands.
	SignedBy []string `json:"signed_by,omitempty"`
	SMIME    bool     `json:"smime,omitempty"` // every copy is signed by S/MIME, by a certificate for From
}

// Signing adds a message to dst with its sender's signatures, told as made at an
// instant. It fails where a domain of SignedBy has no key any more, or there is no
// certificate that holds at that instant: what was approved as signed must not
// leave unsigned.
type Signing func(dst, message []byte, s Sender, at time.Time) ([]byte, error)

// Signed tells whether every copy is signed.
func (s Sender) Signed() bool { return len(s.SignedBy) > 0 || s.SMIME }

// OptOutURL is the link by which whoever has the token may opt out.
func (s Sender) OptOutURL(token string) string { return s.OptOut + "/u/" + token }

// EnvelopeFrom is the address that bounces come back to.
func (s Sender) EnvelopeFrom() Address {
	if s.Bounces != "" {
		return s.Bounces
	}
	return s.From
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// CheckSlug says what is wrong with a name that becomes part of file names,
// addresses and commands.
func CheckSlug(s string) error {
	if len(s) > 64 || !slugForm.MatchString(s) {
		return fmt.Errorf("%q is no name; up to 64 small letters, digits and single hyphens are wanted, such as tashkent-2022", s)
	}
	return nil
}

// Version tells which version of a story an approval makes: of itself, or, of a
// notice, of the story that it is about.
type Version struct {
	Number int       `json:"number"`         // from 1
	First  time.Time `json:"first"`          // when the first one was approved
	Made   time.Time `json:"made"`           // when this one was
	About  time.Time `json:"about,omitzero"` // of a correction: when the first version of what it corrects was approved
}

// Frozen is everything that an approval keeps, so that every daemon makes the
// same bytes whatever lies in the config folder by then.
type Frozen struct {
	Release  Release           `json:"release"`
	Sender   Sender            `json:"sender"`
	Files    map[string]string `json:"files"`    // templates and phrases: path within templates/ -> text
	Renderer string            `json:"renderer"` // version of the code that renders
	Zones    string            `json:"zones"`    // fingerprint of the zone database over the plan's zones
	Probes   map[Lang]string   `json:"probes"`   // SHA-256 of a probe rendering per edition
	Inputs   string            `json:"inputs"`   // SHA-256 over the folder's files that the release depends on
	Version  Version           `json:"version,omitzero"`
	// Where the approved digest covers notices beside the release: the digest of
	// the release alone, and those of the notices.
	Alone   string   `json:"alone,omitempty"`
	Notices []string `json:"notices,omitempty"`
}
