package proofs

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"dateline/internal/compose"
)

// scheme is the kind of colours that a mail program is set to.
type scheme string

const (
	light scheme = "light"
	dark  scheme = "dark"
)

// Media conditions of which each mail program says the same.
const (
	holds     = "(min-width: 0)"
	holdsNot  = "(min-width: 1000000px)"
	mailGuard = `<meta http-equiv="Content-Security-Policy" content="` + mailPolicy + `"><meta name="referrer" content="no-referrer"><base target="_blank">`
	// A mail runs nothing and loads nothing; its styles and pictures are in it.
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)

var (
	prefersScheme = regexp.MustCompile(`(?i)\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)`)
	bothSchemes   = regexp.MustCompile(`(?i)(^|[;{\s])color-scheme\s*:\s*(?:light\s+dark|dark\s+light)`)
)

// inScheme is a mail's HTML as a mail program in light or in dark shows it,
// whatever the browser itself is set to, in which a page cannot make a frame
// dark: the media queries that ask for a scheme become such as hold, or do not,
// everywhere, and where the mail says that it can be either it is said to be
// this one, so that what the browser draws itself (the canvas, fields) follows.
// What a mail program does of its own with a mail that has no dark colours is
// not shown.
//
// It also forbids the page to run or load anything, and opens links beside it.
func inScheme(page string, s scheme) (string, error) {
	guarded := false
	hasHead := strings.Contains(strings.ToLower(page), "<head")
	out, err := compose.RewriteHTML(page, func(raw string, t html.Token) string {
		if s.tag(&t) {
			raw = t.String()
		}
		switch {
		case guarded:
		case t.Data == "head":
			raw, guarded = raw+mailGuard, true
		case !hasHead: // a fragment: its head begins here
			raw, guarded = mailGuard+raw, true
		}
		return raw
	}, s.css)
	if !guarded { // it has no tag that could hold anything, or so it seems
		out = mailGuard + out
	}
	return out, err
}

// tag sets a start tag's scheme, and tells whether it had one.
func (s scheme) tag(t *html.Token) bool {
	changed := false
	for i, a := range t.Attr {
		switch {
		case a.Key == "media", a.Key == "style":
			t.Attr[i].Val = s.css(a.Val)
		case t.Data == "meta" && a.Key == "content" && isColourScheme(t) && bothSchemes.MatchString("color-scheme:"+a.Val):
			t.Attr[i].Val = string(s)
		}
		changed = changed || t.Attr[i].Val != a.Val
	}
	return changed
}

func isColourScheme(t *html.Token) bool {
	for _, a := range t.Attr {
		if a.Key == "name" && strings.EqualFold(a.Val, "color-scheme") {
			return true
		}
	}
	return false
}

func (s scheme) css(text string) string {
	text = prefersScheme.ReplaceAllStringFunc(text, func(query string) string {
		if strings.EqualFold(prefersScheme.FindStringSubmatch(query)[1], string(s)) {
			return holds
		}
		return holdsNot
	})
	return bothSchemes.ReplaceAllString(text, "${1}color-scheme: "+string(s))
}

// InScheme is a mail's HTML as a mail program in light or in dark shows it; it
// can run and load nothing.
func InScheme(page, lightOrDark string) (string, error) {
	return inScheme(page, scheme(lightOrDark))
}
