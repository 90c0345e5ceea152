package console_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"dateline/internal/access"
	"dateline/internal/bounce"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/store"
)

// What strangers call themselves: markup, quotes, and what turns the direction of
// the text behind it.
const (
	hostileName   = "<script>alert('name')</script> \"O'Neill\" \u202egpj.exe"
	hostileOutlet = "<img src=x onerror=alert(1)> \u2066Daily\u2069"
	hostileReply  = "550 5.1.1 <script>alert(1)</script> \u202eno such user"
)

// crowd is a house with people in it, and with what came back from them.
type crowd struct {
	*house
	hostile  press.OnFile
	copies   []press.Delivery
	reports  []press.ReportEntry
	mail     press.ID // in quarantine
	proposed []press.Proposal
}

func (h *house) contact(a press.Address) press.OnFile {
	h.t.Helper()
	c, ok, err := h.store.ContactOf(h.t.Context(), a)
	if err != nil || !ok {
		h.t.Fatalf("%s is on file: %v, %v", a, ok, err)
	}
	return c
}

func (h *house) key(a press.Address) press.AddressKey { return h.desk.Keys.AddressKey(a) }

// newCrowd is a house after a lift in which not all went well.
func newCrowd(t testing.TB, h *house) *crowd {
	t.Helper()
	hostile := press.Contact{
		Name: hostileName, Addresses: []press.Address{"hostile@paper.example", "second@paper.example"}, Country: "UZ", Languages: []press.Lang{"ru", "uz-Latn"},
		Beats: []string{"<b>security</b>"}, Tags: []string{"water"}, Zone: "Asia/Tashkent", LegalBasis: "consent", Source: "<i>masthead</i>", Notes: "line\nbreak \u202e",
		Outlets: []press.Outlet{{Name: hostileOutlet, Country: "UZ", Kind: press.Wire, Agreement: press.Agreement{On: press.Date{Year: 2027, Month: 1, Day: 5}, By: "<Olim>"}}},
	}
	batch := press.ImportBatch{Key: h.desk.Keys.AddressKey, Rows: []press.ImportRow{{Contact: hostile}}}
	if _, _, err := h.store.ImportContacts(t.Context(), batch, h.clock()); err != nil {
		t.Fatal(err)
	}
	c := &crowd{house: h, hostile: h.contact("hostile@paper.example")}
	h.approved()
	h.setClock(lift)
	c.copies = h.sent(150, mixed)
	h.setClock(lift.Add(time.Hour))
	c.cameBack()
	c.mail = c.quarantined("<script>alert('raw')</script>\r\n\u202eturned \x00\xff\r\n")
	return c
}

// cameBack has reports come in, over some days, on what was sent.
func (c *crowd) cameBack() {
	c.t.Helper()
	var in []press.Incoming
	for i, d := range c.copies[:60] {
		r := press.Report{Kind: press.ReportBounce, Recipient: d.Address, Reason: press.ReasonUserUnknown, Diagnostic: hostileReply, Code: 550, Status: "5.1.1", Action: "failed"}
		switch {
		case i%5 == 1:
			r.Reason = press.ReasonMailboxFull
		case i%11 == 3:
			r.Kind, r.Reason = press.ReportComplaint, press.ReasonFeedback
		case i%7 == 2:
			r.Kind, r.Reason, r.Diagnostic = press.ReportAutoReply, press.ReasonVacation, "write to <b>new</b> \u202e instead"
			r.Proposed = []press.Address{press.Address(fmt.Sprintf("new%d@paper.example", i))}
		}
		r.Class = r.Reason.Class()
		at := c.clock().Add(-time.Duration(i%9) * 24 * time.Hour)
		raw := fmt.Sprintf("From: mailer-daemon@paper.example\r\nSubject: %d <script>alert(2)</script>\r\n\r\n%s\r\n", i, hostileReply)
		m := press.Incoming{Mail: press.Mail{Mailbox: "bounces", Ref: fmt.Sprint(i), Format: press.FormatMessage, At: at, Raw: []byte(raw)}, Reports: []press.Tied{{Report: r, Delivery: d.ID, Tie: press.TieToken}}}
		sum := sha256.Sum256([]byte(raw))
		copy(m.Key[:], sum[:])
		in = append(in, m)
	}
	_, err := c.store.TakeMails(c.t.Context(), in, c.clock())
	if err == nil {
		c.reports, err = c.store.Reports(c.t.Context(), press.ReportFilter{})
	}
	if err == nil {
		c.proposed, err = c.store.Proposals(c.t.Context(), false)
	}
	if err != nil || len(c.proposed) < 3 {
		c.t.Fatalf("%d proposals: %v", len(c.proposed), err)
	}
	c.read()
}

