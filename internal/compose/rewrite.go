package compose

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// RewriteHTML gives a page with its start tags and its styles changed, and all
// else as it is: tag gets each start tag, as it stands and as it reads, and gives
// what is to stand there; css gets the text of each style.
func RewriteHTML(page string, tag func(raw string, t html.Token) string, css func(string) string) (string, error) {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	style := false
	for {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			if errors.Is(z.Err(), io.EOF) { // of a tag that is cut off, too
				return out.String() + raw, nil
			}
			return "", fmt.Errorf("reading the page's HTML: %w", z.Err())
		case html.TextToken:
			if style {
				raw = css(raw)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			style = kind == html.StartTagToken && t.Data == "style"
			raw = tag(raw, t)
		default:
			style = false
		}
		out.WriteString(raw)
	}
}
