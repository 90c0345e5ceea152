package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"

	sampleconfig "dateline/config"
	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/console"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/store"
)

// pageFigure is how long a page of the console took, and how large it is.
type pageFigure struct {
	Store string  `json:"store"`
	Page  string  `json:"page"`
	P50   float64 `json:"p50_ms"`
	Max   float64 `json:"max_ms"`
	KB    float64 `json:"kb"`
}

// timedPages times the console's pages over a store, as somebody sees them who is
// signed in: those that every house has, and more.
func timedPages(ctx context.Context, s *store.Store, kind string, conf *config.Config, more map[string]string) (_ []pageFigure, err error) {
	visitor, base, end, err := openConsole(ctx, s, conf)
	if err != nil {
		return nil, err
	}
	defer end()
	page, err := s.Deliveries(ctx, press.DeliveryFilter{States: []press.State{press.Bounced}}, press.ID{}, 1)
	if err != nil || len(page.Rows) == 0 {
		return nil, cmp.Or(err, errors.New("there is no bounced delivery to look at"))
	}
	newest := "/releases/" + releaseName(archiveReleases-1)
	paths := map[string]string{
		"today": "/", "releases": "/releases", "release": newest, "lift": newest + "/lift", "deliveries": "/deliveries", "deliveries, bounced": "/deliveries?state=bounced",
		"deliveries, a word": "/deliveries?text=person+17", "delivery": "/deliveries/" + page.Rows[0].ID.String(), "calendar": "/calendar", "relays": "/relays", "config": "/config", "people": "/people",
		"contacts": "/contacts", "outlets": "/outlets", "lists": "/lists", "suppressions": "/suppressions", "bounces": "/bounces",
	}
	maps.Copy(paths, more)
	var all []pageFigure
	for name, path := range paths {
		f := pageFigure{Store: kind, Page: name}
		var took []float64
		for range answerRounds {
			began := time.Now()
			n, err := bytesOf(ctx, visitor, base+path)
			if err != nil {
				return all, fmt.Errorf("%s: %w", path, err)
			}
			took = append(took, time.Since(began).Seconds()*1000)
			f.KB = float64(n) / 1000
		}
		f.P50, f.Max = median(took), slices.Max(took)
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b pageFigure) int { return strings.Compare(a.Page, b.Page) })
	return all, nil
}

func bytesOf(ctx context.Context, c *http.Client, page string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page, http.NoBody)
	if err != nil {
		return 0, err
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close() // it was read
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return len(text), err
}

// sampleHouse is the sample's config.
func sampleHouse() (*config.Config, error) {
	dir, err := os.MkdirTemp("", "dateline-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a few small files
	if err := os.CopyFS(dir, sampleconfig.Files); err != nil {
		return nil, err
	}
	return loadConfig(dir)
}

// openConsole serves a console over a store, and signs in.
func openConsole(ctx context.Context, s *store.Store, conf *config.Config) (*http.Client, string, func(), error) {
	fail := func(err error) (*http.Client, string, func(), error) { return nil, "", nil, err }
	const password = "a word for this bench"
	door := access.NewDoor(s, store.NewID, access.Setup{Cost: argon2id.DefaultParams})
	if _, err := door.AddAccount(ctx, access.CommandLine("bench"), access.NewAccount{Login: "bench", Name: "Bench", Roles: access.Roles(), Password: password}, time.Now()); err != nil {
		return fail(err)
	}
	board := ledger.NewBoard(s)
	board.Read(ctx, time.Now(), time.Now)
	d := &desk.Desk{Store: s, Config: conf, NewID: store.NewID}
	sessions := scs.New()
	sessions.Store = access.Sessions{Store: s, Now: time.Now}
	pages, err := console.New(console.Options{
		Store: s, Board: board, Door: door, Sessions: sessions, Office: func() console.Office { return console.Office{Config: conf, Desk: d} },
		Refresh: func(context.Context, string) {}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		return fail(err)
	}
	server := httptest.NewServer(pages.Handler())
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fail(err)
	}
	visitor := &http.Client{Jar: jar}
	answer, err := visitor.PostForm(server.URL+"/sign-in", url.Values{"name": {"bench"}, "password": {password}}) //nolint:noctx // once, on this machine
	if err != nil {
		return fail(err)
	}
	_ = answer.Body.Close()
	return visitor, server.URL, server.Close, nil
}
