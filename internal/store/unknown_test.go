package store_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
	"dateline/internal/store"
)

// again and arrived are words that a person may say.
var (
	again   = press.Word{State: press.Planned, By: "Anna", Why: "the relay has no trace of it"}
	arrived = press.Word{State: press.Accepted, By: "Anna", Why: "she has it"}
	dropped = press.Word{State: press.Cancelled, By: "Anna", Why: "the relay lost its spool"}
)

// unsure approves a release with n copies, each of which becomes unknown, and
// gives them in the order of their ids.
func (h house) unsure(slug string, n int, changes ...func(*press.Delivery)) []press.ID {
	h.t.Helper()
	h.approve(slug, copies(n, changes...)...)
	all := ids(h.claim(berta, n))
	if len(all) != n {
		h.t.Fatalf("claimed %d copies of %s, want %d", len(all), slug, n)
	}
	h.record(berta, nil, all...)
	results := make([]press.Result, n)
	for i, id := range all {
		results[i] = press.Result{Delivery: id, Outcome: press.Outcome{State: press.Unknown, At: noon, Relay: "main", Text: "no reply after the last byte: EOF"}}
	}
	h.record(berta, results)
	return all
}

func (h house) heed(p press.Pick, w press.Word) press.Heeded {
	h.t.Helper()
	done, err := h.Heed(h.ctx(), p, w, noon.Add(time.Minute))
	h.must(err)
	return done
}

// wantRefused holds the refusals against "reason" by delivery, and that nothing
// of these moved.
func (h house) wantRefused(got press.Heeded, want map[press.ID]string) {
	h.t.Helper()
	why := map[press.ID]string{}
	for _, r := range got.Refused {
		why[r.Delivery] = r.Why
	}
	if !maps.Equal(why, want) {
		h.t.Errorf("refused are %v, want %v", why, want)
	}
}

func TestUnsureTellsWhoMayHaveIt(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if none, err := h.Unsure(t.Context(), "", noon); err != nil || none == nil || len(none) != 0 {
			t.Errorf("an empty store has %v, %v", none, err)
		}
		mine := h.unsure("tashkent", 2, in("KG", "ky"))
		h.unsure("other", 1)
		h.heed(press.Pick{IDs: mine[1:]}, arrived)
		got, err := h.Unsure(t.Context(), "tashkent", noon)
		h.must(err)
		want := []press.Unsure{{
			Delivery: mine[0], Release: "tashkent", Send: "general", Country: "KG", Edition: "ky", Outlet: "UzA", Address: "desk00000@paper.example",
			Since: noon, Relay: "main", Why: "no reply after the last byte: EOF", Deadline: noon.Add(2 * time.Hour),
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("unknown are\n%+v\nwant\n%+v", got, want)
		}
		if all, err := h.Unsure(t.Context(), "", noon); err != nil || len(all) != 2 {
			t.Errorf("of all releases %d are unknown, %v; want 2", len(all), err)
		}
	})
}

// What counts is why it is unknown now, not why it once was.
func TestUnsureTellsTheLastReason(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.unsure("tashkent", 1)[0]
		h.heed(press.Pick{}, again)
		h.record(berta, nil, ids(h.claim(berta, 1))...)
		r := result(id, press.Unknown)
		r.Outcome.At, r.Outcome.Relay, r.Outcome.Code, r.Outcome.Enhanced, r.Outcome.Text = noon.Add(time.Second), "second", 599, "", "gibberish"
		h.record(berta, []press.Result{r})
		got, err := h.Unsure(t.Context(), "", noon)
		if h.must(err); len(got) != 1 || got[0].Why != "599 gibberish" || got[0].Relay != "second" || !got[0].Since.Equal(r.Outcome.At) {
			t.Errorf("unknown are %+v", got)
		}
	})
}

func TestResendKeepsTheIDAndQueuesItAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.unsure("tashkent", 1)[0]
		done := h.heed(press.Pick{IDs: []press.ID{id, id}}, again)
		if want := (press.Heeded{Done: map[string]int{"tashkent": 1}, Refused: []press.Refusal{}}); !reflect.DeepEqual(done, want) {
			t.Errorf("got %+v, want %+v", done, want)
		}
		h.wantState(id, press.Planned)
		h.wantTrail(id, "sending>unknown: no reply after the last byte: EOF by "+berta.String(), "unknown>planned: the relay has no trace of it by Anna")
		if acts := h.acts("tashkent"); acts[len(acts)-1] != "resend by Anna: 1 copy: the relay has no trace of it" {
			t.Errorf("the acts are %q", acts)
		}
		taken := h.claim(carla, 5)
		if !slices.Equal(ids(taken), []press.ID{id}) || taken[0].Attempts != 1 {
			t.Fatalf("claimed again: %+v", taken)
		}
		if v := h.record(carla, nil, id); v[id] != press.Go {
			t.Errorf("it is %s, want go", v[id])
		}
		h.record(carla, []press.Result{result(id, press.Accepted)})
		h.wantState(id, press.Accepted)
	})
}

// A held release's copy is planned again, and waits for the resume.
func TestResendOfAHeldReleaseWaits(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.unsure("tashkent", 1)[0]
		h.must(h.Hold(t.Context(), "tashkent", "legal", "Olim", noon))
		h.wantRefused(h.heed(press.Pick{Release: "tashkent"}, again), map[press.ID]string{})
		h.wantState(id, press.Planned)
		if got := h.claim(berta, 1); len(got) != 0 {
			t.Errorf("while it is held %v was claimed", ids(got))
		}
		h.must(h.Resume(t.Context(), "tashkent", "Olim", noon))
		if got := h.claim(berta, 1); !slices.Equal(ids(got), []press.ID{id}) {
			t.Errorf("after the resume %v was claimed", ids(got))
		}
	})
}

// What may not be sent again stays unknown, says why, and keeps nothing else
// back; what a person knows of it may be said all the same.
func TestResendRefusesWhatMayNotLeave(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		killed := h.unsure("killed", 1)[0]
		h.must(h.Kill(t.Context(), "killed", "wrong", "Olim", noon))
		optedOut := h.unsure("optout", 1, func(d *press.Delivery) { d.AddressKey = keyOf("optout@paper.example") })[0]
		h.must(h.Suppress(t.Context(), keyOf("optout@paper.example"), "topic:security", "asked", "Olim", noon))
		late := h.unsure("late", 1, func(d *press.Delivery) { d.Deadline = noon.Add(time.Minute) })[0]
		free := h.unsure("free", 1, func(d *press.Delivery) { d.AddressKey = keyOf("free@paper.example") })[0]
		old := h.unsure("renewed", 1, func(d *press.Delivery) { d.AddressKey = keyOf("old@paper.example") })[0]
		h.approve("renewed", copyTo("b@paper.example"))
		want := map[press.ID]string{
			killed: "the release was killed: wrong", old: "another approval took its place",
			late: "its deadline passed at 2022-03-04 12:01:00 UTC", optedOut: "its mailbox was suppressed",
		}
		listed, err := h.Unsure(t.Context(), "", noon.Add(time.Minute))
		h.must(err)
		for _, u := range listed {
			if u.Final != want[u.Delivery] {
				t.Errorf("the list says %q of %s, want %q", u.Final, u.Release, want[u.Delivery])
			}
		}
		done := h.heed(press.Pick{}, again)
		h.wantRefused(done, want)
		if !maps.Equal(done.Done, map[string]int{"free": 1}) {
			t.Errorf("done are %v, want the one of free", done.Done)
		}
		h.wantState(free, press.Planned)
		for id := range want {
			h.wantState(id, press.Unknown)
		}
		if acts := h.acts("late"); len(acts) != 1 {
			t.Errorf("where nothing was done stand the acts %q", acts)
		}
		h.wantRefused(h.heed(press.Pick{}, dropped), map[press.ID]string{})
		for id := range want {
			h.wantState(id, press.Cancelled)
		}
	})
}

