package dsn

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// decode reads a provider's JSON. What else stands in it is not looked at: the
// providers add fields as they like.
func decode(raw []byte, into any, wanted string) error {
	if strings.TrimSpace(string(raw)) == "" {
		return errors.New("it is empty; wanted is " + wanted)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("it is no JSON of the shape that is documented (%w); wanted is %s", err, wanted)
	}
	return nil
}

// refusal is what an event quotes of the refusing server.
type refusal struct {
	code         int
	status, text string
}

// judge completes a bounce from what the provider quotes, and then, where that
// tells nothing, from the provider's own name for it.
func (f refusal) judge(r *press.Report, named press.Reason) {
	e := evidence{code: f.code, status: findStatus(f.status), text: f.text, command: commandIn(f.text)}
	if e.status == "" {
		e.status = findStatus(f.text)
	}
	if e.code == 0 {
		e.code, _ = findCode(f.text)
	}
	if e.command == "" {
		e.command = "RCPT" // what comes later, providers call a block
	}
	r.Code, r.Status, r.Diagnostic = e.code, e.status, f.text
	r.Reason = e.reason()
	if (r.Reason == press.ReasonUndefined || r.Reason == press.ReasonOnHold || r.Reason == press.ReasonSystemError) && named != "" {
		r.Reason = named
	}
	if r.Kind == press.ReportDelayed {
		r.Reason = soften(r.Reason)
	}
}

// number is a JSON number or a string that holds one.
type number int

// UnmarshalJSON reads what the providers write for a code: 550, "550", "".
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f < 1000 {
		*n = number(f)
	}
	return nil
}

// eventTime reads an instant of an event; zero where it is none.
func eventTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000Z0700", time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 && t.Year() < 10000 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// unixTime is an instant that an event counts in seconds.
func unixTime(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 1e11) {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6)).UTC()
}
