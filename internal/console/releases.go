package console

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

// releaseList is the page of all releases.
type releaseList struct {
	Approved []lastRelease
	Drafts   []draft
	As       string
}

func (c *Console) releases(w http.ResponseWriter, r *http.Request, by access.Person) error {
	seen, office := c.Board.Look(), c.Office()
	heads := headlines(office, c.Now())
	l := releaseList{Drafts: drafts(office, seen.Status, c.Now()), As: utc(seen.At)}
	for _, rel := range slices.Backward(seen.Releases) {
		l.Approved = append(l.Approved, lastRelease{rel.Approval.Release, heads[rel.Approval.Release].Headline, rel.States, rel.Control, rel.Approval, copiesOf(rel)})
	}
	c.show(w, r, by, http.StatusOK, "releases", "Releases", l)
	return nil
}

func copiesOf(r ledger.Release) int {
	n := 0
	for _, some := range r.States {
		n += some
	}
	return n
}

// releasePage is the page of one release.
type releasePage struct {
	Slug, Headline string
	Kind           press.ReleaseKind
	Now            time.Time
	As             string
	Zone           string
	Folder         *config.Folder // nil where the folder has none of that name
	State          *ledger.Release
	Approvals      []press.Approval
	Trail          []press.Act
	Countries      table
	Languages      table
	Kinds          table
	Waiting        []ledger.Wait
	Acts           []act
	Job            *job
	Unsent, Out    int
	Unknown        int
}

// table breaks copies down: a row each, a column for each state that is there.
type table struct {
	What   string
	States []press.State
	Rows   []tableRow
}

type tableRow struct {
	Name, Key string
	Total     int
	N         []cell
	States    map[press.State]int
}

// cell is how many copies of a row are in a state.
type cell struct {
	N    int
	Tone press.Tone
}

// trailShown is how many acts a release's page shows.
const trailShown = 50

func (c *Console) release(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p, err := c.releasePage(r, by)
	if err != nil {
		return err
	}
	c.show(w, r, by, http.StatusOK, "release", cmp.Or(p.Headline, p.Slug), p)
	return nil
}

func (c *Console) releasePage(r *http.Request, by access.Person) (releasePage, error) {
	slug := r.PathValue("slug")
	seen, office := c.Board.Look(), c.Office()
	p := releasePage{Slug: slug, Now: c.Now(), As: utc(seen.At), Job: c.jobs.of(slug)}
	if f, err := office.Desk.Folder(slug, p.Now); err == nil {
		h := headOf(f.Release)
		p.Folder, p.Headline, p.Zone, p.Kind = &f, h.Headline, h.Zone, f.Kind
	}
	for i := range seen.Releases {
		if seen.Releases[i].Approval.Release == slug {
			p.State = &seen.Releases[i]
		}
	}
	if p.Folder == nil && p.State == nil {
		return p, faultOf(http.StatusNotFound, "There is no release "+slug+".", "The list of releases leads to all there are.")
	}
	for _, wait := range seen.Waiting {
		if wait.Release == slug {
			p.Waiting = append(p.Waiting, wait)
		}
	}
	if p.State != nil {
		p.tell(*p.State)
		var err error
		if p.Approvals, err = c.Store.Approvals(r.Context(), slug); err != nil {
			return p, err
		}
	}
	var err error
	p.Trail, err = c.Store.Acts(r.Context(), slug, trailShown)
	p.Acts = p.mayDo(by)
	return p, err
}

func (p *releasePage) tell(r ledger.Release) {
	for s, n := range r.States {
		switch {
		case s.Unsent():
			p.Unsent += n
		case s.MayHaveLeft() && s != press.Bounced:
			p.Out += n
		}
	}
	p.Unknown = r.States[press.Unknown]
	p.Countries, p.Languages, p.Kinds = threeWays(r.Counts)
}

// threeWays breaks copies down by country, language and kind of outlet.
func threeWays(counts []press.Count) (countries, languages, kinds table) {
	countries = breakDown("country", counts, func(c press.Count) (string, string) { return country(c.Country), string(c.Country) })
	languages = breakDown("language", counts, func(c press.Count) (string, string) { return string(c.Edition), string(c.Edition) })
	kinds = breakDown("outlet kind", counts, func(c press.Count) (string, string) {
		return cmp.Or(string(c.OutletKind), "no outlet"), string(c.OutletKind)
	})
	return countries, languages, kinds
}

// breakDown counts copies by something of theirs, the most first.
func breakDown(what string, counts []press.Count, by func(press.Count) (name, key string)) table {
	t := table{What: what}
	rows := map[string]*tableRow{}
	there := map[press.State]bool{}
	for _, c := range counts {
		name, key := by(c)
		row := rows[key]
		if row == nil {
			row = &tableRow{Name: name, Key: key, States: map[press.State]int{}}
			rows[key] = row
		}
		row.Total += c.N
		row.States[c.State] += c.N
		there[c.State] = true
	}
	for _, s := range press.States() {
		if there[s] {
			t.States = append(t.States, s)
		}
	}
	for _, row := range rows {
		for _, s := range t.States {
			row.N = append(row.N, cell{row.States[s], s.Tone()})
		}
		t.Rows = append(t.Rows, *row)
	}
	slices.SortFunc(t.Rows, func(a, b tableRow) int { return cmp.Or(b.Total-a.Total, cmp.Compare(a.Name, b.Name)) })
	return t
}
