package compose

import (
	"fmt"
	"slices"

	"dateline/internal/press"
)

// page gives the finished page for a variant, and makes it when it is asked
// for the first time.
func (k *Kit) page(e *edition, v variant) (*page, error) {
	i, ok := v.index()
	if !ok {
		return nil, fmt.Errorf("there is no kind of send %q; there are advance, general and follow-up", v.kind)
	}
	c := &e.pages[i]
	c.once.Do(func() { c.page, c.err = k.makePage(e, v) })
	return c.page, c.err
}

func (k *Kit) makePage(e *edition, v variant) (*page, error) {
	e.making.Lock()
	defer e.making.Unlock()
	d, err := e.data(v, k.release.Kind, k.tokens)
	if err != nil {
		return nil, err
	}
	p := &page{subject: d.Subject, subjectHeader: headerText(d.Subject), carries: e.carries}
	l := k.layoutOf(v)
	if p.html, err = k.htmlPart(l.html, e, d); err != nil {
		return nil, err
	}
	if p.text, err = k.textPart(l.text, e, d); err != nil {
		return nil, err
	}
	if v.ninjs {
		document, err := k.ninjs(e, d)
		if err != nil {
			return nil, err
		}
		p.carries = append(slices.Clone(p.carries), document)
	}
	p.frame, err = k.newFrame(e, v, p)
	return p, err
}

// htmlPart runs the HTML template. Most variants come out like another one,
// and styles are moved into the elements once for both.
func (k *Kit) htmlPart(s *source, e *edition, d Data) (*part, error) {
	run, err := s.bind(e.words)
	if err != nil {
		return nil, err
	}
	raw, err := run(e.htmlData(d))
	if err != nil {
		return nil, press.Faults{s.fault(err)}
	}
	if made, ok := e.html[raw]; ok {
		return made, nil
	}
	if err := k.tokens.checkPlaces(raw); err != nil {
		return nil, press.Faults{s.fault(err)}
	}
	page, err := inline(raw)
	if err != nil {
		return nil, err
	}
	cut, err := k.tokens.cut(page)
	if err != nil {
		return nil, press.Faults{s.fault(err)}
	}
	e.html[raw] = newPart([]block{{pieces: cut}}, base64Shorter(page))
	return e.html[raw], nil
}

func (k *Kit) textPart(s *source, e *edition, d Data) (*part, error) {
	run, err := s.bind(e.words)
	if err != nil {
		return nil, err
	}
	text, err := run(e.textData(d))
	if err != nil {
		return nil, press.Faults{s.fault(err)}
	}
	if made, ok := e.text[text]; ok {
		return made, nil
	}
	blocks, err := k.tokens.blocks(text)
	if err != nil {
		return nil, press.Faults{s.fault(err)}
	}
	e.text[text] = newPart(blocks, base64Shorter(text))
	return e.text[text], nil
}
