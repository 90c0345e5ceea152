package model

import "dateline/internal/press"

// now is the time by a daemon's clock.
func (w *world) now(d int) uint8 {
	if w.state.daemons[d].ahead {
		return w.clock + 1
	}
	return w.clock
}

// daemonSteps are what a daemon may do next.
func (w *world) daemonSteps(d int, add func(step)) {
	x := &w.state.daemons[d]
	mine := func(st step) { // each question to the store may also be asked in vain
		st.daemon = uint8(d)
		add(st)
		if w.left.lost > 0 && st.asksStore() {
			st.lost = true
			add(st)
			if st.kind == begin {
				st.unheard = true
				add(st)
			}
		}
	}
	switch x.life {
	case starting:
		mine(step{kind: recall})
	case asked:
		mine(step{kind: settle})
	case settled:
		mine(step{kind: forget})
	case running:
		w.starterSteps(d, mine)
		w.workerSteps(d, mine)
		w.houseSteps(d, mine)
	default:
	}
}

// asksStore tells whether a step's answer can be lost. One that is lost while
// nothing was done is as if it had not been asked, but for a beginning.
func (st step) asksStore() bool {
	return st.kind == settle || st.kind == claim || st.kind == begin || st.kind == record
}

func (w *world) starterSteps(d int, mine func(step)) {
	x := &w.state.daemons[d]
	if x.asking > 0 {
		mine(step{kind: begin, copy: x.asking - 1, again: true})
	}
	for c := range x.hands {
		h := &x.hands[c]
		if w.claimable(c) && h.shelf < 2 {
			mine(step{kind: claim, copy: uint8(c)})
		}
		if h.shelf == 0 || x.asking > 0 || w.pieces[c].due > w.now(d) && w.fault != instantUnchecked {
			continue
		}
		if h.out && w.fault != twinsUnseen {
			mine(step{kind: shelve, copy: uint8(c)})
		} else {
			mine(step{kind: begin, copy: uint8(c)})
		}
	}
}

func (w *world) workerSteps(d int, mine func(step)) {
	x := &w.state.daemons[d]
	c := x.carries
	switch x.place {
	case idle:
		for c := range x.hands {
			if x.hands[c].lane {
				mine(step{kind: take, copy: uint8(c)})
			}
		}
	case waits:
		if x.fresh && (!x.unseen || w.fault == clockUnwatched) || w.fault == staleView || w.fault == noGate {
			mine(step{kind: gate, copy: c})
		}
	case passed:
		if w.fault == journalAfterData {
			w.sendSteps(d, c, mine)
		} else {
			mine(step{kind: journals, copy: c})
		}
	case begun:
		w.sendSteps(d, c, mine)
	case left:
		mine(step{kind: read, copy: c, phase: x.reply})
	}
}

// sendSteps are what the relay may make of a message.
func (w *world) sendSteps(d int, c uint8, mine func(step)) {
	if w.pieces[c].due > w.now(d) && w.fault != instantUnchecked {
		mine(step{kind: send, copy: c})
		return
	}
	mine(step{kind: send, copy: c, phase: accepted})
	if w.left.refusals > 0 {
		mine(step{kind: send, copy: c, phase: deferred})
		mine(step{kind: send, copy: c, phase: rejected})
	}
	if w.left.cuts > 0 {
		mine(step{kind: send, copy: c, phase: planned})
		mine(step{kind: send, copy: c, phase: unknown})
		mine(step{kind: send, copy: c, phase: unknown, lost: true})
	}
}

// houseSteps are the scribe's, the gate's and the sweeper's.
func (w *world) houseSteps(d int, mine func(step)) {
	x := &w.state.daemons[d]
	busy, results := false, false
	for c := range x.hands {
		busy = busy || x.hands[c].shelf > 0 || x.hands[c].out
		results = results || x.hands[c].result != none
	}
	if results {
		mine(step{kind: record})
	}
	if x.unseen || busy && (!x.fresh || x.view != w.look(d)) {
		mine(step{kind: refresh})
	}
	if x.stray && w.fault != strayUnseen {
		mine(step{kind: stray})
	}
	if w.mayTakeOver(1 - d) {
		mine(step{kind: takeOver})
	}
}

// look is what Store.Gate tells a daemon.
func (w *world) look(d int) view {
	return view{epoch: w.epochs[d], held: w.held != nobody, killed: w.killed, approval: w.approval}
}

