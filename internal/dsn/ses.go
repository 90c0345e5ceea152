package dsn

import (
	"encoding/json"
	"strings"

	"dateline/internal/press"
)

// sesEvent is a notification or an event of Amazon SES, as SNS's Message.
type sesEvent struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Message          string `json:"Message"` // where the whole SNS envelope was handed over
	Mail             struct {
		Source      string   `json:"source"`
		Destination []string `json:"destination"`
		Headers     []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"headers"`
		CommonHeaders struct {
			MessageID string `json:"messageId"`
		} `json:"commonHeaders"`
	} `json:"mail"`
	Bounce        sesBounce `json:"bounce"`
	DeliveryDelay struct {
		DelayType         string         `json:"delayType"`
		Timestamp         string         `json:"timestamp"`
		DelayedRecipients []sesRecipient `json:"delayedRecipients"`
	} `json:"deliveryDelay"`
	Complaint struct {
		ComplainedRecipients []sesRecipient `json:"complainedRecipients"`
		FeedbackType         string         `json:"complaintFeedbackType"`
		Timestamp            string         `json:"timestamp"`
	} `json:"complaint"`
	Delivery struct {
		Recipients   []string `json:"recipients"`
		SMTPResponse string   `json:"smtpResponse"`
		ReportingMTA string   `json:"reportingMTA"`
		Timestamp    string   `json:"timestamp"`
	} `json:"delivery"`
	Reject struct {
		Reason string `json:"reason"`
	} `json:"reject"`
}

type sesBounce struct {
	Type         string         `json:"bounceType"`
	SubType      string         `json:"bounceSubType"`
	ReportingMTA string         `json:"reportingMTA"`
	Timestamp    string         `json:"timestamp"`
	Recipients   []sesRecipient `json:"bouncedRecipients"`
}

type sesRecipient struct {
	Address    string `json:"emailAddress"`
	Action     string `json:"action"`
	Status     string `json:"status"`
	Diagnostic string `json:"diagnosticCode"`
}

// readSES reads one notification: Bounce, Complaint, Delivery, DeliveryDelay or
// Reject. Others (Open, Click, Send) report nothing.
func readSES(raw []byte) ([]press.Report, error) {
	const wanted = "the Message of an SNS notification, with notificationType or eventType"
	var e sesEvent
	if err := decode(raw, &e, wanted); err != nil {
		return nil, err
	}
	if e.NotificationType == "" && e.EventType == "" && e.Message != "" {
		inner := []byte(e.Message)
		e = sesEvent{}
		if err := decode(inner, &e, wanted); err != nil {
			return nil, err
		}
	}
	var out []press.Report
	switch e.NotificationType + e.EventType {
	case "Bounce":
		for _, r := range e.Bounce.Recipients {
			out = append(out, e.Bounce.report(r))
		}
	case "DeliveryDelay":
		for _, r := range e.DeliveryDelay.DelayedRecipients {
			report := press.Report{Kind: press.ReportDelayed, Action: "delayed", Recipient: firstAddress(r.Address), At: eventTime(e.DeliveryDelay.Timestamp)}
			named := press.ReasonExpired
			if e.DeliveryDelay.DelayType == "MailboxFull" {
				named = press.ReasonMailboxFull
			}
			refusal{status: r.Status, text: typedText(r.Diagnostic)}.judge(&report, named)
			out = append(out, report)
		}
	case "Complaint":
		for _, r := range e.Complaint.ComplainedRecipients {
			out = append(out, press.Report{
				Kind: press.ReportComplaint, Reason: press.ReasonFeedback, Recipient: firstAddress(r.Address),
				Diagnostic: e.Complaint.FeedbackType, At: eventTime(e.Complaint.Timestamp),
			})
		}
	case "Delivery":
		for _, a := range e.Delivery.Recipients {
			code := replyOf(e.Delivery.SMTPResponse)
			out = append(out, press.Report{
				Kind: press.ReportDelivered, Action: "relayed", Reason: press.ReasonDelivered, Recipient: firstAddress(a), Code: code,
				Status: findStatus(e.Delivery.SMTPResponse), Diagnostic: e.Delivery.SMTPResponse, Reporter: e.Delivery.ReportingMTA, At: eventTime(e.Delivery.Timestamp),
			})
		}
	case "Reject":
		for _, a := range e.Mail.Destination {
			out = append(out, press.Report{Kind: press.ReportBounce, Action: "failed", Reason: press.ReasonSecurityError, Recipient: firstAddress(a), Diagnostic: e.Reject.Reason})
		}
	}
	e.tie(out)
	return out, nil
}

// eventInMail reads a notification that SNS sends by mail: the JSON is followed
// by words on how to unsubscribe.
func eventInMail(text string) []press.Report {
	var whole json.RawMessage
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&whole); err != nil {
		// A mail's lines may be shorter than the JSON's.
		whole = json.RawMessage(strings.ReplaceAll(text[:strings.LastIndexByte(text, '}')+1], "\n", ""))
	}
	found, err := readSES(whole)
	if err != nil {
		return nil
	}
	return found
}

// report is one recipient of a bounce.
func (b sesBounce) report(r sesRecipient) press.Report {
	out := press.Report{
		Kind: press.ReportBounce, Action: "failed", Recipient: firstAddress(r.Address),
		Reporter: typedText(b.ReportingMTA), At: eventTime(b.Timestamp),
	}
	var named press.Reason
	switch b.SubType {
	case "NoEmail":
		named = press.ReasonUserUnknown
	case "MailboxFull":
		named = press.ReasonMailboxFull
	case "MessageTooLarge":
		named = press.ReasonMesgTooBig
	case "ContentRejected":
		named = press.ReasonContentError
	case "AttachmentRejected":
		named = press.ReasonSecurityError
	case "Suppressed", "OnAccountSuppressionList":
		named = press.ReasonSuspend
	}
	refusal{status: r.Status, text: typedText(r.Diagnostic)}.judge(&out, named)
	if b.Type == "Transient" && out.Reason.Class() == press.Hard {
		out.Reason = press.ReasonOnHold
	}
	if strings.Contains(b.SubType, "uppress") {
		out.Reason = press.ReasonSuspend // never tried: it proves nothing anew
	}
	return out
}

// tie takes the keys from the message that the event describes.
func (e sesEvent) tie(reports []press.Report) {
	id := bareID(e.Mail.CommonHeaders.MessageID)
	token := findToken(e.Mail.Source)
	for _, h := range e.Mail.Headers {
		switch strings.ToLower(h.Name) {
		case "message-id":
			if id == "" {
				id = bareID(h.Value)
			}
		case "return-path", "sender", "from":
			if token == "" {
				token = findToken(h.Value)
			}
		}
	}
	for i := range reports {
		reports[i].MessageID, reports[i].Token = id, token
	}
}

// replyOf is the code of a reply that accepts.
func replyOf(text string) int {
	if len(text) >= 3 && text[0] == '2' && isDigit(text[1]) && isDigit(text[2]) {
		return 200 + int(text[1]-'0')*10 + int(text[2]-'0')
	}
	return 0
}
