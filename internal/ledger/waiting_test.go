package ledger_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// What goes wrong with copies is told of the releases that are asked for, and of
// shares from the policy's on.
func TestTroublesAreAlarms(t *testing.T) {
	troubles := press.Troubles{
		Missed:    []press.Missed{{Release: "alpha", Send: "general", Due: now.Add(-time.Hour), Copies: 1}, {Release: "other", Send: "general", Due: now, Copies: 7}},
		Expired:   []press.Shortfall{{Release: "alpha", N: 2}},
		Unreached: []press.Shortfall{{Release: "alpha", N: 1}},
		Blocked: []press.Blocked{
			{Release: "alpha", Domain: "quiet.example", Blocked: 3, Sent: 100},
			{Release: "alpha", Domain: "loud.example", Reason: press.ReasonBlocked, Blocked: 10, Sent: 100},
		},
		Bounced: []press.Returned{{Release: "alpha", Bounced: 9, Sent: 90}, {Release: "bravo", Bounced: 9, Sent: 91}},
	}
	releases := []press.ReleaseState{{Approval: press.Approval{Release: "alpha"}}, {Approval: press.Approval{Release: "bravo"}}}
	want := []ledger.Wait{
		{Cause: press.CauseLiftMissed, Release: "alpha", Of: "general", What: "nothing of send general has left that was due at 2027-03-04 12:00:00 UTC: 1 copy waits", Do: "dateline status alpha", Since: now.Add(-time.Hour)},
		{Cause: press.CauseLiftMissed, Release: "alpha", Of: "expired", What: "2 copies expired unsent", Do: "dateline log --release alpha --state expired"},
		{Cause: press.CauseBlocked, Release: "alpha", Of: "loud.example", What: "loud.example refuses our mail: 10 of 100 copies, for blocked, say; no contact suffers", Do: "look into the sending: dateline doctor alpha"},
		{Cause: press.CauseBounced, Release: "alpha", What: "9 of 90 copies went to dead addresses", Do: "look into the contacts: dateline bounces --class hard --release alpha"},
		{Cause: press.CauseUnreached, Release: "alpha", What: "1 outlet got no copy: each was refused, bounced or expired", Do: "ring them: dateline bounces --addresses --release alpha"},
	}
	b := &daemons{book{releases: releases, troubles: troubles}, []press.DaemonState{{Host: "vm"}}}
	s, err := ledger.Now(t.Context(), b, "", now)
	if err != nil || !reflect.DeepEqual(s.Waiting, want) {
		t.Errorf("waiting are\n%+v, %v; want\n%+v", s.Waiting, err, want)
	}
}

// The program's own hold is another cause than a person's, and a clock's is one
// of its own.
func TestWhoseHoldItIs(t *testing.T) {
	for cause, c := range map[press.Cause]press.Control{
		press.CauseHeld:      {Held: press.ClockHold + "mine says so", HeldBy: "Olim"},
		press.CauseClock:     {Held: press.ClockHold + "it was moved", HeldBy: press.ByDateline},
		press.CauseHouseHold: {Held: "drift: its files are now other ones", HeldBy: press.ByDateline},
	} {
		release := press.ReleaseState{Approval: press.Approval{Release: "alpha"}, Control: c, Counts: []press.Count{{State: press.Planned, N: 1}}}
		s, err := ledger.Now(t.Context(), &daemons{book{releases: []press.ReleaseState{release}}, []press.DaemonState{{Host: "vm"}}}, "", now)
		if err != nil || len(s.Waiting) != 1 || s.Waiting[0].Cause != cause {
			t.Errorf("%s: %+v, %v", cause, s.Waiting, err)
		}
	}
}

// costly is a board's store that counts how often it is judged.
type costly struct {
	daemons
	judged int
	heads  []press.ReleaseState
	counts map[press.ID]int
	at     time.Time // each counting takes two seconds of it
	most   int       // so many countings, and the time is up; 0: no bound
}

func (c *costly) ReleaseHeads(context.Context, string) ([]press.ReleaseState, error) {
	return append([]press.ReleaseState{}, c.heads...), nil
}

func (c *costly) Counts(_ context.Context, a press.Approval) ([]press.Count, error) {
	if c.most > 0 {
		if c.most--; c.most == 0 {
			return nil, context.DeadlineExceeded
		}
	}
	c.at = c.at.Add(2 * time.Second)
	c.counts[a.ID]++
	return nil, nil
}

func (c *costly) Troubles(context.Context, time.Time) (press.Troubles, error) {
	c.judged++
	return press.Troubles{}, nil
}

// A board does not look for troubles each time that somebody looks at it.
func TestABoardLooksForTroublesNowAndThen(t *testing.T) {
	c := &costly{}
	b := ledger.NewBoard(c)
	for i := range 11 {
		at := now.Add(time.Duration(i) * time.Second)
		b.Read(t.Context(), at, func() time.Time { return at })
	}
	if c.judged != 3 {
		t.Errorf("within ten seconds it looked %d times, want 3", c.judged)
	}
}

// A house with a long past: its releases share the time in which they are
// counted, so that the store has its own for the one under way.
func TestABoardCountsForATwentiethOfTheTime(t *testing.T) {
	c := &costly{counts: map[press.ID]int{}, at: now}
	open := press.ID{99}
	for n := range byte(40) {
		c.heads = append(c.heads, press.ReleaseState{Approval: press.Approval{ID: press.ID{n + 1}, Release: "past"}})
	}
	c.heads = append(c.heads, press.ReleaseState{Approval: press.Approval{ID: open, Release: "now"}, FirstDue: now})
	b := ledger.NewBoard(c)
	const hour = time.Hour
	for c.at.Before(now.Add(hour)) {
		b.Read(t.Context(), c.at, func() time.Time { return c.at })
		c.at = c.at.Add(time.Second)
	}
	if n := c.counts[open]; n < 60 {
		t.Errorf("within an hour what is under way was counted %d times, want once in some 40 s", n)
	}
	past := 0
	for id, n := range c.counts {
		if id != open {
			past += n - 1 // the first time is the start's
		}
	}
	if took := time.Duration(past) * 2 * time.Second; took == 0 || took > hour/rest+40*2*time.Second {
		t.Errorf("within an hour what has ended was counted for %s", took)
	}
}

const rest = 20

// Who has no time to count all of a long past goes on where they were cut off, and
// has it in the end.
func TestABoardThatIsCutOffGoesOn(t *testing.T) {
	c := &costly{counts: map[press.ID]int{}, at: now}
	for n := range byte(10) {
		c.heads = append(c.heads, press.ReleaseState{Approval: press.Approval{ID: press.ID{n + 1}, Release: "past"}})
	}
	b := ledger.NewBoard(c)
	reads := 0
	for ; reads < 5 && (b.Look().Version == 0 || b.Look().Trouble != nil); reads++ {
		c.most = 4 // three, and then no more
		b.Read(t.Context(), c.at, func() time.Time { return c.at })
	}
	if seen := b.Look(); seen.Trouble != nil || len(seen.Releases) != 10 || reads != 4 {
		t.Errorf("after %d reads: %d releases, %v", reads, len(seen.Releases), seen.Trouble)
	}
	for id, n := range c.counts {
		if n != 1 {
			t.Errorf("%v was counted %d times", id, n)
		}
	}
}
