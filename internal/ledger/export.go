package ledger

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/press"
)

// Deliveries are rows of the log as they are read; an error ends them.
type Deliveries = iter.Seq2[press.DeliveryRow, error]

// WriteJSONL writes deliveries as JSON, one a line, as they are read, and tells
// how many. Addresses and names are left out unless they are asked for.
func WriteJSONL(w io.Writer, rows Deliveries, personal bool) (int, error) {
	out := json.NewEncoder(w)
	return write(rows, personal, func(r press.DeliveryRow) error { return out.Encode(r) })
}

// WriteCSV writes deliveries as CSV for spreadsheets, as they are read, and tells
// how many: UTF-8, parted by commas, with a header, instants in UTC. A cell that
// a spreadsheet would take for a formula begins with an apostrophe. Addresses and
// names are left out unless they are asked for; their columns stay.
func WriteCSV(w io.Writer, rows Deliveries, personal bool) (int, error) {
	out := csv.NewWriter(w)
	if err := out.Write(columns()); err != nil {
		return 0, fmt.Errorf("writing the header of the deliveries: %w", err)
	}
	n, err := write(rows, personal, func(r press.DeliveryRow) error { return out.Write(cells(r)) })
	if err != nil {
		return n, err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return n, fmt.Errorf("writing %d deliveries: %w", n, err)
	}
	return n, nil
}

func write(rows Deliveries, personal bool, one func(press.DeliveryRow) error) (int, error) {
	n := 0
	for r, err := range rows {
		if err != nil {
			return n, err
		}
		if !personal {
			r.Address, r.Name = "", ""
		}
		if err := one(r); err != nil {
			return n, fmt.Errorf("writing delivery %s, the %dth: %w", r.ID, n+1, err)
		}
		n++
	}
	return n, nil
}

func columns() []string {
	return []string{
		"id", "release", "send", "country", "edition", "outlet", "outlet_kind", "address", "name", "contact", "state", "reason", "class",
		"due", "updated", "attempts", "last", "last_at", "relay", "code", "enhanced", "reply",
	}
}

func cells(r press.DeliveryRow) []string {
	code := ""
	if r.Last.Code > 0 {
		code = strconv.Itoa(r.Last.Code)
	}
	all := []string{
		r.ID.String(), r.Release, r.Send, string(r.Country), string(r.Edition), r.Outlet, string(r.OutletKind), string(r.Address), r.Name, r.Contact.String(),
		string(r.State), string(r.Reason), string(r.Class), inUTC(r.Due), inUTC(r.Updated), strconv.Itoa(r.Attempts),
		string(r.Last.State), inUTC(r.Last.At), r.Last.Relay, code, r.Last.Enhanced, r.Last.Text,
	}
	for i, s := range all {
		all[i] = contactfile.Guard(s)
	}
	return all
}

func inUTC(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
