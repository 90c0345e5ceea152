package unsubscribe_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/testenv"
)

// sight is what the page tells of itself.
type sight struct {
	Lang, Dir string
	Width     int64
	Worst     float64  // contrast of text to what is behind it
	Pale      string   // the text that has it
	Low       []string // what is to be pressed, and is lower than a finger
	Unnamed   int      // fields and buttons without a name
	Unreached int      // and those that the Tab key passes over
}

// look measures contrast by the colours that were worked out, and what can be
// pressed.
const look = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1] };
	const part = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4) };
	const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
	const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c } return [255, 255, 255, 1] };
	let worst = 99, pale = '';
	for (const e of document.querySelectorAll('body *')) {
		const text = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data.trim()).join('');
		if (!text || !e.getClientRects().length) continue;
		const a = light(parse(getComputedStyle(e).color)), b = light(ground(e));
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < worst) { worst = ratio; pale = text }
	}
	const press = [...document.querySelectorAll('button, a.button, select, input[type=email]')];
	return {
		Lang: document.documentElement.lang, Dir: document.documentElement.dir, Width: document.documentElement.scrollWidth, Worst: worst, Pale: pale,
		Low: press.filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80)),
		Unnamed: [...document.querySelectorAll('button, select, input:not([type=hidden])')].filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels && e.labels.length)).length,
		Unreached: [...document.querySelectorAll('a, button, select, input:not([type=hidden])')].filter(e => e.tabIndex < 0 || e.disabled).length,
	};
})()`

// The pages, on a phone and on a desk, light and dark, in four languages: no
// wider than the screen, readable, named, and large enough for a finger.
func TestPagesInABrowser(t *testing.T) {
	o := open(t)
	server := httptest.NewServer(o)
	defer server.Close()
	tab := testenv.OpenTab(t)
	pictures := os.Getenv("DATELINE_PICTURES")
	if pictures != "" {
		if err := os.MkdirAll(pictures, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, lang := range []string{"en", "ru", "uz-Cyrl", "ar"} {
		o.subject = subject(press.Lang(lang))
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				for name, path := range map[string]string{"page": token, "erase": token + "?erase=ask", "fault": "wrong?lang=" + lang} {
					o.now = o.now.Add(time.Minute)
					o.subject.Out = map[optout.Choice]bool{optout.Topic: width == 360}
					got := looksAt(tab, t, server.URL+"/u/"+path, width, scheme)
					what := fmt.Sprintf("%s-%s-%d-%s", name, lang, width, scheme)
					dir := map[bool]string{true: "rtl", false: "ltr"}[lang == "ar"]
					if got.Lang != lang || got.Dir != dir || got.Width > width || got.Worst < 4.5 || len(got.Low) > 0 || got.Unnamed+got.Unreached > 0 {
						t.Errorf("%s: %+v", what, got)
					}
					if pictures != "" {
						picture(tab, t, filepath.Join(pictures, "optout-"+what+".png"))
					}
				}
			}
		}
	}
}

func looksAt(tab context.Context, t *testing.T, url string, width int64, scheme string) sight {
	t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 600}
	_, err := chromedp.Call(tab, emulation.SetDeviceMetricsOverride, size)
	if err == nil {
		_, err = chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	}
	if err == nil { // the pages need none
		_, err = chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if err == nil {
		err = chromedp.Do(tab, chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatal(err)
	}
	return testenv.Must[sight](t)(chromedp.Run(tab, chromedp.Evaluate[sight](look)))
}

func picture(tab context.Context, t *testing.T, path string) {
	t.Helper()
	shot := testenv.Must[[]byte](t)(chromedp.Run(tab, chromedp.FullScreenshot(100)))
	if err := os.WriteFile(path, shot, 0o600); err != nil {
		t.Fatal(err)
	}
}
