package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dateline/internal/bounce"
	"dateline/internal/dsn"
	"dateline/internal/dsn/dsntest"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/store"
)

// corpusOfBounces is where the labelled reports lie, beside a checkout.
const corpusOfBounces = "../shared/corpus/bounces"

// bounceFigures is what `bench bounces` prints as its last line.
type bounceFigures struct {
	*dsntest.Figures
	ReadPerS   float64 `json:"read_per_s"`
	Tied       float64 `json:"tied"` // of the reports with a token in their envelope
	PostgresPS float64 `json:"read_and_stored_per_s_postgres"`
	SQLitePS   float64 `json:"read_and_stored_per_s_sqlite"`
}

// measureBounces reads the corpus, and reads and stores its messages over and
// over. Where the corpus is absent it says so and measures nothing.
func measureBounces(ctx context.Context, out, progress io.Writer) error {
	dir := corpusOfBounces
	if given := os.Getenv("DATELINE_CORPUS"); given != "" {
		dir = given
	}
	if _, err := os.Stat(filepath.Join(dir, "labels.tsv")); err != nil {
		fmt.Fprintf(progress, "SKIPPED: there is no corpus of bounces at %s; DATELINE_CORPUS names another place\n", dir)
		_, err := fmt.Fprintln(out, `{"skipped":true}`)
		return err
	}
	f, err := dsntest.Measure(dir)
	if err != nil {
		return err
	}
	for _, wrong := range f.Wrong {
		fmt.Fprintln(progress, wrong)
	}
	f.Wrong = nil
	raws, err := corpus(dir)
	if err != nil {
		return err
	}
	found := bounceFigures{Figures: &f, ReadPerS: readRate(raws)}
	if err := storeBoth(ctx, raws, &found); err != nil {
		return err
	}
	return found.print(out)
}

func corpus(dir string) ([][]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "eml", "*"))
	if err != nil {
		return nil, err
	}
	raws := make([][]byte, 0, len(names))
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		raws = append(raws, raw)
	}
	return raws, nil
}

// readRate reads the messages on all cores for some seconds.
func readRate(raws [][]byte) float64 {
	const long = 3 * time.Second
	began := time.Now()
	var read atomic.Int64
	var cores sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		cores.Go(func() {
			for time.Since(began) < long {
				for _, raw := range raws {
					_, _ = dsn.Read(press.Mail{Format: press.FormatMessage, Raw: raw}) // what it says was measured before
				}
				read.Add(int64(len(raws)))
			}
		})
	}
	cores.Wait()
	return float64(read.Load()) / time.Since(began).Seconds()
}

