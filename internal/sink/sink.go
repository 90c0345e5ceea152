package sink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

// Options say where the sink listens and what it keeps.
type Options struct {
	Port    int    // 0: any that is free
	SaveDir string // where raw messages are saved; empty: nowhere. It is made if need be
	// SaveMax is how many messages are saved, the first ones; beyond them the
	// first one in each language still is.
	SaveMax int
	// OnReceipt, if set, is called after each receipt is noted, from several
	// goroutines at once. The message is answered once it returns.
	OnReceipt func(Receipt)
}

// Receipt is one message that came in whole.
type Receipt struct {
	Number    int               `json:"number"` // 1 for the first
	From      string            `json:"from"`   // of the envelope; empty for the null sender
	To        []string          `json:"to"`     // of the envelope
	Began     time.Time         `json:"began"`  // when the first byte of its data was read; UTC
	Ended     time.Time         `json:"ended"`  // when the last one was
	Size      int               `json:"size"`   // in bytes, dots unstuffed
	MessageID string            `json:"message_id,omitempty"`
	Language  string            `json:"language,omitempty"` // the Content-Language header
	Dateline  map[string]string `json:"dateline,omitempty"` // the X-Dateline headers
}

// Sink is a running SMTP sink.
type Sink struct {
	opts     Options
	server   *smtp.Server
	listener *listener
	served   chan error

	mu        sync.Mutex
	receipts  []Receipt
	languages map[string]bool // of which a message was saved
	failed    error           // the first message that could not be saved
}

// Bounds of what is taken. A relay of ours keeps its connections open between
// messages: it may be silent for as long as RFC 5321 (section 4.5.3.2.7) gives it.
const (
	maxMessageBytes = 64 << 20
	maxRecipients   = 1000
	maxConns        = 1000
	silence         = 5 * time.Minute
)

// Start listens on 127.0.0.1 and serves until Close.
func Start(opts Options) (*Sink, error) {
	if opts.SaveDir != "" {
		if err := os.MkdirAll(opts.SaveDir, 0o700); err != nil {
			return nil, fmt.Errorf("making the sink's folder for messages: %w", err)
		}
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(opts.Port)))
	if err != nil {
		return nil, fmt.Errorf("the SMTP sink cannot listen: %w", err)
	}
	return serve(ln, opts), nil
}

// serve answers on a listener.
func serve(ln net.Listener, opts Options) *Sink {
	s := &Sink{
		opts:      opts,
		listener:  &listener{Listener: netutil.LimitListener(ln, maxConns), open: map[*conn]bool{}},
		served:    make(chan error, 1),
		languages: map[string]bool{},
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{sink: s, conn: c.Conn().(*conn)}, nil
	}))
	s.server.Domain = "sink.dateline.example"
	s.server.MaxMessageBytes, s.server.MaxRecipients = maxMessageBytes, maxRecipients
	s.server.ReadTimeout, s.server.WriteTimeout = silence, silence
	s.server.EnableSMTPUTF8 = true
	s.server.EnableDSN = true
	s.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // connections that break are the sender's to tell
	go func() { s.served <- s.server.Serve(s.listener) }()
	return s
}

// Addr is host:port that the sink listens on.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// Break takes no connection any more and breaks those that are open, also while
// a message waits in OnReceipt for its answer. Close ends the sink.
func (s *Sink) Break() {
	_ = s.listener.Close() // Close tells what is wrong
	err := <-s.served
	s.served <- err
	s.listener.closeConns()
}

// Close breaks every connection and waits until nothing runs. It gives the
// first failure to save a message. The receipts can still be asked for.
func (s *Sink) Close() error {
	_ = s.listener.Close() // the second time it is closed already
	err := <-s.served
	s.served <- nil // for a second Close
	s.listener.closeConns()
	_ = s.server.Shutdown(context.Background()) // waits for the sessions; its listener is closed already
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.failed)
}

// Count is how many messages came in.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.receipts)
}

// Received is a copy of the receipts so far, in the order of their numbers.
func (s *Sink) Received() []Receipt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Receipt(nil), s.receipts...)
}

// note keeps a receipt, and says whether its message is to be saved.
func (s *Sink) note(r *Receipt) (save bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Number = len(s.receipts) + 1
	s.receipts = append(s.receipts, *r)
	if s.opts.SaveDir == "" {
		return false
	}
	lang := fileLang(r.Language)
	save = r.Number <= s.opts.SaveMax || !s.languages[lang]
	if len(s.languages) < 100 { // a sender that invents languages must not fill the disk
		s.languages[lang] = true
	} else if r.Number > s.opts.SaveMax {
		save = false
	}
	return save
}
