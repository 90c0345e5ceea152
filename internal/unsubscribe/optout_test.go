package unsubscribe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/locale"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/unsubscribe"
	"dateline/templates"
)

const token = "t01mzxw6ytboi4dcmrtgq2tmnzyge3dknrxgu4tmnbvgq"

// desk remembers what it was asked for; a broken one fails.
type desk struct {
	mu      sync.Mutex
	subject optout.Subject
	did     []string
	copies  []press.CopySent
	fails   error
}

func (d *desk) do(what string, args ...any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return d.fails
	}
	d.did = append(d.did, fmt.Sprintf(what, args...))
	return nil
}

func (d *desk) known(s string) error {
	if d.fails != nil {
		return d.fails
	}
	if s != token {
		return optout.ErrToken
	}
	return nil
}

func (d *desk) Subject(_ context.Context, s string) (optout.Subject, error) {
	return d.subject, d.known(s)
}

func (d *desk) OptOut(_ context.Context, s string, c optout.Choice, _ time.Time) error {
	if err := d.known(s); err != nil {
		return err
	}
	return d.do("out %s", c)
}

func (d *desk) OptIn(_ context.Context, s string, c optout.Choice, _ time.Time) error {
	if err := d.known(s); err != nil {
		return err
	}
	return d.do("in %s", c)
}

func (d *desk) Wish(_ context.Context, s string, w optout.Wishes, _ time.Time) error {
	if err := d.known(s); err != nil {
		return err
	}
	if w.Another == "nonsense" {
		return press.Faults{{What: "that is no address"}}
	}
	return d.do("wish %v %s %s", w.Languages, w.Address, w.Another)
}

func (d *desk) Erase(_ context.Context, s string, _ time.Time) error {
	if err := d.known(s); err != nil {
		return err
	}
	return d.do("erase")
}

func (d *desk) Dossier(_ context.Context, s string, _ time.Time) (press.Dossier, error) {
	return press.Dossier{Contact: d.subject.Contact, Copies: d.copies}, d.known(s)
}

func languages(t testing.TB) map[press.Lang]*locale.Language {
	t.Helper()
	all := map[press.Lang]*locale.Language{}
	files, err := fs.Glob(templates.Files, "phrases/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := templates.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		l, faults := locale.ParseLanguage(name, string(text))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		all[l.Tag] = l
	}
	return all
}

func anna() *press.Contact {
	return &press.Contact{
		Name: "Аннa <b>Gruber</b>", Addresses: []press.Address{"anna@donau-dienst.example", "a.gruber@a-very-long-name-of-a-mail-domain.donau-dienst.example"}, Country: "AT",
		Languages: []press.Lang{"de", "ru"}, Beats: []string{"diplomacy", "security"}, Zone: "Europe/Vienna", LegalBasis: "legitimate interest", Source: "accreditation list 2021",
		Notes: "only in the mornings", Outlets: []press.Outlet{{Name: "Donau-Dienst", Country: "AT", Kind: press.Wire}},
	}
}

func subject(edition press.Lang) optout.Subject {
	return optout.Subject{
		Copy: press.Copied{
			Address: "anna@donau-dienst.example", Edition: edition, Topic: "water",
			Sender: press.Sender{ID: "conference", Organisation: press.Text{
				"en": "Secretariat of the Tashkent Conference", "ru": "Секретариат Ташкентской конференции", "uz-Cyrl": "Тошкент конференцияси котибияти", "ar": "أمانة مؤتمر طشقند", "": "Tashkent Conference",
			}},
		},
		Contact: anna(), Out: map[optout.Choice]bool{}, HasTopic: true,
	}
}

// office serves the pages over a desk, with the clock at a fixed time.
type office struct {
	*desk
	http.Handler
	now time.Time
}

