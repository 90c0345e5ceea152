package sink

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dateline/internal/press"

	"github.com/emersion/go-smtp"
)

// listener gives every connection the clock by which receipts are dated, and
// can close them all.
type listener struct {
	net.Listener
	mu     sync.Mutex
	open   map[*conn]bool
	closed bool
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, from: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = raw.Close() // nobody will talk to it
		return nil, net.ErrClosed
	}
	l.open[c] = true
	return c, nil
}

func (l *listener) closeConns() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.open {
		_ = c.Conn.Close() // broken or not, it is gone
	}
}

// conn notes when bytes last came in. A read follows only when all bytes
// before were used up, so right after the first byte of a message is taken
// from the buffer over it, that is when this byte came.
type conn struct {
	net.Conn
	from *listener
	last atomic.Int64 // Unix nanoseconds
}

// Read reads and looks at the clock.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.last.Store(time.Now().UnixNano())
	return n, err
}

// Close closes the connection and forgets it.
func (c *conn) Close() error {
	c.from.mu.Lock()
	delete(c.from.open, c)
	c.from.mu.Unlock()
	return c.Conn.Close()
}

func (c *conn) clock() time.Time { return time.Unix(0, c.last.Load()).UTC() }

// session is one connection's dialogue; go-smtp calls it.
type session struct {
	sink *Sink
	conn *conn
	from string
	to   []string
	data bytes.Buffer // used again for every message
}

// Mail notes the envelope's sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt notes a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Reset forgets the envelope.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// Data reads a message and notes its receipt.
func (s *session) Data(r io.Reader) error {
	const keep = 1 << 20 // a larger buffer is not held for the next message
	if s.data.Cap() > keep {
		s.data = bytes.Buffer{}
	}
	s.data.Reset()
	_, err := s.data.ReadFrom(io.LimitReader(r, 1))
	if err != nil {
		return err
	}
	began := s.conn.clock()
	if _, err = s.data.ReadFrom(r); err != nil {
		return err
	}
	got := Receipt{From: s.from, To: s.to, Began: began, Ended: s.conn.clock(), Size: s.data.Len()}
	readHeader(&got, s.data.Bytes())
	if s.sink.note(&got) {
		s.sink.save(got, s.data.Bytes())
	}
	if s.sink.opts.OnReceipt != nil {
		s.sink.opts.OnReceipt(got)
	}
	return nil
}

// readHeader takes from a message's header what a receipt has of it. What
// cannot be read of a header is left out: the message came all the same.
func readHeader(got *Receipt, message []byte) {
	header, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(message))).ReadMIMEHeader() // what stands before the damage is given
	got.MessageID = header.Get("Message-Id")
	got.Language = strings.TrimSpace(header.Get("Content-Language"))
	for name, values := range header {
		if strings.HasPrefix(name, "X-Dateline-") {
			if got.Dateline == nil {
				got.Dateline = map[string]string{}
			}
			got.Dateline[name] = values[0]
		}
	}
}

// save writes a message to the folder, by its number and language.
func (s *Sink) save(r Receipt, message []byte) {
	name := fmt.Sprintf("%d-%s.eml", r.Number, fileLang(r.Language))
	err := os.WriteFile(filepath.Join(s.opts.SaveDir, name), message, 0o600)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.failed == nil {
		s.failed = fmt.Errorf("saving message %d of the sink: %w", r.Number, err)
	}
}

// fileLang makes a language fit for a file's name: what a mail says of itself
// must not name other folders.
func fileLang(s string) string {
	lang, err := press.ParseLang(s)
	if err != nil || len(lang) > 35 {
		return "und"
	}
	return string(lang)
}
