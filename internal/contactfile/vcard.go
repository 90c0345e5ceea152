package contactfile

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"

	"dateline/internal/press"
)

// Bounds of a card.
const (
	maxCardLines = 2000
	maxCardLine  = 1 << 20  // bytes of one property; of a picture, which is not wanted, the rest is passed over
	maxHead      = 8 << 10  // bytes of its name and parameters
	maxProperty  = 64 << 10 // bytes of the value of one that is wanted
	maxCardText  = 1 << 20  // and of all of these together
)

// cards reads vCards 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), each as a row of
// the columns in cardColumns. It is not go-vcard, which knows no places for
// faults and leaves quoted-printable as it is.
type cards struct {
	file  string
	in    *bufio.Reader
	opts  Options
	at    int // number of the physical line last taken
	again *string
	err   error
	cells []cell
}

func newCards(file string, r io.Reader, opts Options) *cards {
	return &cards{file: file, in: bufio.NewReaderSize(r, maxLineBytes), opts: opts}
}

// cardColumns are the columns that a card can fill.
func cardColumns() []column {
	return []column{
		colName, colEmail, colOutlet, colOutletKind, colOutletWebsite, colCountry, colLanguages, colTags, colZone, colNotes, colConfirmed, colLegalBasis, colSource,
	}
}

// header gives the columns; no line of the file does.
func (k *cards) header(Options) ([]cell, int, *press.Fault) {
	var names []cell
	for _, c := range cardColumns() {
		names = append(names, cell{text: columnNames()[c], line: 1, col: 1})
	}
	return names, 1, nil
}

func (k *cards) failed() (int, error) { return k.at + 1, k.err }

func (k *cards) fault(line int, what, want string) *press.Fault {
	return &press.Fault{File: k.file, Line: line, Column: 1, What: what, Want: want}
}

// property is one line of a card, unfolded.
type property struct {
	line   int
	name   string // in capitals, without its group
	params map[string][]string
	value  string // decoded, with its escapes
}

// record gives the next card.
func (k *cards) record() ([]cell, int, *press.Fault) {
	for {
		line, ok := k.take()
		if !ok {
			return nil, k.at, nil
		}
		begins := k.at
		text := strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		switch {
		case text == "":
			continue
		case !strings.EqualFold(text, "BEGIN:VCARD"):
			k.skip()
			return nil, begins, k.fault(begins, "the line stands outside of any card", "a card begins with BEGIN:VCARD")
		}
		properties, fault := k.card(begins)
		if fault != nil || k.err != nil {
			return nil, begins, fault
		}
		return k.row(begins, properties), begins, nil
	}
}

// skip goes on to the next card.
func (k *cards) skip() {
	for {
		line, ok := k.take()
		if !ok {
			return
		}
		if strings.EqualFold(strings.TrimSpace(line), "BEGIN:VCARD") {
			k.again = &line
			k.at--
			return
		}
	}
}

// take gives the next physical line.
func (k *cards) take() (string, bool) {
	if k.again != nil {
		line := *k.again
		k.again = nil
		k.at++
		return line, true
	}
	if k.err != nil {
		return "", false
	}
	var line []byte
	for {
		part, err := k.in.ReadSlice('\n')
		if len(line)+len(part) <= maxCardLine {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			k.err = err
			return "", false
		}
		if len(line) == 0 && errors.Is(err, io.EOF) {
			return "", false
		}
		break
	}
	k.at++
	return strings.TrimRight(string(line), "\r\n"), true
}

// card reads the properties up to END:VCARD.
func (k *cards) card(begins int) ([]property, *press.Fault) {
	var all []property
	size := 0
	for lines := 0; ; lines++ {
		line, ok := k.take()
		if !ok {
			if k.err != nil {
				return nil, nil //nolint:nilerr // whoever asks for the record looks at k.err
			}
			return nil, k.fault(begins, "the card that begins here does not end", "a card ends with END:VCARD")
		}
		at := k.at
		switch trimmed := strings.TrimSpace(line); {
		case strings.EqualFold(trimmed, "END:VCARD"):
			return all, nil
		case strings.EqualFold(trimmed, "BEGIN:VCARD"):
			k.again = &line
			k.at--
			return nil, k.fault(begins, fmt.Sprintf("the card that begins here does not end before another begins on line %d", at), "a card ends with END:VCARD")
		case lines >= maxCardLines:
			k.skip()
			return nil, k.fault(begins, fmt.Sprintf("the card has more than %d lines", maxCardLines), "a card of a person is far shorter")
		case trimmed == "":
			continue
		}
		p, fault := k.property(line, at)
		if fault != nil {
			k.skip()
			return nil, fault
		}
		if !p.wanted() {
			continue
		}
		if size += len(p.value); size > maxCardText {
			k.skip()
			return nil, k.fault(begins, fmt.Sprintf("the card has more than %d MiB of text", maxCardText>>20), "a card of a person is far shorter")
		}
		all = append(all, p)
	}
}

// wanted tells of a property that a contact has.
func (p property) wanted() bool {
	switch p.name {
	case "FN", "N", "ORG", "URL", "ADR", "CATEGORIES", "TZ", "NOTE", "REV", "SOURCE", "EMAIL", "LANG", "LANGUAGE", "X-LANGUAGE", "X-DATELINE-OUTLET-KIND", "X-DATELINE-LEGAL-BASIS":
		return true
	}
	return false
}