func open(t testing.TB) *office {
	t.Helper()
	o := &office{desk: &desk{subject: subject("en")}, now: time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC)}
	h, err := unsubscribe.Pages(unsubscribe.Options{
		OptOuts: o.desk, Languages: languages(t), Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return o.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Handler = h
	return o
}

func (o *office) ask(method, path, kind, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "From" {
			r.RemoteAddr = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w
}

const (
	urlencoded = "application/x-www-form-urlencoded"
	multipart  = "multipart/form-data; boundary=X"
)

func part(name, value string) string {
	return "--X\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

func (o *office) wantDid(t *testing.T, want ...string) {
	t.Helper()
	if got := strings.Join(o.did, "; "); got != strings.Join(want, "; ") {
		t.Errorf("it did %q, want %q", got, want)
	}
	o.did = nil
}

// One click works in either encoding, at once, without a cookie or a redirect,
// and needs nothing but the link.
func TestOneClick(t *testing.T) {
	for name, x := range map[string][2]string{
		"urlencoded":            {urlencoded, "List-Unsubscribe=One-Click"},
		"multipart":             {multipart, part("List-Unsubscribe", "One-Click") + "--X--\r\n"},
		"urlencoded in capital": {"Application/X-WWW-Form-Urlencoded; charset=UTF-8", "List-Unsubscribe=One-Click"},
	} {
		o := open(t)
		w := o.ask("POST", "/u/"+token, x[0], x[1])
		if w.Code != 200 || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Location") != "" || w.Body.String() != "Unsubscribed.\n" {
			t.Errorf("%s: %d %v %q", name, w.Code, w.Header(), w.Body)
		}
		o.wantDid(t, "out sender")
	}
}

func TestFormsOfThePage(t *testing.T) {
	for name, x := range map[string]struct{ body, did, location string }{
		"out of a topic":    {"action=out&choice=topic", "out topic", token},
		"out of everything": {"action=out&choice=everything", "out everything", token},
		"in again":          {"action=in&choice=sender", "in sender", token},
		"wishes":            {"action=wish&language=ru&language=&language=en&address=anna%40donau-dienst.example&another=+New%40X.example+", "wish [ru en] anna@donau-dienst.example New@x.example", token + "?done=wish"},
		"erase":             {"action=erase", "erase", token},
	} {
		o := open(t)
		w := o.ask("POST", "/u/"+token, urlencoded, x.body)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != x.location || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d to %q", name, w.Code, w.Header().Get("Location"))
		}
		o.wantDid(t, x.did)
	}
	o := open(t)
	if w := o.ask("POST", "/u/"+token+"?lang=ru", urlencoded, "action=erase"); w.Header().Get("Location") != token+"?lang=ru" {
		t.Errorf("the language is lost: %q", w.Header().Get("Location"))
	}
}

// What is wrong is said, and nothing is done.
func TestFaults(t *testing.T) {
	big := "List-Unsubscribe=One-Click&x=" + strings.Repeat("a", 20<<10)
	for name, x := range map[string]struct {
		method, path, kind, body string
		fails                    error
		code                     int
		says                     string
	}{
		"another's token":       {"POST", "/u/" + strings.Repeat("a", 45), urlencoded, "List-Unsubscribe=One-Click", nil, 404, "not complete, or it is not ours"},
		"a cut link":            {"GET", "/u/t01mzxw6", "", "", nil, 404, "not complete, or it is not ours"},
		"no link":               {"GET", "/", "", "", nil, 404, "not complete"},
		"its data":              {"GET", "/u/wrong/data.json", "", "", nil, 404, "not complete"},
		"another method":        {"PUT", "/u/" + token, urlencoded, "List-Unsubscribe=One-Click", nil, 405, ""},
		"no form":               {"POST", "/u/" + token, "application/json", `{"List-Unsubscribe":"One-Click"}`, nil, 400, ""},
		"nothing said of it":    {"POST", "/u/" + token, "", "List-Unsubscribe=One-Click", nil, 400, ""},
		"a form without action": {"POST", "/u/" + token, urlencoded, "a=b", nil, 400, ""},
		"only in the query":     {"POST", "/u/" + token + "?List-Unsubscribe=One-Click", urlencoded, "", nil, 400, ""},
		"too large":             {"POST", "/u/" + token, urlencoded, big, nil, 413, ""},
		"a POST for the data":   {"POST", "/u/" + token + "/data.json", urlencoded, "List-Unsubscribe=One-Click", nil, 405, ""},
		"no boundary":           {"POST", "/u/" + token, "multipart/form-data", "--\r\n", nil, 400, ""},
		"no language":           {"POST", "/u/" + token, urlencoded, "action=wish&language=not+a+language", nil, 422, "cannot be saved"},
		"a bomb of parts":       {"POST", "/u/" + token, multipart, strings.Repeat(part("a", ""), 200) + "--X--\r\n", nil, 400, ""},
		"a wish that cannot be": {"POST", "/u/" + token, urlencoded, "action=wish&another=nonsense", nil, 422, "cannot be saved"},
		"the store is gone":     {"GET", "/u/" + token, "", "", errors.New("gone"), 503, "nothing has changed"},
		"gone at one click":     {"POST", "/u/" + token, urlencoded, "List-Unsubscribe=One-Click", errors.New("gone"), 503, "nothing has changed"},
	} {
		o := open(t)
		o.fails = x.fails
		w := o.ask(x.method, x.path, x.kind, x.body)
		if w.Code != x.code || !strings.Contains(w.Body.String(), x.says) || strings.Contains(w.Body.String(), "gone") {
			t.Errorf("%s: %d, want %d with %q: %s", name, w.Code, x.code, x.says, w.Body)
		}
		if x.code == 404 && !strings.Contains(w.Body.String(), unsubscribe.Mark) {
			t.Errorf("%s: the page does not tell that it is ours", name)
		}
		if x.code == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: it does not say when to come again", name)
		}
		o.fails = nil
		o.wantDid(t)
	}
}

