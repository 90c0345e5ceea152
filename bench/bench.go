package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// size is how much is measured.
type size struct {
	name    string
	n       int // deliveries of the rows that are held against smtp-source
	rounds  int // at most, and two at least
	budget  time.Duration
	slow    int // messages to the slow relay
	slowest int // rounds of that
	lifts   int // for each store
	readers int // of each lift
	small   int // deliveries of the smaller volume; 0: volumes are not measured
	large   int
}

func fullSize() size {
	return size{name: "full", n: 20_000, rounds: 5, budget: time.Hour, slow: 2_000, slowest: 5, lifts: 20, readers: 200, small: 100_000, large: 1_000_000}
}

// quickSize must be done in less than 55 s.
func quickSize() size {
	return size{name: "quick", n: 8_000, rounds: 5, budget: 30 * time.Second, slow: 2_000, slowest: 1, lifts: 5, readers: 200}
}

// bench is one run.
type bench struct {
	size     size
	dir      string
	program  string // dateline
	crew     *crew
	postfix  *postfix
	postgres *postgres
	pace     *pace
	found    *found
	progress io.Writer
	began    time.Time
}

func (b *bench) tell(format string, args ...any) {
	fmt.Fprintf(b.progress, "%6.1fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// measure runs everything.
func measure(ctx context.Context, s size, progress io.Writer) (*found, error) {
	return inBench(ctx, s, progress, func(b *bench) []part {
		return []part{b.measureLifts, b.measureRounds, b.measureSlow, b.measureVolumes}
	})
}

// part is one of a run's.
type part func(context.Context) error

// inBench runs the parts of a run, in a folder that is gone when it returns.
func inBench(ctx context.Context, s size, progress io.Writer, parts func(*bench) []part) (_ *found, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends every process of the crew
	b := &bench{size: s, pace: newPace(), found: newFound(s), progress: progress, began: time.Now()}
	if b.dir, err = os.MkdirTemp("", "dateline-bench-"); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	b.crew = newCrew(ctx, b.dir)
	if b.postfix, err = findPostfix(b.crew); err != nil {
		return nil, err
	}
	b.tell("building dateline, starting PostgreSQL")
	b.program = filepath.Join(b.dir, "dateline")
	built := make(chan error, 1)
	go func() {
		_, err := b.crew.run("go-build", "go", "build", "-o", b.program, "dateline/cmd/dateline")
		built <- err
	}()
	if b.postgres, err = startPostgres(ctx); err == nil {
		defer func() { err = errors.Join(err, b.postgres.stop()) }()
	}
	if err := errors.Join(<-built, err); err != nil {
		return nil, err
	}
	for _, run := range parts(b) {
		if err := run(ctx); err != nil {
			return nil, err
		}
	}
	b.tell("done")
	return b.found, nil
}

// measureLifts comes first: it also tells how large the messages are.
func (b *bench) measureLifts(ctx context.Context) error {
	for _, kind := range b.kindsOfLifts() {
		got, err := b.liftOften(ctx, kind, b.size.lifts, b.size.readers)
		if err != nil {
			return err
		}
		b.found.lifts[kind] = got.firstMS
		b.found.early += got.early
		b.found.meanSize = got.meanSize
		b.tell("%s: %d lifts, first byte %s ms after them; messages of %.0f bytes", kind, len(got.firstMS), rangeOf(got.firstMS), got.meanSize)
	}
	return nil
}

func (b *bench) kindsOfLifts() []string {
	if b.size.small == 0 {
		return []string{"sqlite"}
	}
	return []string{"sqlite", "postgres"}
}

// jobs are the rows of Dateline's that are held against smtp-source.
func (b *bench) jobs() []job {
	j := func(row, kind string, prepared bool) job {
		return job{row: row, kind: kind, prepared: prepared, n: b.size.n, relay: b.fastRelay}
	}
	return []job{
		j("pg_prepared", "postgres", true), j("pg_inline", "postgres", false),
		j("sqlite_prepared", "sqlite", true), j("sqlite_inline", "sqlite", false),
	}
}

// measureRounds runs every row once a round, in turn there and back, so that
// what changes on the machine meanwhile falls on all alike.
func (b *bench) measureRounds(ctx context.Context) error {
	began := time.Now()
	steps := []func(context.Context) error{b.reference, b.goMail}
	for _, j := range b.jobs() {
		steps = append(steps, func(ctx context.Context) error { return b.sendRow(ctx, j) })
	}
	for round := range b.size.rounds {
		each := time.Since(began) / time.Duration(max(1, round))
		if round >= 2 && time.Since(began)+each > b.size.budget {
			break
		}
		b.tell("round %d", round+1)
		for _, step := range steps {
			if err := step(ctx); err != nil {
				return err
			}
		}
		slices.Reverse(steps)
	}
	return nil
}

func (b *bench) sendRow(ctx context.Context, j job) error {
	s, err := b.send(ctx, j)
	if err != nil {
		return err
	}
	b.found.add(j.row, s.rate())
	b.found.peaks[j.row] = append(b.found.peaks[j.row], s.peakMiB)
	b.tell("%-16s %6.0f/s   %d in %.2f s, approval %.2f s, %.0f MiB", j.row, s.rate(), s.n, s.took.Seconds(), s.approval.Seconds(), s.peakMiB)
	return nil
}

// reference is smtp-source, with messages as large as Dateline's.
func (b *bench) reference(ctx context.Context) error {
	header, err := b.postfix.headerBytes()
	if err != nil {
		return err
	}
	return b.baseline(ctx, "smtp-source", func(address string) (time.Duration, error) {
		return b.postfix.send(address, b.size.n, int(b.found.meanSize)-header)
	})
}

func (b *bench) goMail(ctx context.Context) error {
	return b.baseline(ctx, "go-mail", func(address string) (time.Duration, error) {
		return goMailSend(ctx, address, b.size.n, int(b.found.meanSize))
	})
}

// baseline measures a sender without a ledger.
func (b *bench) baseline(ctx context.Context, row string, send func(address string) (time.Duration, error)) error {
	to, err := b.postfix.startSink(ctx)
	if err != nil {
		return err
	}
	took, err := send(to.address)
	if err != nil {
		to.stop()
		return err
	}
	taken, err := to.finish()
	if err != nil {
		return err
	}
	if taken != b.size.n {
		return fmt.Errorf("%s: smtp-sink took %d messages of %d", row, taken, b.size.n)
	}
	rate := float64(b.size.n) / took.Seconds()
	b.found.add(row, rate)
	b.tell("%-16s %6.0f/s", row, rate)
	return nil
}

// measureSlow holds Dateline against go-mail where each answer takes its time.
func (b *bench) measureSlow(ctx context.Context) error {
	for range b.size.slowest {
		r, err := startSlowRelay(ctx, lateness)
		if err != nil {
			return err
		}
		took, err := goMailSend(ctx, r.address(), b.size.slow, int(b.found.meanSize))
		if taken, _ := r.finish(); err == nil && taken != b.size.slow {
			err = fmt.Errorf("go-mail, slow relay: %d messages of %d came", taken, b.size.slow)
		}
		if err != nil {
			return err
		}
		rate := float64(b.size.slow) / took.Seconds()
		b.found.add("slow, go-mail", rate)
		b.tell("%-16s %6.0f/s", "slow, go-mail", rate)
		if err := b.sendRow(ctx, job{row: "slow, dateline", kind: "sqlite", prepared: true, n: b.size.slow, relay: slowRelayOf}); err != nil {
			return err
		}
	}
	return nil
}

// measureVolumes sends to many, with composing in the measured time.
func (b *bench) measureVolumes(ctx context.Context) error {
	if b.size.small == 0 {
		return nil
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, n := range []int{b.size.small, b.size.large, b.size.small} {
			row := fmt.Sprintf("%s, %s", kind, thousands(n))
			s, err := b.send(ctx, job{row: row, kind: kind, n: n, relay: b.fastRelay})
			if err != nil {
				return err
			}
			b.found.volumes[kind] = append(b.found.volumes[kind], s)
			b.tell("%-16s %6.0f/s   %d in %.2f s, approval %.2f s, %.0f MiB", row, s.rate(), s.n, s.took.Seconds(), s.approval.Seconds(), s.peakMiB)
		}
	}
	return nil
}
