package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
)

// lease is how long a telling is kept from others in these tests.
const lease = time.Minute

func aside(of string) press.Alarm {
	return press.Alarm{Cause: press.CauseRelay, Of: of, What: "relay " + of + " is put aside", Do: "mend it"}
}

func (h house) raise(at time.Duration, standing ...press.Alarm) {
	h.t.Helper()
	h.must(h.RaiseAlarms(h.ctx(), standing, []string{"webhook", "mail"}, noon.Add(at)))
}

// tells is what a way has to tell after so long, in short, and tells it.
func (h house) tells(way string, at time.Duration) string {
	h.t.Helper()
	now := noon.Add(at)
	found, err := h.TakeTellings(h.ctx(), way, now, lease)
	h.must(err)
	var all []string
	for _, t := range found {
		word := "begun"
		switch {
		case !t.Ended.IsZero():
			word = "ended"
		case t.Again:
			word = "again"
		}
		all = append(all, t.Alarm.Of+" "+word)
		h.must(h.NoteTelling(h.ctx(), t, way, now.Add(time.Hour), now))
	}
	return strings.Join(all, ", ")
}

func (h house) wantTells(way string, at time.Duration, want string) {
	h.t.Helper()
	if got := h.tells(way, at); got != want {
		h.t.Errorf("after %s %s told %q, want %q", at, way, got, want)
	}
}

// Once when it begins, again each hour, once when it is over; each way for
// itself.
func TestAnAlarmIsToldOnceWhileItLasts(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.raise(0, aside("main"))
		h.wantTells("mail", 0, "main begun")
		h.raise(time.Minute, aside("main"))
		h.wantTells("mail", time.Minute, "")
		h.wantTells("webhook", 2*time.Minute, "main begun")
		h.raise(time.Hour, aside("main"), aside("second"))
		h.wantTells("mail", time.Hour, "main again, second begun")
		h.raise(90*time.Minute, aside("second"))
		h.wantTells("mail", 90*time.Minute, "main ended")
		h.wantTells("webhook", 90*time.Minute, "main ended, second begun")
		h.wantTells("mail", 91*time.Minute, "")
	})
}

// Two daemons on one machine have the same trouble: that is one alarm, and it
// keeps no other from being raised.
func TestAnAlarmThatTwoDaemonsHaveIsOne(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.raise(0, aside("main"), aside("main"), aside("second"))
		h.wantTells("mail", 0, "main begun, second begun")
		h.raise(time.Minute, aside("main"), aside("main"))
		h.wantTells("mail", time.Minute, "second ended")
		h.raise(2*time.Minute, aside("main"))
		h.wantTells("mail", 2*time.Minute, "")
		h.raise(3 * time.Minute)
		h.wantTells("mail", 3*time.Minute, "main ended")
	})
}

// What comes and goes calls nobody each time.
func TestAnAlarmThatFluttersIsToldNowAndThen(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.raise(0, aside("main"))
		h.raise(time.Second)
		h.wantTells("mail", time.Second, "") // over before anybody knew
		h.raise(2*time.Second, aside("main"))
		h.wantTells("mail", 2*time.Second, "main begun")
		h.raise(3 * time.Second)
		h.wantTells("mail", 3*time.Second, "main ended")
		for s := 4 * time.Second; s < time.Minute; s += 2 * time.Second {
			h.raise(s, aside("main"))
			h.wantTells("mail", s, "")
			h.raise(s + time.Second)
			h.wantTells("mail", s+time.Second, "")
		}
		h.raise(time.Minute, aside("main"))
		h.wantTells("mail", 10*time.Minute, "main begun")
	})
}

// A telling that somebody has taken is not given to another daemon, until the
// one who took it must have died over it.
func TestTellingsAreTakenByOne(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.raise(0, aside("a"), aside("b"), aside("c"))
		var mu sync.Mutex
		var got []string
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				found, err := h.TakeTellings(h.ctx(), "mail", noon, lease)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				for _, f := range found {
					got = append(got, f.Alarm.Of)
				}
			})
		}
		all.Wait()
		slices.Sort(got)
		if fmt.Sprint(got) != "[a b c]" {
			t.Errorf("eight who looked at once took %v", got)
		}
		if found, err := h.TakeTellings(h.ctx(), "mail", noon.Add(lease), lease); err != nil || len(found) != 3 {
			t.Errorf("after the lease there are %d, %v", len(found), err)
		}
	})
}

// What changed while somebody told it is told next.
func TestWhatChangesWhileItIsTold(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		take := func(at time.Duration) press.Telling {
			t.Helper()
			found, err := h.TakeTellings(h.ctx(), "mail", noon.Add(at), lease)
			h.must(err)
			if len(found) != 1 {
				t.Fatalf("there are %d tellings, want 1", len(found))
			}
			return found[0]
		}
		h.raise(0, aside("main"))
		telling := take(0)
		h.raise(time.Second)
		h.must(h.NoteTelling(h.ctx(), telling, "mail", noon.Add(time.Hour), noon.Add(2*time.Second)))
		telling = take(2 * time.Second)
		if telling.Ended.IsZero() {
			t.Fatal("it is over, and that was not told")
		}
		h.raise(3*time.Second, aside("main"))
		h.must(h.NoteTelling(h.ctx(), telling, "mail", noon.Add(time.Hour), noon.Add(4*time.Second)))
		h.wantTells("mail", 5*time.Second, "")
		h.wantTells("mail", 6*time.Minute, "main begun")
	})
}

func TestATellingThatFailedIsTriedAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.raise(0, aside("main"))
		for tries := range 3 {
			found, err := h.TakeTellings(h.ctx(), "mail", noon.Add(time.Duration(tries)*time.Minute), lease)
			h.must(err)
			if len(found) != 1 || found[0].Tries != tries {
				t.Fatalf("the tellings are %+v, want one after %d tries", found, tries)
			}
			h.must(h.DeferTelling(h.ctx(), found[0], "mail", noon.Add(time.Duration(tries+1)*time.Minute)))
		}
		found, err := h.TakeTellings(h.ctx(), "mail", noon.Add(3*time.Minute), lease)
		h.must(err)
		h.must(h.DeferTelling(h.ctx(), found[0], "mail", time.Time{}))
		h.wantTells("mail", time.Hour, "") // given up
	})
}

func TestStandingAlarmsSayWhoWasTold(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		missed := press.Alarm{Cause: press.CauseLiftMissed, Release: "tashkent", Of: "general", What: "w", Do: "d", Since: noon.Add(-time.Hour)}
		h.raise(0, missed, aside("main"))
		h.wantTells("mail", time.Minute, "general begun, main begun")
		all, err := h.StandingAlarms(t.Context())
		h.must(err)
		if len(all) != 2 || all[0].Alarm != missed || !all[1].Since.Equal(noon) {
			t.Fatalf("standing are %+v", all)
		}
		if told := all[0].Told; len(told) != 1 || told[0].Way != "mail" || !told[0].At.Equal(noon.Add(time.Minute)) {
			t.Errorf("told are %+v", told)
		}
		h.raise(time.Hour)
		if all, err := h.StandingAlarms(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("after their end %+v stand, %v", all, err)
		}
		h.raise(31 * 24 * time.Hour)
		if n := get[int](h, `SELECT COUNT(*) FROM alarms`) + get[int](h, `SELECT COUNT(*) FROM alarm_tellings`); n != 0 {
			t.Errorf("a month later %d rows are left", n)
		}
	})
}
