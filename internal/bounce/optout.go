package bounce

import (
	"bytes"
	"context"
	"net/mail"
	"strings"
	"time"

	"dateline/internal/press"
)

// OptOuts carries out what somebody asked for by mail.
type OptOuts interface {
	ByMail(ctx context.Context, delivery press.ID, now time.Time) error
}

// asksOut tells whether a mail is one that a mail program, or a person, sent to
// the address in our List-Unsubscribe, and for which copy: its token stands in
// the envelope's recipient, or where that is not known in the mail's own. What
// its reader takes for a report is none.
func (i *Intake) asksOut(m press.Mail, reports []press.Tied) (press.ID, bool) {
	if m.Format != press.FormatMessage {
		return press.ID{}, false
	}
	for _, r := range reports {
		if r.Kind != press.ReportOther && r.Kind != press.ReportAutoReply {
			return press.ID{}, false
		}
	}
	for _, to := range recipients(m) {
		local, _, _ := strings.Cut(to, "@")
		if id, err := i.keys.CheckOptOutToken(local[strings.LastIndexByte(local, '+')+1:]); err == nil {
			return id, true
		}
	}
	return press.ID{}, false
}

// recipients are the addresses that a mail was sent to.
func recipients(m press.Mail) []string {
	if m.To != "" {
		return []string{string(m.To)}
	}
	const most = 64 << 10 // of a header that somebody else wrote
	head := m.Raw[:min(len(m.Raw), most)]
	if end := bytes.Index(head, []byte("\n\n")); end >= 0 {
		head = head[:end+2]
	}
	read, err := mail.ReadMessage(bytes.NewReader(append(bytes.Clone(head), "\r\n\r\n"...)))
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "To"} {
		for _, value := range read.Header[name] {
			if list, err := mail.ParseAddressList(value); err == nil {
				for _, a := range list {
					all = append(all, a.Address)
				}
				continue
			}
			all = append(all, strings.Trim(strings.TrimSpace(value), "<>"))
		}
	}
	return all
}
