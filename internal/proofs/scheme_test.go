package proofs

import (
	"strings"
	"testing"
)

const guard = mailGuard

// A mail's dark colours are there in its dark copy and not in the light one,
// whatever the browser is set to.
func TestSchemes(t *testing.T) {
	for name, x := range map[string]struct{ page, light, dark string }{
		"the queries of a style": {
			"<html><head><style>@media (prefers-color-scheme: dark) { a { color: red } } @media screen and ( Prefers-Color-Scheme:LIGHT ) { b { } }</style></head></html>",
			"<html><head>" + guard + "<style>@media " + holdsNot + " { a { color: red } } @media screen and " + holds + " { b { } }</style></head></html>",
			"<html><head>" + guard + "<style>@media " + holds + " { a { color: red } } @media screen and " + holdsNot + " { b { } }</style></head></html>",
		},
		"what it says that it can be": {
			`<head><meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark; supported-color-schemes: light dark }</style></head>`,
			`<head>` + guard + `<meta name="color-scheme" content="light"><style>:root { color-scheme: light; supported-color-schemes: light dark }</style></head>`,
			`<head>` + guard + `<meta name="color-scheme" content="dark"><style>:root { color-scheme: dark; supported-color-schemes: light dark }</style></head>`,
		},
		"one that is light alone": {
			`<head><meta name="color-scheme" content="light"><meta name="viewport" content="light dark"></head>`,
			`<head>` + guard + `<meta name="color-scheme" content="light"><meta name="viewport" content="light dark"></head>`,
			`<head>` + guard + `<meta name="color-scheme" content="light"><meta name="viewport" content="light dark"></head>`,
		},
		"attributes": {
			`<head></head><picture><source media="(prefers-color-scheme: dark)" srcset="a"></picture><p style="color-scheme: light dark">`,
			`<head>` + guard + `</head><picture><source media="` + holdsNot + `" srcset="a"></picture><p style="color-scheme: light">`,
			`<head>` + guard + `</head><picture><source media="` + holds + `" srcset="a"></picture><p style="color-scheme: dark">`,
		},
		"the text is nobody's style": {
			"<head></head><p>(prefers-color-scheme: dark) color-scheme: light dark",
			"<head>" + guard + "</head><p>(prefers-color-scheme: dark) color-scheme: light dark",
			"<head>" + guard + "</head><p>(prefers-color-scheme: dark) color-scheme: light dark",
		},
		"a fragment":                          {"<!doctype html>\n<p>x", "<!doctype html>\n" + guard + "<p>x", "<!doctype html>\n" + guard + "<p>x"},
		"text alone, and a head in a comment": {"<!-- <head> -->x", guard + "<!-- <head> -->x", guard + "<!-- <head> -->x"},
		"Outlook's comments": {
			"<head></head><!--[if mso]><table><tr><td><![endif]-->x", "<head>" + guard + "</head><!--[if mso]><table><tr><td><![endif]-->x", "<head>" + guard + "</head><!--[if mso]><table><tr><td><![endif]-->x",
		},
	} {
		for s, want := range map[scheme]string{light: x.light, dark: x.dark} {
			if got, err := inScheme(x.page, s); err != nil || got != want {
				t.Errorf("%s, %s: %v\n%s\nwant\n%s", name, s, err, got, want)
			}
		}
	}
}

// Whatever a page is, it has its guard, and what is no HTML stays as it is.
func FuzzSchemes(f *testing.F) {
	f.Add("<head><style>@media (prefers-color-scheme: dark) {}</style>")
	f.Add("<p style='color-scheme: dark light'><head")
	f.Fuzz(func(t *testing.T, page string) {
		got, err := inScheme(page, dark)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got, guard) || !strings.Contains(page, "<") && got != guard+page {
			t.Errorf("%q became %q", page, got)
		}
	})
}
