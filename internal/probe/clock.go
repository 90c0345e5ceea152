package probe

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/beevik/ntp"
)

// Ahead tells how far this machine's clock is ahead of the server that gave a
// reply, and by how much that may be wrong: it tells whole seconds, at some time
// between question and answer. It is false where the reply has no date.
func (r Reply) Ahead() (ahead, within time.Duration, ok bool) {
	const half = time.Second / 2
	if r.Date.IsZero() {
		return 0, 0, false
	}
	return r.Asked.Add(r.Took / 2).Sub(r.Date.Add(half)), half + r.Took/2, true
}

// Clock tells how far this machine's clock is ahead of a time server's (SNTP,
// RFC 4330), and by how much that may be wrong. The server is HOST or HOST:PORT.
func Clock(ctx context.Context, server string) (ahead, within time.Duration, err error) {
	answer, err := ntp.QueryWithOptions(server, ntp.QueryOptions{
		Timeout: perQuestion,
		Dialer: func(_, address string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", address)
		},
	})
	if err == nil {
		err = answer.Validate()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking the time server %s: %w", server, err)
	}
	return -answer.ClockOffset, answer.RTT/2 + answer.RootDispersion, nil
}
