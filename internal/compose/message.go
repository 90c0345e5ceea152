package compose

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

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
	OptOut    string    // the token of its opt-out links; "" leaves them out
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
	var c filling
	if err := k.prepare(&c, l); err != nil {
		return Rendered{}, err
	}
	return c.render(), nil
}

// filling is a page with what a letter puts into its slots.
type filling struct {
	page           *page
	plain, escaped values
}

func (k *Kit) prepare(c *filling, l Letter) error {
	e, ok := k.editions[l.Recipient.Edition]
	if !ok {
		return fmt.Errorf("composing: the release has no edition in %q; it has %s", l.Recipient.Edition, k.languages())
	}
	v := variant{kind: l.SendKind, held: l.Held && !k.release.Embargo.None, test: l.Test, out: l.OptOut != "" && k.sender.OptOut != ""}
	if told := e.tellingFor(l.Recipient.Zone); told != nil {
		v.zone = true
		c.plain, c.escaped = told.plain, told.escaped
	}
	c.set(slotName, cleanName(l.Recipient.Name))
	c.set(slotOutlet, cleanName(l.Recipient.Outlet))
	c.set(slotAddress, clean(string(l.Recipient.Address)))
	c.set(slotOptOut, l.OptOut)
	v.ninjs = l.Recipient.Ninjs && k.hasNinjs()
	v.name, v.outlet = c.plain[slotName] != "", c.plain[slotOutlet] != ""
	var err error
	if c.page, err = k.page(e, v); err != nil {
		return fmt.Errorf("composing: %w", err)
	}
	return nil
}

func (c *filling) set(s slot, value string) {
	c.plain[s], c.escaped[s] = value, html.EscapeString(value)
}

func (c *filling) render() Rendered {
	text, page := c.texts()
	return Rendered{c.page.subject, page, shown(text)}
}

// texts are the two of the message.
func (c *filling) texts() (text, page string) {
	return c.page.text.fill(&c.plain), c.page.html.fill(&c.escaped)
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
func (k *Kit) Message(l Letter) ([]byte, error) { return k.AppendMessage(nil, l) }

// AppendMessage is Message behind what is in dst, which it gives back as it was
// where no message can be made.
func (k *Kit) AppendMessage(dst []byte, l Letter) ([]byte, error) {
	if err := checkLetter(l); err != nil {
		return dst, fmt.Errorf("composing: %w", err)
	}
	var c filling
	if err := k.prepare(&c, l); err != nil {
		return dst, err
	}
	if c.page.frame == nil || l.Recipient.Address.NeedsUTF8() {
		return k.appendByGoMail(dst, l, &c)
	}
	return c.append(dst, l), nil
}

func checkLetter(l Letter) error {
	if !ordinary(l.Recipient.Address) {
		if _, err := press.ParseAddress(string(l.Recipient.Address)); err != nil {
			return err
		}
	}
	if l.Date.IsZero() {
		return errors.New("the letter has no date")
	}
	if strings.Trim(l.OptOut, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return errors.New("the letter's opt-out token has other than small letters and digits")
	}
	if answers := l.Recipient.InReplyTo; answers != "" {
		if err := checkMessageID(answers); err != nil {
			return err
		}
	}
	return checkMessageID(l.MessageID)
}

func checkMessageID(id string) error {
	if !strings.Contains(id, "@") || len(id) > 250 ||
		strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return fmt.Errorf("%q is no Message-ID; printable ASCII with an @ and without angle brackets is wanted", id)
	}
	return nil
}

// ordinary tells at a glance that press.ParseAddress takes an address: dotted
// words of ASCII on both sides of the @. Of any other it is asked.
func ordinary(a press.Address) bool {
	local, domain, ok := strings.Cut(string(a), "@")
	dot := strings.LastIndexByte(domain, '.')
	return ok && dot > 0 && len(local) <= 64 && dottedWords(local, true) &&
		len(domain) <= 63 && dottedWords(domain, false) && domain[dot+1] >= 'a'
}

// dottedWords tells whether a text is of letters and digits, with single dots
// and hyphens between them.
func dottedWords(s string, capitals bool) bool {
	between := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', capitals && c >= 'A' && c <= 'Z':
			between = false
		case (c == '.' || c == '-') && !between:
			between = true
		default:
			return false
		}
	}
	return !between
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
				OptOut:    "probe",
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
