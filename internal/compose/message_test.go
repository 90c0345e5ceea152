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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// parsed is a message as net/mail and mime/multipart read it.
type parsed struct {
	header mail.Header
	types  []string
	bodies []string
}

func readBack(t testing.TB, raw []byte) parsed {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	if kind != "multipart/alternative" {
		t.Fatalf("Content-Type is %s", kind)
	}
	p := parsed{header: m.Header}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		must(t, err)
		var body io.Reader = part
		switch enc := part.Header.Get("Content-Transfer-Encoding"); enc {
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, part)
		case "quoted-printable":
			body = quotedprintable.NewReader(part)
		default:
			t.Fatalf("the encoding is %q", enc)
		}
		b, err := io.ReadAll(body)
		must(t, err)
		p.types = append(p.types, part.Header.Get("Content-Type"))
		p.bodies = append(p.bodies, strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
}

func TestMessageComesBackAsItWasMade(t *testing.T) {
	k := newKit(t, pair(t))
	for _, e := range k.ordered() {
		for _, v := range trialVariants(press.General, press.Advance, press.FollowUp) {
			l := letterOf(e.Lang, v)
			raw, err := k.Message(l)
			must(t, err)
			conform(t, raw)
			want, err := k.Render(l)
			must(t, err)
			compare(t, readBack(t, raw), want, l)
		}
	}
}

