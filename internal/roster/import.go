package roster

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/locale"
	"dateline/internal/press"
)

// Store is what the roster needs of the store.
type Store interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
	ImportContacts(ctx context.Context, b press.ImportBatch, now time.Time) (press.Imported, []press.ImportChange, error)
	BeginImport(ctx context.Context, file string, total int, now time.Time) (press.ID, error)
	EndImport(ctx context.Context, id press.ID) error
}

// Importing is what a person asks for.
type Importing struct {
	File     contactfile.File
	Options  contactfile.Options
	Beats    []string                 // the team's; none allows any
	Zones    map[press.Country]string // configured
	Key      press.KeyOf
	Partial  bool // the good rows are imported although others are faulty
	Dry      bool // nothing is written
	Now      time.Time
	Progress func(total, n int) // in rows; nil: nobody looks
}

// Report is what an import did, or would do.
type Report struct {
	File     string                `json:"file"`
	Format   contactfile.Format    `json:"format"`
	Dry      bool                  `json:"dry,omitempty"`
	Rows     int                   `json:"rows"` // good ones
	Done     press.Imported        `json:"done"`
	Refused  int                   `json:"refused"`            // rows
	Faults   press.Faults          `json:"faults"`             // the first maxFaults of them
	Changes  []press.ImportChange  `json:"changes"`            // of a dry run: the first maxChanges of rows that change something
	Zoneless map[press.Country]int `json:"zoneless,omitempty"` // contacts without a zone, in countries with several
}

// Bounds of an import: rows a transaction, and faults and changes kept for
// showing.
const (
	importBatch = 1000
	maxFaults   = 1000
	maxChanges  = 1000
)

// Import reads a file twice: first for its faults, then to write its contacts,
// or to tell what would be written. Progress is told in rows.
func Import(ctx context.Context, s Store, in Importing) (Report, error) {
	report := Report{File: in.File.Name, Dry: in.Dry, Faults: press.Faults{}, Changes: []press.ImportChange{}, Zoneless: map[press.Country]int{}}
	var err error
	if report.Format, err = contactfile.Inspect(in.File, in.Options); err != nil {
		if faults, ok := err.(press.Faults); ok { //nolint:errorlint // Inspect gives them bare
			report.Refused, report.Faults = 1, faults
		}
		return report, err
	}
	report.check(in)
	if report.Refused > 0 && !in.Partial && !in.Dry {
		return report, report.Faults
	}
	err = report.write(ctx, s, in)
	return report, err
}

// check reads the file for its faults.
func (r *Report) check(in Importing) {
	known := map[press.Country]bool{} // whether a contact there needs no zone of their own
	zoned := func(c press.Country) bool {
		yes, ok := known[c]
		if !ok {
			_, yes = locale.SoleZone(c)
			yes = yes || in.Zones[c] != ""
			known[c] = yes
		}
		return yes
	}
	for row, faults := range in.rows() {
		if len(faults) > 0 {
			r.Refused++
			r.Faults = append(r.Faults, faults[:min(len(faults), maxFaults-len(r.Faults))]...)
			continue
		}
		r.Rows++
		if c := row.Contact; c.Zone == "" {
			if !zoned(c.Country) && !slices.ContainsFunc(c.Outlets, func(o press.Outlet) bool { return o.Zone != "" }) {
				r.Zoneless[c.Country]++
			}
		}
	}
}

// rows are the file's, held against the team's beats.
func (in Importing) rows() iter.Seq2[contactfile.Row, press.Faults] {
	return func(yield func(contactfile.Row, press.Faults) bool) {
		for row, faults := range contactfile.Read(in.File, in.Options) {
			if len(faults) == 0 && len(in.Beats) > 0 {
				for _, beat := range row.Contact.Beats {
					if !slices.Contains(in.Beats, beat) {
						faults = append(faults, press.Fault{
							File: in.File.Name, Line: row.Line, Column: 1, What: fmt.Sprintf("%q is no beat of the team's", beat), Want: "lists.yaml has them in `beats`",
						})
					}
				}
			}
			if !yield(row, faults) {
				return
			}
		}
	}
}

// write imports the good rows in batches. The next ones are read while the store
// writes.
func (r *Report) write(ctx context.Context, s Store, in Importing) error {
	var id press.ID
	if !in.Dry {
		var err error
		if id, err = s.BeginImport(ctx, in.File.Name, r.Rows, in.Now); err != nil {
			return err
		}
	}
	in.Options.Once = r.Refused == 0
	ctx, stop := context.WithCancel(ctx)
	batches := make(chan []press.ImportRow, 2)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(batches)
		in.batches(ctx, batches)
	})
	defer reading.Wait()
	defer stop()
	for rows := range batches {
		if err := r.step(ctx, s, in, press.ImportBatch{Import: id, Key: in.Key, Dry: in.Dry, Rows: rows}); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil || in.Dry {
		return err
	}
	return s.EndImport(ctx, id)
}

// batches reads the good rows, until the context ends.
func (in Importing) batches(ctx context.Context, to chan<- []press.ImportRow) {
	var rows []press.ImportRow
	give := func() bool {
		if len(rows) == 0 {
			return true
		}
		select {
		case to <- rows:
			rows = make([]press.ImportRow, 0, importBatch)
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, faults := range in.rows() {
		if len(faults) > 0 {
			continue
		}
		if rows = append(rows, press.ImportRow{Line: row.Line, Contact: row.Contact}); len(rows) == importBatch && !give() {
			return
		}
	}
	give()
}

// step imports one batch.
func (r *Report) step(ctx context.Context, s Store, in Importing, b press.ImportBatch) error {
	done, changes, err := s.ImportContacts(ctx, b, time.Now()) // of each batch: it is a sign of life
	if err != nil {
		return err
	}
	r.Done.Add(done)
	for _, c := range changes {
		if in.Dry && (c.Verdict != press.ImportUnchanged || len(c.Clash) > 0) && len(r.Changes) < maxChanges {
			r.Changes = append(r.Changes, c)
		}
	}
	if in.Progress != nil {
		in.Progress(r.Rows, len(b.Rows))
	}
	return nil
}

// List gives the contacts that a filter and a list pick on a day; a nil list
// picks all.
func List(ctx context.Context, s Store, f press.Filter, l *press.List, day press.Date) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		for c, err := range s.Contacts(ctx) {
			if err == nil && (!f.Matches(c, day) || (l != nil && !l.Holds(c, day))) {
				continue
			}
			if !yield(c, err) {
				return
			}
		}
	}
}
