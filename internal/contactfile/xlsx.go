package contactfile

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// Bounds of a workbook (ECMA-376). What is larger than these is no list of
// contacts, or was made to fill the memory of whoever opens it.
const (
	maxPackage  = 1 << 30 // bytes of the file
	maxParts    = 10_000
	maxUnpacked = 3 << 30   // bytes of the sheet
	maxRatio    = 200       // of the unpacked to the packed, for what is large; a list has some 20
	maxStrings  = 512 << 20 // bytes of the texts that cells share
	maxTexts    = 5_000_000 // that cells share
	maxColumns  = 500
	maxCell     = 64 << 10 // bytes of a cell's text
)

// book reads one sheet of a workbook, a row at a time. It is not excelize,
// which holds what a cell's date looks like apart from the cell and tells of
// formulas only for a sheet that is whole in memory.
type book struct {
	file   string
	zip    *zip.Reader
	sheets []sheet
	sheet  string
	epoch  time.Time // day 0 of its dates
	texts  []string  // that cells share
	dates  []bool    // by style: a number in it is a date

	part   io.ReadCloser
	tokens *tokens
	xml    *xml.Decoder
	row    int // the last one that was read
	cells  []cell
	width  int
	err    error
}

type sheet struct {
	Name string `xml:"name,attr"`
	Rel  string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
}

func (b *book) fault(row, col int, what, want string) *press.Fault {
	return &press.Fault{File: b.file, Line: max(row, 1), Column: max(col, 1), What: what, Want: want}
}

func (b *book) names() []string {
	names := make([]string, len(b.sheets))
	for i, s := range b.sheets {
		names[i] = s.Name
	}
	return names
}

// openBook reads what stands around the sheet, and stops at its first row.
func openBook(file string, archive *zip.Reader, wanted string) (*book, *press.Fault) {
	b := &book{file: file, zip: archive, epoch: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	if len(archive.File) > maxParts {
		return nil, b.fault(1, 1, fmt.Sprintf("the workbook has %d parts", len(archive.File)), "a list of contacts has a few; save it as CSV")
	}
	target, err := b.contents(wanted)
	if err == nil {
		err = b.styles()
	}
	if err == nil {
		err = b.sharedTexts()
	}
	if err == nil {
		err = b.begin(target)
	}
	if err != nil {
		var f press.Fault
		if errors.As(err, &f) {
			return nil, &f
		}
		return nil, b.fault(1, 1, "the workbook cannot be read: "+err.Error(), "save it anew as XLSX, or as CSV")
	}
	return b, nil
}

// contents reads which sheets there are, and where the wanted one is.
func (b *book) contents(wanted string) (string, error) {
	var book struct {
		Properties struct {
			From1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []sheet `xml:"sheets>sheet"`
	}
	if err := b.decode("xl/workbook.xml", &book); err != nil {
		return "", err
	}
	b.sheets = book.Sheets
	if book.Properties.From1904 == "1" || book.Properties.From1904 == "true" {
		b.epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	i := slices.IndexFunc(b.sheets, func(s sheet) bool { return wanted == "" || s.Name == wanted })
	if i < 0 {
		return "", *b.fault(1, 1, fmt.Sprintf("the workbook has no sheet %s", short(wanted)), "it has: "+strings.Join(b.names(), ", "))
	}
	b.sheet = b.sheets[i].Name
	var rels struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := b.decode("xl/_rels/workbook.xml.rels", &rels); err != nil {
		return "", err
	}
	for _, r := range rels.All {
		if r.ID == b.sheets[i].Rel {
			if strings.HasPrefix(r.Target, "/") {
				return strings.TrimPrefix(path.Clean(r.Target), "/"), nil
			}
			return path.Join("xl", r.Target), nil
		}
	}
	return "", fmt.Errorf("the sheet %q is nowhere in it", b.sheet)
}

// open opens a part, no larger than it may be whatever the archive says of it.
func (b *book) open(name string, most int64) (io.ReadCloser, error) {
	for _, f := range b.zip.File {
		if f.Name != name {
			continue
		}
		if size := f.UncompressedSize64; size > uint64(most) || size > 4<<20 && size/maxRatio > f.CompressedSize64 { //nolint:gosec // most is above 0
			return nil, *b.fault(1, 1, fmt.Sprintf("%s in the workbook unpacks to %d MiB from %d KiB", name, size>>20, f.CompressedSize64>>10), "a workbook that is no trap; save the list as CSV")
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return &bounded{r, most + 1, name}, nil
	}
	return nil, fmt.Errorf("it lacks %s", name)
}

// bounded fails where a part goes on beyond its bound.
type bounded struct {
	io.ReadCloser
	left int64
	name string
}

func (r *bounded) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("%s is larger than it may be", r.name)
	}
	n, err := r.ReadCloser.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}

// decode reads a small part whole.
func (b *book) decode(name string, to any) error {
	const most = 16 << 20
	r, err := b.open(name, most)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	_, in := newTokens(r)
	if err := in.Decode(to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// styles reads which styles make a date of a number.
func (b *book) styles() error {
	var s struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	err := b.decode("xl/styles.xml", &s)
	if err != nil && strings.HasPrefix(err.Error(), "it lacks") {
		return nil // a workbook without styles has no dates
	}
	own := map[int]bool{}
	for _, f := range s.Formats {
		own[f.ID] = isDateFormat(f.Code)
	}
	for _, c := range s.Cells {
		date, known := own[c.Format]
		if !known { // the built-in ones, of all languages
			date = c.Format >= 14 && c.Format <= 22 || c.Format >= 27 && c.Format <= 36 || c.Format >= 45 && c.Format <= 47 || c.Format >= 50 && c.Format <= 58
		}
		b.dates = append(b.dates, date)
	}
	return err
}

// isDateFormat tells a format that shows days, by its letters outside of quotes
// and brackets.
func isDateFormat(code string) bool {
	quoted, bracketed := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			bracketed = true
		case c == ']':
			bracketed = false
		case !bracketed && strings.IndexByte("dDyY", c) >= 0:
			return true
		}
	}
	return false
}

// sharedTexts reads the texts that cells share.
func (b *book) sharedTexts() error {
	const name = "xl/sharedStrings.xml"
	if !slices.ContainsFunc(b.zip.File, func(f *zip.File) bool { return f.Name == name }) {
		return nil
	}
	r, err := b.open(name, maxStrings)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	_, in := newTokens(r)
	for {
		t, err := in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if start, ok := t.(xml.StartElement); ok && start.Name.Local == "si" {
			text, err := textWithin(in)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if len(b.texts) == maxTexts {
				return fmt.Errorf("%s: it has more than %d texts", name, maxTexts)
			}
			b.texts = append(b.texts, text)
		}
	}
}

// textWithin reads the text of an element whose start was read, without what
// only tells how it is spoken.
func textWithin(in *xml.Decoder) (string, error) {
	var text strings.Builder
	spoken, inText := 0, false
	for depth := 1; depth > 0; {
		t, err := in.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				spoken++
			}
		case xml.EndElement:
			depth--
			inText = false
			if t.Name.Local == "rPh" {
				spoken--
			}
		case xml.CharData:
			if inText && spoken == 0 {
				text.Write(t[:min(len(t), maxCell-min(maxCell, text.Len()))]) // what is cut is too long for any column, and told there
			}
		}
	}
	return text.String(), nil
}

