package console_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"dateline/internal/access"
	"dateline/internal/press"
	"dateline/internal/testenv"
	"dateline/internal/testenv/axe"
)

// openAt opens a page on a screen of some width, in light or in dark.
func openAt(tab context.Context, t *testing.T, url string, width int64, scheme string) {
	t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 600}
	_, err := chromedp.Call(tab, emulation.SetDeviceMetricsOverride, size)
	if err == nil {
		_, err = chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	}
	if err == nil {
		err = chromedp.Do(tab, chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatal(err)
	}
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
	h := newCrowd(t)
	tab := testenv.OpenTab(t)
	signedIn(tab, t, h.house, access.Operator)
	pictures := os.Getenv("DATELINE_PICTURES")
	for _, path := range pagesOf(h) {
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				if pictures == "" && (width == 360) != (scheme == "light") {
					continue // looked at when pictures are made
				}
				openAt(tab, t, h.URL+path, width, scheme)
				got := testenv.Must[testenv.Sight](t)(chromedp.Run(tab, chromedp.Evaluate[testenv.Sight](testenv.Look)))
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
