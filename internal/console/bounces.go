package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// reportStore is what the pages of what comes back read and change.
type reportStore interface {
	ReportPage(ctx context.Context, f press.ReportFilter, after press.ID, limit int) (press.Page[press.ReportEntry, press.ID], error)
	ReportDays(ctx context.Context, f press.ReportFilter) ([]press.ReportCount, error)
	ReportDomains(ctx context.Context, f press.ReportFilter, most int) ([]press.DomainCount, error)
	Report(ctx context.Context, id press.ID) (press.TrailReport, bool, error)
	ToDecide(ctx context.Context) (press.ToDecide, error)
	Proposals(ctx context.Context, decided bool) ([]press.Proposal, error)
	AcceptProposal(ctx context.Context, id press.ID, key press.KeyOf, by string, now time.Time) (press.Proposal, error)
	DismissProposal(ctx context.Context, id press.ID, by string, now time.Time) (press.Proposal, error)
	Quarantine(ctx context.Context) ([]press.Quarantined, error)
	QuarantinedMail(ctx context.Context, id press.ID) (press.Mail, bool, error)
	DropQuarantined(ctx context.Context, id press.ID) (bool, error)
}

func (c *Console) bounceRoutes(page func(pattern string, right access.Right, h handler)) {
	page("GET /bounces", access.Look, c.bounces)
	page("GET /bounces/{id}", access.Look, c.bounce)
	page("GET /bounces/proposals", access.Look, c.proposals)
	page("POST /bounces/proposals/{id}/{decision}", access.Edit, c.decide)
	page("GET /bounces/quarantine", access.Look, c.quarantine)
	page("GET /bounces/quarantine/{id}", access.Look, c.quarantined)
	page("POST /bounces/quarantine/{id}/{what}", access.Edit, c.settleMail)
}

// bouncePage is what came back: counted over a month, and one by one.
type bouncePage struct {
	Filters   *filters
	Decide    press.ToDecide
	Month     *counted[month] // nil while it is counted
	Rows      []press.ReportEntry
	Pager     pager
	Addresses bool
}

// month is what a filter picks of the last thirty days.
type month struct {
	Days    []dayCount
	Reasons []reasonCount
	Domains []press.DomainCount
	Most    int // on one day
}

// reportKinds are the kinds of reports, as forms offer them.
func reportKinds() []press.ReportKind {
	return []press.ReportKind{press.ReportBounce, press.ReportDelayed, press.ReportDelivered, press.ReportComplaint, press.ReportAutoReply, press.ReportOptOut, press.ReportOther}
}

func (c *Console) bounces(w http.ResponseWriter, r *http.Request, by access.Person) error {
	p := bouncePage{Filters: filtersOf(r), Addresses: by.May(access.Export)}
	f := c.reportFilter(p.Filters)
	after, err := p.Filters.afterID()
	if err != nil {
		return err
	}
	if p.Decide, err = c.Store.ToDecide(r.Context()); err != nil {
		return err
	}
	if len(p.Filters.Faults()) == 0 {
		page, err := c.Store.ReportPage(r.Context(), f, after, rowsShown)
		if err != nil {
			return err
		}
		p.Rows, p.Pager = page.Rows, pagerOf(p.Filters, "reports", page, press.ID.String)
		if p.Month, err = c.monthOf(f); err != nil {
			return err
		}
	}
	c.show(w, r, by, p.Filters.status(), "bounces", "Bounces", p)
	return nil
}

func (c *Console) reportFilter(q *filters) press.ReportFilter {
	f := press.ReportFilter{
		Domain: strings.ToLower(q.search("domain", "Mail domain")), Release: choose(q, "release", "Release", c.approvedSlugs(), asIs), Country: q.country(),
		Kind:   choose(q, "kind", "Kind", reportKinds(), asIs),
		Class:  choose(q, "class", "Class", []press.Class{press.Hard, press.Soft}, asIs),
		Reason: choose(q, "reason", "Reason", press.Reasons(), asIs),
	}
	if f.Class != "" && f.Kind == "" { // only a bounce has a class that means something
		f.Kind = press.ReportBounce
	}
	if strings.ContainsAny(f.Domain, "@ ") {
		q.wrong("domain", "the part behind the @ is wanted, such as paper.example")
	}
	return f
}

// reportPage is one report with what it is tied to.
type reportPage struct {
	press.TrailReport
	Tie  string
	Did  string
	Mail rawText
}

func (c *Console) bounce(w http.ResponseWriter, r *http.Request, by access.Person) error {
	none := faultOf(http.StatusNotFound, "There is no such report.", "The page of bounces leads to all there are.")
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return none
	}
	report, ok, err := c.Store.Report(r.Context(), id)
	if err != nil {
		return err
	}
	if !ok {
		return none
	}
	p := reportPage{TrailReport: report, Tie: tieText(report.Tie), Did: didText(press.Consequence(report.Did)), Mail: rawOf(report.Raw)}
	c.show(w, r, by, http.StatusOK, "bounce", "A report: "+string(report.Kind), p)
	return nil
}

// tieText says by which key a report found its copy, and what that is worth.
func tieText(t press.Tie) string {
	switch t {
	case press.TieToken:
		return "by the token in the envelope sender, which nobody else can make"
	case press.TieEnvelope:
		return "by its envelope id, which whoever had the copy in hand knows"
	case press.TieMessage:
		return "by its Message-ID, which whoever had the copy in hand knows"
	case press.TieRecipient:
		return "by the address alone: the newest copy for it, which is a guess"
	case press.TieDialogue:
		return "by the relay’s own answer"
	case press.TieNone:
	}
	return "by nothing: no copy of ours was found"
}

// didText says what followed from a report for the mailbox.
func didText(d press.Consequence) string {
	switch d {
	case press.ConsequenceSuppress:
		return "the mailbox is written to no more"
	case press.ConsequenceStrike:
		return "it counts, with others, against the mailbox"
	case press.ConsequenceClear:
		return "it arrived: earlier soft bounces count no more"
	case press.ConsequenceNone:
	}
	return "nothing"
}

// didShort is what followed, in a table.
func didShort(did string) string {
	switch press.Consequence(did) {
	case press.ConsequenceSuppress:
		return "suppressed"
	case press.ConsequenceStrike:
		return "counted"
	case press.ConsequenceClear:
		return "cleared"
	case press.ConsequenceNone:
	}
	return "nothing"
}
