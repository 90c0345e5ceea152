package dsn

import (
	"strings"

	"dateline/internal/press"
)

// mailgunEvent is what Mailgun posts: the signature beside the event's data.
type mailgunEvent struct {
	Data struct {
		Event     string  `json:"event"`
		Severity  string  `json:"severity"` // of failed: permanent or temporary
		Reason    string  `json:"reason"`   // bounce, suppress-bounce, generic, old, ...
		Recipient string  `json:"recipient"`
		Timestamp float64 `json:"timestamp"`
		Envelope  struct {
			Sender string `json:"sender"`
		} `json:"envelope"`
		Status struct {
			Code         number `json:"code"`
			EnhancedCode string `json:"enhanced-code"`
			Message      string `json:"message"`
			Description  string `json:"description"`
			MXHost       string `json:"mx-host"`
		} `json:"delivery-status"`
		Message struct {
			Headers struct {
				MessageID string `json:"message-id"`
			} `json:"headers"`
		} `json:"message"`
	} `json:"event-data"`
}

// readMailgun reads one event; those of readers (opened, clicked) report nothing.
func readMailgun(raw []byte) ([]press.Report, error) {
	var posted mailgunEvent
	if err := decode(raw, &posted, "an object with event-data"); err != nil {
		return nil, err
	}
	e := posted.Data
	text := strings.TrimSpace(e.Status.Message)
	if text == "" {
		text = strings.TrimSpace(e.Status.Description)
	}
	r := press.Report{
		Recipient: firstAddress(e.Recipient), MessageID: bareID(e.Message.Headers.MessageID), Token: findToken(e.Envelope.Sender),
		Reporter: e.Status.MXHost, At: unixTime(e.Timestamp),
	}
	switch e.Event {
	case "failed", "rejected":
		r.Kind, r.Action = press.ReportBounce, "failed"
		if e.Severity == "temporary" {
			r.Kind, r.Action = press.ReportDelayed, "delayed"
		}
		var named press.Reason
		if e.Reason == "old" {
			named = press.ReasonExpired
		}
		refusal{code: int(e.Status.Code), status: e.Status.EnhancedCode, text: text}.judge(&r, named)
		if strings.HasPrefix(e.Reason, "suppress") {
			r.Reason = press.ReasonSuspend // never tried: it proves nothing anew
		}
	case "delivered":
		r.Kind, r.Action, r.Reason, r.Diagnostic = press.ReportDelivered, "relayed", press.ReasonDelivered, text
		r.Code, r.Status = int(e.Status.Code), findStatus(e.Status.EnhancedCode)
	case "complained":
		r.Kind, r.Reason = press.ReportComplaint, press.ReasonFeedback
	default:
		return nil, nil
	}
	return []press.Report{r}, nil
}
