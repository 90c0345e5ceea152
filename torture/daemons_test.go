package torture

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"dateline/internal/testenv"
)

// What a takeover by another daemon may cost and take.
const (
	takeoverBatch = 500 // copies that may stand unknown until the dead daemon's state folder is read
	lease         = 15 * time.Second
	takeoverIn    = lease + 2*time.Second // the rhythms of the sign of life and of looking at it
	resendAfter   = 30 * time.Second      // so long an unknown copy waits for what its daemon may yet tell
)

// pair is two daemons, each with a relay of its own, so that it is seen who sent
// what.
type pair struct {
	ordeal
	relayA, relayB *relay
	planned        []string
	lift           time.Time
	a, b           *life
}

// twoDaemons brings both into the middle of one release.
func twoDaemons(t *testing.T, contacts int, resend bool) *pair {
	t.Helper()
	onlyInFull(t)
	p := &pair{ordeal: newOrdeal(t, "postgres", t.TempDir(), testenv.Postgres(t)), relayA: newRelay(t, 15*time.Millisecond), relayB: newRelay(t, 15*time.Millisecond)}
	p.resend = resend
	p.house("a", p.relayA.port)
	p.house("b", p.relayB.port)
	p.planned, p.lift = p.approve(contacts)
	p.a, p.b = p.serve("a"), p.serve("b")
	begun := 200 + p.rng.IntN(500)
	p.until("both daemons send", func() bool { return p.relayA.count() >= begun && p.relayB.count() >= begun })
	return p
}

func (p *pair) finish() {
	p.t.Helper()
	p.ordeal.finish(account{planned: p.planned, lift: p.lift, got: append(p.relayA.received(), p.relayB.received()...), marked: takeoverBatch})
}

// takenOver is when the ledger first marked a copy unknown; zero where it did not.
func (p *pair) takenOver() time.Time {
	for _, e := range p.log() {
		if e.State == "unknown" {
			return e.At
		}
	}
	return time.Time{}
}

// TestTwoDaemonsOneKilled: the other one sends the rest, and what the dead one
// left unknown is settled when it lives again.
func TestTwoDaemonsOneKilled(t *testing.T) {
	p := twoDaemons(t, 4000, false)
	p.a.kill()
	killed := time.Now()
	states := p.settled()
	p.b.alive()
	took := p.takenOver().Sub(killed)
	if took > takeoverIn {
		p.fault("what the dead daemon had was taken over after %s; %s are allowed", took, takeoverIn)
	}
	again := p.serve("a")
	p.until("the returned daemon has settled what it had left", func() bool { return p.states()["unknown"] <= connections })
	p.settled() // what never began to leave is sent by now
	again.stop()
	p.b.stop()
	p.note = fmt.Sprintf("taken over %.1f s after the kill; %d were unknown before the dead daemon came back", took.Seconds(), states["unknown"])
	p.finish()
}

// TestStoppedDaemon: a daemon is stopped until the other has taken over, and
// wakes in the middle of that.
func TestStoppedDaemon(t *testing.T) { stopAndWake(twoDaemons(t, 6000, false), lease) }

// TestStoppedDaemonResend is the same where the other one sends again what is
// unknown, and has done so before the first one wakes.
func TestStoppedDaemonResend(t *testing.T) {
	stopAndWake(twoDaemons(t, 6000, true), lease+resendAfter)
}

func stopAndWake(p *pair, atLeast time.Duration) {
	p.t.Helper()
	p.blows++
	p.must(p.a.cmd.Process.Signal(syscall.SIGSTOP))
	stopped := time.Now()
	// Some of these moments lie in the middle of the takeover.
	<-time.After(atLeast + time.Duration(p.rng.Int64N(int64(4*time.Second))))
	atB := p.relayB.count()
	woken := time.Now()
	p.must(p.a.cmd.Process.Signal(syscall.SIGCONT))
	p.settled()
	p.a.alive()
	p.b.alive()
	p.a.stop()
	p.b.stop()
	taken := p.judgeWaking(woken)
	if taken > connections {
		p.fault("the woken daemon sent %d copies that had been marked unknown; one per connection may be on its way", taken)
	}
	p.note = fmt.Sprintf("stopped for %.1f s; the other daemon had sent %d by then, and in all %d; the woken one sent %d, %d of them unknown meanwhile", woken.Sub(stopped).Seconds(),
		atB, p.relayB.count(), p.relayA.within(woken, time.Now()), taken)
	p.finish()
}

// judgeWaking looks for copies that the woken daemon sent although the other had
// sent them before. It gives how many it sent while they were unknown: not those
// that the policy had planned again by then.
func (p *pair) judgeWaking(woken time.Time) int {
	byOther := map[string]time.Time{}
	for _, r := range p.relayB.received() {
		byOther[r.To] = r.Began
	}
	trail := map[string][]entry{}
	for _, e := range p.log() {
		trail[e.Address] = append(trail[e.Address], e)
	}
	n := 0
	for _, r := range p.relayA.received() {
		if r.Began.Before(woken) {
			continue
		}
		if unknownAt(trail[r.To], r.Began) {
			n++
		}
		if before, ok := byOther[r.To]; ok && before.Before(r.Began) {
			p.fault("%s: the woken daemon sent at %s what the other had sent at %s", r.To, r.Began.Format(time.TimeOnly+".000"), before.Format(time.TimeOnly+".000"))
		}
	}
	return n
}

// unknownAt tells whether a trail stood at unknown at an instant.
func unknownAt(trail []entry, at time.Time) bool {
	unknown := false
	for _, e := range trail {
		if e.At.Before(at) {
			unknown = e.State == "unknown"
		}
	}
	return unknown
}
