package model

import "fmt"

// kind is what may happen next.
type kind uint8

// The kinds of steps: those of time, of people, of accidents, and a daemon's own.
const (
	tick kind = iota
	age

	approve
	hold
	resume
	kill
	resend

	crash
	hostCrash
	hostLoss
	restart
	stall
	jump
	repair

	recall
	settle
	forget
	claim
	shelve
	begin
	take
	gate
	journals
	send
	read
	record
	refresh
	stray
	sweep
	takeOver
)

// step is one thing that happens. With lost, what the store or the disk did of
// it is done, and its answer never came; unheard, it was not even done.
type step struct {
	kind    kind
	daemon  uint8
	copy    uint8
	phase   phase
	lost    bool
	unheard bool
	again   bool // the ledger is asked once more
}

func (st step) String() string {
	who := fmt.Sprintf("daemon %c ", 'A'+st.daemon)
	what := fmt.Sprintf("copy %d", st.copy+1)
	but := ""
	switch {
	case st.kind == hostCrash:
	case st.unheard:
		but = ", which the store never hears"
	case st.lost:
		but = ", and the store's answer is lost"
	}
	switch st.kind {
	case tick:
		return "the clock goes on"
	case age:
		return "the gate's interval passes"
	case approve:
		return "a person approves anew"
	case hold:
		return "a person holds the release"
	case resume:
		return "a person resumes it"
	case kill:
		return "a person kills the release"
	case resend:
		return "somebody says that " + what + " is sent again"
	case crash:
		return who + "is killed"
	case hostCrash:
		return who + "'s machine fails, and its journal " + map[bool]string{true: "is lost", false: "was on the disk"}[st.lost]
	case hostLoss:
		return who + "'s machine is gone for good"
	case restart:
		return who + "starts again, and reads its journal"
	case stall:
		return who + "is stopped between the gate and the data"
	case jump:
		return who + "has its clock moved ahead"
	case repair:
		return who + "has its clock set right"
	default:
		return who + st.does(what) + but
	}
}

// does tells what a daemon does itself.
func (st step) does(what string) string {
	switch st.kind {
	case recall:
		return "asks what it was sending"
	case settle:
		return "writes down what its journal tells of that"
	case forget:
		return "gives back its claims and forgets the journal"
	case claim:
		return "claims " + what
	case shelve:
		return "finds " + what + " on its shelf, which it has begun already"
	case begin:
		if st.again {
			return "asks once more whether " + what + " may begin"
		}
		return "asks whether " + what + " may begin"
	case take:
		return "has a worker take " + what
	case gate:
		return "looks at the gate for " + what
	case journals:
		return "writes into its journal that " + what + " begins"
	case send:
		return "hands over the data of " + what + ": " + st.relayDoes()
	case read:
		return "reads the reply for " + what + ": " + st.phase.String()
	case record:
		return "writes its results"
	case refresh:
		return "asks for a fresh view"
	case stray:
		return "gives back the claims that are in no hand"
	case sweep:
		return "sweeps"
	case takeOver:
		return fmt.Sprintf("takes over from daemon %c", 'A'+1-st.daemon)
	default:
		return "does something without a name"
	}
}

func (st step) relayDoes() string {
	switch {
	case st.phase == none:
		return "it is too early by its own clock"
	case st.phase == unknown && st.lost:
		return "the connection is lost, and the relay has it"
	case st.phase == unknown:
		return "the connection is lost, and the relay has it not"
	case st.phase == planned:
		return "the connection is lost before its end"
	default:
		return "the relay says " + string(st.phase.state())
	}
}

// steps gives all that may happen next.
func (w *world) steps(add func(step)) {
	w.clockSteps(add)
	w.peopleSteps(add)
	someRuns := false
	for d := range w.state.daemons {
		w.accidentSteps(d, add)
		w.daemonSteps(d, add)
		someRuns = someRuns || w.state.daemons[d].life == running
	}
	for c := range w.rows {
		if someRuns && w.sweeps(c) != none {
			add(step{kind: sweep})
			return
		}
	}
}

// inMemory tells whether a step leaves the store as it is.
func (st step) inMemory() bool {
	switch st.kind {
	case tick, age, crash, hostCrash, hostLoss, restart, stall, jump, repair, shelve, take, gate, journals, send, read:
		return true
	default:
		return false
	}
}

// do takes a step, and gives the state after it and the rule that it broke.
func (sc *scenario) do(s state, st step) (state, string) {
	w := world{state: s, scenario: sc}
	switch {
	case st.kind == tick:
		w.clock++
		w.age()
	case st.kind == age:
		w.age()
	case st.kind <= resend:
		w.personDoes(st)
	case st.kind <= repair:
		w.befall(st)
	default:
		w.daemonDoes(st)
	}
	w.check()
	return w.state, w.broke
}