// mayTakeOver tells whether a daemon may seem dead to the other one. One that
// lives may only after far more than the gate's interval.
func (w *world) mayTakeOver(d int) bool {
	x := &w.state.daemons[d]
	has := false
	for c := range w.rows {
		has = has || w.rows[c].owner == uint8(d+1)
	}
	if !has || x.life == down || x.life == gone {
		return has
	}
	return w.left.leases > 0 && !x.fresh && (x.place != passed && x.place != begun || x.stalled)
}

func (w *world) daemonDoes(st step) {
	d := int(st.daemon)
	x := &w.state.daemons[d]
	c := int(st.copy)
	if st.lost && st.asksStore() {
		w.left.lost--
	}
	switch st.kind {
	case recall, settle, forget:
		w.starts(d, st)
	case claim:
		w.claim(d, c)
		if st.lost {
			x.stray = true
		} else {
			x.hands[c].shelf++
		}
	case shelve:
		x.hands[c].shelf--
		x.hands[c].twin = true
	case begin:
		w.asks(d, st)
	case take, gate, journals, send, read:
		w.worker(d, st)
	case record:
		w.records(d, st.lost)
	case refresh:
		w.refreshes(d)
	case stray:
		x.stray = false
		w.releaseClaims(d, func(c int) bool { return x.hands[c].shelf == 0 && !x.hands[c].out })
	case sweep:
		for c := range w.rows {
			if to := w.sweeps(c); to != none {
				w.move(c, to)
			}
		}
	case takeOver:
		if other := w.state.daemons[1-d].life; other != down && other != gone {
			w.left.leases--
		}
		w.takeOver(1 - d)
	default:
	}
}

// asks is the starter's turn: the ledger is asked to let a copy begin.
func (w *world) asks(d int, st step) {
	x, c := &w.state.daemons[d], int(st.copy)
	h := &x.hands[c]
	if !st.again {
		h.shelf--
		h.out = true
	}
	h.epoch = x.view.epoch // read before the ledger is asked
	x.asking = st.copy + 1
	if st.unheard {
		return
	}
	v := w.start(d, c, st.again && w.fault != askedOnce)
	if st.lost {
		return
	}
	x.asking = 0
	switch {
	case v == press.Go, w.fault == unbegunLeaves:
		h.lane = true
		return
	case v == press.Lost && st.again && w.fault != askedOnce:
		h.result = planned // it may have begun, and been taken over since
	default:
		w.forgets(d, c)
	}
	if v == press.Held || v == press.Killed || v == press.Lost {
		w.withdraws(d)
	}
}

// forgets is what has not begun, or is settled, let go.
func (w *world) forgets(d, c int) {
	x := &w.state.daemons[d]
	x.hands[c].out = false
	for o := range x.hands { // the claim of its twin stands in the store, and in no hand
		if h := &x.hands[o]; h.twin && (o == c || w.fault == twinsOfOthers) {
			h.twin, x.stray = false, true
		}
	}
}

// withdraws takes what waits out of every hand; the worker's own stays with it.
func (w *world) withdraws(d int) {
	x := &w.state.daemons[d]
	w.releaseClaims(d, func(c int) bool { return x.hands[c].shelf > 0 })
	for c := range x.hands {
		h := &x.hands[c]
		h.shelf = 0
		if h.lane {
			h.lane, h.result = false, planned
		}
	}
}

// records is the scribe's turn.
func (w *world) records(d int, lost bool) {
	x := &w.state.daemons[d]
	for c := range x.hands {
		if h := &x.hands[c]; h.result != none {
			w.finish(d, c, h.result)
		}
	}
	for c := range x.hands {
		h := &x.hands[c]
		if lost || h.result == none {
			continue
		}
		h.result = none
		if h.journal != sending { // Settled leaves a beginning without an end
			h.journal = none
		}
		w.forgets(d, c)
	}
}

// refreshes is the gate's look at the store.
func (w *world) refreshes(d int) {
	x := &w.state.daemons[d]
	if x.unseen {
		x.unseen = false
		if w.held == nobody && w.fault != clockUnwatched {
			w.held, w.holdAged = byDateline, false
		}
	}
	taken := x.view.epoch != w.epochs[d]
	x.view, x.fresh = w.look(d), true
	if taken {
		w.withdraws(d)
		x.stray = true
	}
	if x.view.held || x.view.killed {
		w.withdraws(d)
	}
}
