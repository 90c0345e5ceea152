package access

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// keptLimits is how many names, or networks, are remembered at once.
const keptLimits = 10_000

// limits counts what failed by a name or a network: some at once, and then one
// for each interval. Where more are to be remembered than there is room for, the
// one that was met least lately is forgotten.
type limits struct {
	mu    sync.Mutex
	burst int
	every time.Duration
	of    map[string]*limited
}

type limited struct {
	limiter *rate.Limiter
	met     time.Time
}

func newLimits(burst int, every time.Duration) *limits {
	return &limits{burst: burst, every: every, of: map[string]*limited{}}
}

// reserve counts an attempt as failed, until it is given back; or it tells how
// long to wait.
func (l *limits) reserve(key string, now time.Time) (giveBack func(), wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	x := l.of[key]
	if x == nil {
		l.makeRoom(now)
		x = &limited{limiter: rate.NewLimiter(rate.Every(l.every), l.burst)}
		l.of[key] = x
	}
	x.met = now
	r := x.limiter.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return nil, wait
	}
	return func() { r.CancelAt(now) }, 0
}

// makeRoom forgets whoever has all attempts again, and if that is nobody the one
// met least lately.
func (l *limits) makeRoom(now time.Time) {
	if len(l.of) < keptLimits {
		return
	}
	oldest := ""
	for key, x := range l.of {
		if x.limiter.TokensAt(now) >= float64(l.burst) {
			delete(l.of, key)
		} else if oldest == "" || x.met.Before(l.of[oldest].met) {
			oldest = key
		}
	}
	if len(l.of) >= keptLimits {
		delete(l.of, oldest)
	}
}

// attempt is one that counts as failed until it is forgotten.
type attempt struct{ giveBack []func() }

// forget says that it did not fail.
func (a attempt) forget() {
	for _, f := range a.giveBack {
		f()
	}
}

// attempt counts an attempt by name and by network; or it tells how long to wait.
func (d *Door) attempt(login, network string, now time.Time) (attempt, time.Duration) {
	ofNetwork, wait := d.networks.reserve(network, now)
	if wait > 0 {
		return attempt{}, wait
	}
	ofAccount, wait := d.accounts.reserve(login, now)
	if wait > 0 {
		// It counts against the network: whoever goes on is slowed down.
		return attempt{}, wait
	}
	return attempt{[]func(){ofNetwork, ofAccount}}, 0
}
