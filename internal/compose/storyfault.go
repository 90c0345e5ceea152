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
// HTML, pictures without words, and links that lead nowhere a journalist's mail
// program may.
func (m storyMaker) faults(slug string, e press.Edition) press.Faults {
	f := storyFaults{file: "releases/" + slug + "/" + e.File, first: max(e.BodyLine, 1), src: []byte(cleanBlock(e.Body))}
	doc := m.md.Parser().Parse(text.NewReader(f.src))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			f.look(n)
		}
		return ast.WalkContinue, nil
	})
	return f.found
}

// storyFaults gathers what is wrong in one text.
type storyFaults struct {
	file  string
	first int // line of the text
	src   []byte
	found press.Faults
}

func (f *storyFaults) add(n ast.Node, what, want string) { f.place(markdown.Start(n), what, want) }

func (f *storyFaults) place(at int, what, want string) {
	line, column := markdown.Place(f.src, at)
	f.found = append(f.found, press.Fault{File: f.file, Line: f.first + line, Column: column, What: what, Want: want})
}

func (f *storyFaults) look(n ast.Node) {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		if n.HTMLBlockType != ast.HTMLBlockType2 { // a comment
			f.add(n, "HTML stands in the text", "Markdown alone is shown")
		}
	case *ast.RawHTML:
		if !strings.HasPrefix(string(n.Segments.Value(f.src)), "<!--") {
			f.add(n, "HTML stands in the text", "Markdown alone is shown")
		}
	case *ast.Image:
		f.picture(n)
	case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
		for _, mark := range noNote.FindAllString(markdown.Words(n, f.src), -1) {
			start := markdown.Start(n)
			f.place(start+max(strings.Index(string(f.src[start:]), mark), 0), "the mark "+mark+" leads to no footnote", "a line that begins with "+mark+": is wanted below the text")
		}
	case *ast.Link:
		if !linkForm.Match(n.Destination) {
			f.add(n, fmt.Sprintf("the link to %q is not shown", clean(string(n.Destination))),
				"a link begins with https://, http://, mailto: or tel:")
		}
	}
}

func (f *storyFaults) picture(n *ast.Image) {
	if markdown.Remote(string(n.Destination)) {
		f.add(n, "the picture lies elsewhere, and mails fetch nothing", "a file in the release's folder is wanted, such as ![two flags](flags.jpg)")
	}
	if strings.TrimSpace(markdown.Words(n, f.src)) == "" {
		f.add(n, "the picture has no words that stand for it", "some are wanted for those who do not see it: ![two flags](flags.jpg)")
	}
}
