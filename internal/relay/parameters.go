package relay

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"dateline/internal/press"
)

// abilities are what a relay offers of ESMTP.
type abilities struct {
	pipelining bool // RFC 2920
	eightBit   bool // 8BITMIME, RFC 6152
	utf8       bool // SMTPUTF8, RFC 6531
	dsn        bool // RFC 3461
	delivered  bool // success is to be reported, too: ours to ask, not the relay's to offer
	size       bool // RFC 1870
	limit      int  // of a message, in bytes; 0: none is told
}

// newAbilities asks for each extension by its name, and for its parameters.
func newAbilities(offered func(name string) (bool, string), delivered bool) abilities {
	a := abilities{delivered: delivered}
	a.pipelining, _ = offered("PIPELINING")
	a.eightBit, _ = offered("8BITMIME")
	a.utf8, _ = offered("SMTPUTF8")
	a.dsn, _ = offered("DSN")
	size, limit := offered("SIZE")
	a.size = size
	if n, err := strconv.Atoi(strings.TrimSpace(limit)); err == nil && n > 0 {
		a.limit = n
	}
	return a
}

// carry tells whether the relay can take a message at all. What it cannot is
// rejected without a byte written; the codes are those that it would answer.
func (a abilities) carry(e press.Envelope) (press.Outcome, bool) {
	no := func(code int, enhanced, text string) (press.Outcome, bool) {
		return press.Outcome{State: press.Rejected, Verb: "MAIL", Code: code, Enhanced: enhanced, Text: text + " (nothing was sent: dateline's own check)"}, false
	}
	switch {
	case !fit(e.From) || !fit(e.To):
		return no(553, "5.1.3", "an address holds a space, an angle bracket or a control character")
	case !a.utf8 && needsUTF8(e):
		return no(553, "5.6.7", "the address is not ASCII and the relay has no SMTPUTF8")
	case a.limit > 0 && e.Size > a.limit:
		return no(552, "5.3.4", fmt.Sprintf("the message has %d bytes and the relay takes %d", e.Size, a.limit))
	case e.EightBit && !a.eightBit:
		return no(554, "5.6.3", "the message holds bytes beyond ASCII and the relay has no 8BITMIME")
	}
	return press.Outcome{}, true
}

// fit tells whether an address can stand in a command without ending it.
func fit(a press.Address) bool {
	for i := range len(a) {
		if c := a[i]; c <= ' ' || c == '<' || c == '>' || c == 0x7f {
			return false
		}
	}
	return true
}

func needsUTF8(e press.Envelope) bool {
	return mailbox(e.From).NeedsUTF8() || mailbox(e.To).NeedsUTF8()
}

// mailbox is an address as it goes into a command: where its local part is ASCII
// its domain is, too, so that every server can take it.
func mailbox(a press.Address) press.Address {
	if !a.NeedsUTF8() || press.Address(a.Local()).NeedsUTF8() {
		return a
	}
	domain, err := idna.Lookup.ToASCII(a.Domain())
	if err != nil {
		return a // the relay may know better
	}
	return press.Address(a.Local() + "@" + domain)
}

// appendCommands appends the commands of a transaction, each with its line end.
func (a abilities) appendCommands(b []byte, verbs []string, e press.Envelope) []byte {
	for _, verb := range verbs {
		b = append(b, verb...)
		switch verb {
		case "MAIL":
			b = a.appendMail(b, e)
		case "RCPT":
			b = a.appendRcpt(b, e)
		}
		b = append(b, "\r\n"...)
	}
	return b
}

func (a abilities) appendMail(b []byte, e press.Envelope) []byte {
	b = append(append(append(b, " FROM:<"...), mailbox(e.From)...), '>')
	if needsUTF8(e) {
		b = append(b, " SMTPUTF8"...)
	}
	if a.eightBit && e.EightBit {
		b = append(b, " BODY=8BITMIME"...)
	}
	if a.size && e.Size > 0 {
		b = strconv.AppendInt(append(b, " SIZE="...), int64(e.Size), 10)
	}
	if a.reports(e) {
		b = appendID(append(b, " RET=HDRS ENVID="...), e.Delivery)
	}
	return b
}

func (a abilities) appendRcpt(b []byte, e press.Envelope) []byte {
	to := mailbox(e.To)
	b = append(append(append(b, " TO:<"...), to...), '>')
	if a.reports(e) {
		b = append(b, " NOTIFY="...)
		if a.delivered {
			b = append(b, "SUCCESS,"...)
		}
		b = appendOriginal(append(b, "FAILURE,DELAY ORCPT="...), to)
	}
	return b
}

// reports tells whether a report is asked for, with the delivery's id in it. A
// test copy has none, and nothing to follow.
func (a abilities) reports(e press.Envelope) bool { return a.dsn && !e.Delivery.IsZero() }

// appendID appends the 36-character form of an id.
func appendID(b []byte, id press.ID) []byte {
	for i, end := range []int{4, 6, 8, 10, 16} {
		start := 0
		if i > 0 {
			start = 2 + 2*i
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, id[start:end])
	}
	return b
}

// appendOriginal appends an address as ORCPT has it: as xtext (RFC 3461, section
// 4) or, beyond ASCII, in the form that a relay with SMTPUTF8 takes (RFC 6533,
// section 3).
func appendOriginal(b []byte, a press.Address) []byte {
	const digits = "0123456789ABCDEF"
	if a.NeedsUTF8() {
		b = append(b, "utf-8;"...)
		for i := range len(a) {
			if c := a[i]; c == '+' || c == '=' || c == '\\' {
				b = append(b, '\\', 'x', '{', digits[c>>4], digits[c&15], '}')
			} else {
				b = append(b, c)
			}
		}
		return b
	}
	b = append(b, "rfc822;"...)
	for i := range len(a) {
		if c := a[i]; c <= ' ' || c == '+' || c == '=' || c >= 0x7f {
			b = append(b, '+', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

// told lists the forms in which a relay may have been told an address, the
// longest first, so that none leaves a piece of another behind.
func told(a press.Address) []string {
	forms := []string{string(a)}
	if m := mailbox(a); m != a {
		forms = append(forms, string(m))
	}
	if strings.ContainsAny(string(a), "+=\\") {
		_, original, _ := strings.Cut(string(appendOriginal(nil, mailbox(a))), ";")
		forms = append(forms, original)
	}
	if !utf8.ValidString(string(a)) {
		return forms[:0] // a reply is made valid, so it cannot hold it
	}
	return forms
}
