package unsubscribe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"dateline/internal/locale"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/webpage"
)

// OptOuts is what the pages carry out; *optout.Service is one.
type OptOuts interface {
	Subject(ctx context.Context, token string) (optout.Subject, error)
	OptOut(ctx context.Context, token string, c optout.Choice, now time.Time) error
	OptIn(ctx context.Context, token string, c optout.Choice, now time.Time) error
	Wish(ctx context.Context, token string, w optout.Wishes, now time.Time) error
	Erase(ctx context.Context, token string, now time.Time) error
	Dossier(ctx context.Context, token string, now time.Time) (press.Dossier, error)
}

// Options shape the pages.
type Options struct {
	OptOuts   OptOuts
	Languages map[press.Lang]*locale.Language // there must be English among them
	Proxies   []netip.Prefix                  // whose X-Forwarded-For is believed
	Log       *slog.Logger
	Now       func() time.Time
}

// pages answers for the links in mail.
type pages struct {
	Options
	layout layout
	limits *limits
}

// Pages serves /u/TOKEN, and what is below it. Its error is a fault of
// the pages' own templates.
func Pages(o Options) (http.Handler, error) {
	l, err := newLayout()
	if err != nil {
		return nil, err
	}
	p := &pages{Options: o, layout: l, limits: &limits{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /u/{token}", p.show)
	mux.HandleFunc("POST /u/{token}", p.act)
	mux.HandleFunc("GET /u/{token}/data.json", p.data)
	mux.HandleFunc("/u/{token}", webpage.Only("GET, HEAD, POST"))
	mux.HandleFunc("/u/{token}/data.json", webpage.Only("GET, HEAD"))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.fault(w, r, http.StatusNotFound, "page.fault.link") })
	return guarded(mux), nil
}

// guarded sets what keeps a link to itself.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+webpage.Hash(webpage.Style)+"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		next.ServeHTTP(w, r)
	})
}

// show is the page of a link.
func (p *pages) show(w http.ResponseWriter, r *http.Request) {
	if !p.allowed(w, r) {
		return
	}
	s, err := p.OptOuts.Subject(r.Context(), r.PathValue("token"))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, s, r.URL.Query().Get("done"), r.URL.Query().Get("erase") != "")
}

// data is everything that is held, as a file.
func (p *pages) data(w http.ResponseWriter, r *http.Request) {
	if !p.allowed(w, r) {
		return
	}
	d, err := p.OptOuts.Dossier(r.Context(), r.PathValue("token"), p.Now())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	d = d.Told()
	w.Header().Set("Content-Disposition", `attachment; filename="dossier.json"`)
	webpage.WriteJSON(w, d)
}

// act is one click, or a form of the page.
func (p *pages) act(w http.ResponseWriter, r *http.Request) {
	form, err := webpage.ReadForm(w, r)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		p.fault(w, r, http.StatusRequestEntityTooLarge, "page.fault.wish")
		return
	}
	if err != nil {
		p.fault(w, r, http.StatusBadRequest, "page.fault.wish")
		return
	}
	token, oneClick := r.PathValue("token"), form.Get("List-Unsubscribe") == "One-Click"
	if oneClick {
		if !p.limits.click(token, p.Now()) {
			p.tooOften(w, r)
			return
		}
		if err := p.OptOuts.OptOut(r.Context(), token, optout.Sender, p.Now()); err != nil {
			p.failed(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("Unsubscribed.\n")) // whoever went away has what they asked for
		return
	}
	if !p.allowed(w, r) {
		return
	}
	done := ""
	switch action := form.Get("action"); action {
	case "out":
		err = p.OptOuts.OptOut(r.Context(), token, optout.Choice(form.Get("choice")), p.Now())
	case "in":
		err = p.OptOuts.OptIn(r.Context(), token, optout.Choice(form.Get("choice")), p.Now())
	case "wish":
		done = "wish"
		err = p.wish(r.Context(), token, wishesOf(form))
	case "erase":
		err = p.OptOuts.Erase(r.Context(), token, p.Now())
	default:
		p.fault(w, r, http.StatusBadRequest, "page.fault.wish")
		return
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	to := "/u/" + token // as it came, so that a proxy's path before it stays: the address is relative
	query := []string{}
	if lang := r.URL.Query().Get("lang"); lang != "" && p.Languages[press.Lang(lang)] != nil {
		query = append(query, "lang="+lang)
	}
	if done != "" {
		query = append(query, "done="+done)
	}
	to = to[strings.LastIndexByte(to, '/')+1:]
	if len(query) > 0 {
		to += "?" + strings.Join(query, "&")
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// wish sets languages and addresses. Only a language that the page offers is
// taken: what carries wishes out does not ask whether one is a language at all.
func (p *pages) wish(ctx context.Context, token string, w optout.Wishes) error {
	s, err := p.OptOuts.Subject(ctx, token)
	if err != nil {
		return err
	}
	for _, l := range w.Languages {
		if p.Languages[l] == nil && (s.Contact == nil || !slices.Contains(s.Contact.Languages, l)) {
			return press.Faults{{What: "that language is not offered", Want: "one of those on the page is wanted"}}
		}
	}
	return p.OptOuts.Wish(ctx, token, w, p.Now())
}

// wishesOf reads the form of languages and addresses. What is no address is
// refused by whoever carries it out.
func wishesOf(form url.Values) optout.Wishes {
	var w optout.Wishes
	for _, l := range form["language"] {
		if l = strings.TrimSpace(l); l != "" {
			w.Languages = append(w.Languages, press.Lang(l))
		}
	}
	w.Address = press.Address(form.Get("address"))
	if s := strings.TrimSpace(form.Get("another")); s != "" {
		if a, err := press.ParseAddress(s); err == nil {
			w.Another = a
		} else {
			w.Another = press.Address(s)
		}
	}
	return w
}

// failed tells what an error means for the visitor.
func (p *pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	var faults press.Faults
	switch {
	case errors.Is(err, optout.ErrToken):
		p.fault(w, r, http.StatusNotFound, "page.fault.link")
	case errors.As(err, &faults):
		p.fault(w, r, http.StatusUnprocessableEntity, "page.fault.wish")
	case r.Context().Err() != nil: // nobody waits for it
	default:
		p.Log.Error("an opt-out page could not be answered", "method", r.Method, "error", err)
		w.Header().Set("Retry-After", "120")
		p.fault(w, r, http.StatusServiceUnavailable, "page.fault.later")
	}
}

// allowed holds a request against the limits.
func (p *pages) allowed(w http.ResponseWriter, r *http.Request) bool {
	if p.limits.page(r.PathValue("token"), webpage.Network(r, p.Proxies), p.Now()) {
		return true
	}
	p.tooOften(w, r)
	return false
}

func (p *pages) tooOften(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "60")
	p.fault(w, r, http.StatusTooManyRequests, "page.fault.often")
}
