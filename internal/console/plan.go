package console

import (
	"context"
	"net/http"
	"sync"
	"time"

	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/plan"
	"dateline/internal/press"
)

// planOf is what a plan was made of.
type planOf struct {
	slug   string
	config *config.Config
}

// planned is a release's plan, nil while it is worked out.
func (c *Console) planned(slug string) (*counted[desk.Planned], error) {
	office, now := c.Office(), c.Now()
	return c.plans.at(planOf{slug, office.Config}, now, func(ctx context.Context) (desk.Planned, error) {
		return office.Desk.Plan(ctx, slug, now, false)
	})
}

// planPage is a plan as a person reads it before a yes.
type planPage struct {
	Slug, Headline, Zone string
	Planned              *counted[desk.Planned] // nil while it is worked out
	Sends                []planSend
	Skips                []skipped
	Notices              []planSend
	Now                  time.Time
	MayApprove           bool
}

// planSend is one send of a plan, with whom it goes to.
type planSend struct {
	plan.Send
	Countries, Languages, Kinds table
	Shown                       []press.Recipient
	More                        int
}

type skipped struct {
	Why string
	N   int
}

// peopleShown are the recipients of a send that a plan's page lists.
const peopleShown = 100

func (c *Console) plan(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p, err := c.releasePage(r, by)
	if err != nil {
		return err
	}
	page := planPage{Slug: p.Slug, Headline: p.Headline, Zone: p.Zone, Now: c.Now()}
	if page.Planned, err = c.planned(p.Slug); err != nil {
		return err
	}
	if page.Planned != nil {
		page.tell(page.Planned.Value)
		page.MayApprove = by.May(access.Approve) && page.Planned.Value.ToApprove()
	}
	c.show(w, r, by, http.StatusOK, "plan", "Plan of "+p.Slug, page)
	return nil
}

func (p *planPage) tell(made desk.Planned) {
	for _, s := range made.Sends {
		p.Sends = append(p.Sends, sendOf(s))
	}
	for _, n := range made.Notices {
		for _, s := range n.Sends {
			p.Notices = append(p.Notices, sendOf(s))
		}
	}
	at := map[string]int{}
	for _, s := range made.Skips {
		i, ok := at[s.Why]
		if !ok {
			i = len(p.Skips)
			at[s.Why] = i
			p.Skips = append(p.Skips, skipped{Why: s.Why})
		}
		p.Skips[i].N++
	}
}

func sendOf(s plan.Send) planSend {
	counts := map[press.Count]int{}
	for _, r := range s.Recipients {
		counts[press.Count{Country: r.Country, Edition: r.Edition, OutletKind: r.OutletKind, State: press.Planned}]++
	}
	var all []press.Count
	for c, n := range counts {
		c.N = n
		all = append(all, c)
	}
	shown := s.Recipients[:min(peopleShown, len(s.Recipients))]
	countries, languages, kinds := threeWays(all)
	return planSend{s, countries, languages, kinds, shown, len(s.Recipients) - len(shown)}
}

// jobs are approvals that are being written: those of a million copies take a
// minute, and nobody's browser should have to wait for it.
type jobs struct {
	mu     sync.Mutex
	bySlug map[string]*job
}

// job is an approval that is being written, or that failed.
type job struct {
	By          string
	Since       time.Time
	Total, Done int
	Failed      string
}

// Running tells whether it is under way.
func (j job) Running() bool { return j.Failed == "" }

// of is a release's job as it stands, or nil.
func (j *jobs) of(slug string) *job {
	j.mu.Lock()
	defer j.mu.Unlock()
	if now, ok := j.bySlug[slug]; ok {
		same := *now
		return &same
	}
	return nil
}

// begin tells whether nobody is at it yet.
func (j *jobs) begin(slug string, b job) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.bySlug == nil {
		j.bySlug = map[string]*job{}
	}
	if now := j.bySlug[slug]; now != nil && now.Running() {
		return false
	}
	j.bySlug[slug] = &b
	return true
}

func (j *jobs) add(slug string, total, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bySlug[slug].Total, j.bySlug[slug].Done = total, j.bySlug[slug].Done+n
}

func (j *jobs) end(slug, failed string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if failed == "" {
		delete(j.bySlug, slug)
		return
	}
	j.bySlug[slug].Failed = failed
}
