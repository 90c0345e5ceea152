package dsn

import (
	"strings"

	"dateline/internal/press"
)

// feedbackReports reads a feedback report (RFC 5965) as a complaint. A
// report that our signature failed (RFC 6591) is one of a receiving system, and
// has that as its reason: it never counts against an address. A report that a
// message is no spam complains of nothing.
func (msg *message) feedbackReports() []press.Report {
	kind := strings.ToLower(strings.TrimSpace(msg.feedback.get("feedback-type")))
	base := press.Report{
		Kind: press.ReportComplaint, Reason: press.ReasonFeedback, Action: "",
		Original:   firstAddress(msg.feedback.get("original-rcpt-to")),
		EnvelopeID: decodeXtext(msg.feedback.get("original-envelope-id")),
		Reporter:   typedText(msg.feedback.get("reporting-mta")),
		At:         parseDate(msg.head.get("date")),
		Diagnostic: strings.TrimSpace(kind + " " + msg.feedback.get("source-ip")),
	}
	switch kind {
	case "not-spam":
		base.Kind, base.Reason = press.ReportOther, press.ReasonUndefined
	case "auth-failure":
		base.Reason = press.ReasonAuthFailure // of our sending: no reader complained
	}
	var out []press.Report
	for _, f := range msg.feedback {
		if f.name == "original-rcpt-to" && len(out) < maxFound {
			r := base
			r.Recipient = firstAddress(f.value)
			r.Original = r.Recipient
			out = append(out, r)
		}
	}
	if len(out) > 0 {
		return out
	}
	// The recipient is often redacted; the copy's To may still have it.
	for _, name := range []string{"x-original-to", "delivered-to", "to"} {
		if base.Recipient = firstAddress(msg.copy.get(name)); base.Recipient != "" {
			break
		}
	}
	if base.Recipient == "" {
		base.Recipient = firstAddress(msg.feedback.get("removal-recipient"))
	}
	return []press.Report{base}
}
