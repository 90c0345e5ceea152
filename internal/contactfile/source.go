package contactfile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"dateline/internal/press"
)

// File is a contact file that can be opened more than once.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Format is what a file was found to be.
type Format struct {
	Kind     string   `json:"kind"` // csv, xlsx or vcard
	Encoding string   `json:"encoding,omitempty"`
	Guessed  bool     `json:"guessed,omitempty"` // the encoding is a guess, for a person to look at
	Comma    string   `json:"comma,omitempty"`
	Sheet    string   `json:"sheet,omitempty"`
	Sheets   []string `json:"sheets,omitempty"`
}

// String tells it to people.
func (f Format) String() string {
	if f.Kind == "xlsx" {
		s := fmt.Sprintf("XLSX, the sheet %q", f.Sheet)
		if len(f.Sheets) > 1 {
			s += fmt.Sprintf(" of %d (--sheet decides)", len(f.Sheets))
		}
		return s
	}
	parts := []string{map[string]string{"csv": "CSV", "vcard": "vCard"}[f.Kind]}
	if name, ok := map[string]string{",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[f.Comma]; ok {
		parts = append(parts, name)
	}
	encoding := f.Encoding
	if f.Guessed {
		encoding += " (guessed; --encoding decides)"
	}
	return strings.Join(append(parts, encoding), ", ")
}

// source is a file that is open, and known for what it is.
type source struct {
	format Format
	table  table
	close  func() error
}

// open opens a file and finds out what it is. The error is a press.Fault where
// it is the file's.
func open(f File, opts Options) (*source, error) {
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("importing contacts: %w", err)
	}
	buffered := bufio.NewReaderSize(in, sampleBytes)
	head, err := buffered.Peek(sampleBytes)
	whole := errors.Is(err, io.EOF)
	s := &source{close: in.Close}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		if err := s.workbook(f.Name, in, buffered, opts); err != nil {
			return nil, errors.Join(err, s.close())
		}
		return s, nil
	}
	c, guessed := charsetOf(head, whole)
	if opts.Encoding != "" {
		guessed = false
		if c, err = namedCharset(opts.Encoding); err != nil {
			return nil, errors.Join(press.Fault{File: f.Name, Line: 1, Column: 1, What: err.Error()}, s.close())
		}
	}
	s.format = Format{Kind: "csv", Encoding: c.name, Guessed: guessed}
	text := c.decoded(buffered)
	if isCard(head, c) {
		s.format.Kind = "vcard"
		s.table = newCards(f.Name, text, opts)
		return s, nil
	}
	s.table = newSplitter(f.Name, text)
	return s, nil
}

// isCard tells a vCard by its first line.
func isCard(head []byte, c charset) bool {
	start, err := io.ReadAll(io.LimitReader(c.decoded(bytes.NewReader(head)), 1<<10))
	if err != nil && len(start) == 0 {
		return false
	}
	line, _, _ := strings.Cut(strings.TrimLeft(strings.TrimPrefix(string(start), "\ufeff"), " \t\r\n"), "\n")
	return strings.EqualFold(strings.TrimSpace(line), "BEGIN:VCARD")
}

// workbook reads a ZIP, which needs a file that one can go about in: what is
// none is put into a temporary one.
func (s *source) workbook(name string, in, buffered io.Reader, opts Options) error {
	file, ok := in.(*os.File)
	var size int64
	if ok {
		info, err := file.Stat()
		ok = err == nil && info.Mode().IsRegular()
		if ok {
			size = info.Size()
		}
	}
	if !ok {
		spool, err := os.CreateTemp("", "dateline-*.xlsx")
		if err != nil {
			return fmt.Errorf("importing contacts: %w", err)
		}
		before := s.close
		s.close = func() error { return errors.Join(spool.Close(), os.Remove(spool.Name()), before()) }
		if size, err = io.Copy(spool, io.LimitReader(buffered, maxPackage+1)); err != nil {
			return fmt.Errorf("importing contacts: %w", err)
		}
		file = spool
	}
	if size > maxPackage {
		return press.Fault{File: name, Line: 1, Column: 1, What: fmt.Sprintf("the workbook is larger than %d MiB", maxPackage>>20), Want: "save it as CSV"}
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return press.Fault{File: name, Line: 1, Column: 1, What: "the file begins as a ZIP and is none: " + err.Error(), Want: "a workbook (XLSX), CSV or vCard is wanted"}
	}
	book, fault := openBook(name, archive, opts.Sheet)
	if fault != nil {
		return *fault
	}
	s.format = Format{Kind: "xlsx", Sheet: book.sheet, Sheets: book.names()}
	s.table = book
	before := s.close
	s.close = func() error { return errors.Join(book.close(), before()) }
	return nil
}

// Inspect tells what a file is, and every fault of its header.
func Inspect(f File, opts Options) (Format, error) {
	s, err := open(f, opts)
	if err != nil {
		return Format{}, err
	}
	in := &reader{file: f.Name, table: s.table, opts: opts, check: newChecker()}
	faults := in.header()
	if split, ok := s.table.(*splitter); ok {
		s.format.Comma = string(rune(split.comma))
	}
	if err := s.close(); err != nil {
		return s.format, fmt.Errorf("importing contacts: %w", err)
	}
	if len(faults) > 0 {
		return s.format, faults
	}
	return s.format, nil
}

// Read reads contacts from a file of any kind that is known, as ReadCSV does.
func Read(f File, opts Options) iter.Seq2[Row, press.Faults] {
	return func(yield func(Row, press.Faults) bool) {
		s, err := open(f, opts)
		if err != nil {
			yield(Row{Line: 1}, asFaults(f.Name, err))
			return
		}
		stopped := false
		readTable(f.Name, s.table, opts, func(r Row, faults press.Faults) bool {
			stopped = !yield(r, faults)
			return !stopped
		})
		if err := s.close(); err != nil && !stopped {
			yield(Row{Line: 1}, asFaults(f.Name, err))
		}
	}
}

// asFaults gives an error as faults of the file.
func asFaults(name string, err error) press.Faults {
	var one press.Fault
	if errors.As(err, &one) {
		return press.Faults{one}
	}
	return press.Faults{{File: name, Line: 1, Column: 1, What: err.Error()}}
}

// ColumnNames are the names that a mapping may give.
func ColumnNames() []string { return slices.Clone(inputNames()) }
