package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// keeper keeps accounts and tokens.
type keeper interface {
	Accounts(ctx context.Context) ([]press.Account, error)
	AddAccount(ctx context.Context, by access.Person, n access.NewAccount, now time.Time) (press.Account, error)
	SetRoles(ctx context.Context, by access.Person, login string, roles []access.Role, now time.Time) error
	SetDisabled(ctx context.Context, by access.Person, login string, out bool, now time.Time) error
	SetPassword(ctx context.Context, by access.Person, login, password string, now time.Time) error
	SignOutEverywhere(ctx context.Context, p access.Person, now time.Time) error
	Tokens(ctx context.Context, p access.Person) ([]press.APIToken, error)
	AddToken(ctx context.Context, by access.Person, n access.NewToken, now time.Time) (string, press.APIToken, error)
	RevokeToken(ctx context.Context, by access.Person, id string, now time.Time) error
	Trail(ctx context.Context, q press.PersonActs) ([]press.PersonAct, error)
}

func (c *Console) accountRoutes(page func(string, access.Right, handler)) {
	page("GET /people", access.Manage, c.people)
	page("POST /people", access.Manage, c.addPerson)
	page("POST /people/{login}", access.Manage, c.changePerson)
	page("GET /people/trail", access.Manage, c.peopleTrail)
	page("GET /account", access.Look, c.account)
	page("POST /account/tokens", access.Look, c.addToken)
	page("POST /account/tokens/{id}", access.Look, c.revokeToken)
	page("POST /account/password", access.Look, c.changePassword)
	page("POST /account/everywhere", access.Look, c.signOutEverywhere)
}

// peoplePage shows the accounts, and what people did last.
type peoplePage struct {
	Accounts []press.Account
	Trail    []press.PersonAct
	Asked    url.Values
	Wrong    string
	Now      time.Time
}

// Roles are those that an account may have.
func (peoplePage) Roles() []access.Role { return access.Roles() }

// Has tells whether an account has a role.
func (peoplePage) Has(a press.Account, r access.Role) bool {
	return slices.Contains(a.Roles, string(r))
}

// actsShown are those of a page of the trail.
const actsShown = 50

func (c *Console) people(w http.ResponseWriter, r *http.Request, by access.Person) error {
	return c.showPeople(w, r, by, http.StatusOK, url.Values{}, "")
}

func (c *Console) showPeople(w http.ResponseWriter, r *http.Request, by access.Person, status int, asked url.Values, wrong string) error {
	p := peoplePage{Asked: asked, Wrong: wrong, Now: c.Now()}
	var err error
	if p.Accounts, err = c.Door.Accounts(r.Context()); err != nil {
		return err
	}
	if p.Trail, err = c.Door.Trail(r.Context(), press.PersonActs{Limit: 12}); err != nil {
		return err
	}
	c.show(w, r, by, status, "people", "People", p)
	return nil
}

// finish leads on after a form that did what it was for. What is invalid is shown
// by again, with what was asked.
func (c *Console) finish(w http.ResponseWriter, r *http.Request, err error, to, said string, again func(wrong string) error) error {
	var invalid access.Invalid
	var denied access.Denied
	switch {
	case errors.As(err, &invalid), errors.As(err, &denied):
		return again(sentence(err.Error()))
	case err != nil:
		return err
	}
	c.Sessions.Put(r.Context(), saidKey, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func rolesIn(form url.Values) []access.Role {
	var roles []access.Role
	for _, r := range form["role"] {
		roles = append(roles, access.Role(r))
	}
	return roles
}

func (c *Console) addPerson(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	asked := access.NewAccount{Login: form.Get("login"), Name: form.Get("name"), Email: form.Get("email"), Roles: rolesIn(form), Password: form.Get("password")}
	_, err = c.Door.AddAccount(r.Context(), by, asked, c.Now())
	form.Del("password")
	return c.finish(w, r, err, "/people", "The account "+asked.Login+" was made. Tell its password by another way, and have it changed.", func(wrong string) error {
		return c.showPeople(w, r, by, http.StatusUnprocessableEntity, form, wrong)
	})
}

// changePerson changes an account's roles, or lets it in or not.
func (c *Console) changePerson(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	login, said := r.PathValue("login"), ""
	switch form.Get("do") {
	case "roles":
		said, err = "The roles of "+login+" were changed.", c.Door.SetRoles(r.Context(), by, login, rolesIn(form), c.Now())
	case "disable":
		said, err = login+" is shut out, with all sessions and tokens.", c.Door.SetDisabled(r.Context(), by, login, true, c.Now())
	case "enable":
		said, err = login+" may sign in again.", c.Door.SetDisabled(r.Context(), by, login, false, c.Now())
	default:
		err = access.Invalid{Why: "the form does not say what is to be done"}
	}
	return c.finish(w, r, err, "/people", said, func(wrong string) error {
		return c.showPeople(w, r, by, http.StatusUnprocessableEntity, url.Values{}, wrong)
	})
}

// trailPage is what people did, the newest first.
type trailPage struct {
	Acts  []press.PersonAct
	By    string
	Older string
}

func (c *Console) peopleTrail(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p := trailPage{By: strings.TrimSpace(r.URL.Query().Get("by"))}
	q := press.PersonActs{By: p.By, Limit: actsShown + 1}
	if before := r.URL.Query().Get("before"); before != "" {
		id, err := press.ParseID(before)
		if err != nil {
			return faultOf(http.StatusUnprocessableEntity, "The address of this page is broken.", "Begin with the newest.")
		}
		q.Before = id
	}
	var err error
	if p.Acts, err = c.Door.Trail(r.Context(), q); err != nil {
		return err
	}
	if len(p.Acts) > actsShown {
		p.Acts = p.Acts[:actsShown]
		p.Older = "/people/trail?" + url.Values{"by": {p.By}, "before": {p.Acts[actsShown-1].ID.String()}}.Encode()
	}
	c.show(w, r, by, http.StatusOK, "trail", "What people did", p)
	return nil
}

// accountPage is a person's own.
type accountPage struct {
	By     access.Person
	Own    press.Account
	Rights []access.Right
	Tokens []press.APIToken
	Made   string // the text of a token that was just made
	Asked  url.Values
	Wrong  string
	Now    time.Time
}

// Holds tells whether a token still opens anything.
func (p accountPage) Holds(t press.APIToken) bool {
	return t.Revoked.IsZero() && t.Expires.After(p.Now)
}

func (c *Console) account(w http.ResponseWriter, r *http.Request, by access.Person) error {
	return c.showAccount(w, r, by, http.StatusOK, accountPage{})
}

func (c *Console) showAccount(w http.ResponseWriter, r *http.Request, by access.Person, status int, p accountPage) error {
	p.By, p.Now = by, c.Now()
	if p.Asked == nil {
		p.Asked = url.Values{}
	}
	for _, right := range access.Rights() {
		if by.May(right) {
			p.Rights = append(p.Rights, right)
		}
	}
	accounts, err := c.Door.Accounts(r.Context())
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.ID.String() == by.ID {
			p.Own = a
		}
	}
	all, err := c.Door.Tokens(r.Context(), by)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.Account == p.Own.ID {
			p.Tokens = append(p.Tokens, t)
		}
	}
	c.show(w, r, by, status, "account", by.Name, p)
	return nil
}

