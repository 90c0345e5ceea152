package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"dateline/internal/access"
	"dateline/internal/press"
)

// Provider is the team's own sign-in.
type Provider interface {
	Begin(ctx context.Context) (address string, flow press.ProviderFlow, err error)
	Finish(ctx context.Context, flow press.ProviderFlow, state, code string) (press.Claims, error)
}

// flowKey is where a session keeps a sign-in that has begun.
const flowKey = "flow"

// begun is what a session keeps of it.
type begun struct {
	Flow press.ProviderFlow
	To   string // the page that was asked for
}

// beginProvider sends a person to the team's own sign-in.
func (c *Console) beginProvider(w http.ResponseWriter, r *http.Request) {
	address, flow, err := c.Provider.Begin(r.Context())
	if err != nil {
		c.notVouched(w, r, err)
		return
	}
	kept, err := json.Marshal(begun{flow, ownPath(r.URL.Query().Get("to"))})
	if err != nil {
		c.fail(w, r, access.Person{}, err)
		return
	}
	c.Sessions.Put(r.Context(), flowKey, kept)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// endProvider is where the provider sends people back to.
func (c *Console) endProvider(w http.ResponseWriter, r *http.Request) {
	var b begun
	if err := json.Unmarshal(c.Sessions.PopBytes(r.Context(), flowKey), &b); err != nil {
		c.notVouched(w, r, press.NotVouched{Why: "this browser has begun no sign-in, or has ended it already; begin anew"})
		return
	}
	claims, err := c.Provider.Finish(r.Context(), b.Flow, r.URL.Query().Get("state"), r.URL.Query().Get("code"))
	if err != nil {
		c.notVouched(w, r, err)
		return
	}
	p, err := c.Door.FromProvider(r.Context(), claims, c.Now())
	if err != nil {
		c.notVouched(w, r, err)
		return
	}
	c.begin(w, r, p, b.To)
}

// notVouched tells why the provider's word lets nobody in.
func (c *Console) notVouched(w http.ResponseWriter, r *http.Request, err error) {
	var not press.NotVouched
	var denied access.Denied
	why, status := "The sign-in service cannot be reached; try again in a moment.", http.StatusBadGateway
	switch {
	case errors.As(err, &not):
		why, status = sentence(not.Why), http.StatusUnauthorized
	case errors.As(err, &denied):
		why, status = sentence(denied.Why), http.StatusForbidden
	}
	c.Log.Warn("somebody was not signed in by the provider", "error", err)
	c.show(w, r, access.Person{}, status, "sign-in", "Sign in", signIn{To: "/", Wrong: why, Provider: c.ProviderName})
}
