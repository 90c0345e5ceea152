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

func looksAt(tab context.Context, t *testing.T, url string, width int64, scheme string) testenv.Sight {
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
	return testenv.Must[testenv.Sight](t)(chromedp.Run(tab, chromedp.Evaluate[testenv.Sight](testenv.Look)))
}

func picture(tab context.Context, t *testing.T, path string) {
	t.Helper()
	shot := testenv.Must[[]byte](t)(chromedp.Run(tab, chromedp.FullScreenshot(100)))
	if err := os.WriteFile(path, shot, 0o600); err != nil {
		t.Fatal(err)
	}
}