// storeBoth reads and stores on both databases, each of them new.
func storeBoth(ctx context.Context, raws [][]byte, found *bounceFigures) (err error) {
	server, err := startPostgres(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	url, _, err := server.database(ctx)
	if err != nil {
		return err
	}
	rate, tied, err := storeRate(ctx, url, raws)
	if err != nil {
		return err
	}
	found.PostgresPS = rate
	dir, err := os.MkdirTemp("", "dateline-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	found.SQLitePS, found.Tied, err = storeRate(ctx, "sqlite://"+filepath.Join(dir, "dateline.db"), raws)
	found.Tied = min(found.Tied, tied)
	return err
}

// Of what is stored.
const (
	storedCopies = 12_000
	storedAtOnce = 64 // as from several mailboxes and listeners
)

// storeRate gives one message of the corpus for each of many copies, each with
// its own token in the envelope, to the intake.
func storeRate(ctx context.Context, url string, raws [][]byte) (rate, tied float64, err error) {
	s, err := store.Open(ctx, url)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	keys, err := press.ParseKeyring(press.FormatKeyring([]byte(strings.Repeat("a", 32)), []byte(strings.Repeat("t", 32))))
	if err != nil {
		return 0, 0, err
	}
	ids, err := acceptedCopies(ctx, s, keys, storedCopies)
	if err != nil {
		return 0, 0, err
	}
	mails := make(chan press.Mail, storedAtOnce)
	go func() {
		defer close(mails)
		for i, id := range ids {
			token := keys.EnvelopeToken(id)
			if i%2 == 1 {
				token = strings.ToUpper(token) // as some servers do
			}
			header := fmt.Sprintf("Message-ID: <%d@bench.example>\r\n", i)
			mails <- press.Mail{
				Mailbox: "bench", Ref: fmt.Sprint(i), Format: press.FormatMessage, To: press.Address("bounces+" + token + "@press.example"), At: time.Now(),
				Raw: append([]byte(header), raws[i%len(raws)]...),
			}
		}
	}()
	intake := bounce.NewIntake(s, optout.New(s, keys), keys, slog.New(slog.DiscardHandler))
	began := time.Now()
	var hands sync.WaitGroup
	var failed atomic.Pointer[error]
	for range storedAtOnce {
		hands.Go(func() {
			for m := range mails {
				if err := intake.Take(ctx, m); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	hands.Wait()
	took := time.Since(began)
	if err := failed.Load(); err != nil {
		return 0, 0, *err
	}
	tied, err = tiedRight(ctx, s, len(ids))
	return float64(len(ids)) / took.Seconds(), tied, err
}

// tiedRight is the share of the copies for which a report was found by token.
func tiedRight(ctx context.Context, s *store.Store, n int) (float64, error) {
	all, err := s.Reports(ctx, press.ReportFilter{Release: "bench"})
	if err != nil {
		return 0, err
	}
	copies := map[press.ID]bool{}
	for _, r := range all {
		if r.Tie == press.TieToken {
			copies[r.Delivery] = true
		}
	}
	return float64(len(copies)) / float64(n), nil
}

// acceptedCopies makes a release of which so many copies were accepted.
func acceptedCopies(ctx context.Context, s *store.Store, keys press.Keyring, n int) ([]press.ID, error) {
	now := time.Now().Add(-time.Minute)
	a := press.Approval{ID: store.NewID(), Release: "bench", Digest: "none", By: "bench", At: now, Recipients: n}
	r := press.Release{Slug: "bench", Sender: "bench", Topic: "bench"}
	if err := s.Stage(ctx, a, press.Frozen{Release: r}); err != nil {
		return nil, err
	}
	ds := make([]press.Delivery, n)
	for i := range ds {
		to := press.Address(fmt.Sprintf("desk%06d@paper%02d.example", i, i%50))
		ds[i] = press.Delivery{
			Approval: a.ID, Release: a.Release, Send: "general", AddressKey: keys.AddressKey(to),
			Recipient: press.Recipient{Contact: store.NewID(), Address: to, Country: "UZ", Edition: "ru", Due: now, Deadline: now.Add(time.Hour)},
		}
	}
	if err := errors.Join(s.StageDeliveries(ctx, ds, now, nil), s.Approve(ctx, a, r)); err != nil {
		return nil, err
	}
	daemon := store.NewID()
	var all []press.ID
	for len(all) < n {
		claimed, err := s.Claim(ctx, daemon, time.Now(), time.Now(), 500)
		if err != nil || len(claimed) == 0 {
			return nil, errors.Join(err, errors.New("the copies could not be claimed"))
		}
		begin, results := make([]press.Begin, len(claimed)), make([]press.Result, len(claimed))
		for i, d := range claimed {
			begin[i].Delivery = d.ID
			results[i] = press.Result{Delivery: d.ID, Outcome: press.Outcome{State: press.Accepted, At: time.Now(), Relay: "bench"}}
			all = append(all, d.ID)
		}
		if _, err := s.Record(ctx, daemon, nil, begin, time.Now()); err != nil {
			return nil, err
		}
		if _, err := s.Record(ctx, daemon, results, nil, time.Now()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// print shows the figures beside their aims, and as one line of JSON.
func (f *bounceFigures) print(out io.Writer) error {
	share := func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
	rows := []struct{ what, got, aim string }{
		{"class agrees with the labels", share(f.ClassAgrees), "at least 95 %"},
		{"soft called hard", share(f.SoftCalledHard), "at most 2 %"},
		{"reason agrees", share(f.ReasonAgrees), ""},
		{"complaints found", share(f.Complaints), "at least 98 %"},
		{"auto-replies called bounces", fmt.Sprint(f.AutoAsBounce), "none"},
		{"a recipient found", share(f.Recipient), "at least 97 %"},
		{"a Message-ID or token found", share(f.Key), "at least 85 %"},
		{"  where one stands in it", share(f.KeyWhereAny), ""},
		{"tied to the right copy by its token", share(f.Tied), "100 %"},
		{"read", fmt.Sprintf("%.0f/s", f.ReadPerS), "5000/s"},
		{"read and stored, PostgreSQL", fmt.Sprintf("%.0f/s", f.PostgresPS), "2000/s"},
		{"read and stored, SQLite", fmt.Sprintf("%.0f/s", f.SQLitePS), ""},
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(out, "%-38s %12s   %s\n", r.what, r.got, r.aim); err != nil {
			return err
		}
	}
	fmt.Fprintln(out)
	return json.NewEncoder(out).Encode(f)
}