// Scanners open every link: no GET or HEAD changes anything.
func TestNoGetChangesAnything(t *testing.T) {
	o := open(t)
	for _, path := range []string{"/u/" + token, "/u/" + token + "?erase=ask", "/u/" + token + "?action=erase", "/u/" + token + "?List-Unsubscribe=One-Click", "/u/" + token + "/data.json", "/u/" + token + "?lang=ru"} {
		for _, method := range []string{"GET", "HEAD"} {
			if w := o.ask(method, path, "", ""); w.Code != 200 {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
	o.wantDid(t)
}

// Every answer keeps the link to itself.
func TestHeaders(t *testing.T) {
	o := open(t)
	for _, w := range []*httptest.ResponseRecorder{o.ask("GET", "/u/"+token, "", ""), o.ask("GET", "/u/wrong", "", ""), o.ask("POST", "/u/"+token, urlencoded, "List-Unsubscribe=One-Click"), o.ask("GET", "/u/"+token+"/data.json", "", "")} {
		h := w.Header()
		if h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" || h.Get("X-Robots-Tag") != "noindex, nofollow" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'sha256-") || h.Get("Set-Cookie") != "" {
			t.Errorf("%v", h)
		}
	}
	w := o.ask("GET", "/u/"+token+"/data.json", "", "")
	var d press.Dossier
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || d.Contact == nil || d.Contact.Notes != "only in the mornings" || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("the data is %s, %v", w.Body, err)
	}
}

// The page is in the mail's language, in the one that is chosen, or else in what
// the browser asks for; and escapes what others wrote.
func TestPageIsInTheReadersLanguage(t *testing.T) {
	o := open(t)
	for _, x := range []struct{ edition, query, accept, want string }{
		{"ru", "", "", `lang="ru" dir="ltr"`},
		{"ar", "", "en", `lang="ar" dir="rtl"`},
		{"uz-Cyrl", "", "", `lang="uz-Cyrl" dir="ltr"`},
		{"ru", "?lang=kk", "", `lang="kk" dir="ltr"`},
		{"ru", "?lang=klingon", "", `lang="ru" dir="ltr"`},
		{"it", "", "pt, tg;q=0.8", `lang="tg" dir="ltr"`},
		{"it", "", "ru-RU", `lang="ru" dir="ltr"`},
		{"it", "", "uz", `lang="uz-Latn" dir="ltr"`},
		{"it", "", "uz-UZ, en;q=0.5", `lang="uz-Latn" dir="ltr"`},
		{"it", "", "uz-Cyrl-UZ", `lang="uz-Cyrl" dir="ltr"`},
		{"it", "", "\xff", `lang="en" dir="ltr"`},
	} {
		o.subject = subject(press.Lang(x.edition))
		body := o.ask("GET", "/u/"+token+x.query, "", "", "Accept-Language", x.accept).Body.String()
		if !strings.Contains(body, "<html "+x.want+">") || strings.Contains(body, "<b>Gruber") || !strings.Contains(body, "&lt;b&gt;Gruber") {
			t.Errorf("%+v: %.300s", x, body)
		}
	}
}

func TestPageTellsHowThingsStand(t *testing.T) {
	for name, x := range map[string]struct {
		change func(*optout.Subject)
		has    []string
		lacks  []string
	}{
		"all is held":      {func(*optout.Subject) {}, []string{"anna@donau-dienst.example", "legitimate interest", "accreditation list 2021", "only in the mornings", "Stop releases on the topic water", "Delete everything"}, []string{"Take this back"}},
		"out of the topic": {func(s *optout.Subject) { s.Out[optout.Topic] = true }, []string{"You get no more releases on the topic water", "Take this back", "Stop everything from"}, []string{">Stop releases on the topic"}},
		"no topic":         {func(s *optout.Subject) { s.HasTopic = false }, nil, []string{"on the topic"}},
		"nobody any more":  {func(s *optout.Subject) { s.Contact = nil }, []string{"Nothing is held on you any more", "Stop everything"}, []string{"anna@", "Language and address"}},
		"erased":           {func(s *optout.Subject) { s.Contact, s.Erased, s.Copy.Address = nil, true, "" }, []string{"You have been deleted"}, []string{"anna@", "Stop everything", "Delete everything"}},
		"bounced":          {func(s *optout.Subject) { s.Bounced = true }, []string{"Mail to this address came back"}, nil},
		"a test copy":      {func(s *optout.Subject) { *s = optout.Subject{Test: true} }, []string{"This is the link of a test copy"}, []string{"Delete everything"}},
	} {
		o := open(t)
		x.change(&o.subject)
		w := o.ask("GET", "/u/"+token, "", "")
		for _, s := range x.has {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: the page lacks %q", name, s)
			}
		}
		for _, s := range x.lacks {
			if strings.Contains(w.Body.String(), s) {
				t.Errorf("%s: the page has %q", name, s)
			}
		}
	}
}

