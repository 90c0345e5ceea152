package compose

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"
)

// node is a part of a message, with the parts that it holds.
type node struct {
	kind   string
	header textproto.MIMEHeader
	params map[string]string
	parts  []node
	body   string
}

// treeOf reads a message as a mail program does.
func treeOf(t testing.TB, header textproto.MIMEHeader, body io.Reader) node {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	must(t, err)
	n := node{kind: kind, header: header, params: params}
	if strings.HasPrefix(kind, "multipart/") {
		if b := params["boundary"]; b == "" || len(b) > 70 {
			t.Errorf("the boundary %q has %d characters", b, len(b))
		}
		r := multipart.NewReader(body, params["boundary"])
		for {
			part, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return n
			}
			must(t, err)
			n.parts = append(n.parts, treeOf(t, part.Header, part))
		}
	}
	switch enc := header.Get("Content-Transfer-Encoding"); enc {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Errorf("the encoding of a %s is %q", kind, enc)
	}
	b, err := io.ReadAll(body)
	must(t, err)
	n.body = string(b)
	return n
}

// kinds writes a tree in one line.
func (n node) kinds() string {
	if len(n.parts) == 0 {
		return n.kind
	}
	var of []string
	for _, p := range n.parts {
		of = append(of, p.kinds())
	}
	return n.kind + "(" + strings.Join(of, " ") + ")"
}

// leaves are the parts that hold no others.
func (n node) leaves() []node {
	if len(n.parts) == 0 {
		return []node{n}
	}
	var all []node
	for _, p := range n.parts {
		all = append(all, p.leaves()...)
	}
	return all
}

var (
	messageID   = regexp.MustCompile(`^<[^<>\s]+@[a-z0-9.-]+>$`)
	listID      = regexp.MustCompile(`^(.* )?<[a-z0-9.-]+>$`)
	oneClick    = regexp.MustCompile(`^<https://[^<>\s]+>(, <mailto:[^<>\s]+>)?$`)
	feedback    = regexp.MustCompile(`^[A-Za-z0-9.-]*(:[A-Za-z0-9.-]*){3}$`)
	encodedWord = regexp.MustCompile(`=\?[^ ]+\?=`)
)

// conformHeaders holds a message's headers and its parts to RFC 5322, 2045 to
// 2049, 2369, 2919 and 8058, and to what receivers ask of mail to many.
func conformHeaders(t testing.TB, raw []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	h := m.Header
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Content-Language", "Feedback-Id"} {
		if len(h[name]) != 1 {
			t.Errorf("%s stands %d times", name, len(h[name]))
		}
	}
	for name, values := range h {
		if len(values) > 1 {
			t.Errorf("%s stands %d times", name, len(values))
		}
		for _, word := range encodedWord.FindAllString(values[0], -1) {
			if len(word) > 75 {
				t.Errorf("%s: the encoded word has %d characters: %s", name, len(word), word)
			}
		}
	}
	for _, name := range []string{"Auto-Submitted", "Bcc", "Cc", "Sender", "X-Mailer", "User-Agent"} {
		if h.Get(name) != "" {
			t.Errorf("%s is %q", name, h.Get(name))
		}
	}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 {
		t.Errorf("From is %q: %v", h.Get("From"), err)
	}
	if _, err := h.Date(); err != nil {
		t.Errorf("Date is %q: %v", h.Get("Date"), err)
	}
	for name, form := range map[string]*regexp.Regexp{
		"Message-Id": messageID, "In-Reply-To": messageID, "References": messageID, "List-Id": listID,
		"List-Unsubscribe": oneClick, "Feedback-Id": feedback,
	} {
		if value := h.Get(name); value != "" && !form.MatchString(value) {
			t.Errorf("%s is %q", name, value)
		}
	}
	if h.Get("In-Reply-To") != h.Get("References") {
		t.Errorf("In-Reply-To is %q and References %q", h.Get("In-Reply-To"), h.Get("References"))
	}
	if post := h.Get("List-Unsubscribe-Post"); (post != "") != (h.Get("List-Unsubscribe") != "") || post != "" && post != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post is %q", post)
	}
	if v := h.Get("Mime-Version"); v != "1.0" {
		t.Errorf("MIME-Version is %q", v)
	}
	conformParts(t, treeOf(t, textproto.MIMEHeader(h), m.Body))
}

