package parity

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// objectMark stands in a passage for a bare link or for code: what they say is
// no word.
const objectMark = "\uFFFC"

// inliner writes the text of a passage, and where each byte of it stands.
type inliner struct {
	*bodyReader
	passage *passage
	text    []byte
	offsets []int
}

var entity = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

func (t *inliner) read(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			t.source(n.Segment.Start, n.Segment.Stop, n.IsRaw())
			if n.SoftLineBreak() || n.HardLineBreak() {
				t.trimSpace()
				t.add("\n", n.Segment.Stop)
			}
		case *ast.String:
			t.add(string(n.Value), startOf(n))
		case *ast.AutoLink:
			label := n.Label(t.src)
			at := labelStart(t.src, startOf(n), label)
			t.addLink(string(n.URL(t.src)), n.AutoLinkType == ast.AutoLinkEmail, at)
			t.add(objectMark, at)
		case *ast.Link:
			t.addLink(string(n.Destination), false, startOf(n))
			t.read(n)
		case *ast.CodeSpan:
			t.add(objectMark, startOf(n))
		case *ast.RawHTML:
			t.trimSpace() // of the two spaces around it, mail shows one
		default:
			t.read(n)
		}
	}
}

// source adds a stretch of the source as a reader sees it, without the
// backslash of an escape and with entities resolved.
func (t *inliner) source(from, to int, raw bool) {
	for i := from; i < to; i++ {
		s := t.src[i:to]
		if !raw && s[0] == '\\' && len(s) > 1 && isPunct(s[1]) {
			i++
			t.add(string(t.src[i:i+1]), i)
			continue
		}
		if !raw && s[0] == '&' {
			if m := entity.Find(s); m != nil {
				t.add(html.UnescapeString(string(m)), i)
				i += len(m) - 1
				continue
			}
		}
		t.text = append(t.text, s[0])
		t.offsets = append(t.offsets, i)
	}
}

func isPunct(b byte) bool { return strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", b) >= 0 }

func (t *inliner) add(s string, at int) {
	t.text = append(t.text, s...)
	for range len(s) {
		t.offsets = append(t.offsets, at)
	}
}

// trimSpace takes the spaces at the end away.
func (t *inliner) trimSpace() {
	t.text = bytes.TrimRight(t.text, " \t\n")
	t.offsets = t.offsets[:len(t.text)]
}
