package webpage

import (
	"net"
	"testing"
)

// Only the address itself is a way to ask, and what no page of elsewhere can
// have: a name that leads here by somebody else's word is refused.
func TestHosts(t *testing.T) {
	for _, x := range []struct {
		asked, at, host string
		knows           bool
	}{
		{"127.0.0.1:8026", "127.0.0.1:8026", "127.0.0.1:8026", true},
		{"127.0.0.1:8026", "127.0.0.1:8026", "localhost:8026", true},
		{"127.0.0.1:8026", "127.0.0.1:8026", "LocalHost.:8026", true},
		{"127.0.0.1:8026", "127.0.0.1:8026", "127.0.0.1:8027", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "127.0.0.1", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "127.0.0.2:8026", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "rebound.example:8026", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "127.0.0.1.rebound.example:8026", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "localhost.rebound.example:8026", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", "", false},
		{"127.0.0.1:8026", "127.0.0.1:8026", ":8026", false},
		{"127.0.0.1:80", "127.0.0.1:80", "127.0.0.1", true},
		{"[::1]:8026", "[::1]:8026", "[::1]:8026", true},
		{"[::1]:80", "[::1]:80", "[::1]", true},
		{":8026", "[::]:8026", "192.0.2.7:8026", true},
		{":8026", "[::]:8026", "localhost:8026", true},
		{":8026", "[::]:8026", "rebound.example:8026", false},
		{"0.0.0.0:8026", "0.0.0.0:8026", "[2001:db8::7]:8026", true},
		{"192.0.2.7:8026", "192.0.2.7:8026", "localhost:8026", false},
		{"Desk.local:8026", "192.0.2.7:8026", "desk.local:8026", true},
		{"desk.local:8026", "192.0.2.7:8026", "desk.other:8026", false},
		{"localhost:0", "127.0.0.1:4711", "localhost:4711", true},
	} {
		at, err := net.ResolveTCPAddr("tcp", x.at)
		if err != nil {
			t.Fatal(err)
		}
		h, err := HostsOf(x.asked, at)
		if err != nil || h.Knows(x.host) != x.knows {
			t.Errorf("told %s, at %s, asked as %q: %v, %v; want %v", x.asked, x.at, x.host, h.Knows(x.host), err, x.knows)
		}
	}
}
