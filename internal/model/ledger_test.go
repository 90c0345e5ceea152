package model

import "dateline/internal/press"

// world is a state in which a step is being done.
type world struct {
	state
	*scenario
	broke string // the first rule that the step broke
}

// breaks notes that a rule is broken.
func (w *world) breaks(rule string) {
	if w.broke == "" {
		w.broke = rule
	}
}

// may is press's table of transitions.
var may = func() (table [expired + 1][expired + 1]bool) {
	for from := planned; from <= expired; from++ {
		for to := planned; to <= expired; to++ {
			table[from][to] = from.state().MayBecome(to.state())
		}
	}
	return table
}()

// away is press's word on which copies are, or may be, with the recipient.
var away = func() (table [expired + 1]bool) {
	for p := planned; p <= expired; p++ {
		table[p] = p.state().MayHaveLeft()
	}
	return table
}()

// move is the store's: the one way by which a copy changes its phase.
func (w *world) move(c int, to phase) {
	r := &w.rows[c]
	if !may[r.phase][to] {
		w.breaks("a copy went from " + r.phase.String() + " to " + to.String() + ", which no delivery may")
	}
	r.phase = to
	switch to {
	case claimed, sending:
	case unknown:
		r.owner = nobody
	default:
		r.owner, r.taken = nobody, nobody
	}
}

// inForce tells whether a copy is one of the approval in force.
func (w *world) inForce(c int) bool { return w.pieces[c].approval == w.approval }

// staged tells whether a copy's approval is still to come.
func (w *world) staged(c int) bool { return w.pieces[c].approval > w.approval }

// claimable tells whether Claim finds a copy.
func (w *world) claimable(c int) bool {
	p := w.rows[c].phase
	return (p == planned || p == deferred) && w.inForce(c) && w.held == nobody && !w.killed && w.pieces[c].deadline > w.clock
}

// claim is Store.Claim, of one copy.
func (w *world) claim(d, c int) {
	w.move(c, claimed)
	w.rows[c].owner = uint8(d + 1)
}

// releaseClaims is Store.Release and ReleaseOthers: it gives back what a daemon
// has claimed, of these copies.
func (w *world) releaseClaims(d int, which func(c int) bool) {
	for c := range w.rows {
		r := w.rows[c]
		if r.owner == uint8(d+1) && (r.phase == claimed || r.phase == sending && w.fault == releaseSending) && which(c) {
			if r.phase == sending { // a fault's own way
				w.rows[c].phase = claimed
			}
			w.move(c, planned)
		}
	}
}

// twin tells whether the mailbox of a copy has, or may have, another copy of its
// send, or one that is on its way; soon is true where that will be known.
func (w *world) twin(c int) (has, soon bool) {
	for o := range w.rows {
		if o == c || w.pieces[o].mailbox != w.pieces[c].mailbox || w.staged(o) {
			continue
		}
		switch r := w.rows[o]; {
		case r.phase == sending && w.fault != onItsWayUnseen:
			soon = true
		case r.phase == unknown && r.taken != nobody && w.fault != takenIsLeft:
			soon = true
		case r.phase == accepted && w.fault != secondCopy, r.phase == unknown:
			has = true
		default:
		}
	}
	return has, soon
}

// verdict is what Record says of a copy that is to begin.
func (w *world) verdict(d, c int, again bool) press.Verdict {
	r := w.rows[c]
	killed, held, approval := w.killed, w.held != nobody, w.approval
	if w.fault == judgedBefore { // the release's row as somebody read it earlier
		v := w.state.daemons[d].view
		killed, held, approval = v.killed, v.held, v.approval
	}
	switch {
	case r.owner != uint8(d+1), w.pieces[c].approval != approval, r.phase != claimed && (r.phase != sending || !again):
		return press.Lost
	case killed:
		return press.Killed
	case held:
		return press.Held
	case w.pieces[c].deadline <= w.now(d):
		return press.Late
	case w.pieces[c].due > w.now(d) && w.fault != instantUnchecked:
		return press.Early
	}
	switch has, soon := w.twin(c); {
	case has:
		return press.Lost
	case soon:
		return press.Paced
	default:
		return press.Go
	}
}

// start is Store.Record, of one copy that is to begin.
func (w *world) start(d, c int, again bool) press.Verdict {
	r := w.rows[c]
	v := w.verdict(d, c, again)
	has, _ := w.twin(c)
	switch {
	case r.owner != uint8(d+1):
	case v == press.Go && r.phase == claimed:
		w.begins(c)
	case v == press.Go:
	case r.phase == sending && again:
		w.move(c, planned)
	case r.phase != claimed:
	case v == press.Killed, v == press.Lost && w.inForce(c) && has:
		w.move(c, cancelled)
	case v == press.Late:
		w.move(c, expired)
	default:
		w.move(c, planned)
	}
	return v
}

// begins moves a copy to sending, and looks at what rules 2 and 4 say of it.
func (w *world) begins(c int) {
	w.move(c, sending)
	switch {
	case w.killed:
		w.breaks("rule 4: a copy began after the kill had returned")
	case w.held != nobody:
		w.breaks("rule 4: a copy began while its release was held")
	case !w.inForce(c):
		w.breaks("rule 2: a copy began that the approval in force does not have")
	}
}

// finish is Store.Record, of one result.
func (w *world) finish(d, c int, result phase) {
	r := w.rows[c]
	own := r.taken == uint8(d+1)
	switch {
	case r.phase == sending && (r.owner == uint8(d+1) || w.fault == ownerUnchecked):
		w.move(c, result)
	case r.phase != unknown || w.fault == lateUnheard:
		return
	case result == accepted:
		w.move(c, accepted)
	case result != unknown && (own || w.fault == lateOfAnybody):
		w.move(c, planned)
	case own:
		w.rows[c].taken = nobody // its daemon knows no more
	}
}

// takeOver is Store.TakeOver, of one daemon's claims.
func (w *world) takeOver(d int) {
	w.epochs[d]++
	for c := range w.rows {
		r := &w.rows[c]
		switch {
		case r.owner != uint8(d+1):
		case r.phase == claimed || w.fault == takeoverPlansSending:
			w.move(c, planned)
		case r.phase == sending:
			w.move(c, unknown)
			w.rows[c].taken = uint8(d + 1)
		}
	}
}

// sweeps tells what Sweep would make of a copy; none where it leaves it.
func (w *world) sweeps(c int) phase {
	p := w.rows[c].phase
	switch {
	case p != planned && p != deferred, w.staged(c):
		return none
	case w.killed, !w.inForce(c):
		return cancelled
	case w.pieces[c].deadline <= w.clock && w.held != byDateline:
		return expired
	default:
		return none
	}
}
