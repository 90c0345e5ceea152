package compose

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"dateline/internal/press"
	"dateline/internal/testenv"
)

const (
	narrow, phone, desk = 320, 360, 640 // widths of a screen, in CSS pixels

	leastContrast = 4.5 // WCAG 2.2, 1.4.3, for text of any size
	firstScreen   = 700 // of a phone, in CSS pixels: the headline stands in it
)

// view is one way to look at one copy of the mail.
type view struct {
	kind     string // of release; "" where the copy is one of the sample's own
	lang     press.Lang
	headline string
	held     bool
	width    int64
	dark     bool
}

// sight is what testdata/look.js tells of a page.
type sight struct {
	Lang, Dir, Direction string
	Width, Height        int64
	Headline             struct {
		Text        string
		Top, Bottom float64
		Visible     bool
	}
	Paper float64 // luminance behind the headline, 0 to 1
	Worst map[string]struct {
		Ratio             float64
		Text, Ink, Ground string
	}
	Scripts []string
}

func TestMailInABrowser(t *testing.T) {
	pages := map[string]string{"/bad": badPage, "/mail": bothWidths}
	var copies []view
	add := func(k *Kit, kind string, l Letter) {
		page := readBackPage(t, k, l)
		e := k.editions[l.Recipient.Edition]
		v := view{kind: kind, lang: e.Lang, headline: e.Headline, held: l.Held}
		pages[v.path()] = page
		copies = append(copies, v)
	}
	k := newKit(t, sample(t))
	for _, e := range k.ordered() {
		add(k, "", advance(e.Lang))
		add(k, "", letter(e.Lang))
	}
	for _, lang := range []press.Lang{"ar", "fa"} {
		add(newKit(t, in(t, lang)), "", advance(lang))
	}
	for _, kind := range append(press.ReleaseKinds(), press.EmbargoNotice, "follow-up") {
		k := newKit(t, ofKind(t, kind))
		for _, e := range k.ordered() {
			l := letter(e.Lang)
			if kind == "follow-up" {
				l.SendKind = press.FollowUp
			}
			if os.Getenv("DATELINE_PICTURES") != "" || e.Lang == "en" {
				add(k, string(kind), l)
			}
		}
	}
	b := openBrowser(t, pages)
	b.open(t, "/bad")
	bad := view{lang: "en", headline: "A headline", held: true, width: phone, dark: true}
	if got := b.faults(t, bad); len(got) != badFaults {
		t.Errorf("a bad page shows %d faults of %d:\n%s", len(got), badFaults, strings.Join(got, "\n"))
	}
	for _, v := range copies {
		b.open(t, v.path())
		sizes := []int64{narrow, phone, desk}
		if v.kind != "" {
			sizes = sizes[1:]
		}
		for _, size := range sizes {
			for _, dark := range []bool{false, true} {
				v.width, v.dark = size, dark
				for _, fault := range b.faults(t, v) {
					t.Errorf("%s: %s", v.name(), fault)
				}
				b.picture(t, v.name())
			}
		}
	}
	b.open(t, "/mail")
	b.set(t, view{width: bothWidth})
	b.picture(t, "mail")
}

// ofKind is the sample as a release of another kind, with all that one may have.
func ofKind(t *testing.T, kind press.ReleaseKind) press.Frozen {
	t.Helper()
	f := withFiles(t, sample(t))
	if f.Release.Kind = kind; kind == "follow-up" {
		f.Release.Kind = press.News
	}
	for i := range f.Release.Editions {
		e := &f.Release.Editions[i]
		e.Changed, e.About = e.Event, e.Headline
	}
	return f
}

// readBackPage is a copy's page with its pictures where a browser finds them.
func readBackPage(t *testing.T, k *Kit, l Letter) string {
	t.Helper()
	r, err := k.Render(l)
	must(t, err)
	for _, c := range k.editions[l.Recipient.Edition].carries {
		if id := strings.Trim(c.headers.Get("Content-ID"), "<>"); id != "" {
			r.HTML = strings.ReplaceAll(r.HTML, "cid:"+id, "data:"+c.headers.Get("Content-Type")+";base64,"+base64.StdEncoding.EncodeToString(c.data))
		}
	}
	return r.HTML
}

func (v view) path() string { return "/" + v.kind + string(v.lang) + "-" + v.copy() }

func (v view) copy() string {
	if v.held {
		return "held"
	}
	return "lifted"
}

func (v view) scheme() string {
	if v.dark {
		return "dark"
	}
	return "light"
}

func (v view) name() string {
	what := v.copy()
	if v.kind != "" {
		what = v.kind
	}
	return fmt.Sprintf("%s-%s-%d-%s", v.lang, what, v.width, v.scheme())
}

