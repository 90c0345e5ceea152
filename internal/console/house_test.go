package console_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"

	"dateline/internal/access"
	"dateline/internal/bounce"
	"dateline/internal/config"
	"dateline/internal/console"
	"dateline/internal/contactfile"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/templates"
)

const slug = "tashkent-2022"

// lift is when the sample's embargo lifts.
var lift = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

// house is a console over a real store, with the sample's release in its eight
// languages and some contacts.
type house struct {
	*httptest.Server
	t     testing.TB
	store *store.Store
	desk  *desk.Desk
	board *ledger.Board
	door  *access.Door

	mu  sync.Mutex
	now time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) setClock(at time.Time) {
	h.mu.Lock()
	h.now = at
	h.mu.Unlock()
	h.read()
}

// read has the board read anew.
func (h *house) read() { h.board.Read(h.t.Context(), h.clock(), time.Now, slug) }

func newHouse(t testing.TB) *house {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	ring, err := press.ParseKeyring(press.FormatKeyring(make([]byte, 32), make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, store: s, board: ledger.NewBoard(s), now: lift.Add(-50 * time.Hour), door: access.NewDoor(s, store.NewID, access.Setup{Cost: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})}
	contacts := press.ImportBatch{Key: ring.AddressKey}
	for c := range contactfile.Generate(200, 1) {
		contacts.Rows = append(contacts.Rows, press.ImportRow{Contact: c})
	}
	if _, _, err := s.ImportContacts(t.Context(), contacts, h.now); err != nil {
		t.Fatal(err)
	}
	h.desk = &desk.Desk{Store: s, Config: sample(t), Keys: ring, NewID: store.NewID}
	for _, r := range access.Roles() {
		asked := access.NewAccount{Login: string(r), Name: strings.ToUpper(string(r)[:1]) + string(r)[1:] + " Karimova", Email: string(r) + "@example.org", Roles: []access.Role{r}, Password: password(string(r))}
		if _, err := h.door.AddAccount(t.Context(), access.CommandLine("root"), asked, h.now); err != nil {
			t.Fatal(err)
		}
	}
	sessions := scs.New()
	sessions.Cookie.Name = "dateline"
	sessions.Store = access.Sessions{Store: s, Now: time.Now}
	c, err := console.New(console.Options{
		Store: s, Board: h.board, Door: h.door, Sessions: sessions, Watch: 3, Log: slog.New(slog.DiscardHandler), Now: h.clock,
		Office:  func() console.Office { return console.Office{Config: h.desk.Config, Desk: h.desk} },
		Refresh: func(context.Context, string) { h.read() },
		Intake:  bounce.NewIntake(s, optout.New(s, ring), ring, slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.read()
	h.Server = httptest.NewServer(c.Handler())
	t.Cleanup(h.Close)
	return h
}

func sample(t testing.TB) *config.Config {
	t.Helper()
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		shipped[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("../../config", shipped, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// password is that of the account of a name.
func password(login string) string { return "the password of " + login }

// trail is what people did since the house was built, oldest first.
func (h *house) trail() []string {
	h.t.Helper()
	acts, err := h.door.Trail(h.t.Context(), press.PersonActs{})
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, a := range slices.Backward(acts) {
		if a.Via != access.ViaCommandLine && a.Act != "sign in" {
			all = append(all, strings.Join([]string{a.Name, a.Act, a.Target, a.Detail}, "|"))
		}
	}
	return all
}

// approved has the sample's release approved.
func (h *house) approved() press.Approval {
	h.t.Helper()
	p, err := h.desk.Plan(h.t.Context(), slug, h.clock(), false)
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := h.desk.Approve(h.t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Dilnoza Karimova"}, h.clock(), func(int, int) {})
	if err != nil {
		h.t.Fatal(err)
	}
	h.read()
	return a
}

// sent has so many copies leave, at the clock's instant, and end as a function says.
func (h *house) sent(n int, became func(i int, d press.Delivery) press.Outcome) []press.Delivery {
	h.t.Helper()
	ctx, now := h.t.Context(), h.clock()
	daemon := store.NewID()
	if err := h.store.RecordDaemon(ctx, daemon, "press1", 4711, now.Add(-time.Hour), now, ""); err != nil {
		h.t.Fatal(err)
	}
	claimed, err := h.store.Claim(ctx, daemon, now, now, n)
	if err != nil {
		h.t.Fatal(err)
	}
	var begin []press.Begin
	var results []press.Result
	for i, d := range claimed {
		begin = append(begin, press.Begin{Delivery: d.ID})
		o := became(i, d)
		o.At = now.Add(time.Duration(i) * 7 * time.Millisecond)
		r := press.Result{Delivery: d.ID, Outcome: o}
		if o.State == press.Deferred {
			r.Next = now.Add(time.Minute)
		}
		results = append(results, r)
	}
	if _, err := h.store.Record(ctx, daemon, nil, begin, now); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Record(ctx, daemon, results, nil, now); err != nil {
		h.t.Fatal(err)
	}
	h.read()
	return claimed
}

// visitor is a browser without scripts.
type visitor struct {
	h *house
	*http.Client
}

func (h *house) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &visitor{h, &http.Client{Jar: jar}}
}

// as is a visitor who has signed in.
func (h *house) as(role access.Role) *visitor {
	h.t.Helper()
	v := h.visitor()
	if status, page := v.post("/sign-in", url.Values{"name": {string(role)}, "password": {password(string(role))}}); status != http.StatusOK || !strings.Contains(page, "Sign out") {
		h.t.Fatalf("signing in as %s: %d %s", role, status, page)
	}
	return v
}

func (v *visitor) do(r *http.Request, err error) (int, string) {
	v.h.t.Helper()
	if err != nil {
		v.h.t.Fatal(err)
	}
	answer, err := v.Do(r)
	if err != nil {
		v.h.t.Fatal(err)
	}
	var b strings.Builder
	if err := errors.Join(answer.Write(&b), answer.Body.Close()); err != nil {
		v.h.t.Fatal(err)
	}
	return answer.StatusCode, b.String()
}

func (v *visitor) get(path string) (int, string) {
	v.h.t.Helper()
	return v.do(http.NewRequestWithContext(v.h.t.Context(), http.MethodGet, v.h.URL+path, nil))
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.h.t.Helper()
	r, err := http.NewRequestWithContext(v.h.t.Context(), http.MethodPost, v.h.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return v.do(r, err)
}
