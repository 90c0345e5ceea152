// Package composetest reads mail as its receivers do, and holds it to the letter
// of the standards, for the tests of all who make some.
package composetest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
)

// Part is a part of a message, with the parts that it holds.
type Part struct {
	Kind   string // its media type
	Header textproto.MIMEHeader
	Params map[string]string // of its Content-Type
	Parts  []Part
	Body   string // decoded, where it holds no parts
}

// Read parts a message into its headers and the tree of its parts.
func Read(raw []byte) (mail.Header, Part, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, Part{}, err
	}
	p, err := read(textproto.MIMEHeader(m.Header), m.Body)
	return m.Header, p, err
}

func read(header textproto.MIMEHeader, body io.Reader) (Part, error) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return Part{}, err
	}
	p := Part{Kind: kind, Header: header, Params: params}
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, params["boundary"])
		for {
			part, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return p, nil
			}
			if err != nil {
				return p, err
			}
			inner, err := read(part.Header, part)
			if err != nil {
				return p, err
			}
			p.Parts = append(p.Parts, inner)
		}
	}
	switch enc := header.Get("Content-Transfer-Encoding"); enc {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		return p, fmt.Errorf("the encoding of a %s is %q", kind, enc)
	}
	b, err := io.ReadAll(body)
	p.Body = string(b)
	return p, err
}

// Kinds writes a tree in one line.
func (p Part) Kinds() string {
	if len(p.Parts) == 0 {
		return p.Kind
	}
	var of []string
	for _, inner := range p.Parts {
		of = append(of, inner.Kinds())
	}
	return p.Kind + "(" + strings.Join(of, " ") + ")"
}

// Leaves are the parts that hold no others.
func (p Part) Leaves() []Part {
	if len(p.Parts) == 0 {
		return []Part{p}
	}
	var all []Part
	for _, inner := range p.Parts {
		all = append(all, inner.Leaves()...)
	}
	return all
}

var (
	messageID   = regexp.MustCompile(`^<[^<>\s]+@[a-z0-9.-]+>$`)
	listID      = regexp.MustCompile(`^(.* )?<[a-z0-9.-]+>$`)
	oneClick    = regexp.MustCompile(`^<https?://[^<>\s]+>(, <mailto:[^<>\s]+>)?$`)
	feedback    = regexp.MustCompile(`^[A-Za-z0-9.-]*(:[A-Za-z0-9.-]*){3}$`)
	encodedWord = regexp.MustCompile(`=\?[^ ]+\?=`)
	shown       = regexp.MustCompile(`src="cid:([^"]+)"`)
)

// Faults tells in what a message is not as RFC 5322, 2045 to 2049, 2369, 2919,
// 3676 and 8058 want it, and as receivers ask of mail to many. Addresses beyond
// ASCII (RFC 6532) are faults, too.
func Faults(raw []byte) []string {
	f := &faults{}
	f.lines(raw)
	h, root, err := Read(raw)
	if err != nil {
		return append(f.found, "it cannot be read: "+err.Error())
	}
	f.headers(h)
	f.parts(root)
	return f.found
}

type faults struct{ found []string }

func (f *faults) add(wrong bool, format string, args ...any) {
	if wrong {
		f.found = append(f.found, fmt.Sprintf(format, args...))
	}
}

func (f *faults) lines(raw []byte) {
	f.add(!bytes.HasSuffix(raw, []byte("\r\n")), "the message does not end in CRLF")
	for i, line := range strings.Split(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		f.add(strings.ContainsAny(line, "\r\n\x00"), "line %d has a bare CR or LF, or a NUL: %q", i+1, line)
		signature := strings.HasPrefix(line, " h=") || strings.HasPrefix(line, "DKIM-Signature:") // as signers write it
		f.add(!signature && len(line) > 76 && strings.ContainsAny(strings.TrimSpace(line), " "), "line %d has %d characters: %q", i+1, len(line), line)
		f.add(len(line) > 300, "line %d has %d characters", i+1, len(line))
		f.add(strings.IndexFunc(line, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }) >= 0, "line %d is not plain ASCII: %q", i+1, line)
		f.add(line != "" && strings.TrimSpace(line) == "", "line %d is nothing but spaces", i+1)
	}
}

