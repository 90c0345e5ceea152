package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// soakFigures is the last line, for machines.
type soakFigures struct {
	Seconds     float64        `json:"seconds"`
	Releases    int            `json:"releases"`
	Recipients  int            `json:"recipients"`
	Copies      int            `json:"copies"`
	States      map[string]int `json:"states"`
	Unknown     map[string]int `json:"unknown"` // by reason
	Kills       int            `json:"kills"`
	Reloads     int            `json:"reloads"`
	Refused     int            `json:"configs_refused"`
	RelayGone   int            `json:"relay_gone"`
	PutOff      int            `json:"relay_4xx"`
	Refusals    int            `json:"relay_5xx"`
	Broken      int            `json:"relay_broken"`
	Lost        int            `json:"relay_lost_answers"`
	Reports     map[string]int `json:"came_back"`
	RSSFrom     float64        `json:"rss_mib_from"`
	RSSTo       float64        `json:"rss_mib_to"`
	LiveFrom    float64        `json:"live_mib_from"`
	LiveTo      float64        `json:"live_mib_to"`
	Goroutines  [2]int         `json:"goroutines"`  // of the daemon that lived, idle: at the start and in the end
	Descriptors [2]int         `json:"descriptors"` // likewise
	Connections int            `json:"postgres_connections"`
	Database    float64        `json:"database_mib"`
	StopA       float64        `json:"stop_a_s"`
	StopB       float64        `json:"stop_b_s"`
	Faults      int            `json:"faults"`
}

// What memory may grow by, of a daemon's, over the last two thirds of a soak: a
// tenth, or what a few more releases in the folder take.
const (
	growthShare = 0.10
	growthFloor = 2 * mib
)

// report judges all that was seen, and prints it.
func (s *soak) report() {
	s.t.Helper()
	v := judgeSoak(soakAccount{
		releases: s.releases, got: s.relay.all, came: s.back.came, optedOut: s.back.optedOut, refused: s.relay.refused,
		unknown: s.relay.lost + s.relay.broken + (s.blows+2*s.relay.away)*connections,
	})
	s.judgeReports()
	f := soakFigures{
		Seconds: s.pace.length.Seconds(), Releases: len(s.releases), Recipients: v.recipients, Copies: v.copies, States: v.states, Unknown: v.reasons,
		Kills: s.blows, Reloads: s.reloads, Refused: s.refused, RelayGone: s.relay.away, PutOff: s.relay.put, Broken: s.relay.broken, Lost: s.relay.lost,
		Reports: s.back.byReports, Connections: s.conns, Database: tenths(s.size / mib),
		Goroutines: [2]int{s.a.idle.goroutines, s.a.end.goroutines}, Descriptors: [2]int{s.a.idle.fds, s.a.end.fds},
		StopA: tenths(s.stopped[0].Seconds()), StopB: tenths(s.stopped[1].Seconds()),
	}
	for _, n := range s.relay.refused {
		f.Refusals += n
	}
	f.RSSFrom, f.RSSTo = s.grown("in RAM", func(x sample) float64 { return x.rss })
	f.LiveFrom, f.LiveTo = s.grown("of live heap", func(x sample) float64 { return x.live })
	faults := slices.Concat(s.faults, v.faults)
	f.Faults = len(faults)
	f.print(os.Stdout, s)
	const shown = 20
	for _, fault := range faults[:min(shown, len(faults))] {
		s.t.Error(fault)
	}
	if len(faults) > shown {
		s.t.Errorf("and %d faults more", len(faults)-shown)
	}
}

// judgeReports holds what the store took of what came back against what was sent.
func (s *soak) judgeReports() {
	s.t.Helper()
	took := 0
	for line := range bytes.Lines(s.run(nil, "bounces", "--limit", "0", "--json")) {
		var e struct {
			Mailbox string `json:"mailbox"`
			Tie     string `json:"tie"`
		}
		s.must(json.Unmarshal(line, &e))
		if e.Mailbox == "listener" || e.Mailbox == "folder" {
			took++
			if e.Tie != "token" {
				s.fault("a report is tied to no copy by its token: %s", line)
			}
		}
	}
	if took != s.back.mails {
		s.fault("%d reports were sent, and %d are in the store", s.back.mails, took)
	}
}

// grown gives the trend of what the daemon that lived held, by the least of each
// minute, in MiB, and is a
// fault where it is not flat.
func (s *soak) grown(what string, value func(sample) float64) (from, to float64) {
	from, to = trend(lows(lastThirds(s.a.samples), value), value)
	if s.pace.length >= judgedFrom && to-from > max(growthShare*from, growthFloor) {
		s.fault("daemon a grew from %.1f to %.1f MiB %s over the last two thirds", from/mib, to/mib, what)
	}
	return tenths(from / mib), tenths(to / mib)
}

func tenths(v float64) float64 { return math.Round(10*v) / 10 }

func (f soakFigures) print(w io.Writer, s *soak) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(what, format string, args ...any) {
		fmt.Fprintf(out, "%s\t%s\n", what, fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(out)
	row("lasted", "%s", time.Duration(f.Seconds)*time.Second)
	row("releases, with recipients", "%d, %d", f.Releases, f.Recipients)
	row("copies at the relay, by its own count", "%d", f.Copies)
	for _, state := range slices.Sorted(maps.Keys(f.States)) {
		row("  in the ledger "+state, "%d", f.States[state])
	}
	for _, reason := range slices.Sorted(maps.Keys(f.Unknown)) {
		row("    unknown: "+reason, "%d", f.Unknown[reason])
	}
	row("the relay", "gone %d times; %d answers 4xx, %d 5xx, %d connections broken, %d answers lost", f.RelayGone, f.PutOff, f.Refusals, f.Broken, f.Lost)
	row("came back", "%v; asked again %d times", f.Reports, s.back.busy)
	row("the last check of the folder took", "%.1f s", s.check.Seconds())
	row("configs changed", "%d times, %d of them to be refused", f.Reloads, f.Refused)
	row("daemon b killed", "%d times", f.Kills)
	row("daemon a in RAM, last two thirds", "%.1f to %.1f MiB", f.RSSFrom, f.RSSTo)
	row("daemon a, live heap, last two thirds", "%.1f to %.1f MiB", f.LiveFrom, f.LiveTo)
	for _, d := range []*daemon{s.a, s.b} {
		row("daemon "+d.daemon+", idle", "goroutines %d, then %d; descriptors %d, then %d", d.idle.goroutines, d.end.goroutines, d.idle.fds, d.end.fds)
	}
	row("PostgreSQL", "at most %d connections, none in the end; %.0f MiB, then %.0f", f.Connections, s.firstSize/mib, f.Database)
	row("stopped within", "%.1f s, %.1f s", f.StopA, f.StopB)
	row("faults", "%d; seed %d", f.Faults, seed)
	_ = out.Flush() // nobody to tell of a broken pipe
	text, err := json.Marshal(f)
	s.must(err)
	soakLine = string(text)
}
