package dispatch_test

import (
	"context"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// stuckLedger is one that hangs in a question and heeds no context, as a fault in
// a driver would make it.
type stuckLedger struct {
	dispatch.Ledger
	stuck, free chan struct{}
}

func (l *stuckLedger) wait() {
	select {
	case <-l.stuck:
		<-l.free
	default:
	}
}

func (l *stuckLedger) NextDue(ctx context.Context) (time.Time, bool, error) {
	l.wait()
	return l.Ledger.NextDue(ctx)
}

// gateLedger hangs in another question.
type gateLedger struct{ *stuckLedger }

func (l gateLedger) NextDue(ctx context.Context) (time.Time, bool, error) {
	return l.Ledger.NextDue(ctx)
}

func (l gateLedger) Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error) {
	l.wait()
	return l.Ledger.Gate(ctx, daemon, slugs)
}

func TestALoopThatHangsIsTold(t *testing.T) {
	for want, hang := range map[string]func(*stuckLedger) dispatch.Ledger{
		"claimer": func(l *stuckLedger) dispatch.Ledger { return l },
		"gate":    func(l *stuckLedger) dispatch.Ledger { return gateLedger{l} },
	} {
		t.Run(want, func(t *testing.T) {
			inHouse(t, 30, func(t *testing.T, h *house) {
				l := &stuckLedger{h.store, make(chan struct{}), make(chan struct{})}
				h.serve(hang(l), nil)
				h.pass(10 * time.Minute)
				if got := h.running.Halted(); got != "" {
					t.Fatalf("%s is told to hang, in a daemon that has nothing to do", got)
				}
				close(l.stuck)
				h.pass(time.Minute)
				if got := h.running.Halted(); got != "" {
					t.Errorf("%s is told to hang after a minute", got)
				}
				h.pass(time.Minute)
				if got := h.running.Halted(); got != want {
					t.Errorf("told is %q", got)
				}
				close(l.free)
				h.stop()
				h.pass(time.Hour)
				if got := h.running.Halted(); got != "" {
					t.Errorf("%s is told to hang when all is over", got)
				}
			})
		})
	}
}

// A store that does not answer, and heeds its contexts, is no reason to start the
// daemon anew.
func TestAStoreThatIsAwayHaltsNothing(t *testing.T) {
	inHouse(t, 30, func(t *testing.T, h *house) {
		gone := make(chan struct{})
		h.serve(&goneLedger{Ledger: h.store, gone: gone, hangs: true}, nil)
		h.pass(time.Second)
		close(gone)
		for range 60 {
			h.pass(7 * time.Second)
			if got := h.running.Halted(); got != "" {
				t.Fatalf("%s is told to hang", got)
			}
		}
		h.running.Hurry()
		h.stop()
	})
}
