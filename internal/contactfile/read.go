package contactfile

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"

	"dateline/internal/press"
)

// Options are what the person who imports says of a file.
type Options struct {
	// Country is the country of every contact in the file. Where it is empty
	// each row must name one; where it is set a row that names another is
	// refused.
	Country press.Country
	// Comma is the separator: a comma, a semicolon, a tab or a bar. Zero asks
	// the header line.
	Comma rune
	// Encoding is how a CSV or vCard file writes its characters; "" guesses.
	Encoding string
	// Sheet is the sheet of a workbook to read; "" is the first one.
	Sheet string
	// Columns says what a file's own column names mean: the name in the file ->
	// ours, or `-` to pass the column over.
	Columns map[string]string
	// Require names columns that no row may leave empty, by our names or others.
	Require []string
	// What holds for a row that does not say.
	Languages  []press.Lang
	OutletKind press.OutletKind
	LegalBasis string
	Source     string
	Confirmed  press.Date
	// Once says that the file was read before and no address stands in it twice,
	// so that none needs to be remembered.
	Once bool
}

// fallback is what holds where a row's cell is empty.
func (o Options) fallback(c column) string {
	switch c {
	case colLanguages:
		return joined(o.Languages)
	case colCountry:
		return string(o.Country)
	case colOutletKind:
		return string(o.OutletKind)
	case colLegalBasis:
		return o.LegalBasis
	case colSource:
		return o.Source
	case colConfirmed:
		if o.Confirmed.IsZero() {
			return ""
		}
		return o.Confirmed.String()
	default:
		return ""
	}
}

// Row is one contact and the line that it begins on, 1-based.
type Row struct {
	Line    int
	Contact press.Contact
}

// ReadCSV reads contacts, a row at a time. Each step gives either a contact,
// with no faults, or all the faults of one row, with only Line set. Faults
// come as soon as their row is read, a contact once the row after its last one
// is. The name of the file is used in faults alone. The sequence can be read
// once.
func ReadCSV(file string, r io.Reader, opts Options) iter.Seq2[Row, press.Faults] {
	return func(yield func(Row, press.Faults) bool) { readTable(file, newSplitter(file, r), opts, yield) }
}

// table is what rows of cells are read from.
type table interface {
	// header gives the cells that name the columns, and their line.
	header(opts Options) ([]cell, int, *press.Fault)
	// record gives the next row that has any text, and its first line; the cells
	// hold until the next call. At the end there is neither a cell nor a fault.
	record() ([]cell, int, *press.Fault)
	// failed is why reading ended, where it was not by the end, and on which line.
	failed() (int, error)
}

func readTable(file string, t table, opts Options, yield func(Row, press.Faults) bool) {
	in := &reader{file: file, table: t, opts: opts, check: newChecker(), seen: map[uint64]int32{}, seed: maphash.MakeSeed(), yield: yield}
	if faults := in.header(); len(faults) > 0 {
		yield(Row{Line: max(faults[0].Line, 1)}, faults)
		return
	}
	for in.next() {
	}
}

// reader is one reading of a file.
type reader struct {
	file   string
	table  table
	opts   Options
	layout layout
	check  *checker
	seen   map[uint64]int32 // hash of an address's key -> the line it stands on
	seed   maphash.Seed
	held   Row // a contact whose next outlet may stand on the next row
	yield  func(Row, press.Faults) bool
}

// header reads up to and with the header line.
func (in *reader) header() press.Faults {
	cells, at, fault := in.table.header(in.opts)
	if fault != nil {
		return press.Faults{*fault}
	}
	if _, err := in.table.failed(); err != nil {
		return press.Faults{in.broken()}
	}
	var faults press.Faults
	in.layout, faults = readHeader(in.file, at, cells, in.opts)
	return faults
}

