package compose

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// plainStory writes a Markdown tree as plain text of 72 columns. Links become
// numbered notes below the text.
type plainStory struct {
	setting
	src   []byte
	lead  string // not yet written
	links []string

	noLinks bool // leave out where links lead, and notes
}

// plain renders a body as plain text. A lead is run into the first paragraph,
// or stands in one of its own where the body opens otherwise. A paragraph is one
// long line: it flows, and is wrapped when the page is done.
func (m storyMaker) plain(src, lead string, s setting) string {
	raw := []byte(src)
	doc := m.parse(raw, s)
	p := &plainStory{src: raw, setting: s}
	var lines []string
	if lead != "" {
		if first := doc.FirstChild(); first != nil && first.Kind() == ast.KindParagraph && figure(first) == nil {
			p.lead = lead + leadDash
		} else {
			lines = append(lines, lead, "")
		}
	}
	lines = append(lines, p.blocks(doc, lineWidth, true)...)
	if len(p.links) > 0 {
		lines = append(lines, "")
		if h := s.heading("links.title"); h != "" {
			lines = append(lines, h)
		}
	}
	for i, link := range p.links {
		lines = append(lines, "["+strconv.Itoa(i+1)+"] "+link)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// summary is the body's first paragraph in one line, without its links.
func (m storyMaker) summary(src string) string {
	raw := []byte(src)
	doc := m.parse(raw, setting{})
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindParagraph {
			p := &plainStory{src: raw, noLinks: true}
			return clean(p.inline(n))
		}
	}
	return ""
}

// blocks writes the blocks within a node, parted by empty lines where loose.
func (p *plainStory) blocks(parent ast.Node, n int, loose bool) []string {
	var lines []string
	for c := parent.FirstChild(); c != nil; c = c.NextSibling() {
		got := p.block(c, n)
		if len(got) == 0 {
			continue
		}
		if loose && len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, got...)
	}
	return lines
}

func (p *plainStory) block(node ast.Node, n int) []string {
	switch node := node.(type) {
	case *ast.Heading:
		return p.underlined(node, n)
	case *ast.Paragraph, *ast.TextBlock:
		s := p.lead + p.inline(node)
		p.lead = ""
		if flows(node) {
			return strings.Split(s, "\n")
		}
		return wrap(s, n)
	case *ast.ThematicBreak:
		return []string{"* * *"}
	case *ast.Blockquote:
		return prefixed(p.blocks(node, n-2, true), "> ", "> ")
	case *ast.List:
		return p.list(node, n)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		code := strings.TrimRight(string(node.Lines().Value(p.src)), "\n")
		return prefixed(strings.Split(code, "\n"), "    ", "    ")
	case *east.Table:
		return p.table(node, n)
	case *east.FootnoteList:
		return p.notes(node, n)
	case *ast.HTMLBlock:
		return nil
	default:
		return p.blocks(node, n, true)
	}
}

// flows tells a paragraph of the text itself, or of a quotation in it: its lines
// may be broken anew by who shows them. Those of a list may not, since what
// stands before them would run into the text.
func flows(n ast.Node) bool {
	up := n.Parent()
	if up.Kind() == ast.KindBlockquote {
		up = up.Parent()
	}
	return n.Kind() == ast.KindParagraph && up.Kind() == ast.KindDocument
}

// notes writes the footnotes, each behind its number.
func (p *plainStory) notes(list *east.FootnoteList, n int) []string {
	lines := []string{}
	if h := p.heading("notes.title"); h != "" {
		lines = append(lines, h)
	}
	for note := list.FirstChild(); note != nil; note = note.NextSibling() {
		mark := raised(note.(*east.Footnote).Index) + " "
		lines = append(lines, prefixed(p.blocks(note, n-len(mark), true), mark, strings.Repeat(" ", width(mark)))...)
	}
	return lines
}

// raised writes a number in the small digits that stand above the line.
func raised(n int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	var b strings.Builder
	for _, d := range strconv.Itoa(n) {
		b.WriteRune(digits[d-'0'])
	}
	return b.String()
}

// underlined puts a heading over a rule: of the second level one of =,
// of the others one of -.
func (p *plainStory) underlined(h *ast.Heading, n int) []string {
	lines := wrap(p.inline(h), n)
	longest := 0
	for _, line := range lines {
		longest = max(longest, width(line))
	}
	rule := "-"
	if h.Level == 2 {
		rule = "="
	}
	return append(lines, strings.Repeat(rule, min(longest, n)))
}

func (p *plainStory) list(list *ast.List, n int) []string {
	var lines []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if !list.IsTight && len(lines) > 0 {
			lines = append(lines, "")
		}
		indent := strings.Repeat(" ", len(mark))
		lines = append(lines, prefixed(p.blocks(item, max(n-len(mark), lineWidth/3), !list.IsTight), mark, indent)...)
	}
	return lines
}

// prefixed puts first before the first line and rest before all others.
func prefixed(lines []string, first, rest string) []string {
	for i := range lines {
		if i == 0 {
			lines[i] = first + lines[i]
		} else {
			lines[i] = rest + lines[i]
		}
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// inline writes what runs along a line, with a number behind each link.
func (p *plainStory) inline(parent ast.Node) string {
	var b strings.Builder
	for c := parent.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			if c.IsRaw() {
				b.Write(c.Value(p.src))
			} else {
				b.WriteString(unescape(string(c.Value(p.src))))
			}
			if c.HardLineBreak() {
				b.WriteByte('\n')
			} else if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(p.src))
		case *ast.RawHTML:
		case *ast.Link:
			b.WriteString(p.link(c))
		case *ast.Image:
			if !p.noLinks {
				b.WriteString(p.picture(c))
			}
		case *east.FootnoteLink:
			if !p.noLinks {
				b.WriteString(raised(c.Index))
			}
		case *east.FootnoteBacklink:
		default:
			b.WriteString(p.inline(c))
		}
	}
	return b.String()
}

// link writes a link's text and where it leads: for a link that the page would
// not show only the text, for an address the address, else a note's number.
func (p *plainStory) link(l *ast.Link) string {
	label := p.inline(l)
	to := clean(string(util.URLEscape(l.Destination, true)))
	switch address, isMail := strings.CutPrefix(to, "mailto:"); {
	case p.noLinks, !linkForm.MatchString(to), label == to, isMail && label == address:
		return label
	case isMail:
		return label + " <" + address + ">"
	}
	for i, known := range p.links {
		if known == to {
			return label + " [" + strconv.Itoa(i+1) + "]"
		}
	}
	p.links = append(p.links, to)
	return label + " [" + strconv.Itoa(len(p.links)) + "]"
}
