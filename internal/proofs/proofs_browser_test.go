package proofs_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/proofs"
	"dateline/internal/testenv"
)

// frames tells what the first frames show, beside look's tellings.
const frames = `(() => {
	const first = document.querySelector('.look:has(iframe[src])');
	return {
		Filters: !document.getElementById('filters').hidden,
		Shown: document.querySelectorAll('.copy:not([hidden])').length,
		Links: [...document.querySelectorAll('a.still')].filter(a => a.getClientRects().length).length,
		Scales: [...first.querySelectorAll('.screen')].map(s => Math.round(100 * s.querySelector('iframe').getBoundingClientRect().width / s.clientWidth)),
		Widths: [...first.querySelectorAll('iframe')].map(f => f.offsetWidth),
		Right: getComputedStyle(document.querySelector('.inbox[lang=ar]')).direction,
	};
})()`

type framed struct {
	Filters      bool
	Shown, Links int
	Scales       []int
	Widths       []int64
	Right        string
}

// open shows a page at a width, in a scheme, with scripts or without.
func openAt(tab context.Context, t *testing.T, url string, width int64, scheme string, scripts bool) {
	t.Helper()
	testenv.OpenAt(tab, t, url, testenv.Screen{Width: width, Scheme: scheme, Scripts: scripts})
}

func evaluate[T any](tab context.Context, t *testing.T, script string) T {
	t.Helper()
	return testenv.Must[T](t)(chromedp.Run(tab, chromedp.Evaluate[T](script)))
}

// written writes proofs as `preview --all` does, and gives the page's address.
func written(t *testing.T, change ...func(*config.Config)) string {
	t.Helper()
	files, err := proofs.Files(sample(t, change...))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "file://" + filepath.Join(dir, proofs.Index)
}

