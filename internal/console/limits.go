package console

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often a link may be used, and how often a network may come.
const (
	perToken       = 2 * time.Second // one request in so long, after a burst
	tokenBurst     = 20
	perNetwork     = 200 * time.Millisecond
	networkBurst   = 100
	maxRemembered  = 50_000 // links and networks; each takes some 150 bytes
	forgottenAfter = 10 * time.Minute
)

// limits counts requests, in bounded memory.
type limits struct {
	mu   sync.Mutex
	seen map[[16]byte]*visits
}

type visits struct {
	*rate.Limiter
	last time.Time
}

func newLimits() *limits { return &limits{seen: map[[16]byte]*visits{}} }

// allow counts one request for a link, and for a network where one is named.
func (l *limits) allow(token, network string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	ok := l.of("token "+strings.ToLower(token), perToken, tokenBurst, now).AllowN(now, 1)
	if network != "" {
		ok = l.of("network "+network, perNetwork, networkBurst, now).AllowN(now, 1) && ok
	}
	return ok
}

func (l *limits) of(name string, each time.Duration, burst int, now time.Time) *visits {
	var key [16]byte
	sum := sha256.Sum256([]byte(name))
	copy(key[:], sum[:])
	v := l.seen[key]
	if v == nil {
		if len(l.seen) >= maxRemembered {
			l.forget(now)
		}
		v = &visits{Limiter: rate.NewLimiter(rate.Every(each), burst)}
		l.seen[key] = v
	}
	v.last = now
	return v
}

// forget lets go of who has not come for long; of everybody, where that is
// nobody: then who floods us begins anew, and memory stays bounded.
func (l *limits) forget(now time.Time) {
	for key, v := range l.seen {
		if now.Sub(v.last) > forgottenAfter {
			delete(l.seen, key)
		}
	}
	if len(l.seen) >= maxRemembered {
		clear(l.seen)
	}
}

// networkOf is the network that a request comes from, as far as it can be told.
func networkOf(r *http.Request, proxies []netip.Prefix) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from := at.Addr().Unmap()
	// From the nearest proxy outward, as far as each is ours.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(from, proxies); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from = next.Unmap()
	}
	bits := 24
	if from.Is6() {
		bits = 56
	}
	network, err := from.Prefix(bits)
	if err != nil {
		return from.String()
	}
	return network.String()
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
