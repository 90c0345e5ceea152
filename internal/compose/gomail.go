package compose

import (
	"bytes"
	"cmp"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"dateline/internal/press"
)

// appendByGoMail makes a message in go-mail's hands. The copies that a frame is
// made from and held against come from here, and so does each copy that no
// frame can make.
func (k *Kit) appendByGoMail(dst []byte, l Letter, c *filling) ([]byte, error) {
	text, html := c.texts()
	b := bytes.NewBuffer(dst)
	if err := k.goMail(b, l, c.page, text, html); err != nil {
		return dst, err
	}
	return b.Bytes(), nil
}

// goMail writes a message with finished texts and files.
func (k *Kit) goMail(b *bytes.Buffer, l Letter, p *page, text, html string) error {
	files := make([][]byte, len(p.carries))
	for i, c := range p.carries {
		files[i] = c.data
	}
	return k.goMailWith(b, l, p, text, html, files)
}

func (k *Kit) goMailWith(b *bytes.Buffer, l Letter, p *page, text, html string, files [][]byte) error {
	m := k.headed(l, p)
	m.SetBodyString(mail.ContentType(textType), body(text, p.text.base64), mail.WithPartEncoding(encoding(p.text.base64)))
	m.AddAlternativeString(mail.TypeTextHTML, body(html, p.html.base64), mail.WithPartEncoding(encoding(p.html.base64)))
	for i, c := range p.carries {
		if err := c.addTo(m, files[i]); err != nil {
			return fmt.Errorf("composing: %w", err)
		}
	}
	if len(p.carries) == 0 {
		if _, err := m.WriteTo(b); err != nil {
			return fmt.Errorf("composing: %w", err)
		}
		return nil
	}
	var own bytes.Buffer
	if _, err := m.WriteTo(&own); err != nil {
		return fmt.Errorf("composing: %w", err)
	}
	b.Write(settle(own.Bytes(), l.MessageID))
	return nil
}

// textType is that of the plain text: lines that a mail program may break anew
// (RFC 3676).
const textType = "text/plain; format=flowed"

// headed makes the message with its headers. Their values are in their final
// form already, so that the library changes nothing but folds them.
func (k *Kit) headed(l Letter, p *page) *mail.Msg {
	h := k.headers[l.Recipient.Edition]
	options := []mail.MsgOption{mail.WithNoDefaultUserAgent()}
	if len(p.carries) == 0 { // with files there are several, and the library would give all the same
		options = append(options, mail.WithBoundary(string(appendBoundary(nil, alternativeName, l.MessageID))))
	}
	m := mail.NewMsg(options...)
	setAddress(m, mail.HeaderFrom, h.from, h.name, k.sender.From)
	if h.replyTo != "" {
		setAddress(m, mail.HeaderReplyTo, h.replyTo, "", k.sender.ReplyTo)
	}
	name := cleanName(l.Recipient.Name)
	setAddress(m, mail.HeaderTo, named(name, string(l.Recipient.Address)), name, l.Recipient.Address)
	m.SetGenHeader(mail.HeaderSubject, p.subjectHeader)
	m.SetDateWithValue(l.Date.UTC())
	m.SetMessageIDWithValue(l.MessageID)
	if id := l.Recipient.InReplyTo; id != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, "<"+id+">")
		m.SetGenHeader(mail.HeaderReferences, "<"+id+">")
	}
	m.SetGenHeader("Content-Language", string(l.Recipient.Edition))
	if h.listID != "" {
		m.SetGenHeader("List-Id", h.listID)
	}
	if l.OptOut != "" && k.sender.OptOut != "" {
		m.SetGenHeader(mail.HeaderListUnsubscribe, listUnsubscribe(k.sender, l.OptOut))
		m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	m.SetGenHeader("Feedback-ID", k.feedbackID(l))
	if k.sender.Precedence != "" {
		m.SetGenHeader("Precedence", k.sender.Precedence)
	}
	m.SetGenHeader("X-Dateline-Release", headerText(k.release.Slug))
	m.SetGenHeader("X-Dateline-Send", string(l.SendKind))
	if l.Held && !k.release.Embargo.None {
		m.SetGenHeader("X-Embargo-Until", k.release.Embargo.Lift.At.UTC().Format(time.RFC3339))
	}
	return m
}

// feedbackID names what Gmail counts complaints by: the release, its topic, the
// kind of send, and, last, the sender.
func (k *Kit) feedbackID(l Letter) string {
	parts := []string{k.release.Slug, cmp.Or(k.release.Topic, "none"), string(l.SendKind), k.sender.ID}
	for i, p := range parts {
		p = strings.Map(func(r rune) rune {
			if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				return r
			}
			return '-'
		}, p)
		parts[i] = p[:min(len(p), 64)]
	}
	return strings.Join(parts, ":")
}

// listUnsubscribe gives the ways out to mail programs (RFC 2369): the link that
// also takes one click (RFC 8058), and a mail.
func listUnsubscribe(s press.Sender, token string) string {
	web := "<" + s.OptOutURL(token) + ">"
	if press.CheckBounces(s.EnvelopeFrom()) != nil {
		return web // no room for the token: the mail would name no copy
	}
	return web + ", <" + s.OptOutMail(token) + ">"
}

// setAddress sets an address header to its finished value. One with letters
// beyond ASCII stands in UTF-8 (RFC 6532), as the library writes addresses.
func setAddress(m *mail.Msg, header mail.AddrHeader, value, name string, a press.Address) {
	if a.NeedsUTF8() {
		m.SetAddrHeaderFromMailAddress(header, &netmail.Address{Name: name, Address: string(a)})
		return
	}
	m.SetGenHeader(mail.Header(header), value)
}

func encoding(long bool) mail.Encoding {
	if long {
		return mail.EncodingB64
	}
	return mail.EncodingQP
}

// body gives a text its CRLF line ends where the encoding does not.
func body(s string, long bool) string {
	if long {
		return strings.ReplaceAll(s, "\n", "\r\n")
	}
	return s
}
