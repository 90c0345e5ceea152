package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dateline/internal/access"
	"dateline/internal/press"
	"dateline/internal/webpage"
)

// person is who asks. Who is not signed in is sent to where that is done, and the
// answer is false.
func (c *Console) person(w http.ResponseWriter, r *http.Request) (access.Person, bool) {
	id, err := press.ParseID(c.Sessions.GetString(r.Context(), access.SessionAccount))
	if err != nil {
		c.toSignIn(w, r)
		return access.Person{}, false
	}
	p, err := c.Door.Account(r.Context(), id)
	if denied := (access.Denied{}); errors.As(err, &denied) { // disabled meanwhile
		_ = c.Sessions.Destroy(r.Context())
		c.toSignIn(w, r)
		return access.Person{}, false
	}
	if err != nil {
		c.fail(w, r, access.Person{}, err)
		return access.Person{}, false
	}
	p.Cookie = true
	return p, true
}

// toSignIn sends a person to sign in, and back to the page then. A form is not
// done again: its page is.
func (c *Console) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in?to=" + url.QueryEscape(r.URL.RequestURI())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		to += "&late=1"
	}
	if r.Header.Get("HX-Request") != "" { // a part of a page: all of it must go
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

type signIn struct {
	To, Name, Wrong string
	Late            bool
	Provider        string // the team's own sign-in, as its button says it
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, access.Person{}, http.StatusOK, "sign-in", "Sign in", signIn{To: ownPath(r.URL.Query().Get("to")), Late: r.URL.Query().Has("late"), Provider: c.ProviderName})
}

// ownPath is a path of ours, wherever a stranger's link wants to lead.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return u.RequestURI()
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	form, err := formOf(w, r)
	if err != nil {
		c.fail(w, r, access.Person{}, err)
		return
	}
	asked := signIn{To: ownPath(form.Get("to")), Name: form.Get("name"), Provider: c.ProviderName}
	p, err := c.Door.SignIn(r.Context(), asked.Name, form.Get("password"), c.network(r), c.Now())
	var denied access.Denied
	var wait access.Wait
	switch {
	case errors.As(err, &denied):
		asked.Wrong = sentence(err.Error())
		c.show(w, r, access.Person{}, http.StatusUnauthorized, "sign-in", "Sign in", asked)
	case errors.As(err, &wait):
		asked.Wrong = sentence(err.Error())
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.For.Seconds())+1))
		c.show(w, r, access.Person{}, http.StatusTooManyRequests, "sign-in", "Sign in", asked)
	case err != nil:
		c.fail(w, r, access.Person{}, err)
	default:
		c.begin(w, r, p, asked.To)
	}
}

// begin begins a session, under a new name of its own.
func (c *Console) begin(w http.ResponseWriter, r *http.Request, p access.Person, to string) {
	if err := c.Sessions.RenewToken(r.Context()); err != nil {
		c.fail(w, r, access.Person{}, err)
		return
	}
	c.Sessions.Put(r.Context(), access.SessionAccount, p.ID)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if err := c.Sessions.Destroy(r.Context()); err != nil {
		c.fail(w, r, access.Person{}, err)
		return
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// formOf reads a form, or says what is wrong with it.
func formOf(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := webpage.ReadForm(w, r)
	if err != nil {
		return nil, faultOf(http.StatusBadRequest, "The form could not be read, so nothing was done.", "Open the page once more, and try again.")
	}
	return form, nil
}
