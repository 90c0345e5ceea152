package console_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"

	"dateline/internal/access"
	"dateline/internal/bounce"
	"dateline/internal/console"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/internal/testenv/newsroom"
)

const slug = newsroom.Slug

// lift is when the sample's embargo lifts.
var lift = newsroom.Lift()

// house is a console over a real store, with the sample's release in its eight
// languages and some contacts.
type house struct {
	*httptest.Server
	t     testing.TB
	store *store.Store
	desk  *desk.Desk
	board *ledger.Board
	door  *access.Door

	room *newsroom.Newsroom
}

func (h *house) clock() time.Time { return h.room.Now() }

func (h *house) setClock(at time.Time) {
	h.room.Set(at)
	h.read()
}

// read has the board read anew.
func (h *house) read() { h.board.Read(h.t.Context(), h.clock(), time.Now, slug) }

// newHouse is one with two of the sample's editions; newPalace has all of them.
func newHouse(t testing.TB, change ...func(*console.Options)) *house {
	t.Helper()
	return build(t, []press.Lang{"en", "ru"}, change...)
}

func newPalace(t testing.TB) *house {
	t.Helper()
	return build(t, nil)
}

func build(t testing.TB, langs []press.Lang, change ...func(*console.Options)) *house {
	t.Helper()
	room := newsroom.Open(t, "../../config", "", 200, langs...)
	s, cheap := room.Store, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	h := &house{
		t: t, store: s, desk: room.Desk, board: ledger.NewBoard(s), room: room,
		door: access.NewDoor(s, store.NewID, access.Setup{Groups: map[string][]access.Role{"press": {access.Approver}}, Cost: cheap}),
	}
	for _, r := range access.Roles() {
		asked := access.NewAccount{Login: string(r), Name: strings.ToUpper(string(r)[:1]) + string(r)[1:] + " Karimova", Email: string(r) + "@example.org", Roles: []access.Role{r}, Password: password(string(r))}
		if _, err := h.door.AddAccount(t.Context(), access.CommandLine("root"), asked, h.clock()); err != nil {
			t.Fatal(err)
		}
	}
	sessions := scs.New()
	sessions.Cookie.Name = "dateline"
	sessions.Store = access.Sessions{Store: s, Now: time.Now}
	o := console.Options{
		Store: s, Board: h.board, Door: h.door, Sessions: sessions, Watch: 3, Log: slog.New(slog.DiscardHandler), Now: h.clock,
		Office:  func() console.Office { return console.Office{Config: h.desk.Config, Desk: h.desk} },
		Refresh: func(context.Context, string) { h.read() },
		Intake:  bounce.NewIntake(s, optout.New(s, room.Keys), room.Keys, slog.New(slog.DiscardHandler)),
	}
	for _, do := range change {
		do(&o)
	}
	c, err := console.New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.read()
	h.Server = httptest.NewServer(c.Handler())
	t.Cleanup(h.Close)
	return h
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
	a := h.room.Approved()
	h.read()
	return a
}

// sent has so many copies leave, at the clock's instant, and end as a function says.
func (h *house) sent(n int, became func(i int, d press.Delivery) press.Outcome) []press.Delivery {
	h.t.Helper()
	copies := h.room.Sent(n, became)
	h.read()
	return copies
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
	return v.do(http.NewRequestWithContext(v.h.t.Context(), http.MethodGet, v.h.URL+path, http.NoBody))
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
