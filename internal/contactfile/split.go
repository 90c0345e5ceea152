package contactfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"dateline/internal/press"
)

const (
	maxLineBytes   = 64 << 10
	maxRecordLines = 20
)

// cell is one field of a row, and where it begins: at its quote if it has one.
type cell struct {
	text      string
	line, col int
}

// line is one line of the file without its end, or what is wrong with it.
type line struct {
	text  string
	fault *press.Fault
}

// splitter cuts a file into rows and cells. It is not encoding/csv because
// that counts columns in bytes, cannot go back to the line after a quote that
// was never closed, and holds all of the file in memory while it looks for the
// quote's end.
type splitter struct {
	file  string
	in    *bufio.Reader
	comma byte
	at    int    // number of the line last taken
	again []line // lines given back, the next one first
	cells []cell // used again for every row
	err   error  // why reading ended, if not by the end of the file
}

func newSplitter(file string, r io.Reader) *splitter {
	return &splitter{file: file, in: bufio.NewReaderSize(r, maxLineBytes), comma: ','}
}

// begin takes off a byte order mark, and refuses a file that is not UTF-8 by
// its first bytes.
func (s *splitter) begin() *press.Fault {
	head, _ := s.in.Peek(3) // an error will come again when the first line is taken
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return &press.Fault{
			File: s.file, Line: 1, Column: 1, What: "the file is in UTF-16",
			Want: "save it as UTF-8 (in a spreadsheet: CSV UTF-8)",
		}
	case bytes.HasPrefix(head, []byte("\ufeff")):
		_, _ = s.in.Discard(3)
	}
	return nil
}

// header finds the header line, and the separator by it.
func (s *splitter) header(opts Options) ([]cell, int, *press.Fault) {
	if opts.Comma != 0 && !strings.ContainsRune(",;\t|", opts.Comma) {
		return nil, 1, s.fault(1, 1, fmt.Sprintf("%q cannot part cells", opts.Comma), "a comma, a semicolon, a tab or a bar can")
	}
	if fault := s.begin(); fault != nil {
		return nil, 1, fault
	}
	first, ok := s.take()
	for ok && first.fault == nil && strings.TrimSpace(first.text) == "" {
		first, ok = s.take()
	}
	if !ok && s.err == nil {
		return nil, 1, s.fault(1, 1, "the file is empty", "a header line is wanted, such as name,email,country,languages")
	}
	if ok { // read it again, now that its separator is known
		s.again = append([]line{first}, s.again...)
		s.at--
	}
	s.comma = guessComma(first.text)
	if opts.Comma != 0 {
		s.comma = byte(opts.Comma)
	}
	cells, at, fault := s.record()
	if fault == nil && s.err == nil && cells == nil {
		fault = s.fault(at, 1, "the header line has no names", "a header line is wanted, such as name,email,country,languages")
	}
	return cells, at, fault
}

func (s *splitter) failed() (int, error) { return s.at + 1, s.err }

// take gives the next line; ok is false at the end.
func (s *splitter) take() (line, bool) {
	if len(s.again) > 0 {
		l := s.again[0]
		s.again = s.again[1:]
		s.at++
		return l, true
	}
	if s.err != nil {
		return line{}, false
	}
	raw, err := s.in.ReadSlice('\n')
	tooLong := errors.Is(err, bufio.ErrBufferFull)
	head := raw
	for errors.Is(err, bufio.ErrBufferFull) {
		raw, err = s.in.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
		return line{}, false
	}
	if len(raw) == 0 && !tooLong {
		return line{}, false
	}
	s.at++
	if tooLong {
		return line{fault: s.fault(s.at, 1, "the line is longer than 64 KiB", "a row of contacts is far shorter; perhaps a quote is missing before")}, true
	}
	return s.checked(head), true
}

// checked drops a line's end and holds the rest against UTF-8.
func (s *splitter) checked(raw []byte) line {
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if utf8.Valid(raw) {
		return line{text: string(raw)}
	}
	col := 1
	for rest := raw; ; col++ {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return line{fault: s.fault(s.at, col, fmt.Sprintf("the byte 0x%02x is not UTF-8", rest[0]), "save the file as UTF-8, not in a code page such as Windows-1251")}
		}
		rest = rest[size:]
	}
}

