package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"dateline/internal/access"
	"dateline/internal/desk"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

func (s *server) status(r *http.Request, _ access.Person) (any, error) {
	return ledger.Now(r.Context(), s.Store, r.PathValue("slug"), s.Now())
}

func (s *server) plan(r *http.Request, _ access.Person) (any, error) {
	p, err := s.Desk().Plan(r.Context(), r.PathValue("slug"), s.Now(), r.URL.Query().Get("release_now") == "true")
	if err != nil {
		return nil, err
	}
	return desk.NewView(p), nil
}

func (s *server) acts(r *http.Request, _ access.Person) (any, error) {
	all, err := s.Store.Acts(r.Context(), r.PathValue("slug"), actsShown)
	if all == nil {
		all = []press.Act{}
	}
	return all, err
}

// actsShown is how many acts are told, the newest first.
const actsShown = 500

func (s *server) unsure(r *http.Request, _ access.Person) (any, error) {
	all, err := ledger.Unsure(r.Context(), s.Store, r.PathValue("slug"), s.Now())
	if all == nil {
		all = []press.Unsure{}
	}
	return all, err
}

func (s *server) deliveries(r *http.Request, _ access.Person) (any, error) {
	q, err := ledger.Ask(r.URL.Query(), s.Now(), s.Desk().Keys.AddressKey)
	if err != nil {
		return nil, err
	}
	page, err := s.Store.Deliveries(r.Context(), q.Filter, q.After, q.Limit)
	if page.Rows == nil {
		page.Rows = []press.DeliveryRow{}
	}
	return page, err
}

func (s *server) delivery(r *http.Request, _ access.Person) (any, error) {
	none := problem{Status: http.StatusNotFound, Detail: "there is no such delivery"}
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return nil, none
	}
	t, ok, err := s.Store.Delivery(r.Context(), id)
	if err == nil && !ok {
		err = none
	}
	return t, err
}

// word is what a person says with an act.
type word struct {
	Digest     string `json:"digest"`      // of the plan that is approved
	Reason     string `json:"reason"`      // that a kill notice gives
	ReleaseNow bool   `json:"release_now"` // what has passed is sent at once
	Why        string `json:"why"`         // for the trail
	As         string `json:"as"`          // what became of unknown copies
}

const maxWord = 16 << 10

// read reads a body of JSON that holds nothing unknown; none is an empty one.
func read(r *http.Request) (word, error) {
	var w word
	wrong := func(what string) (word, error) {
		return word{}, problem{Status: http.StatusUnprocessableEntity, Detail: what + "; " + Prefix + "/openapi.yaml describes what is wanted"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxWord+1))
	switch {
	case err != nil:
		return wrong("the body could not be read")
	case len(body) > maxWord:
		return wrong("the body is too long")
	case strings.TrimSpace(string(body)) == "":
		return w, nil
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return wrong("the body is no JSON as it is wanted (" + err.Error() + ")")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return wrong("something stands behind the body's JSON")
	}
	return w, nil
}

// done keeps the trail of an act, and has the pages show it.
func (s *server) done(r *http.Request, by access.Person, what string, w word) error {
	slug := r.PathValue("slug")
	defer s.Refresh(r.Context(), slug)
	return s.Door.Act(r.Context(), by, what, slug, w.Why, s.Now())
}

func (s *server) approve(r *http.Request, by access.Person) (any, error) {
	w, err := read(r)
	if err != nil {
		return nil, err
	}
	if w.Digest == "" {
		return nil, problem{Status: http.StatusUnprocessableEntity, Detail: "digest is wanted: that of the plan which was read"}
	}
	yes := desk.Yes{Release: r.PathValue("slug"), Digest: w.Digest, By: by.Name, Email: by.Email, Account: accountOf(by), ReleaseNow: w.ReleaseNow, Reason: w.Reason}
	a, err := s.Desk().Approve(r.Context(), yes, s.Now(), func(int, int) {})
	if waits := (desk.Waits{}); errors.As(err, &waits) {
		return noted{waits}, s.done(r, by, "yes", w)
	}
	if err != nil {
		return nil, err
	}
	return a, s.done(r, by, "approve", w)
}

// noted is an answer to a yes that is not the last one that is wanted.
type noted struct{ desk.Waits }

// accountOf is a person's account; zero for one without.
func accountOf(by access.Person) press.ID {
	id, err := press.ParseID(by.ID)
	if err != nil {
		return press.ID{}
	}
	return id
}

// control is how people's words on a release stand after an act.
func (s *server) control(r *http.Request, by access.Person, what string, act func(w word) error) (any, error) {
	w, err := read(r)
	if err != nil {
		return nil, err
	}
	if err := act(w); err != nil {
		return nil, err
	}
	if err := s.done(r, by, what, w); err != nil {
		return nil, err
	}
	now, err := ledger.Now(r.Context(), s.Store, r.PathValue("slug"), s.Now())
	if err != nil {
		return nil, err
	}
	return now.Releases[0], nil
}

func (s *server) hold(r *http.Request, by access.Person) (any, error) {
	return s.control(r, by, "hold", func(w word) error {
		return s.Desk().Hold(r.Context(), r.PathValue("slug"), w.Why, by.Name, s.Now())
	})
}

func (s *server) resume(r *http.Request, by access.Person) (any, error) {
	return s.control(r, by, "resume", func(word) error {
		return s.Desk().Resume(r.Context(), r.PathValue("slug"), by.Name, s.Now())
	})
}

func (s *server) kill(r *http.Request, by access.Person) (any, error) {
	return s.control(r, by, "kill", func(w word) error {
		return s.Desk().Kill(r.Context(), r.PathValue("slug"), w.Why, by.Name, s.Now())
	})
}

func (s *server) settle(r *http.Request, by access.Person) (any, error) {
	w, err := read(r)
	if err != nil {
		return nil, err
	}
	state := map[string]press.State{"accepted": press.Accepted, "cancelled": press.Cancelled, "again": press.Planned}[w.As]
	if state == "" {
		return nil, problem{Status: http.StatusUnprocessableEntity, Detail: "as says what became of them: accepted, cancelled, or again to send them once more"}
	}
	heeded, err := s.Desk().Heed(r.Context(), press.Pick{Release: r.PathValue("slug")}, press.Word{State: state, By: by.Name, Why: w.Why}, s.Now())
	if err != nil {
		return nil, err
	}
	return heeded, s.done(r, by, "unknown", w)
}