func (f *faults) headers(h mail.Header) {
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Content-Language", "Feedback-Id"} {
		f.add(len(h[name]) != 1, "%s stands %d times", name, len(h[name]))
	}
	for name, values := range h {
		f.add(len(values) > 1 && name != "Dkim-Signature" && name != "Received", "%s stands %d times", name, len(values))
		for _, word := range encodedWord.FindAllString(values[0], -1) {
			f.add(len(word) > 75, "%s: the encoded word has %d characters: %s", name, len(word), word)
		}
	}
	for _, name := range []string{"Auto-Submitted", "Bcc", "Cc", "Sender", "X-Mailer", "User-Agent"} {
		f.add(h.Get(name) != "", "%s is %q", name, h.Get(name))
	}
	from, err := h.AddressList("From")
	f.add(err != nil || len(from) != 1, "From is %q: %v", h.Get("From"), err)
	_, err = h.Date()
	f.add(err != nil, "Date is %q: %v", h.Get("Date"), err)
	for name, form := range map[string]*regexp.Regexp{
		"Message-Id": messageID, "In-Reply-To": messageID, "References": messageID, "List-Id": listID,
		"List-Unsubscribe": oneClick, "Feedback-Id": feedback,
	} {
		value := h.Get(name)
		f.add(value != "" && !form.MatchString(value), "%s is %q", name, value)
	}
	f.add(h.Get("In-Reply-To") != h.Get("References"), "In-Reply-To is %q and References %q", h.Get("In-Reply-To"), h.Get("References"))
	post := h.Get("List-Unsubscribe-Post")
	f.add((post != "") != (h.Get("List-Unsubscribe") != "") || post != "" && post != "List-Unsubscribe=One-Click", "List-Unsubscribe-Post is %q", post)
	f.add(h.Get("Mime-Version") != "1.0", "MIME-Version is %q", h.Get("Mime-Version"))
	if len(from) == 1 {
		_, own, _ := strings.Cut(from[0].Address, "@")
		f.add(!strings.HasSuffix(h.Get("Message-Id"), "@"+own+">"), "Message-ID %s is not of From's domain", h.Get("Message-Id"))
	}
}

func (f *faults) parts(root Part) {
	leaves := root.Leaves()
	if len(leaves) < 2 || leaves[0].Kind != "text/plain" || leaves[1].Kind != "text/html" {
		f.add(true, "the parts are %s", root.Kinds())
		return
	}
	f.boundaries(root)
	text, page := leaves[0], leaves[1]
	f.add(text.Params["format"] != "flowed" || !strings.EqualFold(text.Params["charset"], "utf-8"), "the text is %v", text.Params)
	for _, line := range strings.Split(text.Body, "\n") {
		f.add(strings.HasPrefix(line, "From "), "a line begins as a mailbox's next message: %q", line)
	}
	ids := map[string]bool{}
	for _, leaf := range leaves[2:] {
		if id := strings.Trim(leaf.Header.Get("Content-ID"), "<>"); id != "" {
			ids[id] = true
		}
	}
	for _, m := range shown.FindAllStringSubmatch(page.Body, -1) {
		f.add(!ids[m[1]], "the page shows %s, which the mail does not carry", m[1])
		delete(ids, m[1])
	}
	f.add(len(ids) > 0, "the page does not show %v", ids)
}

func (f *faults) boundaries(p Part) {
	if len(p.Parts) > 0 {
		b := p.Params["boundary"]
		f.add(b == "" || len(b) > 70, "the boundary %q has %d characters", b, len(b))
	}
	for _, inner := range p.Parts {
		f.boundaries(inner)
	}
}
