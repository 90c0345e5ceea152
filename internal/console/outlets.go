package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// outletStore is what the pages of outlets read.
type outletStore interface {
	OutletPage(ctx context.Context, f press.OutletFilter, after press.OutletPlace, limit int) (press.Page[press.OutletRow, press.OutletPlace], error)
	OutletByID(ctx context.Context, id press.ID) (press.OutletRow, bool, error)
	Unreached(ctx context.Context, release string) ([]press.Unreached, error)
}

func (c *Console) outletRoutes(page func(pattern string, right access.Right, h handler)) {
	page("GET /outlets", access.Look, c.outlets)
	page("GET /outlets/{id}", access.Look, c.outlet)
}

// outletList is a page of outlets; of a release, those that it has not reached.
type outletList struct {
	Filters   *filters
	Rows      []press.OutletRow
	Pager     pager
	Day       press.Date
	Release   string
	Unreached *counted[[]press.Unreached] // nil while they are looked for
	Shown     []press.Unreached
	Kept      int // of them not shown
}

// The words by which outlets are asked for their agreements.
const (
	agreed   = "in force"
	unagreed = "none in force"
)

func (c *Console) outlets(w http.ResponseWriter, r *http.Request, by access.Person) error {
	l := outletList{Filters: filtersOf(r), Day: press.DateOf(c.Now().UTC())}
	q := l.Filters
	f := press.OutletFilter{Text: q.search("q", "Name"), Country: q.country(), Kind: choose(q, "kind", "Kind", press.OutletKinds(), asIs), Day: l.Day}
	if a := choose(q, "agreement", "Embargo agreement", []string{agreed, unagreed}, asIs); a != "" {
		in := a == agreed
		f.Agreed = &in
	}
	l.Release = choose(q, "release", "Not reached by", c.approvedSlugs(), asIs)
	var err error
	switch {
	case len(q.Faults()) > 0:
	case l.Release != "":
		err = c.unreachedOf(&l, f)
	default:
		err = c.outletRows(r.Context(), &l, f)
	}
	if err != nil {
		return err
	}
	c.show(w, r, by, q.status(), "outlets", "Outlets", l)
	return nil
}

func (c *Console) outletRows(ctx context.Context, l *outletList, f press.OutletFilter) error {
	var after press.OutletPlace
	if at := l.Filters.after(); at != "" {
		country, name, ok := strings.Cut(at, " ")
		if !ok {
			return errNoPlace
		}
		after = press.OutletPlace{Country: press.Country(country), Name: name}
	}
	page, err := c.Store.OutletPage(ctx, f, after, rowsShown)
	l.Rows = page.Rows
	l.Pager = pagerOf(l.Filters, "outlets", page, func(p press.OutletPlace) string { return string(p.Country) + " " + p.Name })
	return err
}

// unreachedShown are the outlets without a copy that arrived which a page lists.
const unreachedShown = 200

// unreachedOf looks for the outlets that a release has not reached.
func (c *Console) unreachedOf(l *outletList, f press.OutletFilter) error {
	var err error
	l.Unreached, err = c.unreached.at(l.Release, c.Now(), func(ctx context.Context) ([]press.Unreached, error) {
		return c.Store.Unreached(ctx, l.Release)
	})
	if err != nil || l.Unreached == nil {
		return err
	}
	for _, u := range l.Unreached.Value {
		switch {
		case f.Kind != "" && u.Kind != f.Kind, f.Country != "" && u.Country != f.Country, !strings.Contains(strings.ToLower(u.Outlet), strings.ToLower(f.Text)):
		case len(l.Shown) == unreachedShown:
			l.Kept++
		default:
			l.Shown = append(l.Shown, u)
		}
	}
	return nil
}

// outletPage is one outlet with who is there.
type outletPage struct {
	press.OutletRow
	Filters   *filters
	Day       press.Date
	Now       time.Time
	Rows      []contactSeen
	Pager     pager
	Addresses bool
	Log       string // the address of its copies in the delivery log
}

func (c *Console) outlet(w http.ResponseWriter, r *http.Request, by access.Person) error {
	none := faultOf(http.StatusNotFound, "There is no such outlet.", "The page of outlets leads to all there are.")
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return none
	}
	o, ok, err := c.Store.OutletByID(r.Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return none
	}
	p := outletPage{OutletRow: o, Filters: filtersOf(r), Now: c.Now(), Day: press.DateOf(c.Now().UTC()), Addresses: by.May(access.Export), Log: "/deliveries?" + url.Values{"outlet": {o.Name}}.Encode()}
	after, err := p.Filters.afterID()
	if err != nil {
		return err
	}
	page, err := c.Store.ContactPage(r.Context(), press.ContactFilter{Outlet: id}, after, rowsShown)
	if err != nil {
		return err
	}
	if p.Rows, err = c.contactsSeen(r.Context(), page.Rows); err != nil {
		return err
	}
	p.Pager = pagerOf(p.Filters, "contacts", page, press.ID.String)
	c.show(w, r, by, http.StatusOK, "outlet", plain(o.Name), p)
	return nil
}
