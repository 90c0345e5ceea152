package press

import "time"

// DomainFound is how a mail domain takes mail.
type DomainFound string

// What was found.
const (
	MailMX      DomainFound = "mx"      // by mail exchangers
	MailAddress DomainFound = "a"       // by its own address
	MailNull    DomainFound = "null-mx" // it says that it takes none
	MailNone    DomainFound = "none"    // it does not exist, or has no address
)

// Takes tells whether mail can go there.
func (f DomainFound) Takes() bool { return f == MailMX || f == MailAddress }

// DomainMail is what DNS said of a mail domain.
type DomainMail struct {
	Domain  string      `json:"domain"`
	Found   DomainFound `json:"found"`
	Detail  string      `json:"detail,omitempty"`
	Checked time.Time   `json:"checked"`
}