func TestWordNamesWhatIsNotThere(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		all := h.unsure("tashkent", 3)
		other := h.unsure("other", 1)[0]
		h.heed(press.Pick{IDs: all[:1]}, arrived)
		staged := h.stage("tashkent", copyTo("staged@paper.example"))
		hidden, nobody := h.of(staged, "staged@paper.example"), store.NewID()
		done := h.heed(press.Pick{Release: "tashkent", IDs: []press.ID{nobody, other, all[0], all[1], hidden}}, dropped)
		h.wantRefused(done, map[press.ID]string{
			nobody: "there is no such delivery", hidden: "there is no such delivery",
			other: "it is a copy of other, not of tashkent", all[0]: "it is accepted, not unknown",
		})
		if !maps.Equal(done.Done, map[string]int{"tashkent": 1}) {
			t.Errorf("done are %v", done.Done)
		}
		for id, want := range map[press.ID]press.State{all[0]: press.Accepted, all[1]: press.Cancelled, all[2]: press.Unknown, other: press.Unknown} {
			h.wantState(id, want)
		}
	})
}

func TestWhatAPersonKnowsSettlesIt(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		all := h.unsure("tashkent", 3)
		h.heed(press.Pick{IDs: all[:1]}, arrived)
		h.heed(press.Pick{Release: "tashkent"}, dropped)
		h.wantState(all[0], press.Accepted)
		h.wantTrail(all[0], "sending>unknown: no reply after the last byte: EOF by "+berta.String(), "unknown>accepted: she has it by Anna")
		h.wantState(all[1], press.Cancelled)
		h.wantState(all[2], press.Cancelled)
		want := []string{"approve by Olim: digest of tashkent", "settle by Anna: 1 copy as accepted: she has it", "settle by Anna: 2 copies as cancelled: the relay lost its spool"}
		if acts := h.acts("tashkent"); !slices.Equal(acts, want) {
			t.Errorf("the acts are %q, want %q", acts, want)
		}
		// Nothing is left to say, and nothing of it is to be sent.
		if done := h.heed(press.Pick{}, again); done.Total() != 0 || len(done.Refused) != 0 {
			t.Errorf("once all is settled a word did %+v", done)
		}
		if got := h.claim(carla, 5); len(got) != 0 {
			t.Errorf("what is settled was claimed: %v", ids(got))
		}
		// A daemon that comes back changes nothing of what a person has settled.
		h.record(berta, []press.Result{result(all[1], press.Accepted)})
		h.wantState(all[1], press.Cancelled)
	})
}

func TestWordThatNoUnknownDeliveryCanBear(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.unsure("tashkent", 1)[0]
		for _, to := range press.States() {
			if press.Unknown.MayBecome(to) {
				continue
			}
			if _, err := h.Heed(t.Context(), press.Pick{}, press.Word{State: to, By: "Anna", Why: "so"}, noon); err == nil || !strings.Contains(err.Error(), "cannot become "+string(to)) {
				t.Errorf("as %s it gave %v", to, err)
			}
		}
		h.wantState(id, press.Unknown)
		if acts := h.acts("tashkent"); len(acts) != 1 {
			t.Errorf("the acts are %q", acts)
		}
	})
}

// More than fit into one statement.
func TestWordOverManyDeliveries(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		const n = 1100
		h.unsure("tashkent", n)
		if all, err := h.Unsure(t.Context(), "tashkent", noon); err != nil || len(all) != n {
			t.Fatalf("%d are unknown, %v; want %d", len(all), err, n)
		}
		if done := h.heed(press.Pick{Release: "tashkent"}, again); done.Total() != n {
			t.Errorf("%d are planned again, want %d", done.Total(), n)
		}
		if got := get[int](h, `SELECT COUNT(*) FROM queue WHERE claimed_by IS NULL`); got != n {
			t.Errorf("%d stand in the queue, want %d", got, n)
		}
		if acts := h.acts("tashkent"); acts[1] != "resend by Anna: 1100 copies: the relay has no trace of it" {
			t.Errorf("the acts are %q", acts)
		}
	})
}

