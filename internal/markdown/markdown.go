// Package markdown says what the Markdown of an edition is: CommonMark with
// tables, footnotes and bare links. Those who read an edition's text share its
// parser, so that they see the same headings, links and pictures in it.
//
// It cannot fail: any text is Markdown.
package markdown

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// New makes a parser and renderer.
func New() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
		extension.NewFootnote(extension.WithFootnoteBacklinkHTML("")),
		extension.Linkify,
	))
}

// Picture is a picture in a text.
type Picture struct {
	File   string // as it is written: a name within the release's folder, unless it is Remote
	Alt    string // the words that stand for it
	Line   int    // counted from 0, within the text
	Column int    // in characters, counted from 1
}

var scheme = regexp.MustCompile(`(?i)^([a-z][a-z0-9+.-]*:|//)`)

// Remote tells a picture that lies elsewhere than in the release's folder.
func (p Picture) Remote() bool { return Remote(p.File) }

// Remote tells the address of a page or picture elsewhere.
func Remote(destination string) bool { return scheme.MatchString(destination) }

// Pictures lists the pictures of a text in their order.
func Pictures(src string) []Picture {
	if !strings.Contains(src, "![") {
		return nil
	}
	raw := []byte(src)
	var found []Picture
	_ = ast.Walk(New().Parser().Parse(text.NewReader(raw)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if p, ok := n.(*ast.Image); ok && entering {
			line, column := Place(raw, Start(n))
			found = append(found, Picture{string(p.Destination), Words(p, raw), line, column})
		}
		return ast.WalkContinue, nil
	})
	return found
}

// Words are the words within a node, without their marks.
func Words(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(src))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Start is where a node stands in the source, as near as its tree tells.
func Start(n ast.Node) int {
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

// Place is the line, counted from 0, and the column, from 1, of an offset.
func Place(src []byte, at int) (line, column int) {
	before := string(src[:min(at, len(src))])
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n"), utf8.RuneCountInString(before[start:]) + 1
}