// The page as files and as it is served, from a phone to a wide screen, light
// and dark, with scripts and without: no wider than the screen, readable, named,
// large enough for a finger; each copy's frames are as wide as what they stand
// for, and fill their places.
func TestProofsInABrowser(t *testing.T) {
	live, s := liveServer(t)
	if err := live.Show(sample(t)); err != nil {
		t.Fatal(err)
	}
	if err := live.Fail(press.Faults{{File: "config/releases/tashkent-2022/a-name-that-is-longer-than-any-screen-of-a-phone-can-be-wide.md", Line: 3, Column: 7, What: "there is no headline", Want: "one is wanted"}}); err != nil {
		t.Fatal(err)
	}
	tab, files := testenv.OpenTab(t), written(t)
	for _, x := range []struct {
		name, url string
		width     int64
		scheme    string
		scripts   bool
	}{
		{"files", files, 360, "light", true},
		{"files", files, 1280, "dark", true},
		{"files", files, 1600, "light", true},
		{"files", files, 360, "dark", false},
		{"live", s.URL, 360, "dark", true},
		{"live", s.URL, 768, "light", true},
		{"live", s.URL, 1280, "light", false},
	} {
		what := fmt.Sprintf("proofs-%s-%d-%s-%v", x.name, x.width, x.scheme, x.scripts)
		openAt(tab, t, x.url, x.width, x.scheme, x.scripts)
		// What waits to be a frame is passed over.
		got := evaluate[testenv.Sight](tab, t, `(s => (s.Unreached -= document.querySelectorAll('a.still[tabindex="-1"]').length, s))(`+testenv.Look+`)`)
		if !x.scripts { // then there are no filters
			got.Low = nil
		}
		if got.Lang != "en" || got.Dir != "ltr" || got.Width > x.width || got.Worst < 4.5 || len(got.Low) > 0 || got.Unnamed+got.Unreached > 0 {
			t.Errorf("%s: %+v", what, got)
		}
		if x.scripts {
			evaluate[bool](tab, t, `(document.querySelector('.look').scrollIntoView(), true)`)
			waitFor(tab, t, `!document.querySelector('.look').querySelector('a.still')`)
		}
		in := evaluate[framed](tab, t, frames)
		if in.Filters != x.scripts || in.Shown != 36 || fmt.Sprint(in.Widths) != "[360 720]" || fmt.Sprint(in.Scales) != "[100 100]" || in.Right != "rtl" {
			t.Errorf("%s: %+v", what, in)
		}
		if in.Links != 4*34 && !x.scripts {
			t.Errorf("%s: %d links stand in the place of frames; want those of all but two copies", what, in.Links)
		}
		if pictures := os.Getenv("DATELINE_PICTURES"); pictures != "" {
			shot := testenv.Must[[]byte](t)(chromedp.Run(tab, chromedp.CaptureScreenshot()))
			if err := os.WriteFile(filepath.Join(pictures, what+".png"), shot, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// choose sets a filter as a person does.
func choose(tab context.Context, t *testing.T, name, value string) framed {
	t.Helper()
	script := fmt.Sprintf(`(() => { const f = document.querySelector('select[name=%s]'); f.value = %q; f.dispatchEvent(new Event('change', { bubbles: true })); return f.value })()`, name, value)
	if got := evaluate[string](tab, t, script); got != value {
		t.Fatalf("the filter %s has no %q", name, value)
	}
	return evaluate[framed](tab, t, frames)
}

func TestProofsAreFiltered(t *testing.T) {
	tab := testenv.OpenTab(t)
	openAt(tab, t, written(t), 1280, "light", true)
	for i, x := range []struct {
		name, value string
		shown       int
	}{
		{"edition", "ar", 18},
		{"occasion", "4-kill", 3},
		{"contact", "2-bare", 1},
		{"edition", "", 2},
		{"occasion", "", 12},
	} {
		if got := choose(tab, t, x.name, x.value); got.Shown != x.shown {
			t.Errorf("%d: %d copies are shown of %s %q; want %d", i, got.Shown, x.name, x.value, x.shown)
		}
	}
	const visible = `[...document.querySelector('.copy:not([hidden])').querySelectorAll('.screen')].filter(s => s.getClientRects().length).length`
	choose(tab, t, "colours", "dark")
	if n := evaluate[int](tab, t, visible); n != 2 {
		t.Errorf("%d frames are in dark; want 2", n)
	}
	choose(tab, t, "width", "phone")
	if n := evaluate[int](tab, t, visible); n != 1 {
		t.Errorf("%d frames are of a phone in dark; want 1", n)
	}
	if told := evaluate[string](tab, t, `document.getElementById('count').textContent`); told != "12 of 36 copies" {
		t.Errorf("it tells %q", told)
	}
	// Who follows a link to what is filtered out gets there.
	evaluate[string](tab, t, `location.hash = '#en.1-advance.1-known'`)
	waitFor(tab, t, `document.querySelectorAll('.copy:not([hidden])').length === 36`)
}

// waitFor looks again and again until a page says that something is so. While it
// is read anew it says nothing.
func waitFor(tab context.Context, t *testing.T, condition string) {
	t.Helper()
	again, end := time.NewTicker(20*time.Millisecond), time.NewTimer(time.Minute)
	defer again.Stop()
	defer end.Stop()
	for {
		if so, err := chromedp.Run(tab, chromedp.Evaluate[bool](condition)); err == nil && so {
			return
		}
		select {
		case <-again.C:
		case <-end.C:
			t.Fatalf("in vain: %s", condition)
		}
	}
}

// The Tab key goes through the page from its top to its end, and never into a
// mail.
func TestProofsByKeyboard(t *testing.T) {
	tab := testenv.OpenTab(t)
	openAt(tab, t, written(t), 1280, "light", true)
	choose(tab, t, "edition", "en")
	choose(tab, t, "occasion", "2-general")
	choose(tab, t, "contact", "1-known")
	evaluate[bool](tab, t, `(document.activeElement.blur(), scrollTo(0, 0), true)`)
	var passed []string
	for range 60 {
		if err := chromedp.Do(tab, chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
		on := evaluate[string](tab, t, `(() => { const e = document.activeElement; return e.tagName === 'BODY' ? '' : e.name || e.id || e.textContent.trim().replace(/\s+/g, ' ').slice(0, 30) || e.tagName })()`)
		if on == "" || len(passed) > 0 && on == passed[0] {
			break
		}
		passed = append(passed, on)
	}
	want := "To the copies; English en; العربية ar; edition; occasion; contact; colours; width; Show all; " +
		"Plain text, 131 lines; Header, as it stands in the ma; Source (.eml); HTML, light; HTML, dark; Plain text"
	if got := strings.Join(passed, "; "); got != want {
		t.Errorf("the Tab key goes through\n%s\nwant\n%s", got, want)
	}
}

// A dark frame is dark and a light one light, whatever the browser is set to, in
// files and as they are served; a mail's own pictures are there, and nothing in it
// runs.
func TestProofsShowBothSchemes(t *testing.T) {
	live, s := liveServer(t)
	withScript := func(c *config.Config) {
		c.Templates["base.html.tmpl"] = strings.Replace(c.Templates["base.html.tmpl"], "</body>", `<img id="dot" alt="" src="data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="><p id="ran">waits</p><script>document.getElementById('ran').textContent = 'ran'</script></body>`, 1)
	}
	if err := live.Show(sample(t, withScript)); err != nil {
		t.Fatal(err)
	}
	tab := testenv.OpenTab(t)
	for _, index := range []string{written(t, withScript), s.URL + "/index.html"} {
		for _, browser := range []string{"light", "dark"} {
			for name, want := range map[string]string{".html": "rgb(255, 255, 255) light waits 1", ".dark.html": "rgb(27, 29, 33) dark waits 1"} {
				url := strings.TrimSuffix(index, proofs.Index) + "tashkent-2022.en.1-advance.1-known" + name
				openAt(tab, t, url, 720, browser, true)
				got := evaluate[string](tab, t, `getComputedStyle(document.querySelector('.sheet')).backgroundColor + ' ' + getComputedStyle(document.documentElement).colorScheme + ' ' + document.getElementById('ran').textContent + ' ' + document.getElementById('dot').naturalWidth`)
				if got != want {
					t.Errorf("%s in a browser in %s is %s; want %s", url, browser, got, want)
				}
			}
		}
	}
}

// The page that is open follows the folder: it shows other words, and keeps
// what was chosen.
func TestProofsReloadThemselves(t *testing.T) {
	live, s := liveServer(t)
	if err := live.Show(reading(t, "The first words")); err != nil {
		t.Fatal(err)
	}
	tab := testenv.OpenTab(t)
	openAt(tab, t, s.URL, 1280, "light", true)
	waitFor(tab, t, `document.getElementById('live').textContent === 'Follows the folder'`)
	choose(tab, t, "occasion", "4-kill")
	evaluate[bool](tab, t, `document.querySelector('.copy:not([hidden]) details').open = true`)
	waitFor(tab, t, `(sessionStorage.getItem('proofs tashkent-2022') || '').includes('.text')`)
	if err := live.Show(reading(t, "The second words")); err != nil {
		t.Fatal(err)
	}
	waitFor(tab, t, `document.body.textContent.includes('The second words') && document.readyState === 'complete'`)
	if got := evaluate[framed](tab, t, frames); got.Shown != 6 {
		t.Errorf("%d copies are shown; want the 6 kill notices that were chosen", got.Shown)
	}
	if open := evaluate[int](tab, t, `document.querySelectorAll('details[open]').length`); open != 1 {
		t.Errorf("%d details are open; want the one that was", open)
	}
	if err := live.Fail(press.Faults{{File: "config/lists.yaml", Line: 3, Column: 7, What: "is wrong"}}); err != nil {
		t.Fatal(err)
	}
	waitFor(tab, t, `document.querySelector('[role=alert]')?.textContent.includes('config/lists.yaml:3:7') && document.body.textContent.includes('The second words')`)
	s.CloseClientConnections()
	s.Listener.Close()
	waitFor(tab, t, `document.getElementById('live').textContent.startsWith('Not connected')`)
}