// Whatever is said, in whatever order: each delivery that was named is either
// moved or refused, it moves only from unknown, and it stands in the queue just
// where it is planned.
func TestWordsAreHeededOrRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		checkEvery(t, 3, func(rt *rapid.T) {
			for _, table := range []string{"events", "acts", "queue", "deliveries", "releases", "approvals"} {
				h.must(h.exec("DELETE FROM " + table))
			}
			all := h.unsure("tashkent", 6)
			want := map[press.ID]press.State{}
			for _, id := range all {
				want[id] = press.Unknown
			}
			for range rapid.IntRange(1, 4).Draw(rt, "words") {
				w := rapid.SampledFrom([]press.Word{again, arrived, dropped}).Draw(rt, "word")
				named := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 6, rapid.ID).Draw(rt, "named")
				moves := 0
				for _, id := range named {
					if want[id] == press.Unknown {
						want[id] = w.State
						moves++
					}
				}
				if done := h.heed(press.Pick{IDs: named}, w); done.Total() != moves || len(done.Refused) != len(named)-moves {
					rt.Fatalf("of %d named %d moved and %d were refused; want %d moved", len(named), done.Total(), len(done.Refused), moves)
				}
			}
			planned := 0
			for id, state := range want {
				if got := h.state(id); got != state {
					rt.Fatalf("%s is %s, want %s", id, got, state)
				}
				if state == press.Planned {
					planned++
				}
			}
			if n := get[int](h, `SELECT COUNT(*) FROM queue q JOIN deliveries d ON d.id = q.delivery_id WHERE d.state = 'planned'`); n != planned || get[int](h, `SELECT COUNT(*) FROM queue`) != n {
				rt.Fatalf("%d planned ones stand in the queue, want %d and nothing else", n, planned)
			}
		})
	})
}

func TestActsTellWhatWasDone(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if none, err := h.Acts(t.Context(), "", 0); err != nil || none == nil || len(none) != 0 {
			t.Errorf("an empty store has %v, %v", none, err)
		}
		h.must(h.TestCopy(t.Context(), "tashkent", keyOf("desk@conference.example"), "ru", press.Outcome{State: press.Accepted, At: noon, Code: 250, Text: "queued"}))
		h.unsure("tashkent", 2)
		h.unsure("other", 1)
		h.must(h.Hold(t.Context(), "tashkent", "legal", "Olim", noon))
		h.heed(press.Pick{Release: "tashkent"}, dropped)
		acts, err := h.Acts(t.Context(), "tashkent", 0)
		h.must(err)
		got := make([]string, len(acts))
		for i, a := range acts {
			got[i] = a.At.Format("15:04 ") + a.Release + " " + a.Act + " by " + a.By + ": " + a.Detail
		}
		want := []string{
			"12:00 tashkent test by : ru accepted: queued", "11:00 tashkent approve by Olim: digest of tashkent",
			"12:00 tashkent hold by Olim: legal", "12:01 tashkent settle by Anna: 2 copies as cancelled: the relay lost its spool",
		}
		if !slices.Equal(got, want) {
			t.Errorf("the acts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		newest, err := h.Acts(t.Context(), "", 2)
		if h.must(err); !reflect.DeepEqual(newest, acts[2:]) {
			t.Errorf("the newest two are %+v", newest)
		}
		if all, err := h.Acts(t.Context(), "", 0); err != nil || len(all) != 5 {
			t.Errorf("there are %d acts, %v; want 5", len(all), err)
		}
	})
}