// property reads one, with the lines that it is folded over.
func (k *cards) property(line string, at int) (property, *press.Fault) {
	head, value, ok := cutUnquoted(line, ':')
	if !ok {
		return property{}, k.fault(at, short(line)+" is no property", "NAME:VALUE is wanted")
	}
	if len(head) > maxHead {
		return property{}, k.fault(at, fmt.Sprintf("what stands before the value is longer than %d KiB: %s", maxHead>>10, short(head)), "a name and a few parameters are wanted")
	}
	parts := splitUnquoted(head, ';')
	name := strings.ToUpper(strings.TrimSpace(parts[0]))
	if _, after, grouped := strings.Cut(name, "."); grouped {
		name = after
	}
	p := property{line: at, name: name, params: map[string][]string{}, value: value}
	for _, param := range parts[1:] {
		key, v, named := strings.Cut(param, "=")
		key = strings.ToUpper(strings.TrimSpace(key))
		if !named { // of 2.1: the value alone
			switch key {
			case "QUOTED-PRINTABLE", "BASE64", "8BIT":
				key, v = "ENCODING", key
			default:
				key, v = "TYPE", key
			}
		}
		for _, one := range splitUnquoted(v, ',') {
			p.params[key] = append(p.params[key], strings.Trim(strings.TrimSpace(one), `"`))
		}
	}
	k.unfold(&p)
	if p.wanted() && len(p.value) > maxProperty {
		return property{}, k.fault(at, fmt.Sprintf("%s is longer than %d KiB", p.name, maxProperty>>10), "what a contact has is far shorter")
	}
	fault := k.decode(&p)
	return p, fault
}

// unfold adds the lines that a property goes on over.
func (k *cards) unfold(p *property) {
	quoted := p.has("ENCODING", "QUOTED-PRINTABLE")
	value := []byte(p.value)
	defer func() { p.value = string(value) }()
	for {
		next, ok := k.take()
		switch {
		case !ok:
			return
		case quoted && bytes.HasSuffix(value, []byte("=")): // a soft line break
			value = append(value[:len(value)-1], next...)
		case next == "" || next[0] != ' ' && next[0] != '\t':
			k.again = &next
			k.at--
			return
		case len(value) < maxCardLine:
			value = append(value, next[1:]...)
		}
		if len(value) > maxCardLine {
			value = value[:maxCardLine]
		}
	}
}

// decode undoes the encoding of a value, and its charset.
func (k *cards) decode(p *property) *press.Fault {
	if !p.wanted() {
		p.value = ""
		return nil
	}
	switch {
	case p.has("ENCODING", "QUOTED-PRINTABLE"):
		b, err := io.ReadAll(quotedprintable.NewReader(bufio.NewReaderSize(strings.NewReader(p.value), len(p.value)+1)))
		if err != nil {
			return k.fault(p.line, p.name+" is no quoted-printable: "+err.Error(), "=XX for each byte that is not plain")
		}
		p.value = string(b)
	case p.has("ENCODING", "BASE64"), p.has("ENCODING", "B"):
		if p.name == "PHOTO" || p.name == "LOGO" || p.name == "SOUND" || p.name == "KEY" {
			p.value = "" // not wanted
			return nil
		}
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(p.value), ""))
		if err != nil {
			return k.fault(p.line, p.name+" is no base64", "what it says it is")
		}
		p.value = string(b)
	}
	if name := p.params["CHARSET"]; len(name) > 0 && !utf8.ValidString(p.value) {
		c, err := namedCharset(name[0])
		if err != nil {
			return k.fault(p.line, err.Error(), "a charset by its name at IANA")
		}
		b, err := io.ReadAll(c.decoded(bytes.NewReader([]byte(p.value))))
		if err != nil {
			return k.fault(p.line, p.name+" cannot be decoded: "+err.Error(), "text in "+name[0])
		}
		p.value = string(b)
	}
	if !utf8.ValidString(p.value) {
		return k.fault(p.line, p.name+" is not UTF-8", "name its charset with CHARSET=, or import with --encoding")
	}
	return nil
}

func (p property) has(param, value string) bool {
	return slices.ContainsFunc(p.params[param], func(v string) bool { return strings.EqualFold(v, value) })
}

// cutUnquoted cuts at the first separator outside of quotes.
func cutUnquoted(s string, sep byte) (before, after string, ok bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func splitUnquoted(s string, sep byte) []string {
	var all []string
	for {
		part, rest, more := cutUnquoted(s, sep)
		all = append(all, part)
		if !more {
			return all
		}
		s = rest
	}
}

// components takes a value apart at separators that are not escaped, and undoes
// the escapes. A line break within becomes a space: a cell is one line.
func components(s string, sep byte) []string {
	var all []string
	var one strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == 'n' || s[i] == 'N' {
				one.WriteByte(' ')
			} else {
				one.WriteByte(s[i])
			}
		case s[i] == sep && sep != 0:
			all = append(all, strings.TrimSpace(one.String()))
			one.Reset()
		case s[i] == '\n' || s[i] == '\r':
			one.WriteByte(' ')
		default:
			one.WriteByte(s[i])
		}
	}
	return append(all, strings.TrimSpace(one.String()))
}

func plainValue(s string) string { return components(s, 0)[0] }
