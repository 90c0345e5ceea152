package relaytest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"
)

// The points of the dialogue that are no command of the client's. Commands go
// by their verb in capitals: EHLO, MAIL, RCPT, DATA, RSET, QUIT, and any other
// word that a line begins with.
const (
	Greeting = "greeting" // the connection stands
	Body     = "body"     // 354 was said and no byte of the body read; After waits for more
	End      = "end"      // the message came in whole
)

// Point is a place in the dialogue at which the script is asked.
type Point struct {
	Conn    int    // number of the connection, from 1
	Message int    // number of the MAIL command on this connection; 0 before the first
	Total   int    // number of the MAIL command over all connections; 0 before the first
	Verb    string // a verb or one of the constants above
	Line    string // the command as it came
}

// Script says what the server does. It is asked from several goroutines at
// once, one a connection; to hold the server up it gives Wait rather than wait
// itself, so that the test can end.
type Script struct {
	// Extensions stand in the reply to EHLO and LHLO; nil: PIPELINING, 8BITMIME,
	// SMTPUTF8, DSN, ENHANCEDSTATUSCODES. Empty and not nil: none.
	Extensions []string
	// At says what happens at a point; nil, the function or what it gives:
	// what a good relay does.
	At func(Point) Action
}

// Action is what the server does at a point; it gives whether the dialogue goes
// on. Where it says 354 to DATA a body is read; where it says 2xx to MAIL or
// RCPT the address stands.
type Action func(c *conn) (goOn bool)

// Reply says lines, without their ends: one line, several of one reply
// ("250-a", "250 b"), or replies to commands that have not come yet.
func Reply(lines ...string) Action { return Raw(strings.Join(lines, "\r\n") + "\r\n") }

// Raw says exactly this text, whole replies or not.
func Raw(text string) Action {
	return func(c *conn) bool { return c.say(text) }
}

// Silent says nothing and goes on with the next command.
func Silent() Action {
	return func(*conn) bool { return true }
}

// Close closes the connection without a word. After Then(Reply(…), Close())
// the client sees the reply and then the end; a reset, if it had sent more.
func Close() Action {
	return func(*conn) bool { return false }
}

// Reset breaks the connection so that the client sees a reset, not an end. On a
// Unix socket it is Close.
func Reset() Action {
	return func(c *conn) bool {
		if tcp, ok := c.raw.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // if it fails the client sees an end instead
		}
		return false
	}
}

// Hang says nothing and reads on until the client closes.
func Hang() Action {
	return func(c *conn) bool {
		_, _ = io.Copy(io.Discard, c.in) // it ends with the connection, however that ends
		return false
	}
}

// Drip says a text one byte at a time, with a pause before each.
func Drip(text string, pause time.Duration) Action {
	return func(c *conn) bool {
		for i := range len(text) {
			if !wait(c, time.NewTimer(pause).C) || !c.say(text[i:i+1]) {
				return false
			}
		}
		return true
	}
}

// Flood says a text again and again until the client closes. It counts as
// nothing said.
func Flood(text string) Action {
	return func(c *conn) bool {
		block := strings.Repeat(text, 1+4096/max(1, len(text)))
		for {
			if _, err := io.WriteString(c.wire, block); err != nil {
				return false
			}
		}
	}
}

// StartTLS says 220 and goes on over TLS. A handshake that fails closes the
// connection.
func StartTLS(config *tls.Config) Action {
	return func(c *conn) bool {
		if !c.say("220 2.0.0 ready\r\n") {
			return false
		}
		secure := tls.Server(c.wire, config)
		if err := secure.HandshakeContext(context.Background()); err != nil {
			return false
		}
		c.use(secure)
		return true
	}
}

// Wait does an action once the channel is closed or gives something; should
// the server be closed before, it closes the connection.
func Wait[T any](until <-chan T, then Action) Action {
	return func(c *conn) bool { return wait(c, until) && then(c) }
}

// Then does several actions, one after the other, while the dialogue goes on.
func Then(actions ...Action) Action {
	return func(c *conn) bool {
		for _, a := range actions {
			if !a(c) {
				return false
			}
		}
		return true
	}
}

// After does an action once n bytes of a body have come, dots and line ends as
// they came. It is for the point Body; a shorter body passes it by.
func After(n int, then Action) Action {
	return func(c *conn) bool {
		c.pauseAt, c.pause = n, then
		return true
	}
}

// On does an action at every point with this verb.
func On(verb string, a Action) Script {
	return Script{At: func(p Point) Action {
		if p.Verb == verb {
			return a
		}
		return nil
	}}
}

// OnMessage does an action at this verb of one message, counted over all
// connections from 1.
func OnMessage(total int, verb string, a Action) Script {
	return Script{At: func(p Point) Action {
		if p.Total == total && p.Verb == verb {
			return a
		}
		return nil
	}}
}
