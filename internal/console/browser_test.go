package console_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dateline/internal/access"
	"dateline/internal/console"
	"dateline/internal/press"
	"dateline/internal/testenv"
	"dateline/internal/testenv/axe"
)

// openAt opens a page on a screen of some width, in light or in dark.
func openAt(tab context.Context, t *testing.T, url string, width int64, scheme string) {
	t.Helper()
	testenv.OpenAt(tab, t, url, testenv.Screen{Width: width, Scheme: scheme, Scripts: true})
}

// signedIn signs the browser in.
func signedIn(tab context.Context, t *testing.T, h *house, role access.Role) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(h.URL+"/sign-in"), chromedp.SendKeys("#name", string(role)), chromedp.SendKeys("#password", password(string(role))+"\r"), chromedp.WaitVisible("nav")); err != nil {
		t.Fatal(err)
	}
}

// Every page, on a phone and on a desk, light and dark: no wider than the screen,
// readable, and named.
func TestPagesInABrowser(t *testing.T) {
	pictures := os.Getenv("DATELINE_PICTURES")
	of := newHouse
	if pictures != "" { // in all languages, where somebody looks
		of = func(t testing.TB, _ ...func(*console.Options)) *house { return newPalace(t) }
	}
	h := newCrowd(t, of(t))
	tab := testenv.OpenTab(t)
	signedIn(tab, t, h.house, access.Operator)
	for _, path := range pagesOf(h) {
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				if pictures == "" && (width == 360) != (scheme == "light") {
					continue // looked at when pictures are made
				}
				openAt(tab, t, h.URL+path, width, scheme)
				got := testenv.See(tab, t)
				if got.Width > width || got.Worst < 4.5 || got.Unnamed > 0 {
					t.Errorf("%s at %d, %s: %+v", path, width, scheme, got)
				}
				if width > 360 { // as many rules as a desk has room to break
					for _, v := range axe.Violations(tab, t) {
						t.Errorf("%s, %s: %s", path, scheme, v)
					}
				}
				if pictures != "" {
					name := fmt.Sprintf("console%s-%d-%s.png", strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "-").Replace(path), width, scheme)
					shot := testenv.Must[[]byte](t)(chromedp.Run(tab, chromedp.FullScreenshot(100)))
					if err := os.WriteFile(filepath.Join(pictures, name), shot, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	t.Run("deciding", func(t *testing.T) { decides(tab, t, h) })
}

// decides accepts a proposal, reads a bounce and takes a list away, as somebody
// before a browser does.
func decides(tab context.Context, t *testing.T, h *crowd) {
	p := h.proposed[0]
	openAt(tab, t, h.URL+"/bounces/proposals", 1280, "light")
	if err := chromedp.Do(tab, chromedp.Click(`form[action="/bounces/proposals/`+p.ID.String()+`/accept"] button`), chromedp.WaitVisible("#decided")); err != nil {
		t.Fatal(err)
	}
	if c := h.contact(p.Address); c.ID != p.Contact || c.Addresses[0] != p.Address {
		t.Errorf("after a proposal was accepted the contact is %+v", c)
	}
	openAt(tab, t, h.URL+"/bounces", 1280, "light")
	if err := chromedp.Do(tab, chromedp.Click(`a[data-row][href^="/bounces/"]`), chromedp.WaitVisible(".raw")); err != nil {
		t.Fatal(err)
	}
	if raw := testenv.Must[string](t)(chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector('.raw').textContent`))); !strings.Contains(raw, "<script>alert(2)</script>") {
		t.Errorf("the report reads %q", raw)
	}
	rows := testenv.Must[float64](t)(chromedp.Run(tab, chromedp.Evaluate[float64](`fetch('/deliveries.csv?state=rejected').then(r => r.text()).then(t => t.trim().split('\n').length)`, chromedp.EvalAwaitPromise)))
	page, err := h.store.Deliveries(t.Context(), press.DeliveryFilter{States: []press.State{press.Rejected}}, press.ID{}, 1000)
	if err != nil || int(rows) != len(page.Rows)+1 {
		t.Errorf("the list that was taken away has %v lines; want a header and %d, %v", rows, len(page.Rows), err)
	}
}

// pagesOf are the pages that the house has something for.
func pagesOf(h *crowd) []string {
	release := "/releases/" + slug
	page, err := h.store.Deliveries(h.t.Context(), press.DeliveryFilter{States: []press.State{press.Rejected}}, press.ID{}, 1)
	if err != nil {
		h.t.Fatal(err)
	}
	return append([]string{"/deliveries", "/deliveries?state=rejected", "/deliveries?text=nobody+at+all", "/deliveries/" + page.Rows[0].ID.String(), "/", "/calendar?zone=Asia/Tashkent", "/relays", "/config", "/people", "/people/trail", "/account", "/releases", release, release + "/plan", release + "/changes", release + "/lift", release + "/hold", release + "/receipt", release + "/receipt.html?verify=yes&held_at=2027-03-04T13:00:00Z", release + "/editions/ru", "/sign-in", "/nowhere"}, h.peoplePaths()...)
}
