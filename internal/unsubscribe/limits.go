package unsubscribe

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often a link may be used, and how often a network may come.
const (
	perToken     = 2 * time.Second // one request in so long, after a burst
	tokenBurst   = 20
	perNetwork   = 200 * time.Millisecond
	networkBurst = 100
	generation   = 25_000 // of links, of clicks and of networks; each takes some 150 bytes, and two generations are kept
)

// limits counts requests, in bounded memory.
type limits struct {
	mu                      sync.Mutex
	links, clicks, networks visitors
}

// page counts one request for a link's page, from a network.
func (l *limits) page(token, network string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	byLink := l.links.bucket(strings.ToLower(token), perToken, tokenBurst).AllowN(now, 1)
	if network == "" {
		return byLink
	}
	return l.networks.bucket(network, perNetwork, networkBurst).AllowN(now, 1) && byLink
}

// click counts one click on a link. It has a count of its own: a scanner that
// opened the page often must not keep its reader from opting out.
func (l *limits) click(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clicks.bucket(strings.ToLower(token), perToken, tokenBurst).AllowN(now, 1)
}

// visitors are the buckets of those who came lately. When the young ones are
// many, the old ones are forgotten, so memory stays bounded; and a flood of made
// up links forgets links, not networks.
type visitors struct{ young, old map[[16]byte]*rate.Limiter }

func (v *visitors) bucket(name string, each time.Duration, burst int) *rate.Limiter {
	sum := sha256.Sum256([]byte(name)) // no token stays in memory, and no name is long
	key := [16]byte(sum[:16])
	b := v.young[key]
	if b != nil {
		return b
	}
	if b = v.old[key]; b == nil {
		b = rate.NewLimiter(rate.Every(each), burst)
	}
	if v.young == nil || len(v.young) >= generation {
		v.young, v.old = map[[16]byte]*rate.Limiter{}, v.young
	}
	v.young[key] = b
	return b
}
