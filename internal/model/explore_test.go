package model

import (
	"fmt"
	"strings"
)

// explorer walks through every state of a scenario, breadth first, so that the
// first way that it finds to a fault is a shortest one.
type explorer struct {
	sc    *scenario
	seen  index
	found []state  // by number
	from  []uint32 // which each was first reached from
	depth []uint16
	back  [][2]uint32 // each step that was found, as numbers of states
	ends  []uint32
}

// found is what an exploration tells.
type found struct {
	states, steps, ends, depth int
	broke                      string // the rule that was broken, or ""
	trace                      []step
}

func start(sc *scenario) state {
	s := state{approval: 1, left: sc.budget}
	for c := range s.rows {
		s.rows[c].phase = planned
	}
	return s
}

// explore takes every step in every state.
func explore(sc *scenario) found {
	e := &explorer{sc: sc, seen: newIndex(1 << 12)}
	e.reach(start(sc).canonical(), 0, 0)
	for n := uint32(0); int(n) < len(e.found); n++ {
		if broke := e.expand(n); broke != "" {
			return e.tell(broke, n)
		}
	}
	if n, stuck := e.stuck(); stuck {
		return e.tell("rule 3: a copy is lost: from here on nothing leads to an end", n)
	}
	return e.tell("", 0)
}

// reach notes a state, and gives its number.
func (e *explorer) reach(s state, from uint32, depth uint16) uint32 {
	n, known := e.seen.number(e.found, s)
	if !known {
		e.found, e.from, e.depth = append(e.found, s), append(e.from, from), append(e.depth, depth)
	}
	return n
}

// expand takes every step from a state, and tells the rule that one breaks. That
// state is then the last one found.
func (e *explorer) expand(n uint32) string {
	w := world{state: e.found[n], scenario: e.sc}
	broke, some := "", false
	w.steps(func(st step) {
		if broke != "" {
			return
		}
		some = true
		next, why := e.sc.do(w.state, st)
		to := e.reach(next.canonical(), n, e.depth[n]+1)
		e.back = append(e.back, [2]uint32{to, n})
		broke = why
	})
	if !some {
		e.ends = append(e.ends, n)
		w.checkEnd(e.sc.budget)
		return w.broke
	}
	return broke
}

// stuck finds the first state from which no end can be reached.
func (e *explorer) stuck() (uint32, bool) {
	first := make([]uint32, len(e.found)+1) // where the steps into a state begin
	for _, b := range e.back {
		first[b[0]+1]++
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	into, at := make([]uint32, len(e.back)), make([]uint32, len(e.found))
	for _, b := range e.back {
		into[first[b[0]]+at[b[0]]] = b[1]
		at[b[0]]++
	}
	leads := make([]bool, len(e.found))
	todo := append([]uint32(nil), e.ends...)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if leads[n] {
			continue
		}
		leads[n] = true
		todo = append(todo, into[first[n]:first[n+1]]...)
	}
	for n, ok := range leads {
		if !ok {
			return uint32(n), true
		}
	}
	return 0, false
}

// tell sums up, with the way to a state if a rule is broken there.
func (e *explorer) tell(broke string, n uint32) found {
	f := found{states: len(e.found), steps: len(e.back), ends: len(e.ends), depth: int(e.depth[len(e.depth)-1]), broke: broke}
	if broke != "" {
		f.trace = e.trace(n, broke)
	}
	return f
}

// trace goes from the beginning to a state, and on to the step that breaks a
// rule. The states that were kept may have the daemons' names exchanged: the way
// is gone once more with one naming.
func (e *explorer) trace(n uint32, broke string) []step {
	var way []uint32
	for ; n != 0; n = e.from[n] {
		way = append(way, n)
	}
	var trace []step
	s := start(e.sc)
	for i := len(way) - 1; i >= 0; i-- {
		s = e.follow(s, &trace, func(next state, _ string) bool { return next == e.found[way[i]] || next.swap() == e.found[way[i]] })
	}
	e.follow(s, &trace, func(_ state, why string) bool { return why == broke })
	return trace
}

// follow adds the first step for which it holds, and gives where that leads.
func (e *explorer) follow(s state, trace *[]step, holds func(state, string) bool) state {
	w := world{state: s, scenario: e.sc}
	done := false
	w.steps(func(st step) {
		if done {
			return
		}
		if next, why := e.sc.do(w.state, st); holds(next, why) {
			*trace, s, done = append(*trace, st), next, true
		}
	})
	return s
}

// story is a trace for people: each step, and how the copies stand after it.
func (f found) story(sc *scenario) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", sc.name, f.broke)
	s := start(sc)
	for i, st := range f.trace {
		s, _ = sc.do(s, st)
		fmt.Fprintf(&b, "%3d  %-78s %s\n", i+1, st, s)
	}
	return b.String()
}

// String shows the copies and what the receivers have.
func (s state) String() string {
	var b strings.Builder
	for _, r := range s.rows {
		b.WriteString(r.phase.String())
		if r.owner != nobody {
			fmt.Fprintf(&b, "/%c", 'A'+r.owner-1)
		}
		if r.taken != nobody {
			fmt.Fprintf(&b, " (taken from %c)", 'A'+r.taken-1)
		}
		b.WriteString(", ")
	}
	fmt.Fprintf(&b, "received %v", s.received)
	return b.String()
}
