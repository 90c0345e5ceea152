package access_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"dateline/internal/access"
	"dateline/internal/press"
)

// browser asks a site whose sessions are kept in the store.
type browser struct {
	t       *testing.T
	site    http.Handler
	cookies []*http.Cookie
}

func (b *browser) get(path string) string {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	if set := w.Result().Cookies(); len(set) > 0 {
		b.cookies = set
	}
	return w.Body.String()
}

// Sessions work with scs as it is: signed in, kept, ended for the account by
// another hand, and not to be had from what the store holds.
func TestSessions(t *testing.T) {
	h := open(t)
	a := h.add("olim", access.Viewer)
	m := scs.New()
	m.Store = access.Sessions{Store: h.store, Now: time.Now}
	m.IdleTimeout, m.Lifetime = time.Hour, 12*time.Hour
	mux := http.NewServeMux()
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		if err := m.RenewToken(r.Context()); err != nil {
			t.Error(err)
		}
		m.Put(r.Context(), access.SessionAccount, a.ID.String())
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) {
		if err := m.Destroy(r.Context()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, m.GetString(r.Context(), access.SessionAccount))
	})
	site := m.LoadAndSave(mux)
	one, two := &browser{t: t, site: site}, &browser{t: t, site: site}
	for _, b := range []*browser{one, two} {
		if got := b.get("/"); got != "" {
			t.Errorf("before signing in there is %q", got)
		}
		b.get("/in")
		if got := b.get("/"); got != a.ID.String() {
			t.Errorf("after signing in there is %q", got)
		}
	}
	one.get("/out")
	if got := one.get("/"); got != "" {
		t.Errorf("after signing out there is %q", got)
	}
	if got := two.get("/"); got != a.ID.String() {
		t.Errorf("the other browser has %q", got)
	}
	p, err := h.Account(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SignOutEverywhere(t.Context(), p, now); err != nil {
		t.Fatal(err)
	}
	if got := two.get("/"); got != "" {
		t.Errorf("after signing out everywhere there is %q", got)
	}
	if err := h.SignOutEverywhere(t.Context(), root, now); err == nil {
		t.Error("the command line was signed out")
	}
}

// sparing counts what is written.
type sparing struct {
	access.SessionStore
	written int
}

func (s *sparing) SaveSession(ctx context.Context, x press.Session) error {
	s.written++
	return s.SessionStore.SaveSession(ctx, x)
}

// Whoever clicks through pages writes once a minute, not at each click.
func TestSessionsAreWrittenSparingly(t *testing.T) {
	h := open(t)
	at := now
	kept := &sparing{SessionStore: h.store}
	s := access.Sessions{Store: kept, Now: func() time.Time { return at }}
	for range 180 { // a click a second
		if err := s.Commit("secret", []byte("data"), at.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
	}
	if kept.written != 3 {
		t.Errorf("it was written %d times in 3 minutes", kept.written)
	}
	if err := s.Commit("secret", []byte("other data"), at.Add(time.Hour)); err != nil || kept.written != 4 {
		t.Errorf("other data was not written at once: %v", err)
	}
	if b, ok, err := s.Find("secret"); err != nil || !ok || string(b) != "other data" {
		t.Errorf("found %q, %v, %v", b, ok, err)
	}
	at = at.Add(time.Hour)
	if _, ok, err := s.Find("secret"); err != nil || ok {
		t.Errorf("after its end it is found: %v", err)
	}
}
