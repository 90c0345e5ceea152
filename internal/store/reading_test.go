package store_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

func (h house) release(slug string) press.ReleaseState {
	h.t.Helper()
	states, err := h.Releases(h.ctx(), slug)
	h.must(err)
	if len(states) != 1 {
		h.t.Fatalf("%d releases are named %s", len(states), slug)
	}
	return states[0]
}

func TestReleasesCountsWhatStandsAlike(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.approve("tashkent",
			copyTo("a@x.example"), copyTo("b@x.example"), copyTo("c@x.example", in("KZ", "kk")),
			copyTo("a@x.example", inSend("advance")), copyTo("d@x.example", func(d *press.Delivery) { d.OutletKind = press.TV }))
		h.stage("tashkent", copies(5)...)
		h.put(press.Accepted, `approval_id = ? AND address = 'b@x.example'`, a.ID)
		want := press.ReleaseState{Approval: a, FirstDue: noon, Counts: []press.Count{
			{Send: "advance", Country: "UZ", Edition: "ru", OutletKind: press.Wire, State: press.Planned, N: 1},
			{Send: "general", Country: "KZ", Edition: "kk", OutletKind: press.Wire, State: press.Planned, N: 1},
			{Send: "general", Country: "UZ", Edition: "ru", OutletKind: press.TV, State: press.Planned, N: 1},
			{Send: "general", Country: "UZ", Edition: "ru", OutletKind: press.Wire, State: press.Accepted, N: 1},
			{Send: "general", Country: "UZ", Edition: "ru", OutletKind: press.Wire, State: press.Planned, N: 1},
		}}
		if got := h.release("tashkent"); !reflect.DeepEqual(got, want) {
			t.Errorf("the release is\n%+v\nwant\n%+v", got, want)
		}
	})
}

// Of a superseded approval only what left, or may have, still counts.
func TestReleasesCountsWhatASupersededApprovalSent(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var ds []press.Delivery
		for _, s := range press.States() {
			ds = append(ds, copyTo(string(s)+"@paper.example"))
		}
		h.approve("tashkent", ds...)
		for _, s := range press.States() {
			h.put(s, `address = ?`, string(s)+"@paper.example")
		}
		h.approve("tashkent", copyTo("new@paper.example"))
		counts := map[press.State]int{}
		for _, c := range h.release("tashkent").Counts {
			counts[c.State] += c.N
		}
		for _, s := range press.States() {
			want := 0
			if s.MayHaveLeft() || s == press.Planned { // the new one
				want = 1
			}
			if s == press.Rejected || s == press.Skipped || s == press.Expired {
				continue // shown, too: the journalist did not get it, and why
			}
			if counts[s] != want {
				t.Errorf("%d are %s, want %d", counts[s], s, want)
			}
		}
	})
}

func TestFirstDueOfWhatIsUnsent(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copyTo("b@x.example", due(noon.Add(time.Hour))), copyTo("a@x.example"))
		id := ids(h.claim(berta, 1))[0]
		if got := h.release("tashkent").FirstDue; !got.Equal(noon) {
			t.Errorf("while the first one is claimed the first instant is %v, want noon", got)
		}
		h.record(berta, nil, id)
		r := result(id, press.Deferred)
		r.Next = noon.Add(time.Minute)
		h.record(berta, []press.Result{r})
		if got := h.release("tashkent").FirstDue; !got.Equal(r.Next) {
			t.Errorf("when the first one was deferred it is %v, want a minute past noon", got)
		}
		h.must(h.Kill(t.Context(), "tashkent", "wrong", "Olim", noon))
		h.sweepAll(noon)
		if got := h.release("tashkent").FirstDue; !got.IsZero() {
			t.Errorf("when nothing is unsent it is %v, want none", got)
		}
	})
}

func TestReleasesByApprovalAndByName(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		if none, err := h.Releases(t.Context(), ""); err != nil || len(none) != 0 {
			t.Errorf("an empty store has %v, %v", none, err)
		}
		for i, slug := range []string{"third", "first", "second"} {
			a := h.stage(slug)
			h.must(h.exec(`UPDATE approvals SET at_us = ? WHERE id = ?`, noon.Add(time.Duration((i+2)%3)*time.Hour).UnixMicro(), a.ID))
			h.must(h.Approve(t.Context(), a, releaseOf(slug)))
		}
		states, err := h.Releases(t.Context(), "")
		h.must(err)
		var got []string
		for _, s := range states {
			got = append(got, s.Approval.Release)
		}
		if !slices.Equal(got, []string{"first", "second", "third"}) {
			t.Errorf("the order is %v", got)
		}
		if got := h.release("second").Approval.Release; got != "second" {
			t.Errorf("asked for the second one, got %s", got)
		}
		if none, err := h.Releases(t.Context(), "' OR ''='"); err != nil || len(none) != 0 {
			t.Errorf("an unknown name gave %v, %v", none, err)
		}
	})
}

