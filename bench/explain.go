package main

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"dateline/internal/testenv"
)

// The parts of a run, whose statements are held apart: that somebody reads the log
// a thousand times must not hide what an import asks.
const (
	working = "work"
	reading = "reading"
)

// statement is one that the program asked PostgreSQL, however often.
type statement struct {
	part         string  // of the run: work or reading
	testenv.Plan         // the slowest time
	calls, total float64 // of the sample, times what one of it stands for; total in ms
}

// explainer gathers the plans that PostgreSQL used, from the log in which
// auto_explain writes them. So it misses no statement, and explains none in a way
// in which it is not run: with constants where the program has parameters, or
// without what the planner knew when it planned.
type explainer struct {
	db     *sql.DB
	name   string // of the database
	log    string // the server's
	read   int64  // so far
	each   float64
	part   string
	byText map[string]*statement // by part and text
}

func newExplainer(ctx context.Context, p *postgres, name string) (*explainer, error) {
	var data string
	if err := p.db.QueryRowContext(ctx, "SHOW data_directory").Scan(&data); err != nil {
		return nil, fmt.Errorf("looking for PostgreSQL's log: %w", err)
	}
	return &explainer{db: p.db, name: pq.QuoteIdentifier(name), log: filepath.Join(filepath.Dir(data), "server.log"), part: working, byText: map[string]*statement{}}, nil
}

// listen has sessions that begin from now on explain what they do, one statement
// of so many.
func (e *explainer) listen(ctx context.Context, each int) error {
	e.each = float64(each)
	for _, setting := range []string{"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", fmt.Sprintf("auto_explain.sample_rate = %g", 1/e.each)} {
		if _, err := e.db.ExecContext(ctx, "ALTER DATABASE "+e.name+" SET "+setting); err != nil {
			return fmt.Errorf("having PostgreSQL explain itself: %w", err)
		}
	}
	return nil
}

// gather reads what was explained since the last time.
func (e *explainer) gather() (err error) {
	f, err := os.Open(e.log)
	if err != nil {
		return fmt.Errorf("reading PostgreSQL's log: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(e.read, io.SeekStart); err != nil {
		return fmt.Errorf("reading PostgreSQL's log: %w", err)
	}
	var message strings.Builder
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadString('\n')
		e.read += int64(len(line))
		if own, goesOn := strings.CutPrefix(line, "\t"); goesOn {
			message.WriteString(own)
			continue
		}
		e.note(message.String())
		message.Reset()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading PostgreSQL's log: %w", err)
		}
		_, text, _ := strings.Cut(line, "LOG:  ")
		message.WriteString(text)
	}
}

func (e *explainer) note(message string) {
	p, is := testenv.ParsePlan(message)
	if !is {
		return
	}
	text := shape(p.Query)
	s := e.byText[e.part+" "+text]
	if s == nil {
		s = &statement{part: e.part, Plan: p}
		e.byText[e.part+" "+text] = s
	}
	// A plan with a scan outweighs a slower one: it must not hide.
	if scans, had := len(p.Scans()), len(s.Scans()); scans > had || (scans == had && p.Took > s.Took) {
		s.Plan = p
	}
	s.calls += e.each
	s.total += e.each * float64(p.Took) / float64(time.Millisecond)
}

var (
	spaces = regexp.MustCompile(`\s+`)
	arrays = regexp.MustCompile(`'\{[^}']{100,}\}'`) // hundreds of ids
	groups = regexp.MustCompile(`\$\d+(?:[,() ]+\$\d+)*`)
)

// shape is a statement's text without what differs with the number of its
// arguments.
func shape(query string) string {
	return spaces.ReplaceAllString(groups.ReplaceAllString(strings.TrimSpace(query), "$$…"), " ")
}

// hottest are the statements that took most of the server's time in each part.
func (e *explainer) hottest(n int) []*statement {
	return append(e.hottestOf(working, n), e.hottestOf(reading, n)...)
}

func (e *explainer) hottestOf(part string, n int) []*statement {
	all := slices.SortedFunc(maps.Values(e.byText), func(a, b *statement) int {
		return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.Query, b.Query))
	})
	all = slices.DeleteFunc(all, func(s *statement) bool { return s.part != part })
	return all[:min(n, len(all))]
}

// wholes are the statements that rightly read a table from end to end, by a piece
// of their text, with why.
func wholes() map[string]string {
	return map[string]string{
		"NULL AS outlet_id, 0 AS part, a.preference FROM contacts c JOIN addresses a": "a plan reads every contact",
		"SELECT address_key, reason FROM suppressions WHERE scope IN":                 "and weighs each against all that was said",
		"WITH claimed AS (SELECT approval_id":                                         "what daemons have is read once, for all releases, where it is a good part of the queue",
	}
}

// scans are the faults: statements that read a big table from end to end. The queue
// is as big as the release while it is sent, and small when the tables are counted.
func (e *explainer) scans(ctx context.Context, db *sql.DB, big, queued int) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1", big)
	if err != nil {
		return nil, fmt.Errorf("looking for the big tables: %w", err)
	}
	defer rows.Close()
	large := map[string]bool{"queue": queued >= bigQueue}
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, fmt.Errorf("looking for the big tables: %w", err)
		}
		large[table] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("looking for the big tables: %w", err)
	}
	var faults []string
	for _, s := range e.hottest(len(e.byText)) {
		for _, table := range s.Scans() {
			if text := shape(s.Query); large[table] && allowed(text) == "" && (table != "queue" || s.part == working) {
				faults = append(faults, fmt.Sprintf("this statement reads all of %s: %s", table, text))
			}
		}
	}
	return faults, nil
}

func allowed(text string) string {
	for piece, why := range wholes() {
		if strings.Contains(text, piece) {
			return why
		}
	}
	return ""
}

// keep writes the hottest statements into a folder, each with its plan, in place
// of those that were there.
func (e *explainer) keep(dir string, n int) error {
	old, err := filepath.Glob(filepath.Join(dir, "*-[0-9][0-9].txt"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	numbers := map[string]int{}
	for _, s := range e.hottest(n) {
		numbers[s.part]++
		text := fmt.Sprintf("%.0f calls, %.0f ms in all, the one below %.3f ms\n", s.calls, s.total, float64(s.Took)/float64(time.Millisecond))
		if why := allowed(shape(s.Query)); why != "" {
			text += "reads all of a table, and may: " + why + "\n"
		}
		text += "\n" + shape(s.Query) + "\n\n" + arrays.ReplaceAllString(s.Text, "'{…}'") + "\n"
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%02d.txt", s.part, numbers[s.part])), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
