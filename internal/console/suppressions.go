package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// wordStore is what the pages of suppressions read and change.
type wordStore interface {
	SuppressionPage(ctx context.Context, f press.SuppressionFilter, after press.Suppression, limit int) (press.Page[press.Suppression, press.Suppression], error)
	Suppress(ctx context.Context, key press.AddressKey, scope, reason, by string, now time.Time) error
	Lift(ctx context.Context, key press.AddressKey, scope string) (press.Lifted, error)
}

func (c *Console) suppressionRoutes(page func(pattern string, right access.Right, h handler)) {
	page("GET /suppressions", access.Look, c.suppressions)
	page("GET /suppressions/add", access.Edit, c.askSuppress)
	page("POST /suppressions/add", access.Edit, c.suppress)
	page("GET /suppressions/{key}/lift", access.Edit, c.askLift)
	page("POST /suppressions/{key}/lift", access.Edit, c.writeAgain)
}

// suppressionList is a page of suppressions.
type suppressionList struct {
	Filters *filters
	Rows    []wordSeen
	Pager   pager
	MayEdit bool
	Reading bool // whose the mailboxes are is not known yet
}

// wordSeen is a suppression with whoever it is about, as far as that is known.
type wordSeen struct {
	press.Suppression
	Whose *owner
}

// Own tells whether it is the journalist's own word, which only they take back.
func (s wordSeen) Own() bool { return s.Author == press.AuthorContact }

func authors() []press.Author {
	return []press.Author{press.AuthorContact, press.AuthorDesk, press.AuthorReport, press.AuthorErasure}
}

// authorText says whose word something is.
func authorText(a press.Author) string {
	switch a {
	case press.AuthorContact:
		return "the journalist’s own word"
	case press.AuthorDesk:
		return "the desk’s word"
	case press.AuthorReport:
		return "what came back"
	case press.AuthorErasure:
		return "an erasure"
	}
	return string(a)
}

func (c *Console) suppressions(w http.ResponseWriter, r *http.Request, by access.Person) error {
	l := suppressionList{Filters: filtersOf(r), MayEdit: by.May(access.Edit)}
	f := c.suppressionFilter(l.Filters)
	after, err := placeIn(l.Filters)
	if err != nil {
		return err
	}
	if len(l.Filters.Faults()) == 0 {
		page, err := c.Store.SuppressionPage(r.Context(), f, after, rowsShown)
		if err != nil {
			return err
		}
		read, err := c.called()
		if err != nil {
			return err
		}
		l.Reading = read == nil
		for _, s := range page.Rows {
			l.Rows = append(l.Rows, wordSeen{s, ownerIn(read, s.AddressKey)})
		}
		l.Pager = pagerOf(l.Filters, "suppressions", page, placeText)
	}
	c.show(w, r, by, l.Filters.status(), "suppressions", "Suppressions", l)
	return nil
}

func (c *Console) suppressionFilter(q *filters) press.SuppressionFilter {
	var f press.SuppressionFilter
	if named := q.search("address", "An address"); named != "" {
		at, err := press.ParseAddress(named)
		if err != nil {
			q.wrong("address", err.Error())
		}
		f.Keys = []press.AddressKey{c.Office().Desk.Keys.AddressKey(at)}
	}
	f.Reason = q.text("reason", "Why", "a part of it")
	f.Author = choose(q, "author", "Whose word", authors(), authorText)
	if f.Scope = q.text("scope", "Of what", "topic:water"); f.Scope != "" {
		if _, err := press.ParseScope(f.Scope); err != nil {
			q.wrong("scope", err.Error())
		}
	}
	f.Release = choose(q, "release", "With a copy of", c.approvedSlugs(), asIs)
	return f
}

func ownerIn(read *counted[roll], key press.AddressKey) *owner {
	if read == nil {
		return nil
	}
	if who, ok := read.Value.Whose[key]; ok {
		return &who
	}
	return nil
}

// placeText is a suppression's place in the list, as an address has it.
func placeText(s press.Suppression) string {
	text, err := json.Marshal([]any{s.At.UnixMicro(), s.AddressKey, s.Scope, s.Author})
	if err != nil {
		return "" // none of these can fail
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// placeIn reads what placeText wrote.
func placeIn(q *filters) (press.Suppression, error) {
	var s press.Suppression
	if q.after() == "" {
		return s, nil
	}
	var us int64
	text, err := base64.RawURLEncoding.DecodeString(q.after())
	if err == nil {
		err = json.Unmarshal(text, &[]any{&us, &s.AddressKey, &s.Scope, &s.Author})
	}
	if err != nil || us <= 0 {
		return s, errNoPlace
	}
	s.At = time.UnixMicro(us).UTC()
	return s, nil
}

// suppressing is the form that keeps an address from being written to.
type suppressing struct {
	Scopes  []press.Scope
	Form    url.Values
	Wrong   []string
	WrongAt map[string]bool
}

func (c *Console) askSuppress(w http.ResponseWriter, r *http.Request, by access.Person) error {
	c.show(w, r, by, http.StatusOK, "suppress", "Write to somebody no more", suppressing{Scopes: c.scopes(), Form: url.Values{"scope": {string(press.ScopeAll)}}})
	return nil
}

func (c *Console) suppress(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	p := suppressing{Scopes: c.scopes(), Form: form, WrongAt: map[string]bool{}}
	wrong := func(field, says string) {
		p.Wrong, p.WrongAt[field] = append(p.Wrong, sentence(says)), true
	}
	at, err := press.ParseAddress(form.Get("address"))
	if err != nil {
		wrong("address", err.Error())
	}
	scope := press.Scope(form.Get("scope"))
	if !slices.Contains(p.Scopes, scope) {
		wrong("scope", "choose of what they want no more")
	}
	why := strings.TrimSpace(form.Get("why"))
	if why == "" {
		wrong("why", "say why: it stands in the trail")
	}
	if len(p.Wrong) > 0 {
		c.show(w, r, by, http.StatusUnprocessableEntity, "suppress", "Write to somebody no more", p)
		return nil
	}
	key := c.Office().Desk.Keys.AddressKey(at)
	if err := c.Store.Suppress(r.Context(), key, string(scope), why, by.Name, c.Now()); err != nil {
		return err
	}
	said := fmt.Sprintf("Nothing more%s goes to %s, from the next copy on.", ofText(scope), at)
	return c.done(w, r, by, trailed{"suppress", key.String(), string(scope) + ": " + why}, said, "/suppressions")
}
