package contactfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"dateline/internal/press"
)

// WriteCSV writes contacts with every column that ReadCSV knows, in UTF-8,
// parted by commas, a line feed behind each row. A contact with several
// outlets takes a row for each, one after the other.
//
// Cells that a spreadsheet would take for a formula get an apostrophe before
// them, which ReadCSV takes off again. Ids are not written. It fails when w
// does, and says which contact could not be written.
func WriteCSV(w io.Writer, contacts iter.Seq[press.Contact]) error {
	out := csv.NewWriter(w)
	if err := out.Write(columnNames()); err != nil {
		return fmt.Errorf("writing the header of the contacts: %w", err)
	}
	n := 0
	for c := range contacts {
		n++
		outlets := c.Outlets
		if len(outlets) == 0 {
			outlets = []press.Outlet{{}}
		}
		for _, o := range outlets {
			if err := out.Write(rowOf(c, o)); err != nil {
				return fmt.Errorf("writing contact %d, %s: %w", n, c.Preferred(), err)
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing %d contacts: %w", n, err)
	}
	return nil
}

// rowOf makes the cells of a contact at one outlet, in the order of
// columnNames.
func rowOf(c press.Contact, o press.Outlet) []string {
	day := func(d press.Date) string {
		if d.IsZero() {
			return ""
		}
		return d.String()
	}
	cells := []string{
		c.Name, joined(bracketed(c.Addresses)), o.Name, string(o.Kind), string(o.Country), o.Website, o.Zone,
		string(c.Country), joined(c.Languages), joined(c.Beats), joined(c.Tags), c.Zone, c.LegalBasis, c.Source,
		c.Notes, day(c.Confirmed),
		day(o.Agreement.On), o.Agreement.By, o.Agreement.Scope, day(o.Agreement.Until), o.Agreement.Document,
	}
	for i, s := range cells {
		cells[i] = Guard(s)
	}
	return cells
}

func joined[T ~string](values []T) string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return strings.Join(all, "; ")
}

// bracketed puts addresses with a bar within in angle brackets, where it does
// not part them.
func bracketed(addresses []press.Address) []press.Address {
	all := slices.Clone(addresses)
	for i, a := range all {
		if strings.Contains(string(a), "|") {
			all[i] = "<" + a + ">"
		}
	}
	return all
}
