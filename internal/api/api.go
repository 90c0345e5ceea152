package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/webpage"
)

// Description is the OpenAPI description of what is answered.
//
//go:embed openapi.yaml
var Description []byte

// Door knows whose a token is, and keeps the trail.
type Door interface {
	Token(ctx context.Context, text string, now time.Time) (access.Person, error)
	Act(ctx context.Context, by access.Person, what, target, detail string, now time.Time) error
}

// Store is what is read past the use cases.
type Store interface {
	ledger.Store
	ledger.Trail
	Deliveries(ctx context.Context, f press.DeliveryFilter, after press.ID, limit int) (press.DeliveryPage, error)
	Delivery(ctx context.Context, id press.ID) (press.DeliveryTrail, bool, error)
}

// Options are what the API is made of.
type Options struct {
	Store   Store
	Door    Door
	Desk    func() *desk.Desk // the one of the config as it is now
	Refresh func(ctx context.Context, release string)
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	Log     *slog.Logger
	Now     func() time.Time
}

// Prefix is where the API is answered.
const Prefix = "/api/v1"

type server struct{ Options }

// endpoint is a path with the right that it wants.
type endpoint struct {
	method, path string
	right        access.Right
	answer       func(s *server, r *http.Request, by access.Person) (any, error)
}

func endpoints() []endpoint {
	return []endpoint{
		{http.MethodGet, "/status", access.Look, (*server).status},
		{http.MethodGet, "/releases/{slug}/status", access.Look, (*server).status},
		{http.MethodGet, "/releases/{slug}/plan", access.Look, (*server).plan},
		{http.MethodGet, "/releases/{slug}/acts", access.Look, (*server).acts},
		{http.MethodGet, "/releases/{slug}/unknown", access.Look, (*server).unsure},
		{http.MethodPost, "/releases/{slug}/approve", access.Approve, (*server).approve},
		{http.MethodPost, "/releases/{slug}/hold", access.Hold, (*server).hold},
		{http.MethodPost, "/releases/{slug}/resume", access.Steer, (*server).resume},
		{http.MethodPost, "/releases/{slug}/kill", access.Steer, (*server).kill},
		{http.MethodPost, "/releases/{slug}/unknown", access.Steer, (*server).settle},
		{http.MethodGet, "/deliveries", access.Export, (*server).deliveries},
		{http.MethodGet, "/deliveries/{id}", access.Export, (*server).delivery},
	}
}

// Handler answers for all of it, below Prefix.
func Handler(o Options) http.Handler {
	s := &server{o}
	mux := http.NewServeMux()
	methods := map[string]string{}
	for _, e := range endpoints() {
		mux.Handle(e.method+" "+Prefix+e.path, s.guarded(e))
		methods[e.path] = strings.TrimPrefix(methods[e.path]+", "+e.method, ", ")
	}
	for path, allowed := range methods {
		mux.HandleFunc(Prefix+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", allowed)
			tell(w, problem{Status: http.StatusMethodNotAllowed, Detail: "Only " + allowed + " is answered here."})
		})
	}
	mux.HandleFunc("GET "+Prefix+"/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(Description) // whoever went away does not want it
	})
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, problem{Status: http.StatusNotFound, Detail: "There is nothing here; " + Prefix + "/openapi.yaml describes what there is."})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// guarded lets in whose token has the right.
func (s *server) guarded(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(access.FromNetwork(r.Context(), webpage.Network(r, s.Proxies)))
		scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || text == "" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="dateline"`)
			tell(w, problem{Status: http.StatusUnauthorized, Detail: "A token is wanted: Authorization: Bearer dl_…; `dateline tokens add` makes one."})
			return
		}
		by, err := s.Door.Token(r.Context(), strings.TrimSpace(text), s.Now())
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if !by.May(e.right) {
			tell(w, problem{Status: http.StatusForbidden, Detail: "The token does not have the right to " + string(e.right) + ", or its owner does not."})
			return
		}
		answer, err := e.answer(s, r, by)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if _, is := answer.(noted); is {
			w.WriteHeader(http.StatusAccepted)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil && r.Context().Err() == nil {
			s.Log.Error("an answer could not be written", "path", r.URL.Path, "error", err)
		}
	})
}

// problem is a failure as RFC 9457 writes it.
type problem struct {
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail"`
	Faults press.Faults      `json:"faults,omitempty"` // of a release, with their places
	Wrong  []ledger.Misasked `json:"wrong,omitempty"`  // of a question, word by word
}

func (p problem) Error() string { return p.Detail }

func tell(w http.ResponseWriter, p problem) {
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // whoever went away does not want it
}

// fail tells what went wrong. What is nobody's to know goes to the log.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	var p problem
	var denied access.Denied
	var wait access.Wait
	var refused desk.Refused
	var none desk.NoRelease
	var never press.ErrNeverApproved
	var faults press.Faults
	var wrong ledger.MisaskedWords
	switch {
	case errors.As(err, &p):
	case errors.As(err, &wait):
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.For.Seconds())+1))
		p = problem{Status: http.StatusTooManyRequests, Detail: err.Error()}
	case errors.As(err, &denied):
		w.Header().Set("WWW-Authenticate", `Bearer realm="dateline", error="invalid_token"`)
		p = problem{Status: http.StatusUnauthorized, Detail: denied.Why}
	case errors.As(err, &refused):
		p = problem{Status: http.StatusConflict, Detail: refused.Why}
	case errors.As(err, &none), errors.As(err, &never):
		p = problem{Status: http.StatusNotFound, Detail: err.Error()}
	case errors.As(err, &faults):
		p = problem{Status: http.StatusUnprocessableEntity, Detail: "the release has faults", Faults: faults}
	case errors.As(err, &wrong):
		p = problem{Status: http.StatusUnprocessableEntity, Detail: "the question cannot be understood", Wrong: wrong}
	default:
		s.Log.Error("a machine's question could not be answered", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
		p = problem{Status: http.StatusServiceUnavailable, Detail: "the store does not answer, or something in it is broken; the daemon's log says more"}
	}
	tell(w, p)
}
