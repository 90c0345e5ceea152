package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"dateline/internal/access"
	"dateline/internal/desk"
	"dateline/internal/press"
)

// act is something that a person does to a release, after they were asked once
// more.
type act struct {
	name  string
	Title string // as a button says it
	Does  string // what it does, for whoever is about to
	Grave bool
	right access.Right
	asks  []ask
	fits  func(releasePage) bool
	do    func(c *Console, ctx context.Context, slug string, form url.Values, by access.Person) (said string, err error)
}

// ask is a field beside the release's name.
type ask struct {
	Name, Label, Hint, Type string
	Required                bool
	Options                 []option
}

type option struct{ Value, Label string }

// Name is the act's name, as addresses have it.
func (a act) Name() string { return a.name }

// Asks are the act's own fields.
func (a act) Asks() []ask { return a.asks }

func acts() []act {
	why := ask{Name: "why", Label: "Why", Hint: "It stands in the trail.", Type: "text", Required: true}
	return []act{
		{
			name: "approve", Title: "Approve", right: access.Approve,
			Does: "Freezes text, recipients and instants as they are planned now, and lets them leave at their instant.",
			fits: func(p releasePage) bool {
				return p.Folder != nil && p.Job == nil && (p.State == nil || p.State.Control.Killed == "")
			},
			do: (*Console).approve,
		},
		{
			name: "hold", Title: "Hold", right: access.Hold, asks: []ask{why},
			Does: "Keeps every copy that has not left from leaving, until somebody resumes. It takes effect within a second.",
			fits: func(p releasePage) bool {
				return p.Unsent > 0 && p.State.Control.Held == "" && p.State.Control.Killed == ""
			},
			do: func(c *Console, ctx context.Context, slug string, form url.Values, by access.Person) (string, error) {
				return "Held.", c.Office().Desk.Hold(ctx, slug, form.Get("why"), by.Name, c.Now())
			},
		},
		{
			name: "resume", Title: "Resume", right: access.Steer,
			Does: "Ends the hold. What is due leaves at once.",
			fits: func(p releasePage) bool {
				return p.State != nil && p.State.Control.Held != "" && p.State.Control.Killed == ""
			},
			do: func(c *Console, ctx context.Context, slug string, _ url.Values, by access.Person) (string, error) {
				return "Resumed.", c.Office().Desk.Resume(ctx, slug, by.Name, c.Now())
			},
		},
		{
			name: "move", Title: "Move the embargo", right: access.Steer,
			asks: []ask{{Name: "to", Label: "New lift", Hint: "a date, a time and an IANA zone, such as 2027-03-05 18:00 Asia/Tashkent", Type: "text", Required: true}, why},
			Does: "Holds the release at once, and says what has to stand in its folder. Once that is there, the plan has the new instant and the notices to those who were told the old one; it waits for a new yes.",
			fits: func(p releasePage) bool {
				return p.Unsent > 0 && p.Folder != nil && !p.Folder.Embargo.None && p.State.Control.Killed == ""
			},
			do: (*Console).move,
		},
		{
			name: "kill", Title: "Kill", Grave: true, right: access.Steer, asks: []ask{why},
			Does: "Ends the release for good: nothing further leaves, and its name is never used again. Who has the text already is told by a kill notice, which wants one yes.",
			fits: func(p releasePage) bool { return p.State != nil && p.State.Control.Killed == "" },
			do: func(c *Console, ctx context.Context, slug string, form url.Values, by access.Person) (string, error) {
				return "Killed.", c.Office().Desk.Kill(ctx, slug, form.Get("why"), by.Name, c.Now())
			},
		},
		{
			name: "unknown", Title: "Settle the unknown", right: access.Steer,
			asks: []ask{
				{Name: "as", Label: "What became of them", Required: true, Options: []option{{"accepted", "they arrived"}, {"cancelled", "they did not arrive, and are not sent again"}, {"again", "send them again, under the same Message-ID"}}},
				why,
			},
			Does: "Says what became of the copies of which nobody knows whether they left. Ask a receiver, or look at the relay's log, first.",
			fits: func(p releasePage) bool { return p.Unknown > 0 },
			do:   (*Console).settle,
		},
	}
}

// mayDo are the acts that fit, of those that the person may do.
func (p releasePage) mayDo(by access.Person) []act {
	var fit []act
	for _, a := range acts() {
		if by.May(a.right) && a.fits(p) {
			fit = append(fit, a)
		}
	}
	return fit
}

