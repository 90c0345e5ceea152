package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
	"dateline/internal/store"
)

// archives are how many deliveries each store is filled with.
type archives struct{ postgres, sqlite int }

func archiveSizes(args []string, progress io.Writer) (archives, error) {
	var a archives
	flags := flag.NewFlagSet("bench console", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.IntVar(&a.postgres, "postgres", 10_000_000, "deliveries in PostgreSQL; 0 leaves it out")
	flags.IntVar(&a.sqlite, "sqlite", 1_000_000, "deliveries in SQLite; 0 leaves it out")
	return a, flags.Parse(args)
}

// answerFigure is how long one filter's pages took.
type answerFigure struct {
	Store  string  `json:"store"`
	Filter string  `json:"filter"`
	From   string  `json:"from"` // newest, or middle
	P50    float64 `json:"p50_ms"`
	Max    float64 `json:"max_ms"`
	Rows   int     `json:"rows"`
	Looked int     `json:"looked"` // where the budget ended before the page was full
}

// answerRounds is how often each page is asked for.
const answerRounds = 20

// measure fills the stores and asks each for pages.
func (a archives) measure(ctx context.Context, out, progress io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "dateline-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var all []answerFigure
	var pages []pageFigure
	if a.sqlite > 0 {
		file := filepath.Join(dir, "dateline.db")
		found, seen, err := answers(ctx, "sqlite", "sqlite://"+file, "file:"+file, a.sqlite, progress)
		pages = append(pages, seen...)
		if all = append(all, found...); err != nil {
			return err
		}
	}
	if a.postgres > 0 {
		server, err := startPostgres(ctx)
		if err != nil {
			return err
		}
		url, _, err := server.database(ctx)
		var found []answerFigure
		var seen []pageFigure
		if err == nil {
			found, seen, err = answers(ctx, "postgres", url, url, a.postgres, progress)
		}
		all, pages = append(all, found...), append(pages, seen...)
		if err := errors.Join(err, server.stop()); err != nil {
			return err
		}
	}
	printAnswers(out, all, pages)
	line, err := json.Marshal(map[string]any{"log": all, "pages": pages})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", line)
	return nil
}

// printAnswers writes the tables of the log's pages and the console's.
func printAnswers(out io.Writer, all []answerFigure, pages []pageFigure) {
	fmt.Fprintf(out, "\n  %-9s %-34s %-7s %9s %9s %6s %9s\n", "store", "filter", "from", "p50 ms", "max ms", "rows", "looked at")
	for _, f := range all {
		fmt.Fprintf(out, "  %-9s %-34s %-7s %9.1f %9.1f %6d %9d\n", f.Store, f.Filter, f.From, f.P50, f.Max, f.Rows, f.Looked)
	}
	fmt.Fprintf(out, "\n  %-9s %-34s %9s %9s %9s\n", "store", "page", "p50 ms", "max ms", "KB")
	for _, f := range pages {
		fmt.Fprintf(out, "  %-9s %-34s %9.1f %9.1f %9.1f\n", f.Store, f.Page, f.P50, f.Max, f.KB)
	}
}

// answers fills a store and times its pages.
func answers(ctx context.Context, kind, storeURL, source string, n int, progress io.Writer) (_ []answerFigure, _ []pageFigure, err error) {
	say := func(what string) { fmt.Fprintf(progress, "%s: %s\n", kind, what) }
	s, err := store.Open(ctx, storeURL)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	db, err := sqlx.Open(kind, source)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	a := &archive{db: db, postgres: kind == "postgres", n: n}
	began := time.Now()
	if err := a.fillFast(ctx, say); err != nil {
		return nil, nil, err
	}
	say(fmt.Sprintf("%d deliveries after %s", n, time.Since(began).Round(time.Second)))
	all, err := a.timedFilters(ctx, s, kind)
	if err != nil {
		return all, nil, err
	}
	conf, err := sampleHouse()
	if err != nil {
		return all, nil, err
	}
	pages, err := timedPages(ctx, s, kind, conf, nil)
	return all, pages, err
}

// timedFilters times the log's pages with every filter.
func (a *archive) timedFilters(ctx context.Context, s *store.Store, kind string) ([]answerFigure, error) {
	var middle press.ID
	if err := a.db.GetContext(ctx, &middle, a.db.Rebind(`SELECT id FROM deliveries WHERE release = ? ORDER BY id DESC LIMIT 1`), releaseName(archiveReleases/2)); err != nil {
		return nil, err
	}
	filters, err := a.filters(ctx)
	if err != nil {
		return nil, err
	}
	var all []answerFigure
	for _, f := range filters {
		for from, after := range map[string]press.ID{"newest": {}, "middle": middle} {
			found, err := timed(ctx, s, f.filter, after)
			if err != nil {
				return all, err
			}
			found.Store, found.Filter, found.From = kind, f.name, from
			all = append(all, found)
		}
	}
	slices.SortStableFunc(all, func(a, b answerFigure) int { return strings.Compare(b.From, a.From) })
	return all, nil
}

func timed(ctx context.Context, s *store.Store, f press.DeliveryFilter, after press.ID) (answerFigure, error) {
	var took []float64
	var found answerFigure
	for range answerRounds {
		began := time.Now()
		page, err := s.Deliveries(ctx, f, after, 50)
		if err != nil {
			return found, err
		}
		took = append(took, time.Since(began).Seconds()*1000)
		found.Rows, found.Looked = len(page.Rows), page.Looked
	}
	found.P50, found.Max = median(took), slices.Max(took)
	return found, nil
}

// namedFilter is a filter as the table names it.
type namedFilter struct {
	name   string
	filter press.DeliveryFilter
}

// filters are those that are measured: each alone, several together, and those
// that pick nothing.
func (a *archive) filters(ctx context.Context) ([]namedFilter, error) {
	var mailbox press.AddressKey
	if err := a.db.GetContext(ctx, &mailbox, `SELECT `+a.mailbox("17")+` AS k`); err != nil {
		return nil, err
	}
	newest, oldest := releaseName(archiveReleases-1), releaseName(0)
	lift := archiveStart().AddDate(0, 0, archiveReleases-1).Add(time.Hour)
	states := func(all ...press.State) []press.State { return all }
	type filter = press.DeliveryFilter
	return []namedFilter{
		{"none", filter{}},
		{"release, newest", filter{Release: newest}},
		{"release, oldest", filter{Release: oldest}},
		{"release, no such", filter{Release: "nowhere"}},
		{"country", filter{Country: "UZ"}},
		{"country, 1 in 1,000", filter{Country: "AT"}},
		{"country, none", filter{Country: "JP"}},
		{"edition", filter{Edition: "fa"}},
		{"outlet, 1 in 5,000", filter{Outlet: "Outlet 4711"}},
		{"outlet in a release", filter{Outlet: "Outlet 4711", Release: newest}},
		{"outlet, none", filter{Outlet: "Nobody"}},
		{"accepted", filter{States: states(press.Accepted)}},
		{"bounced", filter{States: states(press.Bounced)}},
		{"bounced, rejected, expired", filter{States: states(press.Bounced, press.Rejected, press.Expired)}},
		{"bounced, oldest release", filter{States: states(press.Bounced), Release: oldest}},
		{"bounced, outlet", filter{States: states(press.Bounced), Outlet: "Outlet 4711"}},
		{"deferred", filter{States: states(press.Deferred)}},
		{"cancelled, none", filter{States: states(press.Cancelled)}},
		{"reason", filter{Reason: press.ReasonUserUnknown}},
		{"reason, rare, release, country", filter{Reason: press.ReasonHasMoved, Release: oldest, Country: "UZ"}},
		{"reason, none", filter{Reason: press.ReasonSpamDetected}},
		{"hard", filter{Class: press.Hard}},
		{"hard, country, none", filter{Class: press.Hard, Country: "JP"}},
		{"address", filter{Mailbox: mailbox}},
		{"text", filter{Text: "outlet 12"}},
		{"text, Cyrillic, one", filter{Text: "дилноза person " + strconv.Itoa(a.each()-1)}},
		{"text, none", filter{Text: "nobody@nowhere"}},
		{"text, none, in a release", filter{Text: "nobody@nowhere", Release: newest}},
		{"time, few", filter{Since: lift.Add(time.Hour)}},
		{"time, a lift", filter{Since: lift, Until: lift.Add(time.Hour)}},
		{"time, a lift, country, none", filter{Since: lift, Until: lift.Add(time.Hour), Country: "JP"}},
		{"all together, none", filter{Release: newest, Country: "UZ", Edition: "ru", Outlet: "Outlet 12", States: states(press.Accepted), Text: "nobody", Since: lift}},
	}, nil
}
