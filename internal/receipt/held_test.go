package receipt_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/receipt"
)

var noon = time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)

// desk is a store with one release, and the trail of its copies.
type desk struct {
	receipt.Store // nothing else is asked
	steps         []press.Step
}

func (desk) ReleaseHeads(_ context.Context, only string) ([]press.ReleaseState, error) {
	return []press.ReleaseState{{Approval: press.Approval{Release: only}}}, nil
}

func (desk) Frozen(context.Context, press.ID) (press.Frozen, error) { return press.Frozen{}, nil }

func (desk) Approvals(context.Context, string) ([]press.Approval, error) { return nil, nil }

func (desk) Acts(context.Context, string, int) ([]press.Act, error) { return nil, nil }

func (desk) Counts(context.Context, press.Approval) ([]press.Count, error)    { return nil, nil }
func (desk) Accepted(context.Context, string, func(press.AcceptedPart)) error { return nil }
func (desk) Failures(context.Context, string) ([]press.Failed, error)         { return nil, nil }

func (desk) Unsent(context.Context, string) ([]press.Unsent, error) { return nil, nil }

func (desk) Tested(context.Context, string, time.Time) ([]press.Tested, error) { return nil, nil }

func (desk) Notices(context.Context, string) ([]string, error) { return nil, nil }

func (desk) LastSeal(context.Context) (press.Seal, bool, error) { return press.Seal{}, false, nil }

func (d desk) Steps(_ context.Context, _ string, tell func(press.Step)) error {
	for _, s := range d.steps {
		tell(s)
	}
	return nil
}

func held(t *testing.T, ask receipt.Ask, steps ...press.Step) receipt.Held {
	t.Helper()
	ask.Release = "tashkent"
	r, err := receipt.Draw(t.Context(), desk{steps: steps}, press.Keyring{}, ask, noon.Add(1000*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return *r.Held
}

// went is an entry of a copy's trail, so long after noon, when it was due.
func went(from, to press.State, after time.Duration, by string) press.Step {
	return press.Step{Delivery: press.ID{1}, Outlet: "UzA", Country: "UZ", Due: noon, Now: to, At: noon.Add(after), From: from, To: to, By: by}
}

// What its trail tells of a copy, an hour after noon.
func TestWhoHeldACopy(t *testing.T) {
	daemon := press.ID{0xb}.String()
	accepted := went(press.Sending, press.Accepted, time.Second, daemon)
	unknown := went(press.Sending, press.Unknown, time.Minute, daemon)
	now := press.Step{Delivery: press.ID{1}, Due: noon, Now: press.Sending, NowSince: noon.Add(time.Minute)}
	late := now
	late.NowSince = noon.Add(2 * time.Hour)
	for name, c := range map[string]struct {
		steps []press.Step
		want  string // the state, and since when
	}{
		"accepted":                               {[]press.Step{accepted}, "accepted 1s"},
		"accepted later":                         {[]press.Step{went(press.Sending, press.Accepted, 2*time.Hour, daemon)}, ""},
		"deferred, then accepted":                {[]press.Step{went(press.Sending, press.Deferred, time.Second, daemon), went(press.Sending, press.Accepted, time.Minute, daemon)}, "accepted 1m0s"},
		"refused":                                {[]press.Step{went(press.Sending, press.Rejected, time.Second, daemon)}, ""},
		"delivered":                              {[]press.Step{accepted, went(press.Accepted, press.Delivered, time.Minute, press.ByReport)}, "delivered 1s"},
		"bounced":                                {[]press.Step{accepted, went(press.Accepted, press.Bounced, time.Minute, press.ByReport)}, "bounced 1s"},
		"bounced later":                          {[]press.Step{accepted, went(press.Accepted, press.Bounced, 3*time.Hour, press.ByReport)}, "accepted 1s"},
		"unknown":                                {[]press.Step{unknown}, "unknown 0s"},
		"unknown later, and due before":          {[]press.Step{went(press.Sending, press.Unknown, 2*time.Hour, daemon)}, "sending 0s"},
		"unknown, and the daemon knows better":   {[]press.Step{unknown, went(press.Unknown, press.Planned, 2*time.Minute, daemon)}, ""},
		"unknown, and a person says it is not":   {[]press.Step{unknown, went(press.Unknown, press.Cancelled, 2*time.Minute, "Olim")}, ""},
		"unknown, and a person says so later":    {[]press.Step{unknown, went(press.Unknown, press.Cancelled, 2*time.Hour, "Olim")}, "unknown 0s"},
		"unknown, and a person sends it again":   {[]press.Step{unknown, went(press.Unknown, press.Planned, 2*time.Minute, "Olim")}, "unknown 0s"},
		"unknown, sent again by policy, refused": {[]press.Step{unknown, went(press.Unknown, press.Planned, 2*time.Minute, press.ByDateline), went(press.Sending, press.Rejected, 3*time.Minute, daemon)}, "unknown 0s"},
		"unknown, then accepted":                 {[]press.Step{unknown, went(press.Unknown, press.Accepted, 2*time.Minute, daemon)}, "accepted 0s"},
		"being sent now":                         {[]press.Step{now}, "sending 1m0s"},
		"being sent since a while after":         {[]press.Step{late}, ""},
		"never sent":                             {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := held(t, receipt.Ask{HeldAt: noon.Add(time.Hour)}, c.steps...)
			got := ""
			for _, x := range h.Holders {
				got += fmt.Sprintf("%s %s", x.State, x.Since.Sub(noon))
			}
			unsure := strings.HasPrefix(c.want, "unknown") || strings.HasPrefix(c.want, "sending")
			if got != c.want || h.Copies != len(h.Holders) || (h.Unsure == 1) != unsure {
				t.Errorf("held is %q (%d, %d unsure), want %q", got, h.Copies, h.Unsure, c.want)
			}
		})
	}
}

// No name of a person is shown to whoever did not ask for it.
func TestFreelancersAreNotNamed(t *testing.T) {
	var steps []press.Step
	for i, name := range []string{"Dilnoza Yusupova", "Aziz Karimov", "UzA"} {
		s := went(press.Sending, press.Accepted, time.Second, "")
		s.Delivery, s.Outlet, s.OutletKind, s.Address = press.ID{byte(i + 1)}, name, press.Freelance, press.Address(fmt.Sprintf("p%d@paper.example", i))
		if name == "UzA" {
			s.OutletKind = press.Wire
		}
		steps = append(steps, s)
	}
	shown := func(h receipt.Held) []string {
		var all []string
		for _, x := range h.Holders {
			all = append(all, fmt.Sprintf("%s %d %v", x.Outlet, x.Copies, x.Addresses))
		}
		return all
	}
	if got := shown(held(t, receipt.Ask{HeldAt: noon.Add(time.Hour)}, steps...)); !slices.Equal(got, []string{" 2 []", "UzA 1 []"}) {
		t.Errorf("nobody asked, and it shows %q", got)
	}
	want := []string{"Aziz Karimov 1 [p1@paper.example]", "Dilnoza Yusupova 1 [p0@paper.example]", "UzA 1 [p2@paper.example]"}
	if got := shown(held(t, receipt.Ask{HeldAt: noon.Add(time.Hour), Addresses: true}, steps...)); !slices.Equal(got, want) {
		t.Errorf("asked for, it shows %q", got)
	}
}
