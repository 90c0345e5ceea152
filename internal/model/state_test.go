package model

import (
	"cmp"

	"dateline/internal/press"
)

// Bounds of the model. They are those of the arrays, and so of every scenario.
const (
	copies  = 2
	daemons = 2
)

// phase is a press.State as a number, so that states of the model compare fast;
// zero is none.
type phase uint8

// The phases that the model names. TestPhasesArePresses holds them against press.
const (
	none phase = iota
	planned
	claimed
	sending
	accepted
	deferred
	rejected
	unknown
	delivered
	bounced
	complained
	skipped
	cancelled
	expired
)

// names are press's, by number.
var names = append([]press.State{""}, press.States()...)

func (p phase) state() press.State { return names[p] }

func (p phase) String() string { return string(p.state()) }

// nobody has claimed a copy; otherwise it is the daemon's number and one.
const nobody = 0

// row is a delivery in the store, with its places in `queue` and `taken`.
type row struct {
	phase phase
	owner uint8 // in the queue: who has claimed it
	taken uint8 // from whom it was taken over while that daemon was sending it
}

// hand is what a daemon has of one copy.
type hand struct {
	shelf   uint8 // how often it waits on the shelf
	out     bool  // it was begun, and its result is not in the ledger
	lane    bool  // it waits for the connection
	epoch   uint8 // of the daemon's claims, when the ledger was asked
	result  phase // that is to be written
	journal phase // on the disk: sending for a beginning, or the outcome
	twin    bool  // it came onto the shelf a second time while it was out
}

// view is how the release stood when the gate last asked.
type view struct {
	epoch    uint8
	held     bool
	killed   bool
	approval uint8
}

// life is how far a daemon has come since its start.
type life uint8

const (
	running  life = iota
	down          // its process is gone
	gone          // its machine is, for good
	starting      // the journal was read
	asked         // and what the store says that it was sending
	settled       // and what became of that is in the ledger
)

// place is how far the worker has come with the message that it carries.
type place uint8

const (
	idle   place = iota
	waits        // at the gate
	passed       // the gate
	begun        // its beginning is in the journal
	left         // its data is with the relay, and the reply is not read
)

// daemon is a daemon's memory, its journal and its one connection.
type daemon struct {
	life    life
	foreign bool // the journal does not prove what it does not tell: another boot

	ahead   bool // its clock is a tick ahead
	unseen  bool // its clock was moved, which it has not noticed
	fresh   bool // the view is young enough to let a message pass
	view    view
	stray   bool  // claims may stand in the store that are in no hand
	asking  uint8 // the ledger was asked to begin this copy (and one), and has not answered
	told    uint8 // at the start: a bit for each copy that the store says it was sending
	place   place
	carries uint8
	reply   phase
	stalled bool // its process stands still between the gate and the data
	hands   [copies]hand
}

// budget is what a scenario still allows to happen.
type budget struct {
	crashes, hosts, losses, lost, leases, stalls, cuts, refusals uint8
	kills, holds, resends, jumps                                 uint8
}

// state is everything, as one comparable value.
type state struct {
	clock    uint8
	held     uint8 // nobody, byPerson or byDateline
	killed   bool
	approval uint8 // in force
	rows     [copies]row
	epochs   [daemons]uint8
	daemons  [daemons]daemon
	received [copies]uint8 // by mailbox
	left     budget

	// What the rules must remember.
	resent      [copies]uint8 // by mailbox: how often somebody said that a copy may leave twice
	killAged    bool          // the gate's interval has passed since the kill
	holdAged    bool
	approveAged bool
}

// Who holds the release.
const (
	byPerson = iota + 1
	byDateline
)

// swap gives the same state with the two daemons' names exchanged.
func (s state) swap() state {
	other := [daemons + 1]uint8{nobody, 2, 1}
	for c := range s.rows {
		s.rows[c].owner, s.rows[c].taken = other[s.rows[c].owner], other[s.rows[c].taken]
	}
	s.epochs[0], s.epochs[1] = s.epochs[1], s.epochs[0]
	s.daemons[0], s.daemons[1] = s.daemons[1], s.daemons[0]
	return s
}

// canonical gives one of the two states that differ only in the daemons' names.
func (s state) canonical() state {
	if order(&s.daemons[1], &s.daemons[0]) < 0 {
		return s.swap()
	}
	return s
}

func order(a, b *daemon) int {
	if c := cmp.Or(cmp.Compare(a.life, b.life), cmp.Compare(a.place, b.place), cmp.Compare(a.carries, b.carries), cmp.Compare(a.reply, b.reply),
		cmp.Compare(a.asking, b.asking), cmp.Compare(a.told, b.told), compareBool(a.fresh, b.fresh), compareBool(a.stray, b.stray),
		cmp.Compare(a.view.epoch, b.view.epoch), compareBool(a.view.killed, b.view.killed), compareBool(a.view.held, b.view.held)); c != 0 {
		return c
	}
	for c := range a.hands {
		x, y := &a.hands[c], &b.hands[c]
		if c := cmp.Or(cmp.Compare(x.shelf, y.shelf), compareBool(x.out, y.out), compareBool(x.lane, y.lane), cmp.Compare(x.result, y.result), cmp.Compare(x.journal, y.journal)); c != 0 {
			return c
		}
	}
	return 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}
