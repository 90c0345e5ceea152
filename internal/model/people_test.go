package model

// What the clock, people and accidents do.

// clockSteps lets time pass. It does so only while no process that runs stands
// between the gate and the data: that takes microseconds, unless the process is
// stopped or its disk stands still, which is a step of its own.
func (w *world) clockSteps(add func(step)) {
	fresh := false
	for d := range w.state.daemons {
		x := &w.state.daemons[d]
		if (x.place == passed || x.place == begun) && !x.stalled {
			return
		}
		fresh = fresh || x.fresh
	}
	if w.clock < w.last {
		add(step{kind: tick})
	}
	if fresh || w.killed && !w.killAged || w.held != nobody && !w.holdAged || w.approval > 1 && !w.approveAged {
		add(step{kind: age})
	}
}

// age is the gate's interval gone by: every view is too old.
func (w *world) age() {
	for d := range w.state.daemons {
		w.state.daemons[d].fresh = false
	}
	w.killAged, w.holdAged, w.approveAged = w.killed, w.held != nobody, w.approval > 1
}

func (w *world) peopleSteps(add func(step)) {
	if w.approval < w.approvals {
		add(step{kind: approve})
	}
	if w.left.holds > 0 && w.held == nobody {
		add(step{kind: hold})
	}
	if w.held == byPerson || w.held == byDateline && !w.clockAhead() {
		add(step{kind: resume})
	}
	if w.left.kills > 0 {
		add(step{kind: kill})
	}
	for c := range w.rows {
		if w.left.resends > 0 && w.rows[c].phase == unknown && w.inForce(c) && !w.killed && w.pieces[c].deadline > w.clock {
			add(step{kind: resend, copy: uint8(c)})
		}
	}
}

// clockAhead tells whether some daemon's clock is wrong. Nobody resumes what is
// held for that before it is set right.
func (w *world) clockAhead() bool {
	for d := range w.state.daemons {
		if w.state.daemons[d].ahead {
			return true
		}
	}
	return false
}

func (w *world) personDoes(st step) {
	switch st.kind {
	case approve:
		w.approval++
		w.approveAged = false
		if w.held == byDateline {
			w.held, w.holdAged = nobody, false
		}
	case hold:
		w.left.holds--
		w.held, w.holdAged = byPerson, false
	case resume:
		w.held, w.holdAged = nobody, false
	case kill:
		w.left.kills--
		w.killed = true
	case resend:
		w.left.resends--
		w.resent[w.pieces[st.copy].mailbox]++
		w.move(int(st.copy), planned)
	default:
	}
}

// accidentSteps are what may befall a daemon at any moment of its life.
func (w *world) accidentSteps(d int, add func(step)) {
	x := &w.state.daemons[d]
	if x.life == gone {
		return
	}
	if x.life == down {
		add(step{kind: restart, daemon: uint8(d)})
		return
	}
	if w.left.crashes > 0 {
		add(step{kind: crash, daemon: uint8(d)})
	}
	if w.left.hosts > 0 {
		add(step{kind: hostCrash, daemon: uint8(d), lost: true})
		add(step{kind: hostCrash, daemon: uint8(d)})
	}
	if w.left.losses > 0 && w.state.daemons[1-d].life != gone {
		add(step{kind: hostLoss, daemon: uint8(d)})
	}
	if w.left.stalls > 0 && (x.place == passed || x.place == begun) && !x.stalled {
		add(step{kind: stall, daemon: uint8(d)})
	}
	if w.left.jumps > 0 {
		add(step{kind: jump, daemon: uint8(d)})
	}
	if x.ahead {
		add(step{kind: repair, daemon: uint8(d)})
	}
}

func (w *world) befall(st step) {
	d := int(st.daemon)
	x := &w.state.daemons[d]
	switch st.kind {
	case crash:
		w.left.crashes--
		w.dies(d, down)
	case hostCrash:
		w.left.hosts--
		w.dies(d, down)
		x.foreign = true
		for c := range x.hands { // what was written to the journal may not have reached the disk
			if st.lost {
				x.hands[c].journal = none
			}
		}
	case hostLoss:
		w.left.losses--
		w.dies(d, gone)
		x.hands = [copies]hand{}
	case restart:
		x.life = starting
	case stall:
		w.left.stalls--
		x.stalled = true
	case jump:
		w.left.jumps--
		x.ahead, x.unseen = true, true
	case repair:
		x.ahead, x.unseen = false, x.life == running
	default:
	}
}

// dies leaves of a daemon what is on its disk, and its clock.
func (w *world) dies(d int, how life) {
	x := &w.state.daemons[d]
	next := daemon{life: how, foreign: x.foreign, ahead: x.ahead, unseen: x.ahead} // the database's clock tells
	for c := range x.hands {
		next.hands[c].journal = x.hands[c].journal
	}
	*x = next
}
