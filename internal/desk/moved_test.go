package desk_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// moveEmbargo edits the folder: another lift, or none.
func moveEmbargo(d *desk.Desk, to time.Time) {
	f := &d.Config.Releases[0]
	f.Embargo = press.Embargo{None: true}
	if !to.IsZero() {
		f.Embargo = press.Embargo{Lift: press.Moment{At: to, Zone: "Asia/Tashkent"}}
	}
	f.Sources["release.yaml"] = append(f.Sources["release.yaml"], []byte("# "+to.String()+"\n")...)
}

// planAt plans the sample at an instant.
func planAt(t *testing.T, d *desk.Desk, at time.Time) desk.Planned {
	t.Helper()
	p, err := d.Plan(t.Context(), slug, at, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// yesAt approves the plan of an instant.
func yesAt(t *testing.T, d *desk.Desk, at time.Time) desk.Planned {
	t.Helper()
	p := planAt(t, d, at)
	if _, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, at, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// advanceOut is a desk whose advance copies are out, each accepted.
func advanceOut(t *testing.T) (*desk.Desk, *store.Store, []press.Delivery) {
	t.Helper()
	d, s := shortPages(t)
	yesAt(t, d, now)
	copies := sent(t, s, slug, dayEve, accept)
	if len(copies) < 4 {
		t.Fatalf("only %d copies were sent", len(copies))
	}
	return d, s, copies
}

func TestAMovedEmbargoIsToldToHoldersOfTheOldOne(t *testing.T) {
	d, s, copies := advanceOut(t)
	at := dayEve.Add(time.Hour)
	if p := planAt(t, d, at); !p.InForce || len(p.Notices) > 0 {
		t.Fatalf("in force %v, %d notices before anything was moved", p.InForce, len(p.Notices))
	}
	later := lift.Add(20 * time.Hour)
	moveEmbargo(d, later)
	p := planAt(t, d, at)
	if p.InForce || !p.ToApprove() || len(p.Notices) != 1 {
		t.Fatalf("in force %v, to approve %v, %d notices, errors %v", p.InForce, p.ToApprove(), len(p.Notices), p.Errors)
	}
	n := p.Notices[0]
	if n.Release != slug+"@embargo-1" || n.About != slug || !n.Before.At.Equal(lift) || !n.Lift.At.Equal(later) || !maps.Equal(holders(n.Sends[0].Recipients), answers(copies)) {
		t.Fatalf("the notice %+v goes to %v; want %v", n.Release, holders(n.Sends[0].Recipients), answers(copies))
	}
	if _, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Alone, By: "Anna"}, at, nil); err == nil {
		t.Fatal("the release's own digest was taken for a yes to the notice")
	}
	a, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, at, nil)
	if err != nil || a.Digest != p.Digest {
		t.Fatalf("%+v, %v", a, err)
	}
	if c := state(t, s).Control; c.Held != "" {
		t.Errorf("the release stays held: %s", c.Held)
	}
	// What is unsent is due at the new lift; nothing but the notice leaves before.
	told := sent(t, s, slug+"@embargo-1", at, accept)
	if len(told) != len(copies) {
		t.Errorf("%d notices are sent, want %d", len(told), len(copies))
	}
	if early := sent(t, s, slug, later.Add(-time.Second), accept); len(early) > 0 {
		t.Errorf("%d copies leave before the new lift", len(early))
	}
	again := planAt(t, d, at)
	if !again.InForce || again.ToApprove() || len(again.Notices) > 0 {
		t.Errorf("in force %v, to approve %v, %d notices", again.InForce, again.ToApprove(), len(again.Notices))
	}
	if b, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, at, nil); err != nil || b.ID != a.ID {
		t.Errorf("a second yes: %+v, %v", b, err)
	}
	if drifts, err := d.WatchDrift(t.Context(), at); err != nil || len(drifts) > 0 {
		t.Errorf("drift %v, %v", drifts, err)
	}
}

func TestAnEditThatLeavesTheEmbargoTellsNobody(t *testing.T) {
	d, _, _ := advanceOut(t)
	d.Config.Releases[0].Sources["en.md"] = append(d.Config.Releases[0].Sources["en.md"], '!')
	at := dayEve.Add(time.Hour)
	if p := planAt(t, d, at); p.InForce || !p.ToApprove() || len(p.Notices) > 0 {
		t.Errorf("in force %v, to approve %v, %d notices", p.InForce, p.ToApprove(), len(p.Notices))
	}
	// Nor does the same instant, told in another zone.
	f := &d.Config.Releases[0]
	f.Embargo.Lift.Zone = "Europe/Vienna"
	if p := planAt(t, d, at); len(p.Notices) > 0 {
		t.Errorf("%d notices of another zone", len(p.Notices))
	}
}