// tokenDays are how long a token may hold, in days.
func tokenDays(text string) time.Duration {
	switch text {
	case "7", "30", "90", "365":
		d, _ := time.ParseDuration(text + "h")
		return 24 * d
	default:
		return 0
	}
}

func (c *Console) ownLogin(r *http.Request, by access.Person) (string, error) {
	accounts, err := c.Door.Accounts(r.Context())
	for _, a := range accounts {
		if a.ID.String() == by.ID {
			return a.Login, err
		}
	}
	return "", err
}

func (c *Console) addToken(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	login, err := c.ownLogin(r, by)
	if err != nil {
		return err
	}
	asked := access.NewToken{For: login, Note: strings.TrimSpace(form.Get("note"))}
	for _, right := range form["right"] {
		asked.Scope = append(asked.Scope, access.Right(right))
	}
	if d := tokenDays(form.Get("days")); d > 0 {
		asked.Expires = c.Now().Add(d)
	}
	text, _, err := c.Door.AddToken(r.Context(), by, asked, c.Now())
	var invalid access.Invalid
	var denied access.Denied
	if errors.As(err, &invalid) || errors.As(err, &denied) {
		return c.showAccount(w, r, by, http.StatusUnprocessableEntity, accountPage{Asked: form, Wrong: sentence(err.Error())})
	}
	if err != nil {
		return err
	}
	return c.showAccount(w, r, by, http.StatusOK, accountPage{Made: text}) // no redirect: it is shown this once
}

func (c *Console) revokeToken(w http.ResponseWriter, r *http.Request, by access.Person) error {
	err := c.Door.RevokeToken(r.Context(), by, r.PathValue("id"), c.Now())
	return c.finish(w, r, err, "/account", "The token opens nothing any more.", func(wrong string) error {
		return c.showAccount(w, r, by, http.StatusUnprocessableEntity, accountPage{Wrong: wrong})
	})
}

// changePassword wants the old one, so that a session that was left open is not
// enough; it ends all sessions, this one too.
func (c *Console) changePassword(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	login, err := c.ownLogin(r, by)
	if err != nil {
		return err
	}
	if _, err = c.Door.SignIn(r.Context(), login, form.Get("old"), c.network(r), c.Now()); err == nil {
		err = c.Door.SetPassword(r.Context(), by, login, form.Get("new"), c.Now())
	}
	if wait := (access.Wait{}); errors.As(err, &wait) {
		err = access.Denied{Why: err.Error()}
	}
	return c.finish(w, r, err, "/sign-in", "The password was changed; sign in with the new one.", func(wrong string) error {
		return c.showAccount(w, r, by, http.StatusUnprocessableEntity, accountPage{Wrong: wrong})
	})
}

func (c *Console) signOutEverywhere(w http.ResponseWriter, r *http.Request, by access.Person) error {
	if err := c.Door.SignOutEverywhere(r.Context(), by, c.Now()); err != nil {
		return err
	}
	_ = c.Sessions.Destroy(r.Context()) // it has ended already
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