func (s *splitter) fault(line, col int, what, want string) *press.Fault {
	return &press.Fault{File: s.file, Line: line, Column: col, What: what, Want: want}
}

// record gives the next row that has any text, and its first line. The cells
// hold until the next call. At the end there is neither a cell nor a fault.
func (s *splitter) record() ([]cell, int, *press.Fault) {
	for {
		l, ok := s.take()
		if !ok {
			return nil, s.at, nil
		}
		first := s.at
		if l.fault != nil {
			return nil, first, l.fault
		}
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		if fault := s.cut(l.text); fault != nil {
			return nil, first, fault
		}
		for _, c := range s.cells {
			if strings.TrimSpace(c.text) != "" {
				return s.cells, first, nil
			}
		}
	}
}

// cut fills s.cells from a line, and from those after it while a quote is open.
func (s *splitter) cut(text string) *press.Fault {
	s.cells = s.cells[:0]
	for col := 1; ; {
		var c cell
		var fault *press.Fault
		if strings.HasPrefix(text, `"`) {
			c, text, col, fault = s.quoted(text, col)
		} else {
			c, text, col, fault = s.plain(text, col)
		}
		if fault != nil {
			return fault
		}
		s.cells = append(s.cells, c)
		if text == "" {
			return nil
		}
		text, col = text[1:], col+1 // the separator
	}
}

// plain reads a cell without quotes. What it leaves begins with a separator or
// is empty.
func (s *splitter) plain(text string, col int) (cell, string, int, *press.Fault) {
	end := strings.IndexByte(text, s.comma)
	if end < 0 {
		end = len(text)
	}
	got, rest := text[:end], text[end:]
	if quote := strings.IndexByte(got, '"'); quote >= 0 {
		return cell{}, "", 0, s.fault(s.at, col+utf8.RuneCountInString(got[:quote]), "a quote stands within a cell that does not begin with one", `put the whole cell in quotes and write the one within twice: "the ""Daily"""`)
	}
	return cell{got, s.at, col}, rest, col + utf8.RuneCountInString(got), nil
}

// quoted reads a cell in quotes. If the quote does not end as it should, every
// line behind the one it opens on is given back.
func (s *splitter) quoted(text string, col int) (cell, string, int, *press.Fault) {
	opened := cell{line: s.at, col: col}
	var got strings.Builder
	var taken []line
	giveBack := func(what string) (cell, string, int, *press.Fault) {
		s.again = append(taken, s.again...)
		s.at = opened.line
		return cell{}, "", 0, s.fault(opened.line, opened.col, what, "a cell in quotes ends in a quote, with the separator right behind it; a quote within is written twice")
	}
	text, col = text[1:], col+1
	for {
		end := strings.IndexByte(text, '"')
		if end < 0 {
			if len(taken) == maxRecordLines-1 {
				return giveBack(fmt.Sprintf("the quote that opens here is not closed within %d lines", maxRecordLines))
			}
			next, ok := s.take()
			if !ok {
				return giveBack("the quote that opens here is not closed before the end of the file")
			}
			taken = append(taken, next)
			if next.fault != nil {
				return giveBack("the quote that opens here is not closed before a line that cannot be read")
			}
			got.WriteString(text + "\n")
			text, col = next.text, 1
			continue
		}
		got.WriteString(text[:end])
		col += utf8.RuneCountInString(text[:end]) + 1
		text = text[end+1:]
		switch {
		case text == "" || text[0] == s.comma:
			opened.text = got.String()
			return opened, text, col, nil
		case text[0] == '"':
			got.WriteByte('"')
			text, col = text[1:], col+1
		default:
			return giveBack(fmt.Sprintf("the quote that opens here is closed at %d:%d with text behind it", s.at, col-1))
		}
	}
}

// guessComma finds the separator that a header line has most of, outside of
// quotes.
func guessComma(header string) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t'} {
		n, inside := 0, false
		for i := range len(header) {
			switch header[i] {
			case '"':
				inside = !inside
			case c:
				if !inside {
					n++
				}
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}
