package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"dateline/internal/press"
)

// Letter is one copy that is to be made.
type Letter struct {
	Recipient press.Recipient
	SendKind  press.SendKind
	Test      bool
	MessageID string    // without the angle brackets
	Date      time.Time // for the Date header, which tells it in UTC
	Held      bool      // the text is still under embargo when this copy is sent
}

// Rendered is a copy for the eyes: what a recipient would see. Its lines end
// in LF.
type Rendered struct {
	Subject string
	HTML    string
	Text    string
}

// Render makes a copy for a preview.
func (k *Kit) Render(l Letter) (Rendered, error) {
	r, _, err := k.render(l)
	return r, err
}

func (k *Kit) render(l Letter) (Rendered, *page, error) {
	e, ok := k.editions[l.Recipient.Edition]
	if !ok {
		return Rendered{}, nil, fmt.Errorf("composing: the release has no edition in %q; it has %s", l.Recipient.Edition, k.languages())
	}
	v := variant{kind: l.SendKind, held: l.Held && !k.release.Embargo.None, test: l.Test}
	var plain values
	plain[slotName], plain[slotOutlet] = cleanName(l.Recipient.Name), cleanName(l.Recipient.Outlet)
	plain[slotAddress] = clean(string(l.Recipient.Address))
	v.name, v.outlet = plain[slotName] != "", plain[slotOutlet] != ""
	if told, ok := e.tellingFor(l.Recipient.Zone); ok {
		v.zone = true
		plain[slotWhen], plain[slotDate], plain[slotTime] = told.When, told.Date, told.Time
		plain[slotCity], plain[slotOffset] = told.City, told.Offset
	}
	p, err := k.page(e, v)
	if err != nil {
		return Rendered{}, nil, fmt.Errorf("composing: %w", err)
	}
	escaped := plain
	for i := range escaped {
		escaped[i] = html.EscapeString(escaped[i])
	}
	return Rendered{p.subject, p.fillHTML(&escaped), p.fillText(&plain)}, p, nil
}

func (k *Kit) languages() string {
	var all []string
	for _, e := range k.ordered() {
		all = append(all, string(e.Lang))
	}
	return strings.Join(all, ", ")
}

// senderHeaders are the headers that all copies of an edition share.
type senderHeaders struct {
	from, replyTo, listID string
	name                  string
}

func newSenderHeaders(f press.Frozen, l press.Lang) senderHeaders {
	s := f.Sender
	h := senderHeaders{name: cleanName(s.Name.In(l))}
	h.from = named(h.name, string(s.From))
	if s.ReplyTo != "" {
		h.replyTo = "<" + string(s.ReplyTo) + ">"
	}
	if s.ListID != "" {
		h.listID = named(cleanName(s.Organisation.In(l)), s.ListID)
	}
	return h
}

// Message makes the bytes of one copy: CRLF line ends, complete, ready for DATA
// before its dots are stuffed.
func (k *Kit) Message(l Letter) ([]byte, error) {
	if err := checkLetter(l); err != nil {
		return nil, fmt.Errorf("composing: %w", err)
	}
	r, p, err := k.render(l)
	if err != nil {
		return nil, err
	}
	m := k.headed(l, p)
	m.SetBodyString(mail.TypeTextPlain, body(r.Text, p.longText), mail.WithPartEncoding(encoding(p.longText)))
	m.AddAlternativeString(mail.TypeTextHTML, body(r.HTML, p.longHTML), mail.WithPartEncoding(encoding(p.longHTML)))
	var b bytes.Buffer
	b.Grow(2 * (len(r.HTML) + len(r.Text)))
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("composing: %w", err)
	}
	return b.Bytes(), nil
}

// headed makes the message with its headers. Their values are in their final
// form already, so that the library changes nothing but folds them.
func (k *Kit) headed(l Letter, p *page) *mail.Msg {
	h := k.headers[l.Recipient.Edition]
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(boundary(l.MessageID)))
	setAddress(m, mail.HeaderFrom, h.from, h.name, k.sender.From)
	if h.replyTo != "" {
		setAddress(m, mail.HeaderReplyTo, h.replyTo, "", k.sender.ReplyTo)
	}
	name := cleanName(l.Recipient.Name)
	setAddress(m, mail.HeaderTo, named(name, string(l.Recipient.Address)), name, l.Recipient.Address)
	m.SetGenHeader(mail.HeaderSubject, p.subjectHeader)
	m.SetDateWithValue(l.Date.UTC())
	m.SetMessageIDWithValue(l.MessageID)
	m.SetGenHeader("Content-Language", string(l.Recipient.Edition))
	if h.listID != "" {
		m.SetGenHeader("List-Id", h.listID)
	}
	m.SetGenHeader("X-Dateline-Release", headerText(k.release.Slug))
	m.SetGenHeader("X-Dateline-Send", string(l.SendKind))
	if l.Held && !k.release.Embargo.None {
		m.SetGenHeader("X-Embargo-Until", k.release.Embargo.Lift.At.UTC().Format(time.RFC3339))
	}
	return m
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

func checkLetter(l Letter) error {
	if _, err := press.ParseAddress(string(l.Recipient.Address)); err != nil {
		return err
	}
	if l.Date.IsZero() {
		return errors.New("the letter has no date")
	}
	id := l.MessageID
	if !strings.Contains(id, "@") || len(id) > 250 ||
		strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return fmt.Errorf("%q is no Message-ID; printable ASCII with an @ and without angle brackets is wanted", id)
	}
	return nil
}

// boundary parts the alternatives. It comes from the Message-ID, so that the
// same copy has the same bytes again.
func boundary(messageID string) string {
	sum := sha256.Sum256([]byte(messageID))
	return "dateline-" + hex.EncodeToString(sum[:16])
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

// base64Shorter tells whether base64 takes fewer bytes than quoted-printable.
func base64Shorter(s string) bool {
	quoted := 0
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c > '~' || c == '=' {
			quoted += 3
		} else {
			quoted++
		}
	}
	return quoted*78/75 > len(s)*4/3*78/76
}

// Probe gives a hex SHA-256 over renderings of an edition with fixed recipients
// and instants. Where it differs from the one that an approval keeps, this code
// would not make what was approved.
func (k *Kit) Probe(lang press.Lang) (string, error) {
	sum := sha256.New()
	for _, kind := range []press.SendKind{press.General, press.Advance} {
		for _, zone := range []string{"", "Europe/Vienna"} {
			m, err := k.Message(Letter{
				Recipient: press.Recipient{
					Address: "probe@dateline.example", Name: "Zoë O'Probe", Outlet: "The <Probe> & Sons",
					Edition: lang, Zone: zone,
				},
				SendKind:  kind,
				Held:      kind == press.Advance,
				Test:      zone == "",
				MessageID: "probe@dateline.example",
				Date:      time.Date(2022, 3, 4, 13, 0, 0, 0, time.UTC),
			})
			if err != nil {
				return "", fmt.Errorf("probing the edition in %s: %w", lang, err)
			}
			sum.Write(m)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
