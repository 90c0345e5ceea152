package mailbox

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"dateline/internal/press"
)

// POP3 is an account that is looked at every Poll. It is spoken here and not by
// a library: the one for it knows no deadlines, no STLS and no bounds.
type POP3 struct {
	Settings
	Address  string // host:port
	Security Security
	TLS      *tls.Config // may be nil; a server name in it goes before that of Address
	Username string
	Password string
	Poll     time.Duration // 2 minutes where it is zero
	Timeout  time.Duration // of the dial and of each command: a minute where it is zero
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

// perSession is how many messages are handled before a QUIT makes their
// deletion good: few, for they come again when the connection breaks before.
const perSession = 100

// Run reads the account until the context ends.
func (p POP3) Run(ctx context.Context, h Handler) error {
	if err := p.complete(); err != nil {
		return fmt.Errorf("reading mailbox %s by POP3: %w", p.Name, err)
	}
	w := newWatch(p.Settings)
	p.Settings = w.Settings
	known := newLater(w)
	w.again(ctx, func(ctx context.Context, well func()) error {
		more, handling, err := p.session(ctx, h, known)
		if err != nil || ctx.Err() != nil {
			return err
		}
		well()
		w.tell(known.outcome(handling, nil))
		if !more {
			pause(ctx, known.wait(p.Poll, time.Now()), nil)
		}
		return nil
	})
	return ctx.Err()
}

// complete puts in what is left out, and tells of settings that cannot be.
func (p *POP3) complete() error {
	if err := p.Security.check(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(p.Address); err != nil {
		return fmt.Errorf("the server must be host:port: %w", err)
	}
	if p.Poll <= 0 {
		p.Poll = 2 * time.Minute
	}
	if p.Timeout <= 0 {
		p.Timeout = time.Minute
	}
	return nil
}

// session handles up to perSession messages, and tells whether there are more.
func (p POP3) session(ctx context.Context, h Handler, known *later) (more bool, handling, err error) {
	c, err := p.open(ctx)
	if err != nil {
		return false, nil, err
	}
	defer c.conn.Close()
	messages, err := c.list(ctx)
	if err != nil {
		return false, nil, fmt.Errorf("listing the POP3 account: %w", err)
	}
	refs := map[string]bool{}
	for _, m := range messages {
		refs[m.uid] = true
	}
	known.keep(refs)
	deleted := 0
	for _, m := range messages {
		if ctx.Err() != nil {
			break
		}
		if !known.due(m.uid, time.Now()) {
			continue
		}
		if deleted == perSession {
			more = true
			break
		}
		ok, failed, err := p.handle(ctx, c, h, known, m)
		if failed != nil {
			handling = failed
		}
		if err != nil {
			return false, handling, err
		}
		if ok {
			deleted++
		}
	}
	// What was handled is deleted when all is over, too.
	last, cancel := lingering(ctx)
	defer cancel()
	if err := c.command(last, "QUIT"); err != nil {
		return false, handling, fmt.Errorf("deleting what was handled (QUIT): %w", err)
	}
	return more, handling, nil
}

// handle fetches a message, hands it on and marks it as deleted.
func (p POP3) handle(ctx context.Context, c *popConn, h Handler, known *later, m popMessage) (ok bool, handling, err error) {
	mail := press.Mail{Mailbox: p.Name, Ref: m.uid, Format: press.FormatMessage}
	if !known.handled[m.uid] {
		if mail.Raw, err = c.retrieve(ctx, m, p.MaxBytes); err != nil {
			return false, nil, fmt.Errorf("fetching a message (RETR): %w", err)
		}
		mail.At = time.Now().UTC()
	}
	remove, handling := known.handle(ctx, h, mail)
	if !remove[0] {
		return false, handling, nil
	}
	last, cancel := lingering(ctx)
	defer cancel()
	if err := c.command(last, fmt.Sprintf("DELE %d", m.number)); err != nil {
		return false, handling, fmt.Errorf("deleting a message (DELE): %w", err)
	}
	return true, handling, nil
}
