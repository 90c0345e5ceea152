package model

import (
	"time"

	"dateline/internal/press"
)

// really does a step to the store and the journals, with the functions that the
// daemon and the desk use. Before is the model's state before it.
func (r *replay) really(before state, st step, all []step) {
	ctx, d, now := r.t.Context(), int(st.daemon), r.clock(-1)
	switch st.kind {
	case approve:
		r.must(r.store.Approve(ctx, r.approvals[r.s.approval-1], releaseOf()))
	case hold:
		r.must(r.store.Hold(ctx, slug, "wait", "Olim", now))
	case resume:
		r.must(r.store.Resume(ctx, slug, "Olim", now))
	case kill:
		r.must(r.store.Kill(ctx, slug, "wrong", "Olim", now))
	case resend:
		done, err := r.store.Heed(ctx, press.Pick{IDs: []press.ID{r.ids[st.copy]}}, press.Word{State: press.Planned, By: "Olim", Why: "asked"}, now)
		if r.must(err); done.Total() != 1 {
			r.differs("sending again is refused: %+v", done)
		}
	case crash, hostLoss:
		r.closes(d)
	case hostCrash:
		r.loses(d, st.lost)
	case restart:
		r.open(d)
		r.compareJournal(d)
	case claim:
		claimed, err := r.store.Claim(ctx, who[d], house.Add(20*day), now, 500)
		r.must(err)
		got, want := []press.ID{}, []press.ID{}
		for _, x := range claimed {
			got = append(got, x.ID)
		}
		for _, x := range all {
			want = append(want, r.ids[x.copy])
		}
		r.same("what was claimed", got, want)
	case begin:
		r.asks(before, st)
	case journals:
		r.must(r.disks[d].journal.Begin(r.ids[st.copy]))
	case read:
		r.must(r.disks[d].journal.End(r.ids[st.copy], r.outcome(st.phase)))
	case send:
		if st.phase == none {
			r.must(r.disks[d].journal.End(r.ids[st.copy], r.outcome(planned)))
		}
	default:
		r.house(before, st)
	}
}

// house does what a daemon does beside its messages.
func (r *replay) house(before state, st step) {
	ctx, d := r.t.Context(), int(st.daemon)
	was, now := &before.daemons[d], r.clock(d)
	switch st.kind {
	case recall:
		got, err := r.store.Sending(ctx, who[d])
		r.must(err)
		r.same("what it was sending", got, r.which(func(c int) bool { return r.s.daemons[d].told&(1<<c) != 0 }))
	case settle:
		w := world{state: before, scenario: r.sc}
		var results []press.Result
		for c := range was.hands {
			if was.told&(1<<c) != 0 || was.hands[c].journal.ended() {
				results = append(results, r.result(c, w.earlier(was.hands[c].journal, was.foreign)))
			}
		}
		_, err := r.store.Record(ctx, who[d], results, nil, now)
		r.must(err)
	case forget:
		_, err := r.store.ReleaseOthers(ctx, who[d], nil, now)
		r.must(err)
		r.must(r.disks[d].journal.Forget())
	case record:
		r.records(was, st)
	case refresh:
		r.refreshes(before, d)
	case stray:
		keep := r.which(func(c int) bool { return was.hands[c].shelf > 0 || was.hands[c].out })
		_, err := r.store.ReleaseOthers(ctx, who[d], keep, now)
		r.must(err)
	case sweep:
		for n := 1; n > 0; {
			var err error
			n, err = r.store.Sweep(ctx, r.clock(-1))
			r.must(err)
		}
	case takeOver:
		r.takesOver(d)
	default: // it happens in the daemon's memory, or with the relay
	}
}

// asks has the ledger let a copy begin, and compares what it says.
func (r *replay) asks(before state, st step) {
	if st.unheard {
		return
	}
	d, c := int(st.daemon), int(st.copy)
	w := world{state: before, scenario: r.sc}
	want := w.verdict(d, c, st.again)
	got, err := r.store.Record(r.t.Context(), who[d], nil, []press.Begin{{Delivery: r.ids[c], Again: st.again}}, r.clock(d))
	r.must(err)
	r.verdicts[want]++
	if got[r.ids[c]] != want {
		r.differs("the store's verdict is %q, the model's %q", got[r.ids[c]], want)
	}
	if !st.lost && (want == press.Held || want == press.Killed || want == press.Lost) {
		r.withdraws(before, d, func(o int) int { // the copy itself is on the shelf no more
			if o == c && !st.again {
				return 1
			}
			return 0
		})
	}
}

// withdraws gives back what is on the shelf.
func (r *replay) withdraws(before state, d int, less func(c int) int) {
	ids := r.which(func(c int) bool { return int(before.daemons[d].hands[c].shelf)-less(c) > 0 })
	r.must(r.store.Release(r.t.Context(), who[d], ids, r.clock(d)))
}

func (r *replay) records(was *daemon, st step) {
	d := int(st.daemon)
	var results []press.Result
	for c := range was.hands {
		if was.hands[c].result != none {
			results = append(results, r.result(c, was.hands[c].result))
		}
	}
	_, err := r.store.Record(r.t.Context(), who[d], results, nil, r.clock(d))
	if r.must(err); st.lost {
		return
	}
	r.disks[d].journal.Settled(r.which(func(c int) bool { return was.hands[c].result != none }))
}

// refreshes asks for a view, and compares it.
func (r *replay) refreshes(before state, d int) {
	ctx := r.t.Context()
	if before.daemons[d].unseen && before.held == nobody {
		r.must(r.store.Hold(ctx, slug, press.ClockHold+"it was moved", press.ByDateline, r.clock(d)))
	}
	g, err := r.store.Gate(ctx, who[d], []string{slug})
	r.must(err)
	s := g.Releases[slug]
	got := view{epoch: uint8(g.Epoch), held: s.Control.Held != "", killed: s.Control.Killed != "", approval: r.number(s.Approval)}
	want := r.s.daemons[d].view
	if got != want {
		r.differs("the gate sees %+v, the model %+v", got, want)
	}
	if before.daemons[d].view.epoch != want.epoch || want.held || want.killed {
		r.withdraws(before, d, func(int) int { return 0 })
	}
}

func (r *replay) takesOver(d int) {
	ctx, now := r.t.Context(), r.clock(-1)
	r.must(r.store.RecordDaemon(ctx, who[d], "here", 1, now, now, ""))
	r.must(r.store.RecordDaemon(ctx, who[1-d], "here", 1, now, time.Time{}, ""))
	_, err := r.store.TakeOver(ctx, who[d], 12*time.Second, now)
	r.must(err)
}

// number is an approval's in the model.
func (r *replay) number(id press.ID) uint8 {
	for i, a := range r.approvals {
		if a.ID == id {
			return uint8(i + 1)
		}
	}
	return 0
}
