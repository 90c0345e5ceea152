package console

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
	"dateline/internal/roster"
)

// peopleStore is what the pages of contacts read and change.
type peopleStore interface {
	ContactPage(ctx context.Context, f press.ContactFilter, after press.ID, limit int) (press.Page[press.Contact, press.ID], error)
	ContactOf(ctx context.Context, a press.Address) (press.OnFile, bool, error)
	ContactByID(ctx context.Context, id press.ID) (press.OnFile, bool, error)
	Barring(ctx context.Context, keys []press.AddressKey) ([]press.Suppression, error)
	Dossier(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, now time.Time) (press.Dossier, error)
	SuppressContact(ctx context.Context, contact press.ID, key press.KeyOf, word press.Suppression) (int, error)
}

func (c *Console) peopleRoutes(page func(pattern string, right access.Right, h handler)) {
	page("GET /contacts", access.Look, c.contacts)
	page("GET /contacts/{id}", access.Look, c.contact)
	page("POST /contacts/{id}/suppress", access.Edit, c.suppressContact)
	page("POST /contacts/{id}/dossier", access.Export, c.dossier)
}

// rowsShown are the rows of a list's page.
const rowsShown = 50

// contactList is a page of contacts.
type contactList struct {
	Filters   *filters
	Rows      []contactSeen
	Pager     pager
	Addresses bool // whoever looks may see them in bulk
}

// contactSeen is a contact in a list, with what keeps them from being written to.
type contactSeen struct {
	press.Contact
	Barred []press.Scope // at the address that mail goes to
}

func (c *Console) contacts(w http.ResponseWriter, r *http.Request, by access.Person) error {
	l := contactList{Filters: filtersOf(r), Addresses: by.May(access.Export)}
	f, err := c.contactFilter(r.Context(), l.Filters)
	if err != nil {
		return err
	}
	after, err := l.Filters.afterID()
	if err != nil {
		return err
	}
	if len(l.Filters.Faults()) == 0 {
		page, err := c.Store.ContactPage(r.Context(), f, after, rowsShown)
		if err != nil {
			return err
		}
		if l.Rows, err = c.contactsSeen(r.Context(), page.Rows); err != nil {
			return err
		}
		l.Pager = pagerOf(l.Filters, "contacts", page, press.ID.String)
	}
	c.show(w, r, by, l.Filters.status(), "contacts", "Contacts", l)
	return nil
}

// contactFilter reads what the page is asked for.
func (c *Console) contactFilter(ctx context.Context, q *filters) (press.ContactFilter, error) {
	f := press.ContactFilter{Text: q.search("q", "Name or address"), Country: q.country(), Language: q.language()}
	named := q.text("outlet", "Outlet", "")
	f.Mark = q.text("mark", "Beat or tag", "")
	if named == "" {
		return f, nil
	}
	if id, err := press.ParseID(named); err == nil {
		f.Outlet = id
		return f, nil
	}
	page, err := c.Store.OutletPage(ctx, press.OutletFilter{Text: named, Country: f.Country}, press.OutletPlace{}, rowsShown)
	if err != nil {
		return f, err
	}
	alike := slices.DeleteFunc(slices.Clone(page.Rows), func(o press.OutletRow) bool { return !strings.EqualFold(o.Name, named) })
	if len(alike) == 0 {
		alike = page.Rows
	}
	switch len(alike) {
	case 0:
		q.wrong("outlet", fmt.Sprintf("no outlet’s name has %q in it", named))
	case 1:
		f.Outlet = alike[0].ID
	default:
		q.wrong("outlet", fmt.Sprintf("several are called so: %s; the page of outlets leads to each one’s contacts", outletNames(alike)))
	}
	return f, nil
}

