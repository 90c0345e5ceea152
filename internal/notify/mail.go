package notify

import (
	"bytes"
	"fmt"
	"time"

	"github.com/wneessen/go-mail"

	"dateline/internal/press"
)

// Mail is an alarm as a message to an operator.
func Mail(t press.Telling, from, to press.Address, host string, now time.Time) ([]byte, error) {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat("Dateline", string(from)); err != nil {
		return nil, fmt.Errorf("writing the mail of an alarm: its sender: %w", err)
	}
	if err := m.To(string(to)); err != nil {
		return nil, fmt.Errorf("writing the mail of an alarm: its recipient: %w", err)
	}
	m.Subject(headline(t))
	m.SetDateWithValue(now.UTC())
	m.SetMessageIDWithValue(fmt.Sprintf("alarm-%s-%d@%s", t.ID, now.UnixMicro(), from.Domain()))
	thread := fmt.Sprintf("<alarm-%s@%s>", t.ID, from.Domain()) // what is one alarm is shown as one
	m.SetGenHeader(mail.HeaderReferences, thread)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's absence answers
	m.SetGenHeader("X-Dateline-Alarm", string(t.Alarm.Cause))
	m.SetBodyString(mail.TypeTextPlain, text(t, host))
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("writing the mail of an alarm: %w", err)
	}
	return b.Bytes(), nil
}

// text is what the mail says.
func text(t press.Telling, host string) string {
	const at = "2006-01-02 15:04:05 UTC"
	s := headline(t) + "\r\n\r\n"
	if t.Ended.IsZero() {
		s += "What to do: " + t.Alarm.Do + "\r\n"
	} else {
		s += "It ended at " + t.Ended.UTC().Format(at) + ".\r\n"
	}
	if !t.Alarm.Since.IsZero() {
		s += "Since:      " + t.Alarm.Since.UTC().Format(at) + "\r\n"
	}
	return s + "Cause:      " + string(t.Alarm.Cause) + " (the operators' handbook has a part on it)\r\n" +
		"Alarm:      " + t.ID.String() + "\r\n" +
		"Told by:    the daemon on " + host + "\r\n\r\n" +
		"All that stands: dateline alarms\r\n"
}
