package compose

import (
	"regexp"
	"strings"
)

// page is a finished page, but for the contact's values.
type page struct {
	subject       string
	subjectHeader string
	html          pieces
	text          []block
	longHTML      bool // base64 is the shorter encoding
	longText      bool
}

// block is a stretch of the plain text: lines that stand as they are, or one
// that is wrapped when the contact's values are in it.
type block struct {
	pieces
	flows bool
}

var oneWord = regexp.MustCompile(`^\s*(\[\d+\] )?\S+$`)

// blocks cuts the plain text at its tokens, trims and wraps its lines, and
// leaves no two empty lines together.
func (t tokens) blocks(text string) ([]block, error) {
	var out []block
	var still strings.Builder
	empty := true
	flush := func() {
		if still.Len() > 0 {
			out = append(out, block{pieces: pieces{texts: []string{still.String()}}})
			still.Reset()
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(cleanBlock(text)), "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && empty {
			continue
		}
		empty = line == ""
		cut, err := t.cut(line)
		if err != nil {
			return nil, err
		}
		if len(cut.slots) > 0 {
			flush()
			out = append(out, block{cut, true})
			continue
		}
		lines := []string{line}
		if !oneWord.MatchString(line) {
			lines = wrapIndented(line)
		}
		still.WriteString(strings.Join(lines, "\n") + "\n")
	}
	flush()
	return out, nil
}

// fillText joins the blocks with a contact's values.
func (p *page) fillText(v *values) string {
	var b strings.Builder
	b.Grow(p.textSize())
	for _, block := range p.text {
		if !block.flows {
			b.WriteString(block.texts[0])
			continue
		}
		var line strings.Builder
		block.fill(&line, v)
		b.WriteString(strings.Join(wrapIndented(strings.TrimRight(line.String(), " ")), "\n") + "\n")
	}
	return b.String()
}

func (p *page) textSize() int {
	n := 0
	for _, b := range p.text {
		n += b.size()
	}
	return n
}

func (p *page) fillHTML(v *values) string {
	var b strings.Builder
	b.Grow(p.html.size())
	p.html.fill(&b, v)
	return b.String()
}
