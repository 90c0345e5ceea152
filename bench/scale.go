package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/store"
)

// scale is a release to many in a house that has a long past, on PostgreSQL.
type scale struct {
	contacts, past int
	copies         int    // of the release
	explain        string // the folder in which the hottest statements are kept; "": nowhere
	steps          []scaleStep
	filters        []answerFigure
	pages          []pageFigure
	hottest        []*statement
}

// scaleStep is a line of the table.
type scaleStep struct {
	Step   string  `json:"step"`
	Figure float64 `json:"figure"`
	Unit   string  `json:"unit"`
	Ratio  float64 `json:"ratio,omitempty"` // against smtp-source
	Aim    string  `json:"aim,omitempty"`
}

const (
	scaleSlug = "everybody"
	// hotOnes is how many statements are kept.
	hotOnes = 10
	// bigTable is from how many rows on a table must not be read from end to end. Of
	// fewer a batch of an import is a part that is worth it.
	bigTable = 200_000
	// bigQueue is the same for the queue, of which nobody takes more than a batch.
	bigQueue = 50_000
)

func scaleOf(args []string, progress io.Writer) (*scale, error) {
	s := &scale{}
	flags := flag.NewFlagSet("bench scale", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&s.contacts, "contacts", 1_000_000, "contacts, all of whom get the release")
	flags.IntVar(&s.past, "past", 10_000_000, "deliveries before it")
	flags.StringVar(&s.explain, "explain", "", "the `folder` in which the plans of the hottest statements are kept")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	// Each past release has somebody to look at, of each fate.
	if s.contacts < 100 || s.past < 40_000 || flags.NArg() > 0 {
		err := fmt.Errorf("scale takes -contacts, 100 or more, -past, 40000 or more, and -explain, not %q", args)
		fmt.Fprintln(progress, "bench:", err)
		return nil, err
	}
	return s, nil
}

// measure runs all of it in one database.
func (s *scale) measure(ctx context.Context, out, progress io.Writer) error {
	found, err := inBench(ctx, size{name: "scale", n: min(20_000, s.contacts)}, progress, func(b *bench) []part {
		return []part{func(ctx context.Context) error { return s.run(ctx, b) }}
	})
	if err != nil {
		return err
	}
	if err := s.print(out, found); err != nil {
		return err
	}
	if len(found.wrong) > 0 {
		return fmt.Errorf("%d things were wrong, see the table", len(found.wrong))
	}
	return nil
}

func (s *scale) add(step string, figure float64, unit, aim string) {
	s.steps = append(s.steps, scaleStep{Step: step, Figure: figure, Unit: unit, Aim: aim})
}

func (s *scale) run(ctx context.Context, b *bench) (err error) {
	english, err := b.liftOften(ctx, "sqlite", 2, 50)
	if err != nil {
		return err
	}
	b.found.meanSize = english.meanSize
	if err := b.reference(ctx); err != nil {
		return err
	}
	to, err := b.fastRelay(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // what came of a failed run counts for nothing
			_, _, _ = to.finish()
		}
	}()
	langs := []string{"ru", "uz-Latn", "uz-Cyrl", "kk", "ky", "tg", "tk"}
	h, err := b.newHouse(ctx, setting{kind: "postgres", port: to.port, prepare: 2 * time.Minute, slugs: []string{scaleSlug}, langs: langs})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	past, err := s.fill(ctx, b, h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, past.db.Close()) }()
	e, err := explainerOf(ctx, b, h)
	if err != nil {
		return err
	}
	if err := s.importAll(ctx, b, h); err != nil {
		return err
	}
	if err := e.gather(); err != nil {
		return err
	}
	if err := s.lift(ctx, b, h, e); err != nil {
		return err
	}
	taken, twice, err := to.finish()
	done = true
	if err != nil {
		return err
	}
	states, err := h.look.statesOf(ctx, scaleSlug)
	if err != nil {
		return err
	}
	b.judge("everybody", s.copies, taken, twice, states)
	if err := b.reference(ctx); err != nil {
		return err
	}
	e.part = reading
	if err := s.read(ctx, b, h, past); err != nil {
		return err
	}
	return s.explained(ctx, b, h, e)
}