// Whoever got a copy at the lift was told that the embargo is over.
func TestAMovedEmbargoIsNotToldToHoldersOfALiftedCopy(t *testing.T) {
	d, s, copies := advanceOut(t)
	sent(t, s, slug, lift, accept)
	moveEmbargo(d, lift.Add(20*time.Hour))
	p := planAt(t, d, lift.Add(time.Minute))
	if len(p.Notices) != 1 || !maps.Equal(holders(p.Notices[0].Sends[0].Recipients), answers(copies)) {
		t.Fatalf("%d notices", len(p.Notices))
	}
	// Nobody is left for the release itself; the yes is to the notice and the lift.
	if p.Recipients() != 0 || !p.ToApprove() {
		t.Errorf("%d recipients, to approve %v: %v", p.Recipients(), p.ToApprove(), p.Errors)
	}
}

// The embargo is moved twice, and back: each holder is told what is not yet
// known to them, and never what is not true any more.
func TestAnEmbargoThatIsMovedAgain(t *testing.T) {
	d, s, copies := advanceOut(t)
	at := dayEve.Add(time.Hour)
	second, third := lift.Add(5*time.Hour), lift.Add(9*time.Hour)
	moveEmbargo(d, second)
	yesAt(t, d, at)
	// The first notice reaches all but one, whose relay puts it off.
	deferred := press.Outcome{State: press.Deferred, Code: 451}
	told := sent(t, s, slug+"@embargo-1", at, deferred, accept)

	moveEmbargo(d, third)
	p := yesAt(t, d, at)
	if len(p.Notices) != 2 {
		t.Fatalf("%d notices, want one for each lift that somebody was told", len(p.Notices))
	}
	first, other := p.Notices[0], p.Notices[1]
	if first.Release != slug+"@embargo-2" || !first.Before.At.Equal(lift) || first.Recipients() != 1 || first.Sends[0].Recipients[0].Address != told[0].Address {
		t.Errorf("%s from %s goes to %d", first.Release, first.Before.At, first.Recipients())
	}
	if other.Release != slug+"@embargo-3" || !other.Before.At.Equal(second) || other.Recipients() != len(copies)-1 {
		t.Errorf("%s from %s goes to %d", other.Release, other.Before.At, other.Recipients())
	}
	if stale := sent(t, s, slug+"@embargo-1", at.Add(time.Minute), accept); len(stale) > 0 {
		t.Errorf("%d notices leave that tell an earlier instant", len(stale))
	}
	if n := len(sent(t, s, slug+"@embargo-2", at, accept)); n != 1 {
		t.Errorf("%d copies of the second notice", n)
	}

	// Back to the first lift, before the third notice left: its readers still
	// believe the second one, the other has been told the third.
	moveEmbargo(d, lift)
	p = yesAt(t, d, at)
	got := map[string]int{}
	for _, n := range p.Notices {
		got[n.Before.At.Format("15:04")] = n.Recipients()
	}
	if want := map[string]int{"18:00": len(copies) - 1, "22:00": 1}; !maps.Equal(got, want) {
		t.Errorf("told before and to how many: %v, want %v", got, want)
	}
	if stale := sent(t, s, slug+"@embargo-3", at, accept); len(stale) > 0 {
		t.Errorf("%d notices leave that tell an earlier instant", len(stale))
	}
}

func TestAnEmbargoThatIsTakenAway(t *testing.T) {
	d, s, copies := advanceOut(t)
	moveEmbargo(d, time.Time{})
	f := &d.Config.Releases[0]
	f.Sends = f.Sends[1:] // an advance send wants an embargo
	at := dayEve.Add(time.Hour)
	p := yesAt(t, d, at)
	if len(p.Notices) != 1 || p.Notices[0].Recipients() != len(copies) || !p.Notices[0].Lift.IsZero() {
		t.Fatalf("%d notices", len(p.Notices))
	}
	sent(t, s, slug+"@embargo-1", at, accept)
	// Once told that it is gone, they may have published: no other embargo binds them.
	moveEmbargo(d, lift.Add(time.Hour))
	if p := planAt(t, d, at); len(p.Notices) > 0 {
		t.Errorf("%d notices of an embargo on what was free", len(p.Notices))
	}
}

// failing is a store that cannot stage a notice, until it is mended.
type failing struct {
	*store.Store
	broken bool
}

func (f *failing) Stage(ctx context.Context, a press.Approval, frozen press.Frozen) error {
	if f.broken && frozen.Release.About != "" {
		return errors.New("the disk is full")
	}
	return f.Store.Stage(ctx, a, frozen)
}

