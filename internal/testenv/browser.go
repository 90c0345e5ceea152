package testenv

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// OpenTab opens a browser that reaches this machine alone, for as long as the
// test lasts.
func OpenTab(t testing.TB) context.Context {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(Chromium(t)), chromedp.NoSandbox, chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("closing the browser: %v", err)
		}
	})
	return ctx
}

// Screen is what a page is shown on.
type Screen struct {
	Width   int64
	Scheme  string // light or dark
	Scripts bool   // whether they run
}

// OpenAt opens a page on a screen.
func OpenAt(tab context.Context, t testing.TB, url string, s Screen) {
	t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: s.Width, Height: 800, DeviceScaleFactor: 1, Mobile: s.Width < 600}
	scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.Scheme}}}
	_, err := chromedp.Call(tab, emulation.SetDeviceMetricsOverride, size)
	if err == nil {
		_, err = chromedp.Call(tab, emulation.SetEmulatedMedia, scheme)
	}
	if err == nil {
		_, err = chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !s.Scripts})
	}
	if err == nil {
		err = chromedp.Do(tab, chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// See gives the Sight of the page that is open.
func See(tab context.Context, t testing.TB) Sight {
	t.Helper()
	return Must[Sight](t)(chromedp.Run(tab, chromedp.Evaluate[Sight](Look)))
}

// Picture writes all of the page that is open into a PNG file.
func Picture(tab context.Context, t testing.TB, path string) {
	t.Helper()
	shot := Must[[]byte](t)(chromedp.Run(tab, chromedp.FullScreenshot(100)))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, shot, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// Must is a call's value, or the test's end: Must[int](t)(call()).
func Must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Sight is what the page tells of itself.
type Sight struct {
	Lang, Dir string
	Width     int64
	Worst     float64  // contrast of text to what is behind it
	Pale      string   // the text that has it
	Low       []string // what is to be pressed, and is lower than a finger
	Unnamed   int      // fields and buttons without a name
	Unreached int      // and those that the Tab key passes over
}

// Look is a script that gives a page's Sight. It measures contrast by the colours that were worked out, and what can be
// pressed.
const Look = `(() => {
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
