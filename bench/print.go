package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// summary is the last line, for machines; null is what was not measured. Where
// both stores have a value, it is the worse one.
type summary struct {
	PGPrepared      *float64 `json:"pg_prepared"`
	PGInline        *float64 `json:"pg_inline"`
	SQLitePrepared  *float64 `json:"sqlite_prepared"`
	SQLiteInline    *float64 `json:"sqlite_inline"`
	SlowVersusGo    *float64 `json:"slow_relay_vs_gomail"`
	FirstMS         *float64 `json:"first_ms"`
	Early           int      `json:"early"`
	RSS20K          *float64 `json:"rss_mib_20k"`
	RSS1M           *float64 `json:"rss_mib_1m"`
	Growth          *float64 `json:"time_1m_over_100k"`
	Approve1M       *float64 `json:"approve_1m_s"`
	RSS20KPrepared  *float64 `json:"rss_mib_20k_prepared"`
	GoMail          *float64 `json:"gomail"`
	SourcePerSecond *float64 `json:"smtp_source_per_s"`
	MeanBytes       *float64 `json:"mean_bytes"`
}

func (f *found) summary() summary {
	against := func(row string) *float64 { return number(f.ratio(row, "smtp-source"), 3) }
	return summary{
		PGPrepared: against("pg_prepared"), PGInline: against("pg_inline"),
		SQLitePrepared: against("sqlite_prepared"), SQLiteInline: against("sqlite_inline"),
		SlowVersusGo: number(f.ratio("slow, dateline", "slow, go-mail"), 2),
		FirstMS:      number(worst(f.lifts, median), 2), Early: f.early,
		RSS20K: number(f.peak("pg_inline", "sqlite_inline"), 1), RSS1M: number(worst(f.volumes, largePeak), 1),
		Growth: number(worst(f.volumes, growth), 2), Approve1M: number(worst(f.volumes, largeApproval), 1),
		RSS20KPrepared: number(f.peak("pg_prepared", "sqlite_prepared"), 1),
		GoMail:         against("go-mail"), SourcePerSecond: number(median(f.rates["smtp-source"]), 0), MeanBytes: number(f.meanSize, 0),
	}
}

// number rounds; what is no number is null in JSON.
func number(v float64, digits int) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	scale := math.Pow(10, float64(digits))
	v = math.Round(v*scale) / scale
	return &v
}

// print writes the table, and the summary as the last line.
func (f *found) print(out io.Writer) error {
	fmt.Fprintf(out, "\n%s run of %s on %d cores, %s, %d rounds:\n%s messages of %.0f bytes over %d connections\n\n", f.size.name, time.Now().Format(time.DateOnly),
		runtime.NumCPU(), runtime.Version(), len(f.rates["smtp-source"]), thousands(f.size.n), f.meanSize, connections)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  \tmedian\trange\tratio\taim\t")
	for _, line := range f.lines() {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t\n", line.name, line.is, line.spread, line.ratio, line.aim)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	fmt.Fprintln(out)
	for _, wrong := range f.wrong {
		fmt.Fprintln(out, "WRONG:", wrong)
	}
	last, err := json.Marshal(f.summary())
	if err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	fmt.Fprintln(out, string(last))
	return nil
}

// figure is a line of the table.
type figure struct{ name, is, spread, ratio, aim string }

// lines are the table's, without those that were not measured.
func (f *found) lines() []figure {
	lines := []figure{
		f.rateLine("smtp-source", "smtp-source", ""), f.rateLine("go-mail", "smtp-source", ""),
		f.rateLine("pg_prepared", "smtp-source", "0.90"), f.rateLine("pg_inline", "smtp-source", "0.60"),
		f.rateLine("sqlite_prepared", "smtp-source", "1.00"), f.rateLine("sqlite_inline", "smtp-source", "0.90"),
		f.rateLine("slow, go-mail", "slow, go-mail", ""), f.rateLine("slow, dateline", "slow, go-mail", "5.00"),
	}
	for _, kind := range slices.Sorted(maps.Keys(f.lifts)) {
		v := f.lifts[kind]
		lines = append(lines, figure{"first byte, " + kind, fmt.Sprintf("%.1f ms", median(v)), fmt.Sprintf("%.1f to %.1f, %d lifts", slices.Min(v), slices.Max(v), len(v)), "", "50 ms"})
	}
	lines = append(lines, figure{"early", strconv.Itoa(f.early), "", "", "0"})
	for _, row := range []string{"pg_inline", "sqlite_inline", "pg_prepared", "sqlite_prepared"} {
		lines = append(lines, f.memoryLine("memory, "+row, f.peaks[row]))
	}
	for _, kind := range slices.Sorted(maps.Keys(f.volumes)) {
		v := f.volumes[kind]
		large := fmt.Sprintf("%s, %s", thousands(f.size.large), kind)
		lines = append(lines,
			figure{"time, " + large, fmt.Sprintf("%.1f s", v[1].took.Seconds()), fmt.Sprintf("%.2f and %.2f for %s", v[0].took.Seconds(), v[2].took.Seconds(), thousands(f.size.small)), fmt.Sprintf("%.2f", growth(v)), "10.50"},
			figure{"memory, " + large, fmt.Sprintf("%.0f MiB", v[1].peakMiB), "", fmt.Sprintf("%.2f", v[1].peakMiB/median(f.peaks[inlineRow(kind)])), "1.20"},
			figure{"approval, " + large, fmt.Sprintf("%.1f s", v[1].approval.Seconds()), "", "", "60 s"})
	}
	return lines
}

func inlineRow(kind string) string {
	if kind == "postgres" {
		return "pg_inline"
	}
	return "sqlite_inline"
}

func (f *found) rateLine(row, to, aim string) figure {
	values := f.rates[row]
	return figure{row, thousands(int(median(values))) + "/s", thousands(int(slices.Min(values))) + " to " + thousands(int(slices.Max(values))), fmt.Sprintf("%.2f", f.ratio(row, to)), aim}
}

func (f *found) memoryLine(name string, values []float64) figure {
	aim := ""
	if f.size.n == fullSize().n {
		aim = "150 MiB"
	}
	return figure{name, fmt.Sprintf("%.0f MiB", median(values)), fmt.Sprintf("%.0f to %.0f", slices.Min(values), slices.Max(values)), "", aim}
}

// thousands writes a number with a comma between them.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
