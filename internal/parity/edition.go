package parity

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"dateline/internal/locale"
	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// edition is an edition taken apart.
type edition struct {
	press.Edition
	words    *locale.Language // nil where the language has no phrases
	front    map[string]yamlfile.Node
	body     *source
	marks    []press.LintMark
	langs    []string   // of all editions, as links have them
	passages []*passage // of the front matter, then of the body in its order
	blocks   []block
	parts    []part // of the body: before the first heading, and from each on
	sections int    // how many headings the body has
	latin    bool   // it is written in Latin letters

	numbers, dates, names, symbols, links []mention
	urls                                  []link
	told                                  map[string]int // how many findings each rule has
}

// block is a part of the body that editions are counted by.
type block struct {
	kind  string
	start int // offset in the body
}

// part is what a section of the body has.
type part struct {
	passages []*passage
	blocks   []block
}

func readEdition(md goldmark.Markdown, in Input, e press.Edition) *edition {
	unmarked := press.UnmarkLint(e.Body)
	lines := make([]int, len(unmarked.Lines))
	for i, l := range unmarked.Lines {
		lines[i] = max(e.BodyLine, 1) + l - 1
	}
	if len(lines) == 0 { // nothing but comments
		lines = []int{max(e.BodyLine, 1)}
	}
	ed := &edition{
		Edition: e, words: in.Words[e.Lang], marks: unmarked.Marks, langs: langsOf(in.Release), told: map[string]int{},
		front: map[string]yamlfile.Node{}, body: newSource(unmarked.Text, lines),
	}
	if front := in.Fronts[e.Lang]; front.Kind() == yamlfile.Mapping {
		for _, p := range front.Pairs() {
			ed.front[p.Key.Text()] = p.Value
		}
	}
	file := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(in.Sources[e.File]), "\uFEFF"), "\r\n", "\n"), "\n")
	ed.addFront("headline", e.Headline, file)
	ed.addFront("event", e.Event, file)
	if e.Subject != e.Headline {
		ed.addFront("subject", e.Subject, file)
	}
	ed.parts = make([]part, 1)
	b := bodyReader{edition: ed, src: []byte(unmarked.Text)}
	b.blocks(md.Parser().Parse(text.NewReader(b.src)), "paragraph", 0)
	ed.latin = mostlyLatin(ed.passages)
	return ed
}

// addFront adds a text of the front matter. Where the file does not have it as
// it reads, folded or with escapes, the whole of it is at its first place.
func (e *edition) addFront(key, value string, file []string) {
	if value == "" {
		return
	}
	line, column := 1, 1
	if n, ok := e.front[key]; ok {
		line, column = n.Place()
	}
	s := newSource(value, []int{line})
	s.indent, s.fixed = column-1, true
	if line >= 1 && line <= len(file) {
		rest := afterRunes(file[line-1], column-1)
		switch quoted := strings.TrimLeft(rest, `"'`); {
		case strings.HasPrefix(rest, value):
			s.fixed = false
		case len(rest) == len(quoted)+1 && strings.HasPrefix(quoted, value):
			s.indent, s.fixed = column, false
		}
	}
	p := &passage{edition: e, kind: key, text: value, source: s, offsets: make([]int, len(value))}
	for i := range p.offsets {
		p.offsets[i] = i
	}
	e.passages = append(e.passages, p)
}

func afterRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[i:]
		}
		n--
	}
	return ""
}

// mostlyLatin tells what a text is written in by its first letters, of which
// some hundreds tell.
func mostlyLatin(passages []*passage) bool {
	latin, others := 0, 0
	for _, p := range passages {
		for _, r := range p.text {
			switch {
			case isLatin(r):
				latin++
			case unicode.IsLetter(r):
				others++
			}
		}
		if latin+others > 500 {
			break
		}
	}
	return latin > others
}

// bodyReader turns a Markdown tree into passages and blocks.
type bodyReader struct {
	*edition
	src []byte
}

// blocks reads the blocks within a node that begins at an offset; a paragraph
// among them counts as kind.
func (b *bodyReader) blocks(parent ast.Node, kind string, from int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if at := n.Pos(); at >= 0 {
			from = at
		}
		switch n := n.(type) {
		case *ast.Heading:
			b.sections++
			b.parts = append(b.parts, part{})
			b.addBlock("heading", from)
			b.addPassage("heading", n)
		case *ast.Paragraph, *ast.TextBlock:
			if kind == "paragraph" {
				b.addBlock(kind, from)
			}
			b.addPassage(kind, n)
		case *ast.ListItem:
			b.addBlock("list item", from)
			b.blocks(n, "list item", from)
		case *ast.Blockquote:
			b.addBlock("block quote", from)
			b.blocks(n, "block quote", from)
		case *east.Table:
			b.addBlock("table", from)
			b.blocks(n, "table cell", from)
		case *east.TableCell:
			b.addPassage("table cell", n)
		case *ast.HTMLBlock, *ast.CodeBlock, *ast.FencedCodeBlock:
		default:
			b.blocks(n, kind, from)
		}
	}
}

func (b *bodyReader) addBlock(kind string, from int) {
	added := block{kind, from}
	here := &b.parts[b.sections]
	here.blocks = append(here.blocks, added)
	b.edition.blocks = append(b.edition.blocks, added)
}

// startOf is where a node begins, as near as its tree tells.
func startOf(n ast.Node) int {
	for m := n; m != nil; m = m.Parent() {
		if at := m.Pos(); at >= 0 {
			return at
		}
	}
	return 0
}

func (b *bodyReader) addPassage(kind string, n ast.Node) {
	p := &passage{edition: b.edition, kind: kind, section: b.sections, source: b.body}
	var t inliner
	t.bodyReader, t.passage = b, p
	t.read(n)
	t.trimSpace()
	p.text, p.offsets = string(t.text), t.offsets
	if p.text == "" {
		return
	}
	here := &b.parts[b.sections]
	p.ordinal = len(here.passages)
	here.passages = append(here.passages, p)
	b.passages = append(b.passages, p)
}

// counterpart is the passage of another edition that stands where p does in its
// own, and nil where the two are not built alike there.
func (e *edition) counterpart(p *passage, other *edition) *passage {
	if p.inBody() {
		if e.sections != other.sections || len(e.parts[p.section].passages) != len(other.parts[p.section].passages) {
			return nil
		}
		return other.parts[p.section].passages[p.ordinal]
	}
	for _, q := range other.passages {
		switch {
		case q.inBody():
			return nil
		case q.kind == p.kind:
			return q
		}
	}
	return nil
}

// sectionPlace is where a section begins, or the text where there is no such
// section.
func (e *edition) sectionPlace(section int) place {
	if section > 0 && section < len(e.parts) {
		return e.body.place(e.parts[section].blocks[0].start)
	}
	return e.body.place(0)
}

// sectionName names a section for people.
func (e *edition) sectionName(section int) string {
	if section > 0 && section < len(e.parts) {
		if ps := e.parts[section].passages; len(ps) > 0 && ps[0].kind == "heading" {
			return "the section `" + clip(ps[0].text) + "`"
		}
	}
	switch {
	case e.sections == 0:
		return "the text"
	case section == 0:
		return "the text before the first heading"
	}
	return fmt.Sprintf("section %d", section)
}

// clip cuts a text that is told of to a length that can be read.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return strings.Join(strings.Fields(s), " ")
}

// labelStart is where the label of a bare link stands: its node's place may be
// that of the character before.
func labelStart(src []byte, from int, label []byte) int {
	if i := bytes.Index(src[min(from, len(src)):], label); i >= 0 {
		return from + i
	}
	return from
}
