package console

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"

	"dateline/internal/access"
	"dateline/internal/bounce"
	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/receipt"
	"dateline/internal/webpage"
)

// Door lets people in, and keeps the trail of what they did.
type Door interface {
	keeper
	FromProvider(ctx context.Context, c press.Claims, now time.Time) (access.Person, error)
	SignIn(ctx context.Context, name, password, network string, now time.Time) (access.Person, error)
	Account(ctx context.Context, id press.ID) (access.Person, error)
	Act(ctx context.Context, by access.Person, what, target, detail string, now time.Time) error
}

// Store is what pages read that no use case keeps for them.
type Store interface {
	logStore
	ledger.LiftStore
	receipt.Store
	peopleStore
	outletStore
	listStore
	wordStore
	reportStore
}

// Office is what the daemon works with now; it changes with the config folder.
type Office struct {
	Config *config.Config
	Desk   *desk.Desk
	// Refused is why the folder's newest state is not in use.
	Refused string
}

// Options are what a console is made of.
type Options struct {
	Store    Store
	Board    *ledger.Board
	Door     Door
	Sessions *scs.SessionManager
	Provider Provider // nil: accounts with passwords alone
	// ProviderName stands on the button that leads to it.
	ProviderName string
	Office       func() Office
	// Refresh has the board read anew, after an act, with the copies of a release
	// counted.
	Refresh func(ctx context.Context, release string)
	Intake  *bounce.Intake // reads mails in quarantine again; nil where there is none
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	Secure  bool           // people reach it by TLS
	Watch   int            // how many may watch at once
	Log     *slog.Logger
	Now     func() time.Time
}

// Console answers for the pages.
type Console struct {
	Options
	pages map[string]*template.Template
	live  watchers
	asked atomic.Int64 // when somebody last asked for a page, in nanoseconds since 1970
	jobs  jobs

	plans     beside[planOf, desk.Planned]
	lifts     beside[string, ledger.Lift]
	roll      beside[*config.Config, roll]
	unreached beside[string, []press.Unreached]
	months    beside[press.ReportFilter, month]
}

// New makes a console.
func New(o Options) (*Console, error) {
	c := &Console{Options: o}
	c.live.most, c.live.gone = o.Watch, make(chan struct{})
	var err error
	if c.pages, err = parsePages(); err != nil {
		return nil, fmt.Errorf("reading the console's pages: %w", err)
	}
	return c, nil
}

// handler answers for a signed-in person. Its error becomes a page.
type handler func(w http.ResponseWriter, r *http.Request, by access.Person) error

// Asked is when somebody last asked for a page; the zero time if nobody has.
func (c *Console) Asked() time.Time {
	if at := c.asked.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}

// Watched tells whether somebody watches.
func (c *Console) Watched() bool {
	c.live.mu.Lock()
	defer c.live.mu.Unlock()
	return c.live.here > 0
}

// Handler is all of it.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.HandlerFunc(serveStatic))
	mux.HandleFunc("GET /sign-in", c.showSignIn)
	mux.HandleFunc("POST /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-out", c.signOut)
	if c.Provider != nil {
		mux.HandleFunc("GET /oidc/begin", c.beginProvider)
		mux.HandleFunc("GET /oidc/callback", c.endProvider)
	}
	mux.HandleFunc("GET /live", c.watch)
	page := func(pattern string, right access.Right, h handler) { mux.Handle(pattern, c.only(right, h)) }
	page("GET /{$}", access.Look, c.today)
	page("GET /calendar", access.Look, c.calendar)
	page("GET /relays", access.Look, c.relays)
	page("GET /config", access.Look, c.config)
	page("GET /releases", access.Look, c.releases)
	page("GET /releases/{slug}", access.Look, c.release)
	page("GET /releases/{slug}/lift", access.Look, c.lift)
	page("GET /releases/{slug}/changes", access.Look, c.changes)
	page("GET /releases/{slug}/plan", access.Look, c.plan)
	page("GET /releases/{slug}/editions/{lang}", access.Look, c.edition)
	page("GET /releases/{slug}/editions/{lang}/{part}", access.Look, c.editionPart)
	c.logRoutes(page)
	c.accountRoutes(page)
	c.receiptRoutes(page)
	c.peopleRoutes(page)
	c.outletRoutes(page)
	c.listRoutes(page)
	c.suppressionRoutes(page)
	c.bounceRoutes(page)
	for _, a := range acts() {
		page("GET /releases/{slug}/"+a.name, a.right, func(w http.ResponseWriter, r *http.Request, by access.Person) error { return c.askAct(w, r, by, a) })
		page("POST /releases/{slug}/"+a.name, a.right, func(w http.ResponseWriter, r *http.Request, by access.Person) error { return c.doAct(w, r, by, a) })
	}
	page("/", access.Look, func(http.ResponseWriter, *http.Request, access.Person) error { return errNotFound })
	return c.guarded(c.Sessions.LoadAndSave(mux))
}

// policy: pages run our scripts and load our files, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guarded sets what keeps pages to those who may see them, and takes forms from
// our own pages alone.
func (c *Console) guarded(next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, access.Person{}, faultOf(http.StatusForbidden, "This form came from another site, so nothing was done.", "Open the console itself, and do it there."))
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked.Store(c.Now().UnixNano())
		r = r.WithContext(access.FromNetwork(r.Context(), c.network(r)))
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if c.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		own.Handler(next).ServeHTTP(w, r)
	})
}

// only lets in who has a right.
func (c *Console) only(right access.Right, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, ok := c.person(w, r)
		if !ok {
			return
		}
		var err error
		if !by.May(right) {
			err = faultOf(http.StatusForbidden, "You may not do this: it wants the right to "+string(right)+".", "Ask somebody who keeps the accounts.")
		} else {
			err = h(w, r, by)
		}
		if err != nil && r.Context().Err() == nil {
			c.fail(w, r, by, err)
		}
	})
}

// fault is what went wrong, for the person who asked.
type fault struct {
	status     int
	What, Want string
}

func (f fault) Error() string { return f.What + " " + f.Want }

func faultOf(status int, what, want string) fault { return fault{status, what, want} }

var errNotFound = faultOf(http.StatusNotFound, "There is no such page.", "The names above lead to all there are.")

// fail shows what went wrong. What is nobody's to know goes to the log.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, by access.Person, err error) {
	var f fault
	var refused desk.Refused
	var none desk.NoRelease
	var never press.ErrNeverApproved
	var faults press.Faults
	switch {
	case errors.As(err, &f):
	case errors.As(err, &refused):
		f = faultOf(http.StatusConflict, sentence(refused.Why), "Nothing was done.")
	case errors.As(err, &none), errors.As(err, &never):
		f = faultOf(http.StatusNotFound, sentence(err.Error()), "The list of releases leads to all there are.")
	case errors.As(err, &faults):
		f = faultOf(http.StatusUnprocessableEntity, "The release has faults.", faults.Error())
	default:
		c.Log.Error("a page of the console could not be answered", "path", r.URL.Path, "error", err)
		f = faultOf(http.StatusServiceUnavailable, "This could not be answered: the store does not answer, or something in it is broken.", "Nothing was changed. Try again in a moment; the daemon's log says more.")
	}
	if f.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	c.show(w, r, by, f.status, "fault", "What went wrong", f)
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// network is where a request comes from, as limits and the trail have it.
func (c *Console) network(r *http.Request) string { return webpage.Network(r, c.Proxies) }