// begin opens the sheet.
func (b *book) begin(target string) error {
	part, err := b.open(target, maxUnpacked)
	if err != nil {
		return err
	}
	b.part = part
	b.tokens, b.xml = newTokens(part)
	return nil
}

func (b *book) close() error { return b.part.Close() }

func (b *book) failed() (int, error) { return b.row + 1, b.err }

// header is the first row that has any text.
func (b *book) header(Options) ([]cell, int, *press.Fault) {
	cells, at, fault := b.record()
	if fault == nil && b.err == nil && cells == nil {
		fault = b.fault(1, 1, fmt.Sprintf("the sheet %q is empty", b.sheet), "a header row is wanted, such as name, email, country, languages")
	}
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1].text) == "" {
		cells = cells[:len(cells)-1]
	}
	b.width = len(cells)
	return cells, at, fault
}

// record gives the next row with any text. It is as wide as the header, unless
// it has text beyond it.
func (b *book) record() ([]cell, int, *press.Fault) {
	for b.nextRow() {
		fault, err := b.readRow()
		if err != nil {
			b.err = err
			break
		}
		if fault != nil {
			return nil, b.row, fault
		}
		if slices.ContainsFunc(b.cells, func(c cell) bool { return strings.TrimSpace(c.text) != "" }) {
			b.tokens.hear()
			return b.fitted(), b.row, nil
		}
	}
	return nil, b.row, nil
}

// nextRow goes on to the start of the next row; false at the end, or where the
// sheet cannot be read on.
func (b *book) nextRow() bool {
	for b.err == nil {
		t, err := b.xml.Token()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				b.err = err
			}
			return false
		}
		start, ok := t.(xml.StartElement)
		if !ok || start.Name.Local != "row" {
			continue
		}
		b.row++
		if n, err := strconv.Atoi(attribute(start, "r")); err == nil && n > 0 {
			b.row = n
		}
		return true
	}
	return false
}

// fitted gives the row the header's width.
func (b *book) fitted() []cell {
	for len(b.cells) > b.width && b.width > 0 && strings.TrimSpace(b.cells[len(b.cells)-1].text) == "" {
		b.cells = b.cells[:len(b.cells)-1]
	}
	for len(b.cells) < b.width {
		b.cells = append(b.cells, cell{line: b.row, col: len(b.cells) + 1})
	}
	return b.cells
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
