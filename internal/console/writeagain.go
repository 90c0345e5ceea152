package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dateline/internal/access"
	"dateline/internal/press"
)

// lifting is the form that has an address written to again.
type lifting struct {
	Key     press.AddressKey
	Scope   press.Scope
	Words   []press.Suppression // that go
	Own     []press.Suppression // the journalist's own, which stay
	Whose   *owner
	Form    url.Values
	Wrong   []string
	WrongAt map[string]bool
}

// theirs is what stands above a journalist's own word, here as in the terminal.
const theirs = "The journalist’s own word stays, and only they take it back, by the link in any mail that they have."

func (c *Console) lifting(r *http.Request, scope string) (lifting, error) {
	none := faultOf(http.StatusNotFound, "There is no such suppression.", "Perhaps it was lifted just now. The page of suppressions has all there are.")
	key, err := press.ParseID(r.PathValue("key"))
	if err != nil {
		return lifting{}, none
	}
	words, err := c.Store.Barring(r.Context(), []press.AddressKey{key})
	if err != nil {
		return lifting{}, err
	}
	l := lifting{Key: key, Scope: press.Scope(scope), Form: url.Values{}, WrongAt: map[string]bool{}}
	for _, word := range words {
		switch {
		case word.Scope != scope:
		case word.Author == press.AuthorContact:
			l.Own = append(l.Own, word)
		default:
			l.Words = append(l.Words, word)
		}
	}
	if len(l.Words)+len(l.Own) == 0 {
		return lifting{}, none
	}
	if len(l.Words) == 0 {
		return lifting{}, faultOf(http.StatusConflict, "They opted out by themselves"+ofText(l.Scope)+".", theirs)
	}
	read, err := c.called()
	l.Whose = ownerIn(read, key)
	return l, err
}

func (c *Console) askLift(w http.ResponseWriter, r *http.Request, by access.Person) error {
	l, err := c.lifting(r, r.URL.Query().Get("scope"))
	if err != nil {
		return err
	}
	c.show(w, r, by, http.StatusOK, "write-again", "Write to somebody again", l)
	return nil
}

func (c *Console) writeAgain(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	l, err := c.lifting(r, form.Get("scope"))
	if err != nil {
		return err
	}
	l.Form = form
	wrong := func(field, says string) {
		l.Wrong, l.WrongAt[field] = append(l.Wrong, sentence(says)), true
	}
	// The store holds no address: whoever types the right one has the same hash.
	at, err := press.ParseAddress(form.Get("address"))
	switch {
	case err != nil:
		wrong("address", err.Error())
	case c.Office().Desk.Keys.AddressKey(at) != l.Key:
		wrong("address", "this is another address than the one that is suppressed here")
	}
	why := strings.TrimSpace(form.Get("why"))
	if why == "" {
		wrong("why", "say why: it stands in the trail")
	}
	if len(l.Wrong) > 0 {
		c.show(w, r, by, http.StatusUnprocessableEntity, "write-again", "Write to somebody again", l)
		return nil
	}
	done, err := c.Store.Lift(r.Context(), l.Key, string(l.Scope))
	if err != nil {
		return err
	}
	if !done.Lifted {
		return faultOf(http.StatusConflict, "Somebody lifted it just now.", "The page of suppressions shows what stands.")
	}
	said := fmt.Sprintf("%s is written to again%s.", at, forText(l.Scope))
	if done.Stays {
		said = fmt.Sprintf("What the desk or a bounce said against %s is lifted%s. %s", at, forText(l.Scope), theirs)
	}
	return c.done(w, r, by, trailed{"lift", l.Key.String(), string(l.Scope) + ": " + why}, said, "/suppressions")
}
