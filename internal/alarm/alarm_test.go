package alarm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/alarm"
	"dateline/internal/press"
	"dateline/internal/store"
)

// house is a watch over a real store in a bubble of time.
type house struct {
	t     *testing.T
	store *store.Store

	mu     sync.Mutex
	stands []press.Alarm
	broken error // of the judge
	told   []string
}

func inHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(t, &house{t: t, store: s})
	})
}

// way is one that notes what it was told, by whom, and then does something.
func (h *house) way(name string, then func(ctx context.Context) error) alarm.Way {
	return alarm.Way{Name: name, Tell: func(ctx context.Context, t press.Telling) error {
		word := "begun"
		switch {
		case !t.Ended.IsZero():
			word = "ended"
		case t.Again:
			word = "again"
		}
		h.mu.Lock()
		h.told = append(h.told, name+": "+string(t.Alarm.Cause)+" "+word)
		h.mu.Unlock()
		return then(ctx)
	}}
}

func well(context.Context) error { return nil }

// serve runs a daemon's watch until the returned function is called.
func (h *house) serve(ways ...alarm.Way) (stop func()) {
	w := &alarm.Watch{Store: h.store, Ways: ways, Repeat: time.Hour, Log: slog.New(slog.DiscardHandler), Judge: func(context.Context) ([]press.Alarm, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return slices.Clone(h.stands), h.broken
	}}
	ctx, cancel := context.WithCancel(h.t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

func (h *house) stand(all ...press.Alarm) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stands = all
}

// after lets time pass, and gives what was told in it.
func (h *house) after(d time.Duration) string {
	<-time.After(d)
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	told := strings.Join(h.told, ", ")
	h.told = nil
	return told
}

func (h *house) want(d time.Duration, want string) {
	h.t.Helper()
	if got := h.after(d); got != want {
		h.t.Errorf("after %s was told %q, want %q", d, got, want)
	}
}

var expired = press.Alarm{Cause: press.CauseLiftMissed, Release: "alpha", Of: "expired", What: "3 copies expired unsent", Do: "look"}

// Two daemons of one store tell each alarm once, again after its hour, and its
// end.
func TestTwoDaemonsTellOnce(t *testing.T) {
	inHouse(t, func(_ *testing.T, h *house) {
		defer h.serve(h.way("hook", well))()
		defer h.serve(h.way("hook", well))()
		h.want(time.Minute, "")
		h.stand(expired)
		h.want(time.Minute, "hook: lift-missed begun")
		h.want(time.Hour, "hook: lift-missed again")
		h.stand()
		h.want(time.Minute, "hook: lift-missed ended")
		h.want(2*time.Hour, "")
	})
}

// A relay that hangs up and is back, and what a person did, call nobody.
func TestWhoIsCalled(t *testing.T) {
	inHouse(t, func(_ *testing.T, h *house) {
		defer h.serve(h.way("hook", well))()
		relay := press.Alarm{Cause: press.CauseRelay, Of: "main on vm", Since: time.Now()}
		unread := press.Alarm{Cause: press.CauseMailbox, Of: "bounces on vm", Since: time.Now()}
		h.stand(relay, unread, press.Alarm{Cause: press.CauseHeld, Release: "alpha"}, press.Alarm{Cause: press.CauseProposals})
		h.want(25*time.Second, "")
		h.want(20*time.Second, "hook: relay-aside begun")
		h.stand(unread)
		h.want(30*time.Second, "hook: relay-aside ended")
		h.want(8*time.Minute, "")
		h.want(2*time.Minute, "hook: mailbox-unread begun")
	})
}

// A way that fails is tried again, later each time; one that hangs is given up
// after a while, and keeps no other from telling.
func TestAWayThatFailsOrHangs(t *testing.T) {
	inHouse(t, func(_ *testing.T, h *house) {
		fails := h.way("hook", func(context.Context) error { return errors.New("500") })
		hangs := h.way("mail", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		defer h.serve(fails, hangs, h.way("other", well))()
		h.stand(expired)
		told := h.after(15 * time.Second)
		for _, name := range []string{"hook", "mail", "other"} {
			if strings.Count(told, name+":") != 1 {
				t.Errorf("within 15 s was told %q: %s is not there once", told, name)
			}
		}
		told = h.after(10 * time.Minute)
		for name, want := range map[string]int{"hook": 4, "mail": 4, "other": 0} { // after 30 s, 1, 2 and 4 minutes
			if n := strings.Count(told, name+":"); n != want {
				t.Errorf("%s was tried %d times again, want %d", name, n, want)
			}
		}
	})
}

// The end of an alarm is given up in the end, its beginning never.
func TestWhatIsGivenUp(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		var fails bool
		stop := h.serve(h.way("hook", func(context.Context) error {
			if fails {
				return errors.New("500")
			}
			return nil
		}))
		defer stop()
		h.stand(expired)
		h.want(time.Minute, "hook: lift-missed begun")
		fails = true
		h.stand()
		if n := strings.Count(h.after(4*time.Hour), "ended"); n != 10 {
			t.Errorf("its end was tried %d times, want 10", n)
		}
		h.stand(expired)
		if n := strings.Count(h.after(4*time.Hour), "again"); n < 11 {
			t.Errorf("in four hours it was tried %d times, want one each half hour at least", n)
		}
	})
}

