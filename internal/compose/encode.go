package compose

import (
	"encoding/base64"
	"slices"
	"strings"
)

const (
	maxLine = 76 // characters an encoded line, RFC 2045
	group   = 3  // bytes that base64 makes four characters of
)

// encoder writes a body in quoted-printable or base64, to the byte as go-mail
// and mime/quotedprintable do. It exists beside them because it can take in a
// stretch that was encoded beforehand, which is most of a page.
type encoder struct {
	out    []byte
	base64 bool
	column int         // of the line that is being written
	held   [group]byte // bytes that do not make a group yet
	holds  int
}

// stretch is a constant part of a page, encoded beforehand for each state in
// which an encoder can come to it. In quoted-printable nothing that stands
// before a line break changes what stands behind it. In base64 the encoder
// holds none, one or two bytes, so that there are three encodings, to be broken
// into lines.
type stretch struct {
	text    []byte        // with the line ends that its encoding takes
	groups  [group][]byte // base64 of whole groups of text[i:]
	opening []byte        // quoted-printable: the text up to its first line break
	rest    []byte        // and the encoding of what is behind it,
	column  int           // which ends in this column
}

func newStretch(s string, long bool) *stretch {
	t := &stretch{text: []byte(body(s, long))}
	if long {
		for i := range t.groups {
			if i < len(t.text) {
				from := t.text[i:]
				t.groups[i] = base64.StdEncoding.AppendEncode(nil, from[:len(from)/group*group])
			}
		}
		return t
	}
	first := strings.IndexByte(s, '\n') + 1
	if first == 0 {
		first = len(s)
	}
	e := encoder{}
	e.quote(t.text[first:])
	t.opening, t.rest, t.column = t.text[:first], e.out, e.column
	return t
}

// size is how many bytes a stretch takes in a message, but for line ends.
func (t *stretch) size() int {
	return max(len(t.groups[0]), len(t.opening)+len(t.rest)) + 4
}

// stretch writes what was encoded beforehand.
func (e *encoder) stretch(t *stretch) {
	if !e.base64 {
		e.quote(t.opening)
		if len(t.rest) > 0 {
			e.out, e.column = append(e.out, t.rest...), t.column
		}
		return
	}
	missing := (group - e.holds) % group
	if len(t.text) <= missing {
		e.encode64(t.text)
		return
	}
	e.encode64(t.text[:missing])
	done := t.groups[missing]
	e.lines(done)
	e.holds = copy(e.held[:], t.text[missing+len(done)/4*group:])
}

// write encodes what comes up while a message is made.
func (e *encoder) write(b []byte) {
	if e.base64 {
		e.encode64(b)
	} else {
		e.quote(b)
	}
}

// close ends the body.
func (e *encoder) close() {
	if !e.base64 {
		e.quoteLast()
		return
	}
	if e.holds > 0 {
		var last [4]byte
		base64.StdEncoding.Encode(last[:], e.held[:e.holds])
		e.lines(last[:])
	}
	if e.column > 0 {
		e.out = append(e.out, "\r\n"...)
	}
}

func (e *encoder) encode64(b []byte) {
	var line [maxLine]byte
	if e.holds > 0 {
		n := copy(e.held[e.holds:], b)
		e.holds += n
		b = b[n:]
		if e.holds < group {
			return
		}
		base64.StdEncoding.Encode(line[:4], e.held[:])
		e.lines(line[:4])
	}
	for len(b) >= group {
		n := min(len(b)/group*group, maxLine/4*group)
		base64.StdEncoding.Encode(line[:], b[:n])
		e.lines(line[:n/group*4])
		b = b[n:]
	}
	e.holds = copy(e.held[:], b)
}

// lines writes base64 in lines of 76 characters.
func (e *encoder) lines(s []byte) {
	e.out = slices.Grow(e.out, len(s)+len(s)/maxLine*2+2)
	if n := maxLine - e.column; e.column > 0 && len(s) >= n {
		e.out = append(append(e.out, s[:n]...), '\r', '\n')
		s, e.column = s[n:], 0
	}
	for len(s) >= maxLine && e.column == 0 {
		at := len(e.out)
		e.out = e.out[:at+maxLine+2]
		line := (*[maxLine + 2]byte)(e.out[at:])
		*(*[maxLine]byte)(line[:]) = [maxLine]byte(s) // moved without a call, unlike append
		line[maxLine], line[maxLine+1] = '\r', '\n'
		s = s[maxLine:]
	}
	e.out = append(e.out, s...)
	e.column += len(s)
}

// quote writes quoted-printable. A line break becomes CRLF; there is no CR.
func (e *encoder) quote(b []byte) {
	for len(b) > 0 {
		n := 0
		for n < len(b) && unquoted(b[n]) {
			n++
		}
		for plain := b[:n]; len(plain) > 0; {
			if e.column == maxLine-1 {
				e.softBreak()
			}
			fit := min(len(plain), maxLine-1-e.column)
			e.out = append(e.out, plain[:fit]...)
			e.column += fit
			plain = plain[fit:]
		}
		if b = b[n:]; len(b) == 0 {
			return
		}
		if b[0] == '\n' {
			e.quoteLast()
			e.out = append(e.out, "\r\n"...)
			e.column = 0
		} else {
			e.quoteByte(b[0])
		}
		b = b[1:]
	}
}

func unquoted(c byte) bool { return c >= ' ' && c <= '~' && c != '=' || c == '\t' }

func (e *encoder) quoteByte(c byte) {
	const hex = "0123456789ABCDEF"
	if maxLine-1-e.column < 3 {
		e.softBreak()
	}
	e.out = append(e.out, '=', hex[c>>4], hex[c&15])
	e.column += 3
}

// quoteLast quotes the space or tab that a line would otherwise end in.
func (e *encoder) quoteLast() {
	if e.column == 0 {
		return
	}
	if c := e.out[len(e.out)-1]; c == ' ' || c == '\t' {
		e.out = e.out[:len(e.out)-1]
		e.column--
		e.quoteByte(c)
	}
}

func (e *encoder) softBreak() {
	e.out = append(e.out, "=\r\n"...)
	e.column = 0
}
