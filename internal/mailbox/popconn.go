package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// popConn is a POP3 connection (RFC 1939).
type popConn struct {
	conn    *boundedConn
	text    *textproto.Conn
	timeout time.Duration
}

// popMessage is a message of the account: its number is good for one session,
// its unique id for ever.
type popMessage struct {
	number int
	uid    string
}

// popRefusal is an answer of -ERR.
type popRefusal struct{ said string }

// Error tells what the server said.
func (r popRefusal) Error() string { return "the server said " + strconv.Quote(r.said) }

// Temporary tells that it is no fault of the password (RFC 2449 and 3206).
func (r popRefusal) Temporary() bool {
	for _, code := range []string{"[IN-USE]", "[SYS/TEMP]", "[LOGIN-DELAY]"} {
		if strings.HasPrefix(strings.ToUpper(r.said), code) {
			return true
		}
	}
	return false
}

// open connects, takes up TLS and logs in.
func (p POP3) open(ctx context.Context) (*popConn, error) {
	host, _, err := net.SplitHostPort(p.Address)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, p.Dial, p.Address, p.Timeout)
	if err != nil {
		return nil, fmt.Errorf("connecting to the POP3 server: %w", err)
	}
	c := &popConn{conn: conn, timeout: p.Timeout}
	if err := c.greet(ctx, p.Security, tlsFor(p.TLS, host)); err != nil {
		conn.Close()
		return nil, fmt.Errorf("opening the POP3 connection: %w", err)
	}
	if err := c.login(ctx, p.Username, p.Password); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *popConn) greet(ctx context.Context, security Security, secure *tls.Config) error {
	upgrade := func() error {
		over := tls.Client(c.conn, secure)
		c.text = textproto.NewConn(over)
		return within(ctx, c.timeout, c.conn, func() error { return over.HandshakeContext(ctx) })
	}
	if security == ImplicitTLS {
		if err := upgrade(); err != nil {
			return err
		}
	} else {
		c.text = textproto.NewConn(c.conn)
	}
	if err := within(ctx, c.timeout, c.conn, c.answer); err != nil {
		return err
	}
	if security != StartTLS {
		return nil
	}
	if err := c.command(ctx, "STLS"); err != nil {
		return err
	}
	if c.text.R.Buffered() > 0 {
		return errors.New("the server sent something before TLS was taken up: somebody may have put it there")
	}
	return upgrade()
}

func (c *popConn) login(ctx context.Context, user, password string) error {
	if strings.ContainsAny(user+password, "\r\n") {
		return errRefused
	}
	err := c.command(ctx, "USER "+user)
	if err == nil {
		err = c.command(ctx, "PASS "+password)
	}
	no := popRefusal{}
	if !errors.As(err, &no) {
		return err
	}
	if no.Temporary() {
		return fmt.Errorf("logging in to the POP3 server: %w", err)
	}
	return errRefused
}

// command sends a line and reads the line of the answer.
func (c *popConn) command(ctx context.Context, line string) error {
	return c.do(ctx, 64<<10, func() error { return c.exchange(line) })
}

func (c *popConn) do(ctx context.Context, most int64, command func() error) error {
	c.conn.allow(most)
	return within(ctx, c.timeout, c.conn, command)
}

func (c *popConn) exchange(line string) error {
	if err := c.text.PrintfLine("%s", line); err != nil {
		return err
	}
	return c.answer()
}

func (c *popConn) answer() error {
	line, err := c.text.ReadLine()
	if err != nil {
		return err
	}
	status, said, _ := strings.Cut(line, " ")
	switch {
	case strings.EqualFold(status, "+OK"):
		return nil
	case strings.EqualFold(status, "-ERR"):
		return popRefusal{said}
	default:
		return errors.New("the server's answer is neither +OK nor -ERR: is it a POP3 server?")
	}
}

// list tells the messages with their unique ids.
func (c *popConn) list(ctx context.Context) ([]popMessage, error) {
	const most = 16 << 20
	var lines []string
	err := c.do(ctx, most, func() error {
		if err := c.exchange("UIDL"); err != nil {
			return err
		}
		var err error
		lines, err = c.text.ReadDotLines()
		return err
	})
	if err != nil {
		return nil, err
	}
	messages := make([]popMessage, 0, len(lines))
	for _, line := range lines {
		number, uid, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		if uid = strings.TrimSpace(uid); err != nil || n < 1 || uid == "" || len(uid) > 256 {
			return nil, errors.New("the server's answer to UIDL is no list of unique ids")
		}
		messages = append(messages, popMessage{n, uid})
	}
	return messages, nil
}

// retrieve reads a message. Of one that is longer than most the rest is read
// and dropped, for POP3 has no other way past it.
func (c *popConn) retrieve(ctx context.Context, m popMessage, most int64) (raw []byte, err error) {
	const dropped = 256 << 20
	err = c.do(ctx, most+dropped, func() error {
		if err := c.exchange(fmt.Sprintf("RETR %d", m.number)); err != nil {
			return err
		}
		body := c.text.DotReader()
		if raw, err = io.ReadAll(io.LimitReader(body, most)); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, body)
		return err
	})
	return raw, err
}
