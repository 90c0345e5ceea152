package roster

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/press"
)

// Store is what the roster needs of the store.
type Store interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
	ImportContacts(ctx context.Context, batch []press.Contact, now time.Time) (press.Imported, error)
}

// File is a contact file that can be read more than once.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// Report is what an import did, or would have done.
type Report struct {
	File    string         `json:"file"`
	Rows    int            `json:"rows"` // good ones
	Done    press.Imported `json:"done"`
	Refused int            `json:"refused"` // rows
	Faults  press.Faults   `json:"faults"`  // the first maxFaults of them
}

// Bounds of an import: rows a transaction, and faults kept for showing.
const (
	importBatch = 500
	maxFaults   = 1000
)

// Import reads a file twice: first for its faults, then to write its contacts.
// Progress is told in rows written.
func Import(ctx context.Context, s Store, f File, country press.Country, partial bool, now time.Time, progress func(total, n int)) (Report, error) {
	report, err := check(f, country)
	if err != nil {
		return report, err
	}
	if report.Refused > 0 && !partial {
		return report, report.Faults
	}
	err = rows(f, country, func(c []press.Contact) error {
		done, err := s.ImportContacts(ctx, c, now)
		report.Done.Add(done)
		if progress != nil {
			progress(report.Rows, len(c))
		}
		return err
	})
	return report, err
}

func check(f File, country press.Country) (Report, error) {
	report := Report{File: f.Name, Faults: press.Faults{}}
	in, err := f.Open()
	if err != nil {
		return report, fmt.Errorf("importing contacts: %w", err)
	}
	for _, faults := range contactfile.ReadCSV(f.Name, in, contactfile.Options{Country: country}) {
		if len(faults) == 0 {
			report.Rows++
			continue
		}
		report.Refused++
		report.Faults = append(report.Faults, faults[:min(len(faults), maxFaults-len(report.Faults))]...)
	}
	return report, in.Close()
}

// rows gives the file's good rows in batches.
func rows(f File, country press.Country, write func([]press.Contact) error) error {
	in, err := f.Open()
	if err != nil {
		return fmt.Errorf("importing contacts: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	batch := make([]press.Contact, 0, importBatch)
	for row, faults := range contactfile.ReadCSV(f.Name, in, contactfile.Options{Country: country}) {
		if len(faults) > 0 {
			continue
		}
		if batch = append(batch, row.Contact); len(batch) == importBatch {
			if err := write(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return write(batch)
}

// List gives the contacts that a filter and a list pick; a nil list picks all.
func List(ctx context.Context, s Store, f press.Filter, l *press.List) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		for c, err := range s.Contacts(ctx) {
			if err == nil && (!f.Matches(c) || (l != nil && !l.Holds(c))) {
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}
