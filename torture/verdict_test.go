package torture

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// received is one copy that came in whole at a relay.
type received struct {
	To        string    `json:"to"`
	Began     time.Time `json:"began"`
	MessageID string    `json:"message_id"`
}

// account is all that an ordeal is judged by: what was approved, what the
// relays got, and what the ledger says.
type account struct {
	planned []string  // addresses
	lift    time.Time // nothing may leave before
	got     []received
	trail   map[string][]string // by address: the states that its copy came into, in order
	states  map[string]int      // how many stand where, in the end
	resend  bool                // the policy on_unknown
	left    int                 // so many may be unknown in the end
	marked  int                 // so many may have been marked unknown on the way
}

// verdict is what became of it: the numbers, and every fault.
type verdict struct {
	recipients, accepted, unknown, marked int
	none, one, more                       int // addresses with so many copies
	lost, twice, early                    int
	faults                                []string
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// judge counts the copies of each address.
func judge(a account) verdict {
	v := verdict{recipients: len(a.planned), accepted: a.states["accepted"], unknown: a.states["unknown"]}
	copies := map[string][]received{}
	for _, r := range a.got {
		copies[r.To] = append(copies[r.To], r)
		if r.Began.Before(a.lift) {
			v.early++
			v.fault("%s: a copy came %s before the lift", r.To, a.lift.Sub(r.Began))
		}
	}
	for _, address := range a.planned {
		v.address(address, copies[address], a.trail[address], a.resend)
		delete(copies, address)
	}
	for _, stranger := range slices.Sorted(maps.Keys(copies)) {
		v.fault("%s: got %d copies and was not in the plan", stranger, len(copies[stranger]))
	}
	v.ledger(a)
	return v
}

// address judges one address by its copies and its trail.
func (v *verdict) address(address string, copies []received, trail []string, resend bool) {
	marks := 0
	for _, state := range trail {
		if state == "unknown" {
			marks++
		}
	}
	v.marked += marks
	last := ""
	if len(trail) > 0 {
		last = trail[len(trail)-1]
	}
	allowed := 1
	if resend {
		allowed += marks
	}
	switch {
	case len(copies) == 0:
		v.none++
	case len(copies) == 1:
		v.one++
	default:
		v.more++
	}
	switch {
	case len(copies) == 0 && last != "unknown":
		v.lost++
		v.fault("%s: lost: no copy came, and its trail is %v", address, trail)
	case len(copies) > allowed:
		v.twice++
		v.fault("%s: %d copies came, its trail is %v", address, len(copies), trail)
	}
	for _, c := range copies {
		if c.MessageID == "" || c.MessageID != copies[0].MessageID {
			v.fault("%s: the Message-IDs of its copies are %q and %q", address, copies[0].MessageID, c.MessageID)
		}
	}
}

// ledger holds the ledger's numbers against the plan and the bounds.
func (v *verdict) ledger(a account) {
	if v.accepted+v.unknown != v.recipients {
		v.fault("of %d recipients %d are accepted and %d unknown; the ledger has %v", v.recipients, v.accepted, v.unknown, a.states)
	}
	last := map[string]int{}
	for _, trail := range a.trail {
		if len(trail) > 0 {
			last[trail[len(trail)-1]]++
		}
	}
	if last["accepted"] != v.accepted || last["unknown"] != v.unknown {
		v.fault("by the log %v, by the status %v", last, a.states)
	}
	if v.unknown > a.left {
		v.fault("%d are unknown in the end; %d may be", v.unknown, a.left)
	}
	if v.marked > a.marked {
		v.fault("%d times a copy was marked unknown; %d may be, one per open connection and blow", v.marked, a.marked)
	}
}

// line is an ordeal's line in the table.
type line struct {
	name    string
	blows   int
	seconds float64
	note    string
	skipped bool
	verdict
}

var table struct {
	sync.Mutex
	lines []line
}

func addLine(l line) {
	table.Lock()
	defer table.Unlock()
	table.lines = append(table.lines, l)
}

// printTable writes what every ordeal came to.
func printTable(w io.Writer) {
	table.Lock()
	defer table.Unlock()
	if len(table.lines) == 0 {
		return
	}
	slices.SortStableFunc(table.lines, func(a, b line) int { return strings.Compare(a.name, b.name) })
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, l := range table.lines {
		width = max(width, len(l.name))
	}
	fmt.Fprintln(out, pad("ordeal", width)+"\tblows\trecipients\taccepted\tunknown\tmarked\t0 copies\t1 copy\t2 and more\tlost\ttwice\tearly\tseconds\t")
	var lost, twice, early, faults int
	for _, l := range table.lines {
		if l.skipped {
			fmt.Fprintf(out, "%s\t\t\t\t\t\t\t\t\t\t\t\t\t  skipped: %s\n", pad(l.name, width), l.note)
			continue
		}
		said := "ok"
		if len(l.faults) > 0 {
			said = "BROKEN"
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t  %s\n", pad(l.name, width), l.blows, l.recipients, l.accepted, l.unknown, l.marked,
			l.none, l.one, l.more, l.lost, l.twice, l.early, l.seconds, said)
		lost, twice, early, faults = lost+l.lost, twice+l.twice, early+l.early, faults+len(l.faults)
	}
	fmt.Fprintln(w)
	_ = out.Flush() // nobody to tell of a broken pipe
	fmt.Fprintln(w)
	for _, l := range table.lines {
		if l.note != "" && !l.skipped {
			fmt.Fprintf(w, "%s: %s\n", l.name, l.note)
		}
	}
	fmt.Fprintf(w, "blows: kills, stops and outages; marked: times a copy was marked unknown; a copy more is allowed to what was marked, and only where the policy is resend\n")
	fmt.Fprintf(w, "by the count at the relays: %d lost, %d twice that were not marked unknown, %d early; %d faults; seed %d\n", lost, twice, early, faults, seed)
}

// pad keeps the names to the left where the numbers stand to the right.
func pad(s string, width int) string { return fmt.Sprintf("%-*s", width, s) }