// explainerOf has a house's database explain what it does from now on.
func explainerOf(ctx context.Context, b *bench, h *house) (*explainer, error) {
	own, err := url.Parse(h.url)
	if err != nil {
		return nil, err
	}
	e, err := newExplainer(ctx, b.postgres, strings.TrimPrefix(own.Path, "/"))
	if err != nil {
		return nil, err
	}
	err = e.listen(ctx, 1)
	return e, err
}

// fill writes the past.
func (s *scale) fill(ctx context.Context, b *bench, h *house) (*archive, error) {
	db, err := sqlx.Open("postgres", h.url)
	if err != nil {
		return nil, err
	}
	past := &archive{db: db, postgres: true, n: s.past, over: true}
	began := time.Now()
	if err := past.fillFast(ctx, func(what string) { b.tell("the past: %s", what) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b.tell("the past: %s deliveries after %s", thousands(s.past), time.Since(began).Round(time.Second))
	if err := s.settle(ctx, h, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b.tell("the past: sealed after %s", time.Since(began).Round(time.Second))
	return past, nil
}

// settle gives a past what such a house has: one in forty who must not be written
// to, and a trail that was sealed long ago.
func (s *scale) settle(ctx context.Context, h *house, db *sqlx.DB) (err error) {
	_, err = db.ExecContext(ctx, `INSERT INTO suppressions (address_key, scope, author, reason, said_by, at_us)
		SELECT decode(md5(i::text), 'hex'), 'all', 'report', 'userunknown', 'Dateline', i FROM generate_series(1, $1) i`, s.past/40)
	if err != nil {
		return fmt.Errorf("writing suppressions: %w", err)
	}
	opened, err := store.Open(ctx, h.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	for more := true; more && err == nil; {
		_, more, err = receipt.SealNext(ctx, opened, h.keys, time.Now())
	}
	return err
}

// importAll brings the contacts in, twice.
func (s *scale) importAll(ctx context.Context, b *bench, h *house) error {
	file := filepath.Join(b.dir, "contacts.csv")
	if err := writeContacts(file, s.contacts); err != nil {
		return err
	}
	found, err := importInto(ctx, b.program, h.config(), "postgres", file, s.contacts, b.progress)
	if err != nil {
		return err
	}
	s.add("import", found[0].Seconds, "s", "60 s")
	s.add("import, the same again", found[1].Seconds, "s", "")
	s.add("import, memory", max(found[0].PeakMiB, found[1].PeakMiB), "MiB", "")
	return nil
}

// lift plans, approves and sends the release.
func (s *scale) lift(ctx context.Context, b *bench, h *house, e *explainer) error {
	a, err := s.approve(ctx, b, h)
	if err != nil {
		return err
	}
	b.tell("planned in %.1f s, approved in %.1f s: %s copies", a.plan.Seconds(), a.took.Seconds(), thousands(a.n))
	s.copies = a.n
	s.add("plan", a.plan.Seconds(), "s", "")
	s.add("approval", a.took.Seconds(), "s", "60 s")
	if err := e.gather(); err != nil {
		return err
	}
	// Each copy has statements of its own; to explain them all costs more than they do.
	if err := e.listen(ctx, 1+a.n/20_000); err != nil {
		return err
	}
	daemon, err := h.serve(ctx)
	if err != nil {
		return err
	}
	defer daemon.stop()
	sent := sent{n: a.n}
	b.tell("waiting for the lift in %s", time.Until(a.lift).Round(time.Second))
	if err := h.watch(ctx, a, daemon, &sent); err != nil {
		return err
	}
	daemon.stop()
	b.tell("sent in %.1f s, %.0f/s, %.0f MiB", sent.took.Seconds(), sent.rate(), sent.peakMiB)
	s.add("lift, to the last accepted", sent.took.Seconds(), "s", "")
	s.add("lift, copies a second", sent.rate(), "/s", "")
	s.add("lift, memory", sent.peakMiB, "MiB", "")
	if err := e.gather(); err != nil {
		return err
	}
	return e.listen(ctx, 1)
}

// approve approves with the lift as far away as that takes, by a guess that is
// doubled where it was too short.
func (s *scale) approve(ctx context.Context, b *bench, h *house) (approved, error) {
	for after := 5*time.Second + time.Duration(s.contacts)*350*time.Microsecond; ; after *= 2 {
		a, err := h.approve(ctx, scaleSlug, 0, after)
		if !errors.Is(err, errTooLate) || after > 20*time.Minute {
			return a, err
		}
		b.tell("there was too little time before the lift; again, with more")
	}
}

// read asks for the log's pages and the console's.
func (s *scale) read(ctx context.Context, b *bench, h *house, past *archive) (err error) {
	began := time.Now()
	opened, err := store.Open(ctx, h.url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	s.add("opening the store", float64(time.Since(began).Milliseconds()), "ms", "")
	b.tell("the log's filters")
	if s.filters, err = past.timedFilters(ctx, opened, "postgres"); err != nil {
		return err
	}
	conf, err := h.load()
	if err != nil {
		return err
	}
	contacts, err := opened.ContactPage(ctx, press.ContactFilter{Country: "UZ"}, press.ID{}, 1)
	if err != nil || len(contacts.Rows) == 0 {
		return errors.Join(err, errors.New("there is no contact to look at"))
	}
	outlets, err := opened.OutletPage(ctx, press.OutletFilter{}, press.OutletPlace{}, 1)
	if err != nil || len(outlets.Rows) == 0 {
		return errors.Join(err, errors.New("there is no outlet to look at"))
	}
	b.tell("the console's pages")
	release := "/releases/" + scaleSlug
	s.pages, err = timedPages(ctx, opened, "postgres", conf, map[string]string{
		"release to everybody": release, "its plan": release + "/plan", "its lift": release + "/lift", "its receipt, asked for": release + "/receipt",
		"contact": "/contacts/" + contacts.Rows[0].ID.String(), "contacts, a word": "/contacts?text=dilnoza", "contacts, a country": "/contacts?country=UZ",
		"outlet": "/outlets/" + outlets.Rows[0].ID.String(),
	})
	if err != nil {
		return err
	}
	answers, shown := []float64{}, []float64{}
	for _, f := range s.filters {
		answers = append(answers, f.P50)
	}
	for _, f := range s.pages {
		shown = append(shown, f.P50)
	}
	s.add("log, the slowest filter's median", slices.Max(answers), "ms", "100 ms")
	s.add("console, the slowest page's median", slices.Max(shown), "ms", "50 ms")
	return nil
}

// explained judges the plans, and keeps the hottest.
func (s *scale) explained(ctx context.Context, b *bench, h *house, e *explainer) error {
	if err := e.gather(); err != nil {
		return err
	}
	faults, err := e.scans(ctx, h.look.db, bigTable, s.contacts)
	if err != nil {
		return err
	}
	b.found.wrong = append(b.found.wrong, faults...)
	s.add("statements explained", float64(len(e.byText)), "", "")
	s.hottest = e.hottest(hotOnes)
	if s.explain == "" {
		return nil
	}
	return e.keep(s.explain, hotOnes)
}

// print writes the tables, and JSON as the last line.
func (s *scale) print(out io.Writer, found *found) error {
	reference := median(found.rates["smtp-source"])
	for i := range s.steps {
		if s.steps[i].Unit == "/s" {
			s.steps[i].Ratio = *number(s.steps[i].Figure/reference, 3)
		}
	}
	fmt.Fprintf(out, "\n  %s contacts, %s deliveries before; smtp-source %s/s before and after the lift\n\n", thousands(s.contacts), thousands(s.past), rangeOf(found.rates["smtp-source"]))
	fmt.Fprintf(out, "  %-36s %12s  %-4s %7s  %s\n", "step", "figure", "", "ratio", "aim")
	for _, step := range s.steps {
		ratio := ""
		if step.Ratio > 0 {
			ratio = fmt.Sprintf("%.2f", step.Ratio)
		}
		fmt.Fprintf(out, "  %-36s %12.1f  %-4s %7s  %s\n", step.Step, step.Figure, step.Unit, ratio, step.Aim)
	}
	printAnswers(out, s.filters, s.pages)
	fmt.Fprintf(out, "\n  %-7s %9s %12s  %s\n", "part", "calls", "ms in all", "the hottest statements")
	for _, h := range s.hottest {
		text := []rune(shape(h.Query))
		fmt.Fprintf(out, "  %-7s %9.0f %12.0f  %s\n", h.part, h.calls, h.total, string(text[:min(len(text), 100)]))
	}
	for _, wrong := range found.wrong {
		fmt.Fprintln(out, "WRONG:", wrong)
	}
	line, err := json.Marshal(map[string]any{"contacts": s.contacts, "past": s.past, "steps": s.steps, "log": s.filters, "pages": s.pages, "wrong": len(found.wrong)})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", line)
	return nil
}
