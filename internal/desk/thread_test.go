package desk_test

import (
	"strings"
	"testing"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// claimed gives the copies of a release that are due, as a daemon would get
// them, and hands them back.
func claimed(t *testing.T, s *store.Store, release string, at time.Time) []press.Delivery {
	t.Helper()
	all, err := s.Claim(t.Context(), berta, at, at, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var ours []press.Delivery
	var ids []press.ID
	for _, c := range all {
		ids = append(ids, c.ID)
		if c.Release == release {
			ours = append(ours, c)
		}
	}
	if err := s.Release(t.Context(), berta, ids, at); err != nil {
		t.Fatal(err)
	}
	return ours
}

// A follow-up answers the copy of the send that it follows: one of the same
// approval, or one that went out under an earlier one.
func TestAFollowUpAnswersTheCopyThatItFollows(t *testing.T) {
	d, s := shortPages(t)
	r := &d.Config.Releases[0]
	after := lift.Add(24 * time.Hour)
	followUp := press.Send{
		Name: "reminder", Kind: press.FollowUp, After: "advance", LateAfter: 12 * time.Hour,
		At: press.Schedule{Moment: press.Moment{At: after, Zone: "Asia/Tashkent"}},
	}
	r.Sends = append(r.Sends, followUp)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	first := map[press.Address]string{}
	for _, c := range sent(t, s, slug, dayEve, accept) {
		first[c.Address] = c.ID.String() + "@conference.example"
		if c.InReplyTo != "" {
			t.Errorf("the first copy answers %s", c.InReplyTo)
		}
	}
	hold := func(name string) {
		t.Helper()
		n := 0
		for _, c := range claimed(t, s, slug, after) {
			if c.Send != "reminder" {
				continue
			}
			if n++; c.InReplyTo != first[c.Address] || c.InReplyTo == "" {
				t.Errorf("%s: the copy to %s answers %q, want %q", name, c.Address, c.InReplyTo, first[c.Address])
			}
		}
		if n == 0 || n != len(first) {
			t.Errorf("%s: %d follow-ups to %d copies", name, n, len(first))
		}
	}
	hold("in one approval")

	later := lift.Add(-time.Hour)
	r.Sources["en.md"] = append(r.Sources["en.md"], '!')
	p, err := d.Plan(t.Context(), slug, later, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna", ReleaseNow: true}, later, nil); err != nil {
		t.Fatal(err)
	}
	hold("after another yes")
}

// A correction answers the newest copy that its reader has of what it corrects;
// who has none gets it on its own.
func TestACorrectionAnswersWhatItCorrects(t *testing.T) {
	d, s := shortPages(t)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	has := map[press.Address]string{}
	for i, c := range sent(t, s, slug, dayEve, accept, refuse5, accept) {
		if i != 1 {
			has[c.Address] = c.ID.String() + "@conference.example"
		}
	}
	f := d.Config.Releases[0]
	f.Slug, f.Kind, f.About = "tashkent-corrected", press.Correction, slug
	f.Editions = append([]press.Edition(nil), f.Editions...)
	for i := range f.Editions {
		f.Editions[i].About, f.Editions[i].Changed = f.Editions[i].Headline, "the date"
	}
	d.Config.Releases = append(d.Config.Releases, f)
	p, err := d.Plan(t.Context(), f.Slug, now, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Approve(t.Context(), desk.Yes{Release: f.Slug, Digest: p.Digest, By: "Anna"}, now, nil); err != nil {
		t.Fatal(err)
	}
	answers := 0
	for _, c := range claimed(t, s, f.Slug, dayEve.Add(time.Hour)) {
		if c.InReplyTo != has[c.Address] {
			t.Errorf("the copy to %s answers %q, want %q", c.Address, c.InReplyTo, has[c.Address])
		}
		if c.InReplyTo != "" {
			answers++
		}
	}
	if answers == 0 || answers != len(has) {
		t.Errorf("%d corrections answer %d copies", answers, len(has))
	}

	// What it quotes is a part of what is approved.
	d.Config.Releases[1].Editions[0].About += "!"
	again, err := d.Plan(t.Context(), f.Slug, now, false)
	if err != nil || again.Digest == p.Digest || strings.TrimSpace(again.Digest) == "" {
		t.Errorf("with another headline quoted the plan is the same, or %v", err)
	}
}