// broken is the fault of a reader that failed.
func (in *reader) broken() press.Fault {
	at, err := in.table.failed()
	why := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		why = "it ends too soon"
	}
	return press.Fault{File: in.file, Line: at, Column: 1, What: "reading the file failed: " + why, Want: "the rows before this line were read"}
}

// next reads one row; it tells whether there may be another.
func (in *reader) next() bool {
	cells, at, fault := in.table.record()
	switch {
	case fault != nil:
		return in.yield(Row{Line: at}, press.Faults{*fault})
	case cells == nil:
		if line, err := in.table.failed(); in.flush() && err != nil {
			in.yield(Row{Line: line}, press.Faults{in.broken()})
		}
		return false
	}
	row := &rowReader{file: in.file, line: at, cells: cells, layout: in.layout, opts: in.opts, check: in.check}
	contact := row.contact()
	if in.continues(contact) {
		if len(row.faults) == 0 {
			in.sameButOutlet(row, contact)
		}
		if len(row.faults) == 0 {
			in.held.Contact.Outlets = append(in.held.Contact.Outlets, contact.Outlets...)
			return true
		}
	} else {
		in.once(row, contact)
	}
	if len(row.faults) > 0 {
		row.faults.Sort()
		return in.yield(Row{Line: at}, row.faults)
	}
	more := in.flush()
	in.held = Row{Line: at, Contact: contact}
	return more
}

// flush yields the contact that waited for its next outlet.
func (in *reader) flush() bool {
	row := in.held
	in.held = Row{}
	return row.Line == 0 || in.yield(row, nil)
}

// continues tells whether a row names one more outlet of the contact before.
func (in *reader) continues(c press.Contact) bool {
	before := in.held.Contact
	if len(before.Outlets) == 0 || len(c.Outlets) == 0 || len(c.Addresses) == 0 {
		return false
	}
	return before.Preferred().Key() == c.Preferred().Key() &&
		!slices.ContainsFunc(before.Outlets, func(o press.Outlet) bool {
			return o.Name == c.Outlets[0].Name && o.Country == c.Outlets[0].Country
		})
}

// sameButOutlet refuses a row that says other things of the contact than the
// row before.
func (in *reader) sameButOutlet(row *rowReader, c press.Contact) {
	before := in.held.Contact
	for _, differs := range []struct {
		col column
		yes bool
	}{
		{colName, before.Name != c.Name},
		{colEmail, !slices.Equal(before.Addresses, c.Addresses)},
		{colCountry, before.Country != c.Country},
		{colLanguages, !slices.Equal(before.Languages, c.Languages)},
		{colBeats, !slices.Equal(before.Beats, c.Beats)},
		{colTags, !slices.Equal(before.Tags, c.Tags)},
		{colZone, before.Zone != c.Zone},
		{colLegalBasis, before.LegalBasis != c.LegalBasis},
		{colSource, before.Source != c.Source},
		{colNotes, before.Notes != c.Notes},
		{colConfirmed, before.Confirmed != c.Confirmed},
	} {
		if differs.yes {
			row.fault(row.cell(differs.col), fmt.Sprintf("%s is not what line %d says of %s", columnNames()[differs.col], in.held.Line, c.Preferred()),
				"rows that name a contact's further outlets differ only in the outlet's columns")
		}
	}
}

// once refuses an address that an earlier row has.
func (in *reader) once(row *rowReader, c press.Contact) {
	if in.opts.Once {
		return
	}
	for _, a := range c.Addresses {
		hash := maphash.String(in.seed, a.Key())
		switch line, ok := in.seen[hash]; {
		case !ok:
			in.seen[hash] = int32(row.line) //nolint:gosec // a file of 2 GB has fewer lines than that
		case int(line) == row.line: // in another spelling
			row.fault(row.cell(colEmail), fmt.Sprintf("email has %q twice", a), "once is enough")
		default:
			row.fault(row.cell(colEmail), fmt.Sprintf("%s stands on line %d already", a, line),
				"one contact has an address; further outlets of a contact stand on rows directly after it")
		}
	}
}
