package model

// worker is a connection's way with a message.
func (w *world) worker(d int, st step) {
	x, c := &w.state.daemons[d], int(st.copy)
	h := &x.hands[c]
	switch st.kind {
	case take:
		h.lane = false
		x.place, x.carries = waits, st.copy
	case gate:
		if w.barred(d, c) {
			h.result = planned
			x.place, x.carries = idle, 0
		} else {
			x.place = passed
		}
	case journals:
		h.journal = sending
		x.place = begun
	case send:
		w.sends(d, st)
	case read:
		w.reads(d, c)
	default:
	}
}

// barred is what the gate says by its view.
func (w *world) barred(d, c int) bool {
	x := &w.state.daemons[d]
	switch {
	case w.fault == noGate:
		return false
	case x.hands[c].epoch != x.view.epoch && w.fault != epochUnseen:
		return true
	default:
		return x.view.killed || x.view.held || x.view.approval != w.pieces[c].approval || w.pieces[c].deadline <= w.now(d)
	}
}

// sends hands the data to the relay, and looks at what the rules say of it.
func (w *world) sends(d int, st step) {
	x, c := &w.state.daemons[d], int(st.copy)
	if st.phase == none { // before its instant: the session lets nothing out
		x.place, x.carries, x.stalled = idle, 0, false
		x.hands[c].journal, x.hands[c].result = planned, planned
		return
	}
	w.mayLeave(d, c)
	switch st.phase {
	case deferred, rejected:
		w.left.refusals--
	case planned, unknown:
		w.left.cuts--
	default:
	}
	if st.phase == accepted || st.phase == unknown && st.lost {
		w.received[w.pieces[c].mailbox]++
	}
	x.place, x.reply = left, st.phase
}

// mayLeave holds a copy's data against the rules. A process that was stopped
// behind the gate knows of nothing that came since; it is one copy a connection.
func (w *world) mayLeave(d, c int) {
	x, p := &w.state.daemons[d], w.pieces[c]
	if p.due > w.clock {
		w.breaks("rule 1: a copy left before its instant")
	}
	if x.stalled {
		return
	}
	switch r := w.rows[c]; {
	case w.killed && w.killAged:
		w.breaks("rule 4: a copy left when the gate's interval had passed since the kill")
	case w.held != nobody && w.holdAged:
		w.breaks("rule 4: a copy left when the gate's interval had passed since the hold")
	case p.approval != w.approval && w.approveAged:
		w.breaks("rule 2: a copy left when the gate's interval had passed since another approval")
	case r.phase != sending || r.owner != uint8(d+1):
		w.breaks("rule 3: a copy left that the ledger does not say to be on its way from there")
	}
}

// reads is the reply, written into the journal and handed to the scribe. Where
// the connection is lost, what waits for it is given back.
func (w *world) reads(d, c int) {
	x := &w.state.daemons[d]
	h := &x.hands[c]
	h.journal, h.result = x.reply, x.reply
	if x.reply == unknown || x.reply == planned {
		for o := range x.hands {
			if other := &x.hands[o]; other.lane {
				other.lane, other.result = false, planned
			}
		}
	}
	x.place, x.carries, x.reply, x.stalled = idle, 0, none, false
}

// starts is recovery: what an earlier life left is settled by its journal.
func (w *world) starts(d int, st step) {
	x := &w.state.daemons[d]
	switch st.kind {
	case recall:
		x.view.epoch = w.epochs[d]
		x.told = 0
		for c := range w.rows {
			r := w.rows[c]
			if r.phase == sending && r.owner == uint8(d+1) || r.phase == unknown && r.taken == uint8(d+1) {
				x.told |= 1 << c
			}
		}
		x.life = asked
		if w.fault == forgetsFirst {
			w.forgetsJournal(d)
		}
	case settle:
		w.settlesEarlier(d)
		x.told = 0
		if x.life = settled; st.lost {
			x.life = starting
		}
	case forget:
		w.releaseClaims(d, func(int) bool { return true })
		w.forgetsJournal(d)
		x.life = running
	default:
	}
}

func (w *world) forgetsJournal(d int) {
	x := &w.state.daemons[d]
	x.foreign = false
	for c := range x.hands {
		x.hands[c].journal = none
	}
}

// settlesEarlier writes what the journal tells of each copy that stood in
// sending, and of each that ended.
func (w *world) settlesEarlier(d int) {
	x := &w.state.daemons[d]
	lost := 0
	for c := range w.rows {
		was := x.told&(1<<c) != 0
		o := w.earlier(x.hands[c].journal, x.foreign)
		if was && o == unknown && !x.hands[c].journal.ended() {
			lost++
		}
		if was || x.hands[c].journal.ended() {
			w.finish(d, c, o)
		}
	}
	if lost > 1 && !x.foreign {
		w.breaks("rule 3: a kill left more than one copy a connection unknown")
	}
}

// ended tells whether a journal has a message's end.
func (p phase) ended() bool { return p != none && p != sending }

// earlier is what the journal tells of a copy that stood in sending. Where it
// may lack its end, only what is final counts.
func (w *world) earlier(written phase, foreign bool) phase {
	switch {
	case w.fault == journalUnread:
		return unknown
	case written.ended() && (!foreign || written == accepted || written == rejected):
		return written
	case written == none && (!foreign || w.fault == bootUnseen):
		return planned
	default:
		return unknown
	}
}