func TestANoticeThatFailedIsCompletedByTheSameYes(t *testing.T) {
	d, s, copies := advanceOut(t)
	broken := &failing{Store: s, broken: true}
	d.Store = broken
	at := dayEve.Add(time.Hour)
	moveEmbargo(d, lift.Add(20*time.Hour))
	p := planAt(t, d, at)
	yes := desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}
	if _, err := d.Approve(t.Context(), yes, at, nil); err == nil || !strings.Contains(err.Error(), "say the same again") {
		t.Fatalf("%v", err)
	}
	if half := planAt(t, d, at); !half.InForce || !half.ToApprove() || len(half.Notices) != 1 {
		t.Errorf("in force %v, to approve %v, %d notices", half.InForce, half.ToApprove(), len(half.Notices))
	}
	broken.broken = false
	if _, err := d.Approve(t.Context(), yes, at, nil); err != nil {
		t.Fatal(err)
	}
	if told := sent(t, s, slug+"@embargo-1", at, accept); len(told) != len(copies) {
		t.Errorf("%d notices are sent, want %d", len(told), len(copies))
	}
	if whole := planAt(t, d, at); !whole.InForce || whole.ToApprove() {
		t.Errorf("in force %v, to approve %v", whole.InForce, whole.ToApprove())
	}
}

// So does a yes to what the plan shows then.
func TestANoticeThatFailedIsCompletedByTheNewDigest(t *testing.T) {
	d, s, copies := advanceOut(t)
	broken := &failing{Store: s, broken: true}
	d.Store = broken
	at := dayEve.Add(time.Hour)
	moveEmbargo(d, lift.Add(20*time.Hour))
	if _, err := d.Approve(t.Context(), desk.Yes{Release: slug, Digest: planAt(t, d, at).Digest, By: "Anna"}, at, nil); err == nil {
		t.Fatal("the disk is full")
	}
	before := state(t, s).Approval
	broken.broken = false
	// Somebody's copy bounces in between, so it is another notice.
	if err := s.Suppress(t.Context(), copies[0].AddressKey, "all", "hard bounce", "dateline", at); err != nil {
		t.Fatal(err)
	}
	p := yesAt(t, d, at)
	if r := state(t, s); r.Approval.ID != before.ID || r.Control.Held != "" {
		t.Errorf("the release was approved anew, or is held: %q", r.Control.Held)
	}
	if told := sent(t, s, slug+"@embargo-1", at, accept); len(told) != len(copies)-1 || p.Notices[0].Recipients() != len(told) {
		t.Errorf("%d notices are sent, want %d", len(told), len(copies)-1)
	}
}

func TestAKillStopsNoticesOfTheEmbargo(t *testing.T) {
	d, s, copies := advanceOut(t)
	moveEmbargo(d, lift.Add(20*time.Hour))
	at := dayEve.Add(time.Hour)
	yesAt(t, d, at)
	if err := d.Kill(t.Context(), slug, "a wrong word", "Anna", at); err != nil {
		t.Fatal(err)
	}
	if told := sent(t, s, slug+"@embargo-1", at, accept); len(told) > 0 {
		t.Errorf("%d notices that the embargo of a killed release was moved", len(told))
	}
	if p := notice(t, d, ""); p.Recipients() != len(copies) {
		t.Errorf("the kill notice goes to %d, want %d", p.Recipients(), len(copies))
	}
	if p := planAt(t, d, at); len(p.Notices) > 0 || p.ToApprove() {
		t.Error("a killed release has notices of its embargo")
	}
}

func TestPreviewAndPlanOfANoticesSlug(t *testing.T) {
	d, _, _ := advanceOut(t)
	if _, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug + "@embargo-1"}, now); err == nil || !strings.Contains(err.Error(), "there is no notice") {
		t.Errorf("%v", err)
	}
	moveEmbargo(d, lift.Add(20*time.Hour))
	shown, err := d.Preview(t.Context(), desk.PreviewOf{Release: slug + "@embargo-1"}, dayEve)
	if err != nil || len(shown) == 0 || !strings.HasPrefix(shown[0].Subject, "EMBARGOED until 5 March 2027, 14:00 (Tashkent, UTC+5) | Embargo moved") {
		t.Errorf("%d previews, %v", len(shown), err)
	}
	var no desk.Refused
	if _, err := d.Plan(t.Context(), slug+"@embargo-1", now, false); !errors.As(err, &no) || !strings.Contains(no.Why, "approved together with "+slug) {
		t.Errorf("%v", err)
	}
}
