package ledger

import (
	"fmt"
	"strings"

	"dateline/internal/press"
)

// Wait is something that goes on, or comes to its end, only when a person does
// something about it.
type Wait struct {
	Release string `json:"release,omitempty"` // "": it concerns all of them
	What    string `json:"what"`
	Do      string `json:"do"`
}

// waiting tells what waits for a person: first what keeps everything back, then
// release by release.
func waiting(s Status) []Wait {
	waits := []Wait{}
	unsent := 0
	for _, r := range s.Releases {
		unsent += r.unsent()
	}
	if len(s.Daemons) == 0 && unsent > 0 {
		verb := " wait"
		if unsent == 1 {
			verb = " waits"
		}
		waits = append(waits, Wait{What: "no daemon is running, and " + copies(unsent) + verb, Do: "dateline serve"})
	}
	for _, d := range s.Daemons {
		waits = append(waits, troubles(d)...)
	}
	for _, r := range s.Releases {
		waits = append(waits, r.waits()...)
	}
	if n := s.ToDecide.Quarantined; n > 0 {
		waits = append(waits, Wait{What: few(n, "message") + " in quarantine, which could not be read", Do: "dateline bounce quarantine list"})
	}
	if n := s.ToDecide.Proposals; n > 0 {
		waits = append(waits, Wait{What: few(n, "new address") + " proposed by what came back", Do: "dateline contacts proposals"})
	}
	return waits
}

// troubles are what keeps a daemon from its work.
func troubles(d press.DaemonState) []Wait {
	var waits []Wait
	if d.Config != "" {
		waits = append(waits, Wait{What: "the daemon on " + d.Host + " refused the config folder's newest state", Do: "dateline check"})
	}
	for _, m := range d.Mailboxes {
		if m.Trouble != "" {
			waits = append(waits, Wait{What: "mailbox " + m.Name + " is not read by the daemon on " + d.Host, Do: "mend it: it is tried again by itself"})
		}
	}
	for _, r := range d.Relays {
		if r.Trouble != "" {
			waits = append(waits, Wait{What: "relay " + r.Name + " is put aside by the daemon on " + d.Host, Do: "mend it: it is tried again by itself"})
		}
	}
	return waits
}

// few is so many of a thing.
func few(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return fmt.Sprintf("%d %ses", n, thing)
	default:
		return fmt.Sprintf("%d %ss", n, thing)
	}
}

// unsent counts what a person's word, or a daemon, may still let leave.
func (r Release) unsent() int {
	n := 0
	for state, some := range r.States {
		if state.Unsent() && r.Control.Killed == "" {
			n += some
		}
	}
	return n
}

func (r Release) waits() []Wait {
	slug := r.Approval.Release
	var waits []Wait
	if n := r.unsent(); r.Control.Held != "" && n > 0 {
		waits = append(waits, Wait{slug, copies(n) + " held by " + r.Control.HeldBy, "dateline resume " + slug + " --by NAME"})
	}
	if n := r.States[press.Unknown]; n > 0 {
		waits = append(waits, Wait{slug, copies(n) + " unknown, which may have arrived or not", "dateline unknown list " + slug})
	}
	return waits
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}
