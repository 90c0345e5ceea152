package compose

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"dateline/internal/markdown"
	"dateline/internal/press"
)

var noNote = regexp.MustCompile(`\[\^[^\]\s]+\]`)

// faults finds what an edition's Markdown says and no message would show: raw
// HTML, pictures without words, and links that lead nowhere a journalist's mail program may.
func (m storyMaker) faults(slug string, e press.Edition) press.Faults {
	src := []byte(cleanBlock(e.Body))
	var found press.Faults
	place := func(at int, what, want string) {
		line, column := markdown.Place(src, at)
		found = append(found, press.Fault{
			File: "releases/" + slug + "/" + e.File, Line: max(e.BodyLine, 1) + line, Column: column,
			What: what, Want: want,
		})
	}
	add := func(n ast.Node, what, want string) { place(markdown.Start(n), what, want) }
	doc := m.md.Parser().Parse(text.NewReader(src))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock:
			if n.HTMLBlockType != ast.HTMLBlockType2 { // a comment
				add(n, "HTML stands in the text", "Markdown alone is shown")
			}
		case *ast.RawHTML:
			if !strings.HasPrefix(string(n.Segments.Value(src)), "<!--") {
				add(n, "HTML stands in the text", "Markdown alone is shown")
			}
		case *ast.Image:
			if markdown.Remote(string(n.Destination)) {
				add(n, "the picture lies elsewhere, and mails fetch nothing", "a file in the release's folder is wanted, such as ![two flags](flags.jpg)")
			}
			if strings.TrimSpace(markdown.Words(n, src)) == "" {
				add(n, "the picture has no words that stand for it", "some are wanted for those who do not see it: ![two flags](flags.jpg)")
			}
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
			for _, mark := range noNote.FindAllString(markdown.Words(n, src), -1) {
				start := markdown.Start(n)
				place(start+max(strings.Index(string(src[start:]), mark), 0), "the mark "+mark+" leads to no footnote", "a line that begins with "+mark+": is wanted below the text")
			}
		case *ast.Link:
			if !linkForm.Match(n.Destination) {
				add(n, fmt.Sprintf("the link to %q is not shown", clean(string(n.Destination))),
					"a link begins with https://, http://, mailto: or tel:")
			}
		}
		return ast.WalkContinue, nil
	})
	return found
}
