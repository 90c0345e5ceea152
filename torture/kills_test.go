package torture

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// The hundred kills in one release of 20,000, half of that for the other policy,
// and what `make test` has the time for.
const (
	fullKills, fullContacts     = 100, 20000
	resendKills, resendContacts = 50, 10000
	smallKills, smallContacts   = 5, 1000
)

// TestKills kills the daemon again and again at random moments of one release:
// while it starts and recovers, before the lift, and while it sends.
func TestKills(t *testing.T) {
	kills, contacts := smallKills, smallContacts
	if full() {
		t.Parallel()
		kills, contacts = fullKills, fullContacts
	}
	onBothStores(t, func(_ *testing.T, o ordeal) { killAgainAndAgain(&o, kills, contacts) })
}

// TestKillsResend is the same with the other policy: what is unknown goes out
// again, and in the end nothing is.
func TestKillsResend(t *testing.T) {
	onlyInFull(t)
	onBothStores(t, func(_ *testing.T, o ordeal) {
		o.resend = true
		killAgainAndAgain(&o, resendKills, resendContacts)
	})
}

func killAgainAndAgain(o *ordeal, kills, contacts int) {
	o.t.Helper()
	r := newRelay(o.t, 15*time.Millisecond)
	o.house("a", r.port)
	planned, lift := o.approve(contacts)
	k := killer{ordeal: o, relay: r, recipients: len(planned), rate: 1000}
	for left := kills; left > 0; left-- {
		k.oneLife(left)
	}
	at := r.addresses()
	if at >= len(planned) {
		o.fault("every address had its copy before the last kill, so not all kills were in the release")
	}
	last := o.serve("a")
	o.settled()
	last.stop()
	o.note = fmt.Sprintf("%d lives ended while they started, %d while they sent; %d addresses had their copy at the last kill", k.atStart, k.sending, at)
	k.boundEachLife()
	o.finish(account{planned: planned, lift: lift, got: r.received()})
}

// killer chooses the moments.
type killer struct {
	ordeal     *ordeal
	relay      *relay
	recipients int
	rate       float64       // messages a second, as the lives before had it
	start      time.Duration // what a life takes from its start to its first message
	atStart    int           // lives that ended before that
	sending    int
	killed     []time.Time
}

// oneLife starts the daemon and kills it: one life in five while it starts, the
// others at a moment after their first message. Left are the kills to come, this
// one included; they are to spread over the whole release.
func (k *killer) oneLife(left int) {
	begun := k.relay.count()
	born := time.Now()
	l := k.ordeal.serve("a")
	if k.start > 0 && k.ordeal.rng.IntN(5) == 0 {
		k.wait(time.Duration(k.ordeal.rng.Float64()*float64(k.start)), l)
	} else {
		k.awaitFirst(begun, l)
		if k.start == 0 && len(k.killed) > 0 {
			k.start = time.Since(born)
		}
		share := float64(k.recipients-k.relay.addresses()) / float64(left+3)
		seen, since := k.relay.count(), time.Now()
		k.wait(5*time.Millisecond+time.Duration(k.ordeal.rng.Float64()*2*share/k.rate*float64(time.Second)), l)
		if sent := k.relay.count() - seen; sent > 0 {
			k.rate = 0.8*k.rate + 0.2*float64(sent)/time.Since(since).Seconds()
		}
	}
	l.kill()
	k.killed = append(k.killed, time.Now())
	if k.relay.count() > begun {
		k.sending++
	} else {
		k.atStart++
	}
}

func (k *killer) wait(d time.Duration, l *life) {
	select {
	case <-time.After(d):
	case <-l.ended:
	}
}

func (k *killer) awaitFirst(n int, l *life) {
	k.ordeal.t.Helper()
	select {
	case <-k.relay.beyond(n):
	case <-l.ended:
	case <-time.After(patience):
		k.ordeal.t.Fatalf("a life sends nothing, with %d of %d at the relay; the daemon's log ends with:\n%s", k.relay.count(), k.recipients, k.ordeal.logEnd("a"))
	}
}

// boundEachLife holds what each life marked unknown, which is what the one
// before it had left, to one per connection.
func (k *killer) boundEachLife() {
	marked := make([]int, len(k.killed)+1)
	for _, e := range k.ordeal.log() {
		if e.State == "unknown" {
			at, _ := slices.BinarySearchFunc(k.killed, e.At, time.Time.Compare)
			marked[at]++
		}
	}
	for i, n := range marked {
		if n > connections {
			k.ordeal.fault("after kill %d %d copies were marked unknown; one per open connection may be: %d", i, n, connections)
		}
	}
	k.ordeal.note += fmt.Sprintf("; at most %d were unknown after one kill", slices.Max(marked))
}