// logged puts three outcomes of two releases into the log, a minute apart.
func (h house) logged() (uz, kz press.ID) {
	h.t.Helper()
	uz = h.sending("tashkent")
	kz = h.sending("astana", in("KZ", "kk"))
	step := func(id press.ID, s press.State, at time.Time) {
		r := result(id, s)
		r.Outcome.At = at
		h.record(berta, []press.Result{r})
	}
	step(uz, press.Unknown, noon)
	step(kz, press.Rejected, noon.Add(time.Minute))
	step(uz, press.Accepted, noon.Add(2*time.Minute))
	return uz, kz
}

func TestLogTellsAll(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		uz, _ := h.logged()
		got, err := h.Log(t.Context(), press.LogFilter{Limit: 1})
		h.must(err)
		want := press.LogEntry{
			At: noon.Add(2 * time.Minute), Delivery: uz, Release: "tashkent", Send: "general", Country: "UZ", Edition: "ru", Outlet: "UzA", Address: "a@paper.example",
			From: press.Unknown, State: press.Accepted, Relay: "main", Verb: "DATA", Code: 250, Enhanced: "2.0.0", Reply: "queued",
		}
		if len(got) == 1 {
			want.ID = got[0].ID
		}
		if !reflect.DeepEqual(got, []press.LogEntry{want}) {
			t.Errorf("the newest entry is\n%+v\nwant\n%+v", got, want)
		}
	})
}

// What a refusal spoke of decides, later, what it means for the address.
func TestLogKeepsWhatARefusalSpokeOf(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(2)...)
		mine := ids(h.claim(berta, 2))
		h.record(berta, nil, mine...)
		results := []press.Result{result(mine[0], press.Rejected), result(mine[1], press.Rejected)}
		results[1].Outcome.OfAddress = true
		h.record(berta, results)
		entries, err := h.Log(t.Context(), press.LogFilter{})
		h.must(err)
		if len(entries) != 2 {
			t.Fatalf("there are %d entries, want 2", len(entries))
		}
		for _, e := range entries {
			if e.OfAddress != (e.Delivery == mine[1]) {
				t.Errorf("the entry of %s says %v", e.Address, e.OfAddress)
			}
		}
	})
}

func TestLogFilters(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.logged()
		all, err := h.Log(t.Context(), press.LogFilter{})
		h.must(err)
		for _, c := range []struct {
			name string
			f    press.LogFilter
			want string
		}{
			{"all, oldest first", press.LogFilter{}, "unknown rejected accepted"},
			{"the newest, oldest first", press.LogFilter{Limit: 2}, "rejected accepted"},
			{"a limit beyond all", press.LogFilter{Limit: 100}, "unknown rejected accepted"},
			{"a release", press.LogFilter{Release: "tashkent"}, "unknown accepted"},
			{"a country", press.LogFilter{Country: "KZ"}, "rejected"},
			{"a state", press.LogFilter{State: press.Accepted}, "accepted"},
			{"since an instant", press.LogFilter{Since: noon.Add(time.Minute)}, "rejected accepted"},
			{"since just after", press.LogFilter{Since: noon.Add(time.Minute + time.Microsecond)}, "accepted"},
			{"after an entry", press.LogFilter{After: all[0].ID}, "rejected accepted"},
			{"after the last", press.LogFilter{After: all[2].ID}, ""},
			{"all at once", press.LogFilter{Release: "tashkent", Country: "UZ", State: press.Accepted, Since: noon, After: all[0].ID, Limit: 5}, "accepted"},
			{"what does not go together", press.LogFilter{Release: "tashkent", Country: "KZ"}, ""},
			{"nothing of that name", press.LogFilter{Release: "' OR ''='"}, ""},
		} {
			got, err := h.Log(t.Context(), c.f)
			h.must(err)
			states := make([]string, len(got))
			for i, e := range got {
				states[i] = string(e.State)
			}
			if strings.Join(states, " ") != c.want {
				t.Errorf("%s: %v, want %s", c.name, states, c.want)
			}
		}
	})
}

