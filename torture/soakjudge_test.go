package torture

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
)

// soaked is one release of a soak, as it was approved and as the ledger has it.
type soaked struct {
	slug    string
	planned []string
	lift    time.Time
	trail   map[string][]entry // by address
}

// soakAccount is all that a soak's releases are judged by.
type soakAccount struct {
	releases []soaked
	got      []taken
	came     map[copyKey]string   // what came back of a copy
	optedOut map[string]time.Time // by address
	refused  map[string]int       // by address: how often the relay said 5xx
	unknown  int                  // so many copies may be unknown: one per lost answer, and per connection and blow
}

// soakVerdict is what became of every address of every release.
type soakVerdict struct {
	copies, recipients int
	states             map[string]int
	reasons            map[string]int // why copies are unknown
	faults             []string
}

func (v *soakVerdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// judgeSoak holds the ledger against the relay's own count. The policy is to
// hold what is unknown, so no rule allows a second copy of anything.
func judgeSoak(a soakAccount) soakVerdict {
	v := soakVerdict{copies: len(a.got), states: map[string]int{}, reasons: map[string]int{}}
	copies := map[copyKey][]taken{}
	for _, c := range a.got {
		copies[copyKey{c.Release, c.To}] = append(copies[copyKey{c.Release, c.To}], c)
	}
	rejected := map[string]int{}
	for _, r := range a.releases {
		for _, address := range r.planned {
			key := copyKey{r.slug, address}
			state := v.copyOf(r, address, copies[key], a.came[key])
			if state == "rejected" {
				rejected[address]++
			}
			if _, out := a.optedOut[address]; state == "skipped" && !out && !suppressible(a, address) {
				v.fault("%s, %s: skipped, and nothing speaks against the address", r.slug, address)
			}
			delete(copies, key)
		}
	}
	for key, c := range copies {
		v.fault("%s, %s: %d copies came, and it was not in the plan", key.Release, key.Address, len(c))
	}
	for _, address := range slices.Sorted(maps.Keys(rejected)) {
		if rejected[address] > a.refused[address] {
			v.fault("%s: rejected %d times; the relay refused it %d times", address, rejected[address], a.refused[address])
		}
	}
	for _, c := range a.got {
		if at, out := a.optedOut[c.To]; out && c.Began.After(at.Add(time.Second)) {
			v.fault("%s, %s: a copy began %s after its reader had opted out", c.Release, c.To, c.Began.Sub(at))
		}
	}
	if n := v.states["unknown"]; n > a.unknown {
		v.fault("%d copies are unknown; %d may be", n, a.unknown)
	}
	return v
}

// suppressible tells whether anything befell an address that suppresses it.
func suppressible(a soakAccount, address string) bool {
	if a.refused[address] > 0 {
		return true
	}
	for key, kind := range a.came {
		if key.Address == address && (kind == hard || kind == complaint) {
			return true
		}
	}
	return false
}

// copyOf judges one copy, and gives the state that it ended in.
func (v *soakVerdict) copyOf(r soaked, address string, copies []taken, came string) string {
	trail := r.trail[address]
	state := ""
	if len(trail) > 0 {
		state = trail[len(trail)-1].State
	}
	v.recipients++
	v.states[state]++
	bad := func(why string) {
		v.fault("%s, %s: %s; %d copies came, %q came back, its trail is %v", r.slug, address, why, len(copies), came, states(trail))
	}
	if len(copies) > 1 {
		bad("more than one copy")
	}
	for _, c := range copies {
		if c.Began.Before(r.lift) {
			bad(fmt.Sprintf("a copy began %s before the lift", r.lift.Sub(c.Began)))
		}
	}
	want := map[string]string{hard: "bounced", soft: "bounced", complaint: "complained"}[came]
	switch state {
	case "accepted", "bounced", "complained":
		if len(copies) == 0 {
			bad("lost")
		}
		if want != "" && want != state || want == "" && state != "accepted" {
			bad("not what came back says")
		}
	case "unknown":
		if want != "" {
			bad("not what came back says")
		}
		reason := ports.ReplaceAllString(trail[len(trail)-1].Reply, "")
		v.reasons[reason]++
		if reason == "" {
			bad("unknown without a reason")
		}
	case "rejected", "skipped":
		if len(copies) != 0 {
			bad("it has a copy all the same")
		}
	default: // planned, claimed, sending, deferred; or expired, cancelled, which nothing here leads to
		bad("not at an end")
	}
	return state
}

// ports are what makes reasons of one kind differ.
var ports = regexp.MustCompile(`:\d+`)

func states(trail []entry) []string {
	var all []string
	for _, e := range trail {
		all = append(all, e.State)
	}
	return all
}
