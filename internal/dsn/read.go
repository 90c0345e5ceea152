package dsn

import (
	"errors"
	"fmt"
	"strings"

	"dateline/internal/press"
)

// Bounds on what is read.
const (
	maxRaw   = 10 << 20 // a larger message is cut, a larger event refused
	cutRaw   = 1 << 20
	maxDepth = 10
	maxParts = 100
	maxText  = 64 << 10 // of the words around a report
	maxFound = 100      // recipients of one message
)

// Unreadable is something that no report can be made of.
type Unreadable struct {
	Format press.MailFormat
	Err    error
}

func (u *Unreadable) Error() string {
	return fmt.Sprintf("reading a report (%s): %v", u.Format, u.Err)
}

func (u *Unreadable) Unwrap() error { return u.Err }

// Read gives a report for each recipient that a mail or an event reports, and at
// least one. The error is an *Unreadable.
func Read(m press.Mail) ([]press.Report, error) {
	format := m.Format
	if format == "" {
		format = press.FormatMessage
	}
	var reports []press.Report
	var err error
	switch {
	case format == press.FormatMessage:
		reports, err = readMessage(m)
	case len(m.Raw) > maxRaw:
		err = fmt.Errorf("it has %d bytes; a provider's event has at most %d", len(m.Raw), maxRaw)
	case format == press.FormatSES:
		reports, err = readSES(m.Raw)
	case format == press.FormatSendGrid:
		reports, err = readSendGrid(m.Raw)
	case format == press.FormatPostmark:
		reports, err = readPostmark(m.Raw)
	case format == press.FormatMailgun:
		reports, err = readMailgun(m.Raw)
	default:
		err = errors.New("this format is not known; known are message, ses, sendgrid, postmark and mailgun")
	}
	if err != nil {
		return nil, &Unreadable{Format: format, Err: err}
	}
	if len(reports) == 0 {
		reports = []press.Report{{Kind: press.ReportOther}}
	}
	return finish(m, reports), nil
}

// readMessage is Read for a message of RFC 5322.
func readMessage(m press.Mail) ([]press.Report, error) {
	raw := m.Raw
	if len(raw) > maxRaw {
		raw = raw[:cutRaw]
	}
	msg, err := parseMessage(raw)
	if err != nil {
		return nil, err
	}
	reports := msg.reports(m)
	k := msg.keys(m)
	for i := range reports {
		k.tie(&reports[i])
	}
	return reports, nil
}

// reports asks each reader in turn.
func (msg *message) reports(m press.Mail) []press.Report {
	switch {
	case len(msg.feedback) > 0:
		return msg.feedbackReports()
	case len(msg.status) > 0:
		if found := msg.statusReports(); len(found) > 0 {
			return found
		}
	case len(msg.disposition) > 0:
		return msg.dispositionReports()
	}
	if text := strings.TrimSpace(msg.words); strings.HasPrefix(text, "{") {
		if found := eventInMail(text); len(found) > 0 {
			return found
		}
	}
	auto := msg.autoReply()
	bounce := msg.bounceSigns()
	switch {
	case bounce >= certain && auto < certain, bounce == surely, bounce >= likely && auto == unlikely:
		return msg.textReports(m)
	case auto >= likely:
		return []press.Report{msg.autoReport()}
	}
	return []press.Report{msg.personReport()}
}

// sign is how much speaks for something.
type sign int

const (
	unlikely sign = iota
	likely
	certain
	surely
)

// finish gives every report what all reports have: a class, bounded texts, and
// one report for each recipient.
func finish(m press.Mail, reports []press.Report) []press.Report {
	for i := range reports {
		r := &reports[i]
		if r.Reason == "" {
			r.Reason = press.ReasonUndefined
		}
		r.Class = press.Soft
		if r.Kind == press.ReportBounce {
			r.Class = r.Reason.Class()
		}
		if r.Token == "" {
			r.Token = findToken(string(m.To))
		}
		bound(r)
	}
	return merge(reports)
}

// merge leaves one report for a recipient that one message reports several
// times. The worse news wins, and the first of the same kind.
func merge(reports []press.Report) []press.Report {
	var out []press.Report
	at := map[string]int{}
	for _, r := range reports {
		key := foldAddress(r.Recipient) + "\x00" + r.Token + "\x00" + r.MessageID
		i, seen := at[key]
		switch {
		case !seen:
			at[key] = len(out)
			out = append(out, r)
		case weight(r) > weight(out[i]):
			out[i] = r
		}
	}
	return out
}

// weight orders what is told of one recipient.
func weight(r press.Report) int {
	kinds := []press.ReportKind{press.ReportOther, press.ReportAutoReply, press.ReportDelayed, press.ReportDelivered, press.ReportBounce, press.ReportComplaint}
	n := 0
	for i, kind := range kinds {
		if r.Kind == kind {
			n = 10 * i
		}
	}
	switch {
	case r.Class == press.Hard:
		n += 2
	case r.Reason != press.ReasonUndefined && r.Reason != press.ReasonOnHold:
		n++
	}
	return n
}
