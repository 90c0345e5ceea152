package compose

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"dateline/internal/press"
)

// faults finds what an edition's Markdown says and no message would show: raw
// HTML, pictures, and links that lead nowhere a journalist's mail program may.
func (m storyMaker) faults(slug string, e press.Edition) press.Faults {
	src := []byte(cleanBlock(e.Body))
	var found press.Faults
	add := func(n ast.Node, what, want string) {
		line, column := placeIn(src, nodeStart(n))
		found = append(found, press.Fault{
			File: "releases/" + slug + "/" + e.File, Line: max(e.BodyLine, 1) + line, Column: column,
			What: what, Want: want,
		})
	}
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
			add(n, "a picture stands in the text", "link to it instead: messages carry no pictures")
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

// nodeStart is where a node stands in the source, as near as its tree tells.
func nodeStart(n ast.Node) int {
	if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
		return raw.Segments.At(0).Start
	}
	for m := n; m != nil; m = m.Parent() {
		if at := m.Pos(); at >= 0 {
			return at
		}
	}
	return 0
}

// placeIn is the line, counted from 0, and the column, from 1, of an offset.
func placeIn(src []byte, at int) (line, column int) {
	before := string(src[:min(at, len(src))])
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n"), utf8.RuneCountInString(before[start:]) + 1
}
