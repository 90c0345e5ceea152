package desk_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// sample's lift, and an hour at which its advance copies are due.
var (
	lift    = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	dayEve  = lift.Add(-24 * time.Hour)
	berta   = press.ID{0xb}
	accept  = press.Outcome{State: press.Accepted, Relay: "main", Code: 250}
	maybe   = press.Outcome{State: press.Unknown, Relay: "main", Text: "EOF"}
	refuse5 = press.Outcome{State: press.Rejected, Relay: "main", Code: 550}
)

// sent takes what is due of a release through the ledger, as a daemon would.
// Outcomes are by position in the order of leaving, the last one repeated.
func sent(t *testing.T, s *store.Store, release string, at time.Time, outcomes ...press.Outcome) []press.Delivery {
	t.Helper()
	all, err := s.Claim(t.Context(), berta, at, at, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var ours []press.Delivery
	var back []press.ID
	var begins []press.Begin
	for _, c := range all {
		if c.Release != release {
			back = append(back, c.ID)
			continue
		}
		ours = append(ours, c)
		begins = append(begins, press.Begin{Delivery: c.ID})
	}
	if err := s.Release(t.Context(), berta, back, at); err != nil {
		t.Fatal(err)
	}
	verdicts, err := s.Record(t.Context(), berta, nil, begins, at)
	if err != nil {
		t.Fatal(err)
	}
	var results []press.Result
	var gone []press.Delivery
	for i, c := range ours {
		if verdicts[c.ID] != press.Go {
			continue
		}
		o := outcomes[min(i, len(outcomes)-1)]
		o.At = at
		results = append(results, press.Result{Delivery: c.ID, Outcome: o, Next: at})
		gone = append(gone, c)
	}
	if _, err := s.Record(t.Context(), berta, results, nil, at); err != nil {
		t.Fatal(err)
	}
	return gone
}

// shortPages is newDesk with a page that is composed quickly, for tests that
// plan many times.
func shortPages(t *testing.T) (*desk.Desk, *store.Store) {
	t.Helper()
	d, s := newDesk(t)
	d.Config.Templates["base.html.tmpl"] = "<html><body><h1>{{.Release.Headline}}</h1>{{.Story}}</body></html>\n"
	return d, s
}

// holders gives what each mailbox of a plan's notice gets: edition and the copy
// that it answers.
func holders(sends []press.Recipient) map[press.Address]string {
	all := map[press.Address]string{}
	for _, r := range sends {
		all[r.Address] = string(r.Edition) + " " + r.InReplyTo
	}
	return all
}

// answers is the same of copies that are held.
func answers(copies []press.Delivery) map[press.Address]string {
	all := map[press.Address]string{}
	for _, c := range copies {
		all[c.Address] = string(c.Edition) + " " + c.ID.String() + "@conference.example"
	}
	return all
}

func notice(t *testing.T, d *desk.Desk, reason string) desk.Planned {
	t.Helper()
	p, err := d.Notice(t.Context(), slug, reason, dayEve.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// killedAfter is a desk whose sample release was approved, sent to its advance
// readers with these outcomes, and killed.
func killedAfter(t *testing.T, outcomes ...press.Outcome) (*desk.Desk, *store.Store, []press.Delivery) {
	t.Helper()
	d, s := shortPages(t)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	copies := sent(t, s, slug, dayEve, outcomes...)
	if len(copies) < 4 {
		t.Fatalf("only %d copies were sent", len(copies))
	}
	if err := d.Kill(t.Context(), slug, "a wrong word", "Anna", dayEve); err != nil {
		t.Fatal(err)
	}
	return d, s, copies
}

func TestAKillNoticeGoesToThoseWhoHaveOrMayHaveACopy(t *testing.T) {
	// The first is refused, the second unknown, the rest accepted.
	d, s, copies := killedAfter(t, refuse5, maybe, accept)
	if n, err := d.Out(t.Context(), slug); err != nil || n != len(copies)-1 {
		t.Errorf("%d copies are out, %v; want %d", n, err, len(copies)-1)
	}
	p := notice(t, d, "")
	got := holders(p.Sends[0].Recipients)
	if want := answers(copies[1:]); !maps.Equal(got, want) {
		t.Fatalf("the notice goes to %v; want %v", got, want)
	}
	if p.Release != slug+"@kill" || !p.ToApprove() || p.InForce || p.Frozen.Release.About != slug || p.Frozen.Release.Kind != press.KillNotice {
		t.Errorf("%+v", p.Frozen.Release)
	}
	if with := notice(t, d, "The event did not take place."); with.Digest == p.Digest || !strings.Contains(with.Frozen.Release.Editions[0].Body, "did not take place") {
		t.Error("the digest does not cover the reason")
	}
	later := dayEve.Add(time.Minute)
	a, err := d.Approve(t.Context(), desk.Yes{Release: slug + "@kill", Digest: p.Digest, By: "Boris"}, later, nil)
	if err != nil || a.Recipients != len(copies)-1 || a.Release != slug+"@kill" {
		t.Fatalf("%+v, %v", a, err)
	}
	if again := notice(t, d, ""); !again.InForce || again.ToApprove() || again.Digest != p.Digest {
		t.Errorf("in force %v, to approve %v", again.InForce, again.ToApprove())
	}
	if drifts, err := d.WatchDrift(t.Context(), later); err != nil || len(drifts) > 0 {
		t.Errorf("drift of a notice: %v, %v", drifts, err)
	}
	told := sent(t, s, slug+"@kill", later, accept)
	if len(told) != len(copies)-1 {
		t.Errorf("%d notices are sent, want %d", len(told), len(copies)-1)
	}
	for _, n := range told {
		if n.InReplyTo == "" || n.Send != press.NoticeSend || !n.Due.Equal(later) || !n.Deadline.Equal(later.Add(12*time.Hour)) {
			t.Errorf("%+v", n)
		}
	}
	if p := notice(t, d, ""); p.ToApprove() {
		t.Error("all have been told, and there is still something to approve")
	}
}

// The words are those that were frozen, whatever lies in the folder by now.
func TestAKillNoticeUsesTheFrozenPhrases(t *testing.T) {
	d, _, _ := killedAfter(t, accept)
	before := notice(t, d, "")
	d.Config.Templates["phrases/en.yaml"] = "broken"
	d.Config.Releases = nil
	if after := notice(t, d, ""); after.Digest != before.Digest {
		t.Error("the folder changes the notice")
	}
	shown, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug + "@kill"}, now)
	if err != nil || len(shown) == 0 || !strings.HasPrefix(shown[0].Subject, "Do not use: ") {
		t.Errorf("%d previews, %v", len(shown), err)
	}
}

func TestAKillNoticeLeavesOutTheSuppressedAndCountsTestCopies(t *testing.T) {
	d, s, copies := killedAfter(t, accept)
	if err := s.Suppress(t.Context(), copies[0].AddressKey, "sender:conference", "opted out", "journalist", dayEve); err != nil {
		t.Fatal(err)
	}
	o := accept
	o.At = dayEve
	for range 2 {
		if err := s.TestCopy(t.Context(), slug, d.Keys.AddressKey("desk@conference.example"), "en", o); err != nil {
			t.Fatal(err)
		}
	}
	p := notice(t, d, "")
	if p.Recipients() != len(copies)-1 || len(p.Skips) != 1 || p.Skips[0].Address != copies[0].Address || p.Skips[0].Why != "suppressed: opted out" || p.Tests != 1 {
		t.Errorf("%d recipients, skips %v, %d test copies", p.Recipients(), p.Skips, p.Tests)
	}
}

// What expires, is refused or is stopped was not told; a new yes is for them alone.
func TestAKillNoticeIsRepeatedForThoseWithoutOne(t *testing.T) {
	d, s, copies := killedAfter(t, accept)
	yes := func() (press.Approval, error) {
		return d.Approve(t.Context(), desk.Yes{Release: slug + "@kill", Digest: notice(t, d, "").Digest, By: "Boris"}, dayEve, nil)
	}
	if _, err := yes(); err != nil {
		t.Fatal(err)
	}
	told := sent(t, s, slug+"@kill", dayEve, refuse5, accept)
	p := notice(t, d, "")
	if !p.ToApprove() || p.Recipients() != 1 || p.Sends[0].Recipients[0].Address != told[0].Address {
		t.Fatalf("%d of %d copies' holders are to be told again, to approve %v", p.Recipients(), len(copies), p.ToApprove())
	}
	if a, err := yes(); err != nil || a.Recipients != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	if again := sent(t, s, slug+"@kill", dayEve, accept); len(again) != 1 || again[0].Address != told[0].Address {
		t.Errorf("%d more notices", len(again))
	}
	if err := d.Kill(t.Context(), slug+"@kill", "enough", "Anna", dayEve); err != nil {
		t.Fatal(err)
	}
	if p := notice(t, d, ""); p.ToApprove() {
		t.Error("a killed notice can be approved")
	}
}

func TestNoNoticeWithoutAKill(t *testing.T) {
	d, _ := shortPages(t)
	var never press.ErrNeverApproved
	if _, err := d.Notice(t.Context(), slug, "", now); !errors.As(err, &never) {
		t.Errorf("of a release that was never approved: %v", err)
	}
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	var no desk.Refused
	if _, err := d.Notice(t.Context(), slug, "", now); !errors.As(err, &no) || !strings.Contains(no.Why, "is not killed") {
		t.Errorf("of a release that was not killed: %v", err)
	}
	if err := d.Kill(t.Context(), slug, "a wrong word", "Anna", now); err != nil {
		t.Fatal(err)
	}
	if p := notice(t, d, ""); p.ToApprove() || p.Recipients() != 0 {
		t.Error("nobody holds a copy, and there is something to approve")
	}
}

// A person's yes, once: the digest is that of what was shown.
func TestAKillNoticeNeedsItsDigest(t *testing.T) {
	d, s, copies := killedAfter(t, accept)
	p := notice(t, d, "")
	if err := s.Suppress(t.Context(), copies[0].AddressKey, "all", "opted out", "journalist", dayEve); err != nil {
		t.Fatal(err)
	}
	var no desk.Refused
	_, err := d.Approve(t.Context(), desk.Yes{Release: slug + "@kill", Digest: p.Digest, By: "Boris"}, dayEve, nil)
	if !errors.As(err, &no) || !strings.Contains(no.Why, "dateline notice "+slug) {
		t.Errorf("an old digest: %v", err)
	}
}

// Right after a kill a daemon may still say that a copy has not left.
func TestAKillNoticeWaitsForWhatIsBeingSent(t *testing.T) {
	d, s := shortPages(t)
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(t.Context(), berta, dayEve, dayEve, 2)
	if err != nil || len(claimed) != 2 {
		t.Fatalf("%d claimed, %v", len(claimed), err)
	}
	begun := []press.Begin{{Delivery: claimed[0].ID}, {Delivery: claimed[1].ID}}
	if _, err := s.Record(t.Context(), berta, nil, begun, dayEve); err != nil {
		t.Fatal(err)
	}
	if err := d.Kill(t.Context(), slug, "a wrong word", "Anna", dayEve); err != nil {
		t.Fatal(err)
	}
	at := func(after time.Duration) desk.Planned {
		t.Helper()
		p, err := d.Notice(t.Context(), slug, "", dayEve.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := at(time.Second)
	if p.ToApprove() || len(p.Errors) != 1 || !strings.Contains(p.Errors[0], "of 2 copies") {
		t.Errorf("to approve %v, errors %v", p.ToApprove(), p.Errors)
	}
	var no desk.Refused
	if _, err := d.Approve(t.Context(), desk.Yes{Release: slug + "@kill", Digest: p.Digest, By: "Boris"}, dayEve.Add(time.Second), nil); !errors.As(err, &no) {
		t.Errorf("approved meanwhile: %v", err)
	}
	unsent := press.Result{Delivery: claimed[0].ID, Outcome: press.Outcome{State: press.Planned, At: dayEve}}
	if _, err := s.Record(t.Context(), berta, []press.Result{unsent}, nil, dayEve); err != nil {
		t.Fatal(err)
	}
	if p := at(time.Minute); !p.ToApprove() || p.Recipients() != 1 || p.Sends[0].Recipients[0].Address != claimed[1].Address {
		t.Errorf("of a daemon that is gone: to approve %v, %d recipients", p.ToApprove(), p.Recipients())
	}
}