func conformParts(t testing.TB, root node) {
	t.Helper()
	leaves := root.leaves()
	if len(leaves) < 2 || leaves[0].kind != "text/plain" || leaves[1].kind != "text/html" {
		t.Fatalf("the parts are %s", root.kinds())
	}
	if leaves[0].params["format"] != "flowed" || !strings.EqualFold(leaves[0].params["charset"], "utf-8") {
		t.Errorf("the text is %v", leaves[0].params)
	}
	for _, line := range strings.Split(leaves[0].body, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "From ") {
			t.Errorf("a line begins as a mailbox's next message: %q", line)
		}
	}
	ids := map[string]bool{}
	for _, leaf := range leaves[2:] {
		if id := strings.Trim(leaf.header.Get("Content-ID"), "<>"); id != "" {
			ids[id] = true
		}
	}
	for _, m := range regexp.MustCompile(`src="cid:([^"]+)"`).FindAllStringSubmatch(leaves[1].body, -1) {
		if !ids[m[1]] {
			t.Errorf("the page shows %s, which the mail does not carry", m[1])
		}
		delete(ids, m[1])
	}
	if len(ids) > 0 {
		t.Errorf("the page does not show %v", ids)
	}
}

// Every mail that the sample can become is one that receivers take as it is
// meant: of every kind, edition, send and contact.
func TestEveryMailConforms(t *testing.T) {
	for _, kind := range append(press.ReleaseKinds(), press.EmbargoNotice) {
		f := pair(t)
		if kind == press.News {
			f = sample(t)
		}
		f.Release.Kind = kind
		for i := range f.Release.Editions {
			f.Release.Editions[i].Changed, f.Release.Editions[i].About = "the date «4 March»", f.Release.Editions[i].Headline
		}
		if kind == press.News || kind == press.Correction {
			f = withFiles(t, f)
		}
		if kind == press.Advisory {
			f.Sender.Precedence, f.Sender.ListID, f.Sender.ReplyTo = "bulk", "", ""
		}
		k := newKit(t, f)
		for _, e := range k.ordered() {
			for _, v := range trialVariants(press.General, press.Advance, press.FollowUp) {
				if e.Lang != "ru" && (v.name != v.outlet || v.name == v.zone) {
					continue // contacts differ in every language alike
				}
				l := letterOf(e.Lang, v)
				if v.kind == press.FollowUp {
					l.Recipient.InReplyTo = "first@conference.example"
				}
				raw, err := k.Message(l)
				must(t, err)
				conform(t, raw)
				if t.Failed() {
					t.Fatalf("%s in %s, %+v", kind, e.Lang, v)
				}
			}
		}
	}
}

func letterOf(lang press.Lang, v variant) Letter {
	l := letter(lang)
	l.SendKind, l.Held, l.Test = v.kind, v.held, v.test
	if !v.name {
		l.Recipient.Name = ""
	}
	if !v.outlet {
		l.Recipient.Outlet = ""
	}
	if !v.zone {
		l.Recipient.Zone = ""
	}
	if !v.out {
		l.OptOut = ""
	}
	return l
}

func TestPrecedenceIsAskedFor(t *testing.T) {
	f := small(t)
	f.Sender.Precedence = "bulk"
	raw, err := newKit(t, f).Message(letter("en"))
	must(t, err)
	if got := readBack(t, raw).header.Get("Precedence"); got != "bulk" {
		t.Errorf("Precedence is %q", got)
	}
	raw, err = newKit(t, small(t)).Message(letter("en"))
	must(t, err)
	if h := readBack(t, raw).header; h.Get("Precedence") != "" || h.Get("Feedback-Id") != "tashkent-2022:none:general:conference" {
		t.Errorf("unasked for, Precedence is %q; Feedback-ID is %q", h.Get("Precedence"), h.Get("Feedback-Id"))
	}
}

// No boundary begins as another does, or a reader would take a part's end for
// the whole's.
func TestBoundaries(t *testing.T) {
	var all []string
	for _, kind := range []string{"mixed", "related", "alternative"} {
		all = append(all, string(appendBoundary(nil, boundaryName(kind), "a@b.example")))
	}
	for i, a := range all {
		for _, b := range slices.Delete(slices.Clone(all), i, i+1) {
			if strings.HasPrefix(a, b) {
				t.Errorf("%s begins with %s", a, b)
			}
		}
	}
}
