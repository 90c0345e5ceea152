package webpage

import (
	"net/http"
	"net/netip"
	"strings"
)

// Network is the network that a request comes from, as far as it can be told.
func Network(r *http.Request, proxies []netip.Prefix) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from := at.Addr().Unmap()
	if len(proxies) == 0 && (from.IsLoopback() || from.IsPrivate()) {
		return "" // a proxy that nobody named: it would count for everybody
	}
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
