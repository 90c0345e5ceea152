package dsn

import (
	"strings"

	"dateline/internal/press"
)

// dispositionReports reads a disposition notification (RFC 8098): a read
// receipt, or word that the message was deleted. Neither is a bounce.
func (msg *message) dispositionReports() []press.Report {
	d := msg.disposition
	r := press.Report{
		Kind: press.ReportAutoReply, Reason: press.ReasonVacation,
		Recipient:  typedAddress(d.get("final-recipient")),
		Original:   typedAddress(d.get("original-recipient")),
		Diagnostic: strings.TrimSpace(d.get("disposition")),
		Reporter:   typedText(d.get("reporting-ua")),
		MessageID:  bareID(d.get("original-message-id")),
		At:         parseDate(msg.head.get("date")),
	}
	if r.Recipient == "" {
		r.Recipient = firstAddress(msg.head.get("from"))
	}
	return []press.Report{r}
}
