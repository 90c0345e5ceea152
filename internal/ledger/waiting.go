package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// Wait is an alarm, as those see it who look on: something that waits for a
// person.
type Wait = press.Alarm

// Judged is what a status is judged by, beside what it shows.
type Judged struct {
	Troubles press.Troubles
	Policy   press.BouncePolicy
}

// waiting tells what waits for a person, which is the one list of alarms: first
// what keeps everything back, then release by release.
func waiting(s Status, j Judged) []Wait {
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
		waits = append(waits, Wait{Cause: press.CauseNoDaemon, What: "no daemon is running, and " + copies(unsent) + verb, Do: "dateline serve"})
	}
	for _, d := range s.Daemons {
		waits = append(waits, troubles(d)...)
	}
	for _, r := range s.Releases {
		waits = append(waits, r.waits()...)
		waits = append(waits, j.of(r.Approval.Release)...)
	}
	if n := s.ToDecide.Quarantined; n > 0 {
		waits = append(waits, Wait{Cause: press.CauseQuarantined, What: few(n, "message") + " in quarantine, which could not be read", Do: "dateline bounce quarantine list"})
	}
	if n := s.ToDecide.Proposals; n > 0 {
		waits = append(waits, Wait{Cause: press.CauseProposals, What: few(n, "new address") + " proposed by what came back", Do: "dateline contacts proposals"})
	}
	return waits
}

// troubles are what keeps a daemon from its work.
func troubles(d press.DaemonState) []Wait {
	const again = "mend it: it is tried again by itself"
	var waits []Wait
	add := func(cause press.Cause, of, what, do string, since time.Time) {
		waits = append(waits, Wait{Cause: cause, Of: strings.TrimSpace(of + " on " + d.Host), What: what, Do: do, Since: since})
	}
	if d.Config != "" {
		add(press.CauseConfig, "", "the daemon on "+d.Host+" refused the config folder's newest state", "dateline check", time.Time{})
	}
	for _, m := range troubled(d.Mailboxes) {
		add(press.CauseMailbox, m.Name, "mailbox "+m.Name+" is not read by the daemon on "+d.Host, again, m.Since)
	}
	for _, r := range troubled(d.Relays) {
		add(press.CauseRelay, r.Name, "relay "+r.Name+" is put aside by the daemon on "+d.Host, again, r.Since)
	}
	for _, k := range troubled(d.Disks) {
		add(press.CauseDisk, k.Name, "the disk of "+k.Name+" on "+d.Host+" has "+k.Trouble, "make room: a full disk stops the sending", k.Since)
	}
	return waits
}

func troubled(all []press.RelayState) []press.RelayState {
	return slices.DeleteFunc(slices.Clone(all), func(r press.RelayState) bool { return r.Trouble == "" })
}

// of tells what went wrong with a release's copies.
func (j Judged) of(slug string) []Wait {
	var waits []Wait
	add := func(cause press.Cause, of, what, do string, since time.Time) {
		waits = append(waits, Wait{Cause: cause, Release: slug, Of: of, What: what, Do: do, Since: since})
	}
	for _, m := range j.Troubles.Missed {
		if m.Release == slug {
			add(press.CauseLiftMissed, m.Send, fmt.Sprintf("nothing of send %s has left that was due at %s: %s", m.Send, m.Due.Format("2006-01-02 15:04:05 UTC"), waitOf(m.Copies)), "dateline status "+slug, m.Due)
		}
	}
	for _, e := range j.Troubles.Expired {
		if e.Release == slug {
			add(press.CauseLiftMissed, "expired", copies(e.N)+" expired unsent", "dateline log --release "+slug+" --state expired", time.Time{})
		}
	}
	for _, b := range Blocked(j.Troubles.Blocked, j.Policy) {
		if b.Release == slug {
			add(press.CauseBlocked, b.Domain, fmt.Sprintf("%s refuses our mail: %d of %s, for %s, say; no contact suffers", b.Domain, b.Blocked, copies(b.Sent), b.Reason), "look into the sending: dateline doctor "+slug, time.Time{})
		}
	}
	for _, b := range j.Troubles.Bounced {
		if b.Release == slug && b.Share() >= j.Policy.AlarmShare {
			add(press.CauseBounced, "", fmt.Sprintf("%d of %s went to dead addresses", b.Bounced, copies(b.Sent)), "look into the contacts: dateline bounces --class hard --release "+slug, time.Time{})
		}
	}
	for _, u := range j.Troubles.Unreached {
		if u.Release == slug {
			add(press.CauseUnreached, "", few(u.N, "outlet")+" got no copy: each was refused, bounced or expired", "ring them: dateline bounces --addresses --release "+slug, time.Time{})
		}
	}
	return waits
}

// Blocked are those domains that refuse more of a release than the policy lets
// pass. Nobody is suppressed for it; the operator must see to it.
func Blocked(found []press.Blocked, p press.BouncePolicy) []press.Blocked {
	return slices.DeleteFunc(slices.Clone(found), func(b press.Blocked) bool { return b.Share() < p.AlarmShare })
}

func waitOf(n int) string {
	if n == 1 {
		return "1 copy waits"
	}
	return copies(n) + " wait"
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
		waits = append(waits, Wait{Cause: heldFor(r.Control), Release: slug, What: copies(n) + " held by " + r.Control.HeldBy, Do: "dateline resume " + slug + " --by NAME", Since: r.Control.HeldAt})
	}
	if n := r.States[press.Unknown]; n > 0 {
		waits = append(waits, Wait{Cause: press.CauseUnknown, Release: slug, What: copies(n) + " unknown, which may have arrived or not", Do: "dateline unknown list " + slug})
	}
	return waits
}

func heldFor(c press.Control) press.Cause {
	switch {
	case c.HeldBy != press.ByDateline:
		return press.CauseHeld
	case strings.HasPrefix(c.Held, press.ClockHold):
		return press.CauseClock
	default:
		return press.CauseHouseHold
	}
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}
