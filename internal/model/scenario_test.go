package model

// piece is what never changes of a copy: of which approval and send it is, who
// gets it, and from when until when.
type piece struct {
	approval uint8
	mailbox  int // of a send: the general copy of a mailbox is another than its advance one
	due      uint8
	deadline uint8
}

// scenario bounds what may happen.
type scenario struct {
	name      string
	pieces    [copies]piece
	approvals uint8 // the first one is given; the others a person may give
	last      uint8 // where the clock ends
	budget    budget
	fault     fault
}

// never is a deadline that no clock of a scenario reaches.
const never = 9

// Two copies of one approval, to two mailboxes; the same for one approval after
// the other, to one mailbox; and an advance copy before the general one.
var (
	both    = [copies]piece{{1, 0, 1, never}, {1, 1, 1, never}}
	revised = [copies]piece{{1, 0, 0, never}, {2, 0, 0, never}}
	advance = [copies]piece{{1, 0, 0, never}, {1, 1, 1, never}}
	timed   = [copies]piece{{1, 0, 0, 1}, {1, 1, 1, 2}}
)

// scenarios are the histories that are always explored.
func scenarios() []scenario {
	return []scenario{
		{name: "crashes", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 2}},
		{name: "a crash and an answer that is lost", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 1, lost: 1}},
		{name: "a crash and a late reply", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 1, cuts: 1}},
		{name: "a lease that is lost", pieces: both, approvals: 1, last: 1, budget: budget{leases: 1, stalls: 1}},
		{name: "a machine that fails", pieces: both, approvals: 1, last: 1, budget: budget{hosts: 1, crashes: 1}},
		{name: "a machine that is lost", pieces: both, approvals: 1, last: 1, budget: budget{losses: 1}},
		{name: "a kill", pieces: both, approvals: 1, last: 1, budget: budget{kills: 1, stalls: 1, lost: 1}},
		{name: "a kill and a crash", pieces: both, approvals: 1, last: 1, budget: budget{kills: 1, crashes: 1}},
		{name: "a hold", pieces: both, approvals: 1, last: 1, budget: budget{holds: 1, crashes: 1}},
		{name: "a new approval, a crash and a lease that is lost", pieces: revised, approvals: 2, budget: budget{crashes: 1, leases: 1}},
		{name: "a new approval, and an answer that is lost", pieces: revised, approvals: 2, budget: budget{leases: 1, lost: 1}},
		{name: "a new approval, and a late reply", pieces: revised, approvals: 2, budget: budget{crashes: 1, cuts: 1, stalls: 1}},
		{name: "unknown is sent again", pieces: advance, approvals: 1, last: 1, budget: budget{crashes: 1, cuts: 1, resends: 1}},
		{name: "a relay that refuses", pieces: advance, approvals: 1, last: 1, budget: budget{refusals: 2, lost: 1}},
		{name: "an advance copy, and a clock that is moved", pieces: advance, approvals: 1, last: 1, budget: budget{jumps: 1}},
		{name: "deadlines", pieces: timed, approvals: 1, last: 2, budget: budget{holds: 1}},
	}
}

// deep are the histories for a machine with time.
func deep() []scenario {
	return []scenario{
		{name: "two crashes and a lease", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 2, leases: 1}},
		{name: "two crashes and a late reply", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 2, cuts: 1}},
		{name: "crashes and a kill", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 2, kills: 1}},
		{name: "a crash, a kill and a hold", pieces: both, approvals: 1, last: 1, budget: budget{crashes: 1, kills: 1, holds: 1}},
		{name: "a kill, a lost answer and a lease", pieces: both, approvals: 1, last: 1, budget: budget{kills: 1, lost: 1, leases: 1}},
		{name: "machines", pieces: both, approvals: 1, last: 1, budget: budget{hosts: 1, crashes: 1, losses: 1}},
		{name: "sent again, and a lease", pieces: advance, approvals: 1, last: 1, budget: budget{leases: 1, resends: 1, crashes: 1}},
		{name: "a clock that is moved, and a crash", pieces: advance, approvals: 1, last: 1, budget: budget{jumps: 1, crashes: 1}},
		{name: "deadlines and a crash", pieces: timed, approvals: 1, last: 2, budget: budget{crashes: 1, holds: 1}},
		{name: "a new approval, and accidents", pieces: revised, approvals: 2, budget: budget{crashes: 1, leases: 1, cuts: 1, lost: 1}},
		{name: "a new approval, and a kill", pieces: revised, approvals: 2, budget: budget{crashes: 1, leases: 1, kills: 1}},
	}
}