// A daemon that dies while it tells leaves it to another.
func TestADaemonThatDiesWhileItTells(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		if err := h.store.RaiseAlarms(t.Context(), []press.Alarm{expired}, []string{"hook"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if taken, err := h.store.TakeTellings(t.Context(), "hook", time.Now(), 5*time.Minute); err != nil || len(taken) != 1 {
			t.Fatalf("taken %v, %v", taken, err)
		}
		h.stand(expired)
		defer h.serve(h.way("hook", well))()
		h.want(4*time.Minute+50*time.Second, "")
		h.want(time.Minute, "hook: lift-missed begun")
	})
}

// A judge that cannot judge ends no alarm.
func TestAStoreThatIsSilentEndsNothing(t *testing.T) {
	inHouse(t, func(_ *testing.T, h *house) {
		defer h.serve(h.way("hook", well))()
		h.stand(expired)
		h.want(time.Minute, "hook: lift-missed begun")
		h.mu.Lock()
		h.stands, h.broken = nil, errors.New("the store does not answer")
		h.mu.Unlock()
		h.want(10*time.Minute, "")
		h.mu.Lock()
		h.broken = nil
		h.mu.Unlock()
		h.want(time.Minute, "hook: lift-missed ended")
	})
}

func TestTheLogSaysWhatToDo(t *testing.T) {
	var b bytes.Buffer
	way := alarm.Logged(slog.New(slog.NewTextHandler(&b, nil)))
	for _, ended := range []time.Time{{}, time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)} {
		if err := way.Tell(t.Context(), press.Telling{ID: press.ID{7}, Alarm: expired, Ended: ended}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`level=ERROR msg=alarm alarm=07000000`, `what="3 copies expired unsent"`, "release=alpha do=look", `level=INFO msg="an alarm is over"`, "ended=2027-03-04"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the log is %s; it lacks %s", b.String(), want)
		}
	}
}

// Every cause but a person's own doing calls somebody at some time.
func TestLoud(t *testing.T) {
	now := time.Now()
	var all []press.Alarm
	for _, c := range press.Causes() {
		all = append(all, press.Alarm{Cause: c, Since: now.Add(-10 * time.Minute)})
	}
	if n := len(alarm.Loud(all, now)); n != len(all)-3 {
		t.Errorf("%d of %d causes call somebody", n, len(all))
	}
	if got := alarm.Loud(all, now.Add(-time.Second)); slices.ContainsFunc(got, func(a press.Alarm) bool { return a.Cause == press.CauseMailbox }) {
		t.Error(fmt.Sprint("a mailbox that was not read for less than ten minutes calls somebody: ", got))
	}
}
