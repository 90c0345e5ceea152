package mailbox

import (
	"context"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Looking into a mailbox, to tell whether it can be read. No message is touched,
// and errors name no address, as in Run.

// scrubbed is an error whose text is fit for a log.
type scrubbed struct{ cause error }

func (e scrubbed) Error() string { return scrub(e.cause.Error()) }

// Unwrap gives the cause, whose own text may name an address.
func (e scrubbed) Unwrap() error { return e.cause }

func looked(name string, err error) error {
	if err == nil {
		return nil
	}
	return scrubbed{fmt.Errorf("looking into mailbox %s: %w", name, err)}
}

// Check logs in, looks whether the folder is there, and logs out.
func (i IMAP) Check(ctx context.Context) error {
	if err := i.complete(); err != nil {
		return looked(i.Name, err)
	}
	conn, err := dial(ctx, i.Dial, i.Address, i.Timeout)
	if err != nil {
		return looked(i.Name, fmt.Errorf("connecting to the IMAP server: %w", err))
	}
	w := newWatch(Settings{Name: i.Name})
	s := &imapSession{account: &account{IMAP: i, watch: w, later: newLater(w)}, conn: conn, wake: make(chan struct{}, 1)}
	defer func() {
		_ = conn.Close()
		if s.client != nil {
			_ = s.client.Close() // waits for its reader
		}
	}()
	if err := s.enter(ctx); err != nil {
		return looked(i.Name, err)
	}
	if _, err := s.selects(ctx, &imap.SelectOptions{ReadOnly: true}); err != nil {
		return looked(i.Name, err)
	}
	// A word of leave; what was to be known is known.
	_ = within(ctx, time.Second, conn, func() error { return s.client.Logout().Wait() })
	return nil
}

// Check logs in and out.
func (p POP3) Check(ctx context.Context) error {
	if err := p.complete(); err != nil {
		return looked(p.Name, err)
	}
	c, err := p.open(ctx)
	if err != nil {
		return looked(p.Name, err)
	}
	_ = c.command(ctx, "QUIT") // a word of leave, with nothing deleted
	_ = c.conn.Close()
	return nil
}

// Check looks whether the folders can be listed.
func (d Maildir) Check(context.Context) error {
	_, err := d.files()
	return looked(d.Name, err)
}