func compare(t *testing.T, got parsed, want Rendered, l Letter) {
	t.Helper()
	if !slices.Equal(got.types, []string{"text/plain; format=flowed; charset=UTF-8", "text/html; charset=UTF-8"}) {
		t.Errorf("the parts are %v", got.types)
	}
	if shown(got.bodies[0]) != want.Text {
		t.Error("the plain text differs")
	}
	if got.bodies[1] != want.HTML {
		t.Error("the HTML differs")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
	must(t, err)
	if subject != want.Subject {
		t.Errorf("the subject is %q, want %q", subject, want.Subject)
	}
	to, err := got.header.AddressList("To")
	must(t, err)
	if len(to) != 1 || to[0].Name != l.Recipient.Name || to[0].Address != string(l.Recipient.Address) {
		t.Errorf("To is %v", to)
	}
	if until := got.header.Get("X-Embargo-Until"); (until != "") != l.Held || l.Held && until != "2027-03-04T13:00:00Z" {
		t.Errorf("X-Embargo-Until is %q and held is %v", until, l.Held)
	}
	if got.header.Get("Content-Language") != string(l.Recipient.Edition) {
		t.Errorf("Content-Language is %q", got.header.Get("Content-Language"))
	}
}

func TestHeaders(t *testing.T) {
	k := newKit(t, pair(t))
	raw, err := k.Message(advance("en"))
	must(t, err)
	h := readBack(t, raw).header
	for name, want := range map[string]string{
		"From":               "Tashkent Conference press desk <press@conference.example>",
		"Reply-To":           "<desk@conference.example>",
		"To":                 "Zarina Karimova <reporter@outlet.example>",
		"Date":               "Thu, 04 Mar 2027 13:00:00 +0000",
		"Message-Id":         "<01936b2e-7c1a-7000-8000-0123456789ab@conference.example>",
		"List-Id":            "Secretariat of the Tashkent Conference <releases.conference.example>",
		"Subject":            "EMBARGOED until 4 March 2027, 18:00 (Tashkent, UTC+5) | Tashkent Declaration sums up ten years of joint action against terrorism",
		"X-Dateline-Release": "tashkent-2022",
		"X-Dateline-Send":    "advance",
		"Mime-Version":       "1.0",
		"User-Agent":         "",
		"X-Mailer":           "",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
		if len(h[name]) > 1 {
			t.Errorf("%s stands %d times", name, len(h[name]))
		}
	}
}

// hostile are values that try to become headers, markup or another reading.
func hostile() []string {
	return []string{
		"A\r\nBcc: all@victim.example", "A\nBcc: all@victim.example\n\nbody", "A\rBcc: all@victim.example",
		`"; Bcc: all@victim.example`, `A" <all@victim.example>, "B`, `back\slash "quote"`, "NUL\x00 here", "bad \xff\xfe bytes",
		"=?UTF-8?B?QmNjOiBhbGw=?=", "=?utf-8?q?=0D=0ABcc:_all@victim.example?=", "a, b; c: d <e@f.example>", "(comment)",
		"\u202Egnitset\u202C \u2066x\u2069", "line\u2028separator\u2029s", "\u0085next line", strings.Repeat("x", 5000),
		strings.Repeat("ҳарф ", 900), strings.Repeat(`"`, 300), strings.Repeat("a ", 400), "   ", "\t\v\f", "<b>bold</b>&amp;", "</p><script>alert(1)</script>",
		"{{.Sender}}", "dl0a", "👩‍👩‍👧 family", "é", ".", "@", "<>",
	}
}

func TestNoFieldAddsAHeader(t *testing.T) {
	kit := newKit(t, small(t))
	want := headerNames(t, kit, letter("en"))
	for _, s := range hostile() {
		l := letter("en")
		l.Recipient.Name, l.Recipient.Outlet, l.Recipient.Zone = s, s, s
		if got := headerNames(t, kit, l); !slices.Equal(got, want) {
			t.Errorf("with the contact %q the headers are %v", s, got)
		}
		f := small(t)
		f.Sender.Name, f.Sender.Organisation, f.Sender.Address = press.Text{"": s}, press.Text{"": s}, press.Text{"": s}
		for i := range f.Release.Editions {
			e := &f.Release.Editions[i]
			e.Subject, e.Headline, e.Event, e.Cities = s, s, s, []string{s, s, s}
		}
		f.Release.Website, f.Release.Slug = s, s
		if got := headerNames(t, newKit(t, f), letter("en")); !slices.Equal(got, want) {
			t.Errorf("with the release %q the headers are %v", s, got)
		}
	}
}

// headerNames makes a copy, holds it to the form and lists its header lines'
// names.
func headerNames(t *testing.T, k *Kit, l Letter) []string {
	t.Helper()
	raw, err := k.Message(l)
	must(t, err)
	conform(t, raw)
	p := readBack(t, raw)
	if strings.Contains(p.bodies[1], "<script") || strings.Contains(p.bodies[1], "<b>bold") {
		t.Errorf("markup got through: %q", l.Recipient.Name)
	}
	to, err := p.header.AddressList("To")
	must(t, err)
	if len(to) != 1 || to[0].Address != "reporter@outlet.example" {
		t.Errorf("To is %v", to)
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	var names []string
	for _, line := range strings.Split(head, "\r\n") {
		if name, _, ok := strings.Cut(line, ":"); ok && line[0] != ' ' && line[0] != '\t' {
			names = append(names, name)
		}
	}
	return names
}

func TestAnyNameComesBack(t *testing.T) {
	k := newKit(t, small(t))
	rapid.Check(t, func(r *rapid.T) {
		l := letter("en")
		l.Recipient.Name = rapid.String().Draw(r, "name")
		l.Recipient.Outlet = rapid.String().Draw(r, "outlet")
		raw, err := k.Message(l)
		must(t, err)
		conform(t, raw)
		to, err := readBack(t, raw).header.AddressList("To")
		must(t, err)
		if want := cleanName(l.Recipient.Name); to[0].Name != want {
			t.Errorf("%q came back as %q, want %q", l.Recipient.Name, to[0].Name, want)
		}
	})
}

func TestSameLetterSameBytes(t *testing.T) {
	f := pair(t)
	a, b := newKit(t, f), newKit(t, f)
	for _, l := range []Letter{letter("ru"), advance("en")} {
		first, err := a.Message(l)
		must(t, err)
		l.Date = l.Date.In(time.FixedZone("", 5*3600))
		second, err := b.Message(l)
		must(t, err)
		third, err := a.Message(l)
		must(t, err)
		if !bytes.Equal(first, second) || !bytes.Equal(first, third) {
			t.Errorf("two copies of %s differ", l.Recipient.Edition)
		}
	}
}

func TestProbeTellsRenderersApart(t *testing.T) {
	f := pair(t)
	first, err := newKit(t, f).Probe("ru")
	must(t, err)
	again, err := newKit(t, f).Probe("ru")
	must(t, err)
	other, err := newKit(t, f).Probe("en")
	must(t, err)
	f.Files["base.txt.tmpl"] += "."
	changed, err := newKit(t, f).Probe("ru")
	must(t, err)
	if len(first) != 64 || first != again || first == other || first == changed {
		t.Errorf("the probes are %s, %s, %s and, with another template, %s", first, again, other, changed)
	}
	if _, err := newKit(t, f).Probe("fr"); err == nil {
		t.Error("an edition that does not exist was probed")
	}
}

func TestOneKitManyGoroutines(t *testing.T) {
	k := newKit(t, pair(t))
	want := map[press.Lang][]byte{}
	other := newKit(t, pair(t))
	for _, e := range other.ordered() {
		m, err := other.Message(advance(e.Lang))
		must(t, err)
		want[e.Lang] = m
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for lang, w := range want {
				if m, err := k.Message(advance(lang)); err != nil || !bytes.Equal(m, w) {
					t.Errorf("%s: another copy, or %v", lang, err)
				}
				if _, err := k.Message(letter(lang)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestLettersThatCannotBeMade(t *testing.T) {
	k := newKit(t, small(t))
	for name, spoil := range map[string]func(*Letter){
		"edition":             func(l *Letter) { l.Recipient.Edition = "fr" },
		"kind of send":        func(l *Letter) { l.SendKind = "later" },
		"no address":          func(l *Letter) { l.Recipient.Address = "" },
		"address with CRLF":   func(l *Letter) { l.Recipient.Address = "a@b.example\r\nBcc: c@d.example" },
		"no date":             func(l *Letter) { l.Date = time.Time{} },
		"no id":               func(l *Letter) { l.MessageID = "" },
		"id with CRLF":        func(l *Letter) { l.MessageID = "a@b\r\nBcc: c@d" },
		"id with its bracket": func(l *Letter) { l.MessageID = "<a@b>" },
	} {
		l := letter("en")
		spoil(&l)
		if _, err := k.Message(l); err == nil {
			t.Errorf("%s: a message was made", name)
		}
	}
}

func TestAddressBeyondASCII(t *testing.T) {
	k := newKit(t, small(t))
	l := letter("en")
	l.Recipient.Address, l.Recipient.Name = "зарина@outlet.example", "Зарина"
	raw, err := k.Message(l)
	must(t, err)
	if to := readBack(t, raw).header.Get("To"); !strings.HasSuffix(to, "<зарина@outlet.example>") {
		t.Errorf("To is %q", to)
	}
}
