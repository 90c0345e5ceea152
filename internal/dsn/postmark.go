package dsn

import (
	"strings"

	"dateline/internal/press"
)

// postmarkEvent is a call of Postmark's webhooks.
type postmarkEvent struct {
	RecordType  string            `json:"RecordType"`
	Type        string            `json:"Type"`
	Email       string            `json:"Email"`
	Recipient   string            `json:"Recipient"`
	From        string            `json:"From"`
	Description string            `json:"Description"`
	Details     string            `json:"Details"`
	BouncedAt   string            `json:"BouncedAt"`
	DeliveredAt string            `json:"DeliveredAt"`
	Content     string            `json:"Content"`
	Metadata    map[string]string `json:"Metadata"`
}

// readPostmark reads one bounce, complaint or delivery. Postmark's MessageID is
// its own; ours stands in the content of the bounce, where it is sent along.
func readPostmark(raw []byte) ([]press.Report, error) {
	var e postmarkEvent
	if err := decode(raw, &e, "an object with RecordType"); err != nil {
		return nil, err
	}
	r := press.Report{Recipient: firstAddress(e.Email + " " + e.Recipient), At: eventTime(e.BouncedAt + e.DeliveredAt), Token: findToken(e.From)}
	if e.Content != "" {
		if msg, err := parseMessage([]byte(cut(e.Content, cutRaw))); err == nil {
			msg.keys(press.Mail{}).tie(&r)
		}
	}
	if r.MessageID == "" {
		r.MessageID = bareID(e.Metadata["message-id"])
	}
	switch e.RecordType {
	case "Delivery":
		r.Kind, r.Action, r.Reason, r.Diagnostic = press.ReportDelivered, "relayed", press.ReasonDelivered, e.Details
		r.Code, r.Status = replyOf(e.Details), findStatus(e.Details)
	case "SpamComplaint":
		r.Kind, r.Reason = press.ReportComplaint, press.ReasonFeedback
	case "Bounce":
		e.bounce(&r)
	default:
		return nil, nil
	}
	return []press.Report{r}, nil
}

// bounce reads Postmark's own types where the server's words tell nothing. Its
// HardBounce alone proves as little as a 5.x.x.
func (e postmarkEvent) bounce(r *press.Report) {
	r.Kind, r.Action = press.ReportBounce, "failed"
	text := strings.TrimSpace(typedText(e.Details))
	switch e.Type {
	case "AutoResponder":
		r.Kind, r.Action, r.Reason, r.Diagnostic = press.ReportAutoReply, "", press.ReasonVacation, e.Description
		if leaves(text) {
			r.Proposed = proposals(text, r.Recipient)
		}
		return
	case "SpamComplaint":
		r.Kind, r.Action, r.Reason = press.ReportComplaint, "", press.ReasonFeedback
		return
	case "Transient":
		r.Kind, r.Action = press.ReportDelayed, "delayed"
	case "ManuallyDeactivated", "Unsubscribe", "Subscribe":
		r.Reason, r.Diagnostic = press.ReasonSuspend, text
		return
	}
	named := map[string]press.Reason{
		"BadEmailAddress": press.ReasonUserUnknown, "SpamNotification": press.ReasonSpamDetected, "Blocked": press.ReasonBlocked,
		"VirusNotification": press.ReasonSecurityError, "DnsError": press.ReasonNetworkError, "DMARCPolicy": press.ReasonAuthFailure,
		"SMTPApiError": press.ReasonSystemError, "ChallengeVerification": press.ReasonFiltered, "TemplateRenderingFailed": press.ReasonContentError,
	}[e.Type]
	refusal{text: text}.judge(r, named)
	if e.Type != "HardBounce" && e.Type != "BadEmailAddress" && r.Reason.Class() == press.Hard {
		r.Reason = press.ReasonOnHold
	}
}
