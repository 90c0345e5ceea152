package webpage

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Hosts are the names by which a server is asked. A page of elsewhere can point
// a name of its own at this machine, and read what is served here as its own
// (DNS rebinding); but it cannot make the browser say another name than that.
type Hosts struct {
	at   netip.AddrPort
	name string // that was told as where to listen, if it was one
}

// HostsOf are those of a server that was told to listen at asked and listens at
// an address.
func HostsOf(asked string, at net.Addr) (Hosts, error) {
	port, err := netip.ParseAddrPort(at.String())
	if err != nil {
		return Hosts{}, err
	}
	h := Hosts{at: netip.AddrPortFrom(port.Addr().Unmap(), port.Port())}
	if name, _, err := net.SplitHostPort(asked); err == nil {
		if _, err := netip.ParseAddr(name); err != nil {
			h.name = strings.ToLower(name)
		}
	}
	return h, nil
}

// Knows tells whether a request's Host is one of them: the address itself, or
// on every address any of them, for they are no names; localhost where that
// leads here; the name that was told.
func (h Hosts) Knows(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	if port != strconv.Itoa(int(h.at.Port())) {
		return false
	}
	everywhere := h.at.Addr().IsUnspecified()
	if a, err := netip.ParseAddr(name); err == nil {
		return everywhere || a.Unmap() == h.at.Addr()
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name != "" && name == h.name || name == "localhost" && (everywhere || h.at.Addr().IsLoopback())
}

// Local tells whether only this machine can ask.
func (h Hosts) Local() bool { return h.at.Addr().IsLoopback() }

// String is the address that is listened at.
func (h Hosts) String() string { return h.at.String() }
