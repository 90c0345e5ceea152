package dispatch

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"
	"unsafe"

	"dateline/internal/press"
)

// set is an instant as a clock reads it that was moved: the time that has passed
// stays what it was, and only the wall's changes. No method of time.Time can do
// that; the reading of the wall has its whole seconds from bit 30 on.
func set(t *testing.T, now time.Time, by time.Duration) time.Time {
	t.Helper()
	moved := now
	type reading struct {
		wall uint64
		ext  int64
		loc  *time.Location
	}
	(*reading)(unsafe.Pointer(&moved)).wall += uint64(by/time.Second) << 30 //nolint:gosec // wraps around for a clock that is put back
	if moved.Sub(now) != 0 || moved.Round(0).Sub(now.Round(0)) != by {
		t.Fatalf("the clock was moved by %s, and %s have passed", moved.Round(0).Sub(now.Round(0)), moved.Sub(now))
	}
	return moved
}

func TestAMovedClockIsToldFromTimeThatPassed(t *testing.T) {
	start := time.Now()
	for name, c := range map[string]struct{ passed, moved, want time.Duration }{
		"nothing":                     {0, 0, 0},
		"time passes":                 {time.Hour, 0, 0},
		"forward":                     {200 * time.Millisecond, 2 * time.Second, 2 * time.Second},
		"back":                        {200 * time.Millisecond, -2 * time.Second, -2 * time.Second},
		"a day forward":               {time.Minute, 24 * time.Hour, 24 * time.Hour},
		"a day back":                  {time.Minute, -24 * time.Hour, -24 * time.Hour},
		"by a second, which may be":   {time.Minute, time.Second, 0},
		"back by a second":            {time.Minute, -time.Second, 0},
		"back by as much as it moved": {2 * time.Second, -2 * time.Second, -2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			k := clock{start}
			then := set(t, start.Add(c.passed), c.moved)
			if got := k.slip(then); got != c.want {
				t.Errorf("slip %s, want %s", got, c.want)
			}
			if got := k.slip(then.Add(time.Second)); got != 0 {
				t.Errorf("told a second time: %s", got)
			}
		})
	}
}

// heldLedger holds what it is told to hold.
type heldLedger struct {
	Ledger
	why    string
	refuse error
}

func (l *heldLedger) Gate(context.Context, press.ID, []string) (press.Gate, error) {
	return press.Gate{Releases: map[string]press.Standing{"news": {Control: press.Control{Held: l.why}}}}, nil
}
func (l *heldLedger) Waiting(context.Context) ([]string, error) { return []string{"news"}, nil }
func (l *heldLedger) HeldFor(context.Context, string, string) (bool, error) {
	return false, nil
}

func (l *heldLedger) Hold(_ context.Context, _, why, _ string, _ time.Time) error {
	if l.refuse == nil {
		l.why = why
	}
	return l.refuse
}

// The clock is moved past the lift between two views: the message that would
// leave by it sees that itself, and waits for a view that tells of the hold.
func TestAMovedClockIsSeenByTheMessageItself(t *testing.T) { // no bubble: its time has no monotonic reading
	ledger := &heldLedger{}
	d := New(ledger, Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	d.gate.start(press.Gate{})
	d.gate.refresh(t.Context(), []string{"news"})
	p := &prepared{delivery: press.Delivery{Release: "news", Recipient: press.Recipient{Deadline: time.Now().Add(time.Hour)}}}
	if why := d.gate.pass(t.Context(), p); why != "" {
		t.Fatalf("it may not leave: %s", why)
	}
	d.gate.clock.last = set(t, d.gate.clock.last, -time.Minute) // the same as a minute forward from now on
	ledger.refuse = context.DeadlineExceeded
	said := make(chan string, 1)
	go func() { said <- d.gate.pass(t.Context(), p) }()
	d.gate.refresh(t.Context(), []string{"news"})
	select {
	case why := <-said:
		t.Fatalf("it did not wait until what waits was held: %q", why)
	default:
	}
	ledger.refuse = nil
	d.gate.refresh(t.Context(), []string{"news"})
	if why := <-said; why != "the release was held before it had left" {
		t.Errorf("it was barred for another reason: %q", why)
	}
}