// A log is followed by asking for what came after the last entry: nothing of
// one process may come in before it.
func TestLogIDsAscendAcrossSteps(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent", copies(1000)...)
		h.must(h.Kill(t.Context(), "tashkent", "wrong", "Olim", noon))
		var last press.ID
		seen := 0
		for {
			n, err := h.Sweep(t.Context(), noon)
			h.must(err)
			entries, err := h.Log(t.Context(), press.LogFilter{After: last})
			h.must(err)
			if len(entries) != n {
				t.Fatalf("the sweep ended %d, and %d entries follow", n, len(entries))
			}
			if n == 0 {
				break
			}
			last = entries[n-1].ID
			seen += n
		}
		if seen != 1000 {
			t.Errorf("%d entries were seen, want 1000", seen)
		}
	})
}

func TestDaemonsAndTheirRelays(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.RecordDaemon(t.Context(), carla, "second.example", 22, noon.Add(time.Minute), noon.Add(time.Hour), ""))
		h.must(h.RecordDaemon(t.Context(), berta, "old.example", 1, noon.Add(-time.Hour), noon.Add(-time.Hour), "bad"))
		h.must(h.RecordDaemon(t.Context(), berta, "first.example", 11, noon, noon.Add(time.Hour), "lists.yaml:3:1: no such list"))
		h.must(h.RecordRelay(t.Context(), berta, "spare", "", noon))
		h.must(h.RecordRelay(t.Context(), berta, "main", "", noon))
		h.must(h.RecordRelay(t.Context(), berta, "main", "connection refused", noon.Add(time.Minute)))
		h.must(h.RecordRelay(t.Context(), carla, "main", "", noon))
		want := []press.DaemonState{
			{ID: berta, Host: "first.example", PID: 11, Started: noon, Seen: noon.Add(time.Hour), Config: "lists.yaml:3:1: no such list", Relays: []press.RelayState{
				{Daemon: berta, Name: "main", Trouble: "connection refused", Since: noon.Add(time.Minute)}, {Daemon: berta, Name: "spare", Since: noon},
			}},
			{ID: carla, Host: "second.example", PID: 22, Started: noon.Add(time.Minute), Seen: noon.Add(time.Hour), Relays: []press.RelayState{{Daemon: carla, Name: "main", Since: noon}}},
		}
		h.seen(berta, noon.Add(time.Hour))
		h.seen(carla, noon.Add(time.Hour))
		got, err := h.Daemons(t.Context(), noon)
		if h.must(err); !reflect.DeepEqual(got, want) {
			t.Errorf("the daemons are\n%+v\nwant\n%+v", got, want)
		}
		got, err = h.Daemons(t.Context(), noon.Add(time.Hour))
		if h.must(err); len(got) != 0 {
			t.Errorf("of those seen later than they were there are %d", len(got))
		}
		if err := h.RecordRelay(t.Context(), store.NewID(), "main", "", noon); err == nil {
			t.Error("a relay of an unknown daemon was noted")
		}
	})
}

// A store that does not answer is told by what was being read.
func TestReadingAClosedStore(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		id := h.sending("tashkent")
		h.must(h.Close())
		ctx := t.Context()
		errorOf := func(_ any, err error) error { return err }
		_, _, approved := h.Approved(ctx, "tashkent")
		_, _, next := h.NextDue(ctx)
		for want, err := range map[string]error{
			"reading the releases: ":              errorOf(h.Releases(ctx, "")),
			"reading the delivery log: ":          errorOf(h.Log(ctx, press.LogFilter{})),
			"reading the daemons: ":               errorOf(h.Daemons(ctx, noon)),
			"reading who holds tashkent: ":        errorOf(h.Holders(ctx, "tashkent")),
			"reading the suppressions: ":          errorOf(h.Suppressions(ctx, "", "")),
			"reading what was done to tashkent: ": errorOf(h.HeldFor(ctx, "tashkent", "")),
			"reading the frozen release of ":      errorOf(h.Frozen(ctx, id)),
			"reading the approval of tashkent: ":  approved,
			"looking for the next instant: ":      next,
			"claiming deliveries: ":               errorOf(h.Claim(ctx, berta, noon, noon, 1)),
			"writing the ledger: ":                errorOf(h.Record(ctx, berta, nil, begins(id), noon)),
			"sweeping deliveries: ":               errorOf(h.Sweep(ctx, noon)),
			"kill tashkent: ":                     h.Kill(ctx, "tashkent", "", "", noon),
			"binding the keyring: ":               h.BindKeyring(ctx, ring),
		} {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	})
}