// A link, and a network, may be used so often and no more; one click hangs on
// its link alone. Who names other networks is not believed.
func TestLimits(t *testing.T) {
	o := open(t)
	until := func(n int, ask func(i int) int) int {
		for i := range n {
			if ask(i) == http.StatusTooManyRequests {
				return i
			}
		}
		return n
	}
	if n := until(100, func(int) int { return o.ask("GET", "/u/"+token, "", "").Code }); n != 20 {
		t.Errorf("a link may be opened %d times at once, want 20", n)
	}
	if n := until(100, func(int) int { return o.ask("POST", "/u/"+token, urlencoded, "List-Unsubscribe=One-Click").Code }); n != 20 {
		t.Errorf("then one click is taken %d times at once, want 20", n)
	}
	if w := o.ask("GET", "/u/"+token, "", ""); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("and the page is answered %d, %v", w.Code, w.Header())
	}
	o.now = o.now.Add(time.Minute)
	if w := o.ask("GET", "/u/"+token, "", ""); w.Code != 200 {
		t.Errorf("a minute later it is %d", w.Code)
	}
	o = open(t)
	guess := func(i int) string { return fmt.Sprintf("/u/t01%042d", i) }
	if n := until(500, func(i int) int {
		return o.ask("GET", guess(i), "", "", "X-Forwarded-For", fmt.Sprintf("203.0.%d.1", i%250)).Code
	}); n != 100 {
		t.Errorf("a network may try %d links, want 100", n)
	}
	if w := o.ask("GET", "/u/"+token, "", "", "From", "10.1.2.3:1", "X-Forwarded-For", "198.51.100.9"); w.Code != 200 {
		t.Errorf("behind a trusted proxy another network is answered %d", w.Code)
	}
	if w := o.ask("GET", "/u/"+token, "", "", "From", "10.1.2.3:1", "X-Forwarded-For", "192.0.2.200"); w.Code != 429 {
		t.Errorf("behind a trusted proxy the same network is answered %d", w.Code)
	}
	if n := until(500, func(i int) int { return o.ask("POST", guess(1000+i), urlencoded, "List-Unsubscribe=One-Click").Code }); n != 500 {
		t.Errorf("one click from one network is stopped after %d", n)
	}
}

// What is held says nothing of a release that is yet to come, or never will.
func TestDataKeepsAnEmbargo(t *testing.T) {
	o := open(t)
	for _, s := range []press.State{press.Planned, press.Claimed, press.Deferred, press.Skipped, press.Cancelled, press.Expired} {
		o.copies = append(o.copies, press.CopySent{Release: "secret-" + string(s), State: s})
	}
	for _, s := range []press.State{press.Sending, press.Accepted, press.Rejected, press.Unknown, press.Delivered, press.Bounced, press.Complained} {
		o.copies = append(o.copies, press.CopySent{Release: "told-" + string(s), State: s})
	}
	body := o.ask("GET", "/u/"+token+"/data.json", "", "").Body.String()
	if strings.Contains(body, "secret-") || strings.Count(body, "told-") != 7 {
		t.Errorf("%s", body)
	}
}

func FuzzForm(f *testing.F) {
	f.Add(urlencoded, "List-Unsubscribe=One-Click")
	f.Add(multipart, part("List-Unsubscribe", "One-Click")+"--X--\r\n")
	f.Add(urlencoded, "action=wish&language=%ff&another=%00")
	o := open(f)
	f.Fuzz(func(t *testing.T, kind, body string) {
		o.now = o.now.Add(time.Minute)
		w := o.ask("POST", "/u/"+token, strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, kind), body)
		if w.Code >= 500 && w.Code != 503 {
			t.Errorf("%d", w.Code)
		}
	})
}
