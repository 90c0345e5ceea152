package dsn

import (
	"strings"

	"dateline/internal/press"
)

// sendGridEvent is one event of SendGrid's webhook.
type sendGridEvent struct {
	Email     string  `json:"email"`
	Event     string  `json:"event"`
	Type      string  `json:"type"` // of a bounce: bounce, blocked or expired
	Reason    string  `json:"reason"`
	Response  string  `json:"response"`
	Status    string  `json:"status"`
	SMTPID    string  `json:"smtp-id"`
	Timestamp float64 `json:"timestamp"`
	Envelope  string  `json:"envelope_from"`
}

// readSendGrid reads an array of events; those of readers (open, click) report
// nothing.
func readSendGrid(raw []byte) ([]press.Report, error) {
	var events []sendGridEvent
	if err := decode(raw, &events, "an array of events, each with email and event"); err != nil {
		return nil, err
	}
	var out []press.Report
	for _, e := range events {
		r := press.Report{Recipient: firstAddress(e.Email), MessageID: bareID(e.SMTPID), At: unixTime(e.Timestamp), Token: findToken(e.Envelope)}
		text := strings.TrimSpace(e.Reason + " " + e.Response)
		switch e.Event {
		case "bounce", "blocked":
			r.Kind, r.Action = press.ReportBounce, "failed"
			refusal{status: e.Status, text: text}.judge(&r, "")
			if (e.Type == "blocked" || e.Event == "blocked") && r.Reason.Class() == press.Hard && !strings.HasSuffix(r.Status, ".1.1") {
				r.Reason = press.ReasonFiltered
			}
		case "dropped":
			r.Kind, r.Action, r.Diagnostic, r.Reason = press.ReportBounce, "failed", text, press.ReasonSuspend
		case "deferred":
			r.Kind, r.Action = press.ReportDelayed, "delayed"
			refusal{status: e.Status, text: text}.judge(&r, press.ReasonExpired)
		case "delivered":
			r.Kind, r.Action, r.Reason, r.Diagnostic = press.ReportDelivered, "relayed", press.ReasonDelivered, text
			r.Code, r.Status = replyOf(e.Response), findStatus(e.Response)
		case "spamreport":
			r.Kind, r.Reason = press.ReportComplaint, press.ReasonFeedback
		default:
			continue
		}
		out = append(out, r)
	}
	return out, nil
}
