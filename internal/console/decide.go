package console

import (
	"errors"
	"net/http"
	"slices"

	"dateline/internal/access"
	"dateline/internal/press"
)

// proposalPage lists the addresses that reports named in place of ours.
type proposalPage struct {
	Open    []press.Proposal
	Decided []press.Proposal // the newest ones
	MayEdit bool
}

// decidedShown are the proposals that were decided which the page shows.
const decidedShown = 30

func (c *Console) proposals(w http.ResponseWriter, r *http.Request, by access.Person) error {
	all, err := c.Store.Proposals(r.Context(), true)
	if err != nil {
		return err
	}
	p := proposalPage{MayEdit: by.May(access.Edit)}
	for _, one := range slices.Backward(all) {
		switch {
		case one.Decision == "":
			p.Open = append(p.Open, one)
		case len(p.Decided) < decidedShown:
			p.Decided = append(p.Decided, one)
		}
	}
	c.show(w, r, by, http.StatusOK, "proposals", "Proposals", p)
	return nil
}

// decide follows a proposal, or leaves the contact as it is.
func (c *Console) decide(w http.ResponseWriter, r *http.Request, by access.Person) error {
	if _, err := formOf(w, r); err != nil {
		return err
	}
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return errNotFound
	}
	var p press.Proposal
	said := "Dismissed: the contact stays as it is."
	switch r.PathValue("decision") {
	case "accept":
		said = "Accepted: from the next plan on they are written to at the new address; the old one stays behind it."
		p, err = c.Store.AcceptProposal(r.Context(), id, c.Office().Desk.Keys.AddressKey, by.Name, c.Now())
	case "dismiss":
		p, err = c.Store.DismissProposal(r.Context(), id, by.Name, c.Now())
	default:
		return errNotFound
	}
	if u := (press.Undecided{}); errors.As(err, &u) {
		return faultOf(http.StatusConflict, sentence(u.Why), "Nothing was done.")
	}
	if err != nil {
		return err
	}
	c.Refresh(r.Context(), "")
	return c.done(w, r, by, trailed{r.PathValue("decision") + " proposal", p.Contact.String(), "proposal " + id.String()}, said, "/bounces/proposals")
}

// quarantinePage lists the mails that could not be read.
type quarantinePage struct {
	Mails   []press.Quarantined // the newest ones
	More    int
	MayEdit bool
}

// mailsShown are the mails in quarantine that the page shows.
const mailsShown = 100

func (c *Console) quarantine(w http.ResponseWriter, r *http.Request, by access.Person) error {
	all, err := c.Store.Quarantine(r.Context())
	if err != nil {
		return err
	}
	slices.Reverse(all)
	p := quarantinePage{Mails: all[:min(mailsShown, len(all))], MayEdit: by.May(access.Edit)}
	p.More = len(all) - len(p.Mails)
	c.show(w, r, by, http.StatusOK, "quarantine", "Quarantine", p)
	return nil
}

// mailPage is one mail that could not be read.
type mailPage struct {
	press.Quarantined
	Mail    rawText
	MayEdit bool
	MayRead bool // this daemon can try it again
}

var errNoMail = faultOf(http.StatusNotFound, "There is no such mail in quarantine.", "Perhaps somebody has read it again, or let go of it. The page of the quarantine has all there are.")

// mailOf finds a mail in quarantine.
func (c *Console) mailOf(r *http.Request) (press.Quarantined, press.Mail, error) {
	id, err := press.ParseID(r.PathValue("id"))
	if err != nil {
		return press.Quarantined{}, press.Mail{}, errNoMail
	}
	m, ok, err := c.Store.QuarantinedMail(r.Context(), id)
	if err != nil {
		return press.Quarantined{}, m, err
	}
	all, err := c.Store.Quarantine(r.Context())
	i := slices.IndexFunc(all, func(q press.Quarantined) bool { return q.ID == id })
	if err == nil && (!ok || i < 0) {
		err = errNoMail
	}
	if err != nil {
		return press.Quarantined{}, m, err
	}
	return all[i], m, nil
}

func (c *Console) quarantined(w http.ResponseWriter, r *http.Request, by access.Person) error {
	q, m, err := c.mailOf(r)
	if err != nil {
		return err
	}
	c.show(w, r, by, http.StatusOK, "mail", "A mail in quarantine", mailPage{Quarantined: q, Mail: rawOf(m.Raw), MayEdit: by.May(access.Edit), MayRead: c.Intake != nil})
	return nil
}

// settleMail reads a mail once more, or lets go of it.
func (c *Console) settleMail(w http.ResponseWriter, r *http.Request, by access.Person) error {
	if _, err := formOf(w, r); err != nil {
		return err
	}
	q, m, err := c.mailOf(r)
	if err != nil {
		return err
	}
	switch what := r.PathValue("what"); {
	case what == "drop":
		if ok, err := c.Store.DropQuarantined(r.Context(), q.ID); err != nil || !ok {
			return errors.Join(err, errNoMail)
		}
		c.Refresh(r.Context(), "")
		return c.done(w, r, by, trailed{"drop mail", q.ID.String(), ""}, "The mail is gone, and its content is erased.", "/bounces/quarantine")
	case what == "read" && c.Intake != nil:
		return c.readAgain(w, r, by, q.ID, m)
	}
	return errNotFound
}

func (c *Console) readAgain(w http.ResponseWriter, r *http.Request, by access.Person, id press.ID, m press.Mail) error {
	if err := c.Intake.Take(r.Context(), m); err != nil {
		return err
	}
	_, still, err := c.Store.QuarantinedMail(r.Context(), id)
	if err != nil {
		return err
	}
	said, to := "The mail was read; what it says stands among the bounces.", "/bounces"
	if still {
		said, to = "It still cannot be read. Let go of it, or try it again after an upgrade.", "/bounces/quarantine/"+id.String()
	}
	c.Refresh(r.Context(), "")
	return c.done(w, r, by, trailed{"read mail again", id.String(), ""}, said, to)
}
