package unsubscribe_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	for _, lang := range []string{"en", "ru", "uz-Cyrl", "ar"} {
		o.subject = subject(press.Lang(lang))
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				for name, path := range map[string]string{"page": token, "erase": token + "?erase=ask", "fault": "wrong?lang=" + lang} {
					o.now = o.now.Add(time.Minute)
					o.subject.Out = map[optout.Choice]bool{optout.Topic: width == 360}
					testenv.OpenAt(tab, t, server.URL+"/u/"+path, testenv.Screen{Width: width, Scheme: scheme}) // the pages need no script
					got := testenv.See(tab, t)
					what := fmt.Sprintf("%s-%s-%d-%s", name, lang, width, scheme)
					dir := map[bool]string{true: "rtl", false: "ltr"}[lang == "ar"]
					if got.Lang != lang || got.Dir != dir || got.Width > width || got.Worst < 4.5 || len(got.Low) > 0 || got.Unnamed+got.Unreached > 0 {
						t.Errorf("%s: %+v", what, got)
					}
					if pictures != "" {
						testenv.Picture(tab, t, filepath.Join(pictures, "optout-"+what+".png"))
					}
				}
			}
		}
	}
}
