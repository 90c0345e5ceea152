package compose

import (
	"bytes"
	"strings"
)

// page is a finished page, but for the contact's values.
type page struct {
	subject       string
	subjectHeader string
	html          *part
	text          *part
	carries       []carried
	frame         *frame // nil where go-mail has to write the message
}

// part is one of a page's two texts. Variants of an edition that come out the
// same share it.
type part struct {
	blocks []block
	base64 bool // it is the shorter encoding
	size   int  // bytes that it takes in a message, but for the values
	times  [slotCount]int
}

// block is a stretch of a text: as it is, with the contact's values in it, or
// one line of plain text that is wrapped when they are.
type block struct {
	pieces
	stretches []*stretch // the texts, encoded; none where the line flows
	flows     bool
}

// newPart encodes what is constant in a text.
func newPart(blocks []block, long bool) *part {
	p := &part{blocks: blocks, base64: long}
	for i := range blocks {
		b := &blocks[i]
		for _, s := range b.slots {
			p.times[s]++
		}
		for _, s := range b.texts {
			if b.flows {
				p.size += 2 * len(s)
				continue
			}
			t := newStretch(s, long)
			b.stretches = append(b.stretches, t)
			p.size += t.size()
		}
	}
	return p
}

// fill joins a text with a contact's values.
func (p *part) fill(v *values) string {
	var out, line []byte
	for i := range p.blocks {
		if b := &p.blocks[i]; b.flows {
			line = b.appendTo(line[:0], v)
			out = appendLine(out, bytes.TrimRight(line, " "), "\n")
		} else {
			out = b.appendTo(out, v)
		}
	}
	return string(out)
}

// encode is fill in the part's encoding, behind what is there already.
func (p *part) encode(dst []byte, v *values) []byte {
	e := encoder{out: dst, base64: p.base64}
	var room, wrapped [512]byte
	eol := "\n"
	if p.base64 {
		eol = "\r\n"
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		if b.flows {
			line := bytes.TrimRight(b.appendTo(room[:0], v), " ")
			e.write(appendLine(wrapped[:0], line, eol))
			continue
		}
		for i, t := range b.stretches {
			e.stretch(t)
			if i < len(b.slots) {
				e.write(append(room[:0], v[b.slots[i]]...))
			}
		}
	}
	e.close()
	return e.out
}

// room is about how many bytes the part takes with a contact's values.
func (p *part) room(v *values) int {
	n := p.size
	for s, times := range p.times {
		n += times * len(v[s]) * 3 / 2
	}
	return n + n/maxLine*2
}

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
			out = append(out, block{pieces: cut, flows: true})
			continue
		}
		still.Write(appendLine(nil, []byte(line), "\n"))
	}
	flush()
	return out, nil
}
