package desk_test

import (
	"errors"
	"strings"
	"testing"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// unsure approves the sample and makes n of its copies unknown, as a daemon
// does whose connections break after the last byte.
func unsure(t *testing.T, d *desk.Desk, s *store.Store, n int) []press.ID {
	t.Helper()
	if _, err := approve(t, d, plan(t, d).Digest); err != nil {
		t.Fatal(err)
	}
	lifted := now.AddDate(0, 2, 0)
	daemon := press.ID{1}
	taken, err := s.Claim(t.Context(), daemon, lifted, now, n)
	if err != nil || len(taken) != n {
		t.Fatalf("claimed %d, %v", len(taken), err)
	}
	var ids []press.ID
	var begin []press.Begin
	var results []press.Result
	for _, x := range taken {
		ids = append(ids, x.ID)
		begin = append(begin, press.Begin{Delivery: x.ID})
		results = append(results, press.Result{Delivery: x.ID, Outcome: press.Outcome{State: press.Unknown, At: taken[0].Due, Text: "no reply"}})
	}
	if _, err := s.Record(t.Context(), daemon, nil, begin, taken[n-1].Due); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), daemon, results, nil, taken[n-1].Due); err != nil {
		t.Fatal(err)
	}
	if got := states(t, s)[press.Unknown]; got != n {
		t.Fatalf("%d are unknown, want %d", got, n)
	}
	return ids
}

func states(t *testing.T, s *store.Store) map[press.State]int {
	t.Helper()
	counts := map[press.State]int{}
	for _, c := range state(t, s).Counts {
		counts[c.State] += c.N
	}
	return counts
}

func TestAPersonsWordIsHeeded(t *testing.T) {
	d, s := newDesk(t)
	ids := unsure(t, d, s, 3)
	before := states(t, s)[press.Planned]
	say := func(p press.Pick, to press.State) press.Heeded {
		t.Helper()
		done, err := d.Heed(t.Context(), p, press.Word{State: to, By: "Anna", Why: "she knows"}, now)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	if done := say(press.Pick{IDs: ids[:1]}, press.Accepted); done.Total() != 1 {
		t.Errorf("settled: %+v", done)
	}
	if done := say(press.Pick{Release: slug, IDs: ids[:2]}, press.Cancelled); done.Total() != 1 || len(done.Refused) != 1 || done.Refused[0].Why != "it is accepted, not unknown" {
		t.Errorf("settled: %+v", done)
	}
	if done := say(press.Pick{}, press.Planned); done.Done[slug] != 1 {
		t.Errorf("sent again: %+v", done)
	}
	got := states(t, s)
	if got[press.Accepted] != 1 || got[press.Cancelled] != 1 || got[press.Unknown] != 0 || got[press.Planned] != before+1 {
		t.Errorf("at the end there stand %v; %d were planned before", got, before)
	}
}

func TestAWordThatIsNone(t *testing.T) {
	d, s := newDesk(t)
	unsure(t, d, s, 1)
	word := func(change func(*press.Word)) press.Word {
		w := press.Word{State: press.Planned, By: "Anna", Why: "she knows"}
		change(&w)
		return w
	}
	for want, w := range map[string]press.Word{
		"who said":          word(func(w *press.Word) { w.By = "" }),
		"and why":           word(func(w *press.Word) { w.Why = "" }),
		"is delivered":      word(func(w *press.Word) { w.State = press.Delivered }),
		"is bounced":        word(func(w *press.Word) { w.State = press.Bounced }),
		"is unknown; it is": word(func(w *press.Word) { w.State = press.Unknown }),
	} {
		var no desk.Refused
		if _, err := d.Heed(t.Context(), press.Pick{}, w, now); !errors.As(err, &no) || !strings.Contains(no.Why, want) {
			t.Errorf("got %v; want it refused with %q", err, want)
		}
	}
	var never press.ErrNeverApproved
	if _, err := d.Heed(t.Context(), press.Pick{Release: "nothing"}, word(func(*press.Word) {}), now); !errors.As(err, &never) {
		t.Errorf("a release that is not there: %v", err)
	}
	if got := states(t, s)[press.Unknown]; got != 1 {
		t.Errorf("%d are unknown at the end, want 1", got)
	}
}

// What was sent again counts as one that may have left, so that another plan
// leaves its receiver out.
func TestWhatIsSentAgainIsPlannedOnce(t *testing.T) {
	d, s := newDesk(t)
	unsure(t, d, s, 2)
	recipients := plan(t, d).Recipients()
	if _, err := d.Heed(t.Context(), press.Pick{}, press.Word{State: press.Planned, By: "Anna", Why: "lost"}, now); err != nil {
		t.Fatal(err)
	}
	d.Config.Templates["base.txt.tmpl"] += "\n"
	if got := plan(t, d).Recipients(); got != recipients-2 {
		t.Errorf("a new plan has %d recipients, want the %d without the two", got, recipients)
	}
}
