// Package axe runs axe-core over a page in a browser, for tests: it finds what
// keeps people from using a page who see little, or hear it, or press keys.
package axe

import (
	"context"
	_ "embed"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe.min.js is axe-core 4.10.3 as its npm package has it (MPL-2.0).
//
//go:embed axe.min.js
var script string

// violations runs it with the rules of WCAG 2.2 up to AA and good practice.
const violations = `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ' – ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' … ')).join('\n'))`

// Violations are what it finds in the page that a tab has open, a line each.
func Violations(tab context.Context, t testing.TB) []string {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[any](script+"; true")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(tab, chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if found == "" {
		return nil
	}
	return strings.Split(found, "\n")
}