// outletNames names some outlets.
func outletNames(some []press.OutletRow) string {
	var names []string
	for _, o := range some[:min(5, len(some))] {
		names = append(names, fmt.Sprintf("%s (%s)", plain(o.Name), o.Country))
	}
	if len(some) > len(names) {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// contactsSeen adds to contacts what keeps them from being written to.
func (c *Console) contactsSeen(ctx context.Context, contacts []press.Contact) ([]contactSeen, error) {
	keys, key := make([]press.AddressKey, len(contacts)), c.Office().Desk.Keys.AddressKey
	for i := range contacts {
		keys[i] = key(contacts[i].Preferred())
	}
	words, err := c.Store.Barring(ctx, keys)
	rows := make([]contactSeen, len(contacts))
	for i := range contacts {
		rows[i].Contact = contacts[i]
		for _, word := range words {
			if scope := press.Scope(word.Scope); word.AddressKey == keys[i] && !slices.Contains(rows[i].Barred, scope) {
				rows[i].Barred = append(rows[i].Barred, scope)
			}
		}
	}
	return rows, err
}

// contactPage is everything of one contact.
type contactPage struct {
	press.Contact
	Held      press.Dossier
	Copies    []press.CopySent // the newest ones
	More      int              // copies that are not shown
	Reports   []press.ReportHeld
	Lists     []string // that hold them today
	Addresses []mailboxSeen
	Scopes    []press.Scope
	MayEdit   bool
	MayExport bool
	Wrong     string
	Form      url.Values
}

// mailboxSeen is an address with what keeps it from being written to.
type mailboxSeen struct {
	press.Address
	Key   press.AddressKey
	Words []press.Suppression
}

func (c *Console) contact(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p, err := c.contactPage(r, by)
	if err != nil {
		return err
	}
	c.showContact(w, r, by, http.StatusOK, p)
	return nil
}

func (c *Console) showContact(w http.ResponseWriter, r *http.Request, by access.Person, status int, p contactPage) {
	title := plain(p.Name)
	if title == "" {
		title = "A contact without a name"
	}
	c.show(w, r, by, status, "contact", title, p)
}

// copiesShown are the copies, and the reports, that a contact's page shows.
const copiesShown = 30

func (c *Console) contactPage(r *http.Request, by access.Person) (contactPage, error) {
	none := faultOf(http.StatusNotFound, "There is no such contact.", "Perhaps it was put together with another one, or erased. The page of contacts finds all there are.")
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return contactPage{}, none
	}
	office, now := c.Office(), c.Now()
	held, err := c.Store.Dossier(r.Context(), id, nil, office.Desk.Keys.AddressKey, now)
	if err != nil {
		return contactPage{}, err
	}
	if held.Contact == nil {
		return contactPage{}, none
	}
	p := contactPage{Contact: *held.Contact, Held: held, Scopes: c.scopes(), MayEdit: by.May(access.Edit), MayExport: by.May(access.Export), Form: url.Values{}}
	slices.SortFunc(held.Copies, func(a, b press.CopySent) int { return b.Delivery.Compare(a.Delivery) })
	slices.SortFunc(held.Reports, func(a, b press.ReportHeld) int { return b.At.Compare(a.At) })
	p.Copies, p.Reports = held.Copies[:min(copiesShown, len(held.Copies))], held.Reports[:min(copiesShown, len(held.Reports))]
	p.More = len(held.Copies) - len(p.Copies)
	for name, l := range office.Config.Lists {
		if l.Holds(p.Contact, press.DateOf(now.UTC())) {
			p.Lists = append(p.Lists, name)
		}
	}
	slices.Sort(p.Lists)
	for _, a := range p.Contact.Addresses {
		box := mailboxSeen{Address: a, Key: office.Desk.Keys.AddressKey(a)}
		for _, word := range held.Suppressions {
			if word.AddressKey == box.Key {
				box.Words = append(box.Words, word)
			}
		}
		p.Addresses = append(p.Addresses, box)
	}
	return p, nil
}

// suppressContact keeps a contact from being written to, because they asked the
// desk for it.
func (c *Console) suppressContact(w http.ResponseWriter, r *http.Request, by access.Person) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	p, err := c.contactPage(r, by)
	if err != nil {
		return err
	}
	scope, why := press.Scope(form.Get("scope")), strings.TrimSpace(form.Get("why"))
	p.Form = form
	var wrongs []string
	if !slices.Contains(p.Scopes, scope) {
		wrongs = append(wrongs, "Choose of what they want no more.")
	}
	if why == "" {
		wrongs = append(wrongs, "Say why: it stands in the trail.")
	}
	if p.Wrong = strings.Join(wrongs, " "); p.Wrong != "" {
		c.showContact(w, r, by, http.StatusUnprocessableEntity, p)
		return nil
	}
	word := press.Suppression{Scope: string(scope), Reason: why, By: by.Name, At: c.Now()}
	n, err := c.Store.SuppressContact(r.Context(), p.ID, c.Office().Desk.Keys.AddressKey, word)
	if err != nil {
		return err
	}
	return c.done(w, r, by, trailed{"suppress", p.ID.String(), string(scope) + ": " + why}, fmt.Sprintf("Nothing more%s goes to %s of theirs, from the next copy on.", ofText(scope), few(n, "address", "addresses")), "/contacts/"+p.ID.String())
}

// trailed is what an act leaves in the trail. No address stands there.
type trailed struct{ what, target, detail string }

// done leaves an act's trail, says what was done, and leads on.
func (c *Console) done(w http.ResponseWriter, r *http.Request, by access.Person, t trailed, said, to string) error {
	c.roll.forget()
	if err := c.Door.Act(r.Context(), by, t.what, t.target, t.detail, c.Now()); err != nil {
		return err
	}
	c.Sessions.Put(r.Context(), saidKey, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// dossier gives everything that is held on a contact as a page to send to them.
func (c *Console) dossier(w http.ResponseWriter, r *http.Request, by access.Person) error {
	if _, err := formOf(w, r); err != nil {
		return err
	}
	p, err := c.contactPage(r, by)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := roster.WriteDossier(&b, p.Held); err != nil {
		return err
	}
	if err := c.Door.Act(r.Context(), by, "dossier", p.ID.String(), "", c.Now()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="dossier-`+p.ID.String()+`.html"`)
	_, _ = w.Write(b.Bytes()) // whoever went away does not want it
	return nil
}