// glass is a store through which an intake hands on what it has read.
type glass struct {
	*store.Store
	seen []press.Incoming
}

func (g *glass) TakeMails(_ context.Context, in []press.Incoming, _ time.Time) ([]press.Taken, error) {
	g.seen = append(g.seen, in...)
	return make([]press.Taken, len(in)), nil
}

// quarantined has a mail come in that could not be read at the time.
func (c *crowd) quarantined(raw string) press.ID {
	c.t.Helper()
	g := &glass{Store: c.store}
	ctx, keys := c.t.Context(), c.desk.Keys
	err := bounce.NewIntake(g, optout.New(c.store, keys), keys, slog.New(slog.DiscardHandler)).Take(ctx, press.Mail{Mailbox: "bounces", Ref: "<b>7</b>", Format: press.FormatMessage, At: c.clock(), Raw: []byte(raw)})
	if err == nil {
		m := g.seen[0]
		m.Reports, m.Trouble = nil, "no header <script> \u202e"
		_, err = c.store.TakeMails(ctx, []press.Incoming{m}, c.clock())
	}
	all, listing := c.store.Quarantine(ctx)
	if err := errors.Join(err, listing); err != nil || len(all) == 0 {
		c.t.Fatalf("in quarantine are %+v: %v", all, err)
	}
	c.read()
	return all[len(all)-1].ID
}

// peoplePaths are the pages of people, each as it has something to show.
func (c *crowd) peoplePaths() []string {
	return []string{
		"/contacts", "/contacts?country=x&lang=%21&outlet=nowhere", "/contacts/" + c.hostile.ID.String(), "/contacts/" + c.contact(c.copies[0].Address).ID.String(),
		"/outlets", "/outlets?release=" + slug, "/outlets/" + c.hostile.Outlets[0].ID.String(), "/lists", "/lists/wires?why=hostile@paper.example",
		"/suppressions", "/suppressions/add", c.liftPath(), "/bounces", c.reportPath(), "/bounces/proposals", "/bounces/quarantine", c.mailPath(),
	}
}

func (c *crowd) liftPath() string {
	return "/suppressions/" + c.key(c.copies[0].Address).String() + "/lift?scope=all"
}

func (c *crowd) reportPath() string { return "/bounces/" + c.reports[0].ID.String() }

func (c *crowd) mailPath() string { return "/bounces/quarantine/" + c.mail.String() }

// wants gets a page and holds it to its status and some words.
func (v *visitor) wants(path string, status int, words ...string) string {
	v.h.t.Helper()
	got, page := v.get(path)
	page = strings.ReplaceAll(page, "&#43;", "+") // html/template is wary of it
	if got != status {
		v.h.t.Errorf("%s: status %d, want %d: %s", path, got, status, page)
	}
	for _, w := range words {
		if !strings.Contains(page, w) {
			v.h.t.Errorf("%s does not say %q: %s", path, w, page)
		}
	}
	return page
}

// trailHas tells whether an act stands in the trail.
func (h *house) wantTrail(entry string) {
	h.t.Helper()
	for _, got := range h.trail() {
		if got == entry {
			return
		}
	}
	h.t.Errorf("the trail has no %q: %s", entry, strings.Join(h.trail(), "\n"))
}

// roles signs each role in.
func (h *house) roles() map[access.Role]*visitor {
	all := map[access.Role]*visitor{}
	for _, r := range access.Roles() {
		all[r] = h.as(r)
	}
	return all
}