// faults are what is wrong with a page that is looked at as the view says.
func (s sight) faults(v view) []string {
	var out []string
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	fault(s.Width > v.width, "the page is %d pixels wide on a screen of %d", s.Width, v.width)
	fault(s.Lang != string(v.lang), "lang is %q", s.Lang)
	dir := "ltr"
	if v.lang == "ar" || v.lang == "fa" {
		dir = "rtl"
	}
	fault(s.Dir != dir || s.Direction != s.Dir, "dir is %q, the text runs %s", s.Dir, s.Direction)
	fault(!s.Headline.Visible || s.Headline.Text != v.headline, "the headline is %q; visible: %t", s.Headline.Text, s.Headline.Visible)
	fault(v.width == phone && v.kind != string(press.Correction) && (s.Headline.Top < 0 || s.Headline.Bottom > firstScreen),
		"the headline stands at %.0f to %.0f, not in the first %d pixels", s.Headline.Top, s.Headline.Bottom, firstScreen)
	fault(v.dark != (s.Paper < 0.2), "the paper's luminance is %.2f", s.Paper)
	fault(len(s.Scripts) > 0, "scripts: %q", s.Scripts)
	places := []string{"story", "link", "footer", "other"}
	if v.held {
		places = append(places, "embargo")
	}
	for _, place := range places {
		w, ok := s.Worst[place]
		fault(!ok, "no text to read: %s", place)
		fault(ok && w.Ratio < leastContrast, "%s: the contrast of %q is %.2f, %s on %s", place, w.Text, w.Ratio, w.Ink, w.Ground)
	}
	return out
}

// badPage has each fault that can be told, so that none is looked for in vain:
// its width, lang, dir and headline (another, and too low), light paper in the
// dark, a script, no story, link, footer or other text, a pale embargo, and a
// request to elsewhere, which fails.
const (
	badPage = `<!DOCTYPE html><html lang="xx" dir="rtl"><head><meta name="viewport" content="width=device-width"></head>
<body style="background-color:#fff"><div style="width:900px;height:900px"></div><div class="embargo" style="color:#888">
<h1>Another headline</h1></div><img src="https://elsewhere.example/dot.gif" onerror="1"></body></html>`
	badFaults = 14
)

// bothWidths sets the mail on a desk beside the mail on a phone, for the docs.
const (
	bothWidths = `<!DOCTYPE html><html lang="en" dir="ltr"><head><style>
body { margin: 0; padding: 28px; background-color: #d3cec3; display: flex; gap: 28px; }
iframe { border: 0; height: 1144px; }
</style></head><body><iframe src="/en-held" width="640" scrolling="no"></iframe><iframe src="/en-held" width="360" scrolling="no"></iframe></body></html>`
	bothWidth = 28 + desk + 28 + phone + 28
)

// browser is one tab, and a server of the test's own.
type browser struct {
	ctx    context.Context
	server string // its URL
	eyes   string // testdata/look.js

	mu   sync.Mutex
	wire []string // requests that left the server, and those that failed
}

// patience is longer where every page is painted.
func patience() time.Duration {
	if os.Getenv("DATELINE_PICTURES") != "" {
		return 15 * time.Minute
	}
	return 3 * time.Minute
}

func openBrowser(t *testing.T, pages map[string]string) *browser {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		switch {
		case ok:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, page)
		case r.URL.Path == "/favicon.ico": // the browser's own wish
			w.WriteHeader(http.StatusNoContent)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	// No name is looked up, so that a page which asks for something elsewhere
	// fails the same with a network and without. Where the tests run as root,
	// or in a container, the sandbox does not start; the pages are our own.
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(testenv.Chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience())
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("closing the browser: %v", err)
		}
	})
	b := &browser{ctx: ctx, server: server.URL, eyes: read(t, "testdata/look.js")}
	must(t, chromedp.Listen(ctx, b.hear))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(t, err)
	return b
}

// hear notes what a page asks for beyond the server, and what does not come.
func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		near := func(start string) bool { return strings.HasPrefix(e.Request.URL, start) }
		if !slices.ContainsFunc([]string{b.server + "/", "data:", "about:"}, near) {
			b.wire = append(b.wire, "asks for "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= http.StatusBadRequest {
			b.wire = append(b.wire, fmt.Sprintf("gets %d for %s", e.Response.Status, e.Response.URL))
		}
	case *network.EventLoadingFailed:
		b.wire = append(b.wire, fmt.Sprintf("does not get a %s: %s", e.Type, e.ErrorText))
	}
}

// open loads a page, and waits until all that it asks for is there or failed.
func (b *browser) open(t *testing.T, path string) {
	t.Helper()
	must(t, chromedp.Do(b.ctx, chromedp.Navigate(b.server+path)))
}

// set gives the screen its width and its scheme, and waits until the page has
// them: it hears of them after the command is done.
func (b *browser) set(t *testing.T, v view) {
	t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: 800, DeviceScaleFactor: 1, Mobile: v.width < desk}
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, size)
	must(t, err)
	scheme := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: v.scheme()}
	_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{scheme}})
	must(t, err)
	wait := fmt.Sprintf(`new Promise((done, failed) => {
		const query = "(width: %dpx) and (prefers-color-scheme: %s)", end = performance.now() + 10000;
		const turn = () => {
			if (matchMedia(query).matches) done(true);
			else if (performance.now() > end) failed(new Error("the screen does not become " + query));
			else requestAnimationFrame(turn);
		};
		requestAnimationFrame(turn);
	})`, v.width, v.scheme())
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
	must(t, err)
}

// faults looks at the page that is open, and takes what was heard so far.
func (b *browser) faults(t *testing.T, v view) []string {
	t.Helper()
	b.set(t, v)
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[sight]("("+b.eyes+")()"))
	must(t, err)
	out := s.faults(v)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, heard := range b.wire {
		out = append(out, "the page "+heard)
	}
	b.wire = nil
	return out
}

// picture saves the whole page for people to look at, where they ask for it
// (`make pictures`).
func (b *browser) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("DATELINE_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
