package model

import "fmt"

// check holds the whole state against the rules, after each step.
func (w *world) check() {
	for c := range w.rows {
		r, box := w.rows[c], w.pieces[c].mailbox
		if r.phase == accepted && w.received[box] == 0 {
			w.breaks("rule 3: the ledger says accepted, and nobody has got it")
		}
		if (r.phase == claimed || r.phase == sending) == (r.owner == nobody) {
			w.breaks(fmt.Sprintf("a copy is %s, and claimed by %d", r.phase, r.owner))
		}
		if w.received[box] > 1+w.resent[box] {
			w.breaks("rule 3: a mailbox got a copy twice, and nobody had said so")
		}
	}
	for m := range w.received {
		left := 0
		for c := range w.rows {
			if w.pieces[c].mailbox == m && !w.staged(c) && away[w.rows[c].phase] {
				left++
			}
		}
		if left > 1 {
			w.breaks("rule 3: two copies for one mailbox have left, or may have")
		}
	}
}

// checkEnd holds a state in which nothing more can happen against the rule that
// every copy comes to its end.
func (w *world) checkEnd(all budget) {
	unsure := 0
	for c := range w.rows {
		switch p := w.rows[c].phase; p {
		case planned, claimed, sending, deferred:
			w.breaks("rule 3: a copy is lost: it stays " + p.String())
		case unknown:
			unsure++
		default:
		}
	}
	used := func(all, left uint8) int { return int(all - left) }
	bound := used(all.crashes, w.left.crashes) + used(all.cuts, w.left.cuts) + copies*(used(all.hosts, w.left.hosts)+used(all.losses, w.left.losses))
	if unsure > bound {
		w.breaks(fmt.Sprintf("rule 3: %d copies are unknown, where %d may be", unsure, bound))
	}
	if w.killed {
		return
	}
	for m := range w.received {
		w.checkMailbox(m)
	}
}

// checkMailbox holds one that the approval in force writes to against the rule
// that no crash loses a copy: it got one, or the ledger tells why not.
func (w *world) checkMailbox(m int) {
	wanted, told := false, w.received[m] > 0
	for c := range w.rows {
		if w.pieces[c].mailbox != m {
			continue
		}
		wanted = wanted || w.inForce(c)
		p := w.rows[c].phase
		told = told || p == rejected || p == unknown || p == expired
	}
	if wanted && !told {
		w.breaks("rule 3: a mailbox got nothing, and no copy of its is said to be refused, late or unknown")
	}
}