// asking is the page that asks once more.
type asking struct {
	Act      act
	Release  releasePage
	Plan     *counted[desk.Planned] // of an approval; nil while it is worked out
	Values   url.Values
	Wrong    string
	WrongAt  string // the field
	Expected string
}

func (c *Console) askAct(w http.ResponseWriter, r *http.Request, by access.Person, a act) error {
	p, err := c.releasePage(r, by)
	if err != nil {
		return err
	}
	return c.ask(w, r, by, http.StatusOK, asking{Act: a, Release: p, Values: url.Values{}})
}

func (c *Console) ask(w http.ResponseWriter, r *http.Request, by access.Person, status int, q asking) error {
	if !q.Act.fits(q.Release) {
		return faultOf(http.StatusConflict, "“"+q.Act.Title+"” does not fit how this release stands now.", "Its page shows what does.")
	}
	if q.Act.name == "approve" {
		var err error
		if q.Plan, err = c.planned(q.Release.Slug); err != nil {
			return err
		}
	}
	c.show(w, r, by, status, "ask", q.Act.Title+" "+q.Release.Slug, q)
	return nil
}

func (c *Console) doAct(w http.ResponseWriter, r *http.Request, by access.Person, a act) error {
	form, err := formOf(w, r)
	if err != nil {
		return err
	}
	p, err := c.releasePage(r, by)
	if err != nil {
		return err
	}
	q := asking{Act: a, Release: p, Values: form}
	if q.Wrong, q.WrongAt = q.wrong(form); q.Wrong != "" {
		return c.ask(w, r, by, http.StatusUnprocessableEntity, q)
	}
	if !a.fits(p) {
		return faultOf(http.StatusConflict, "“"+a.Title+"” does not fit how this release stands now, so nothing was done.", "Its page shows what does.")
	}
	said, err := a.do(c, r.Context(), p.Slug, form, by)
	if err != nil {
		return err
	}
	if err := c.Door.Act(r.Context(), by, a.name, p.Slug, strings.Join(form["why"], ""), c.Now()); err != nil {
		return err
	}
	c.Refresh(r.Context(), p.Slug)
	c.Sessions.Put(r.Context(), saidKey, said)
	http.Redirect(w, r, "/releases/"+url.PathEscape(p.Slug), http.StatusSeeOther)
	return nil
}

const saidKey = "said"

// wrong tells what a form lacks, and where.
func (q asking) wrong(form url.Values) (what, field string) {
	for _, a := range q.Act.asks {
		v := strings.TrimSpace(form.Get(a.Name))
		if a.Required && v == "" {
			return a.Label + ": this is wanted, too.", a.Name
		}
	}
	if q.Act.name == "move" {
		if _, err := press.ParseMoment(form.Get("to")); err != nil {
			return sentence(err.Error()), "to"
		}
	}
	if typed := strings.TrimSpace(form.Get("slug")); typed != q.Release.Slug {
		return "Type the release's name, " + q.Release.Slug + ", to say that you mean this one.", "slug"
	}
	return "", ""
}

// move holds what is to leave at another instant than was approved, and says what
// has to change: the text of a release is its folder's, which is reviewed.
func (c *Console) move(ctx context.Context, slug string, form url.Values, by access.Person) (string, error) {
	to, err := press.ParseMoment(form.Get("to"))
	if err != nil {
		return "", faultOf(http.StatusUnprocessableEntity, sentence(err.Error()), "")
	}
	wanted := to.Local().Format("2006-01-02 15:04") + " " + to.Zone
	if err := c.Office().Desk.Hold(ctx, slug, "the embargo is to be moved to "+wanted+": "+form.Get("why"), by.Name, c.Now()); err != nil {
		return "", err
	}
	return "Held. Now let releases/" + slug + "/release.yaml say “embargo: " + wanted + "”; the plan then waits for a new yes.", nil
}

func (c *Console) settle(ctx context.Context, slug string, form url.Values, by access.Person) (string, error) {
	state := map[string]press.State{"accepted": press.Accepted, "cancelled": press.Cancelled, "again": press.Planned}[form.Get("as")]
	heeded, err := c.Office().Desk.Heed(ctx, press.Pick{Release: slug}, press.Word{State: state, By: by.Name, Why: form.Get("why")}, c.Now())
	if err != nil {
		return "", err
	}
	said := few(heeded.Done[slug], "copy was settled", "copies were settled") + "."
	if n := len(heeded.Refused); n > 0 {
		said += " Of " + few(n, "copy", "copies") + " this cannot be said: " + heeded.Refused[0].Why
	}
	return said, nil
}
