package compose

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Only start tags and styles are given away; all else stands as it stood.
func TestRewriteHTML(t *testing.T) {
	const page = "<!doctype html>\n<!-- <p> --><STYLE a>b { }</STYLE><p class=x>b { } &amp;<br/><textarea><p></textarea></p><style>c</style><br cut"
	const want = "<!doctype html>\n<!-- <p> --><STYLE A>B { }</STYLE><P CLASS=X>b { } &amp;<BR/><TEXTAREA><p></textarea></p><STYLE>C</style><br cut"
	var names []string
	got, err := RewriteHTML(page, func(raw string, t html.Token) string {
		names = append(names, t.Data)
		return strings.ToUpper(raw)
	}, strings.ToUpper)
	if err != nil || got != want || strings.Join(names, " ") != "style p br textarea style" {
		t.Errorf("%v, %v\n%s\nwant\n%s", err, names, got, want)
	}
}
