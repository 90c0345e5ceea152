package mailbox

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"dateline/internal/press"
)

// Handler takes one message. Nil says that its result is in the store, so that
// the message may be removed where it is; after an error it stays there and
// comes again. The same message may come twice. Handlers of several ways in,
// and of several sessions of the listener and the webhooks, run at once.
type Handler func(ctx context.Context, m press.Mail) error

// Settings are what all ways in have. Only Name must be given.
type Settings struct {
	Name     string               // of the mailbox in the config
	MaxBytes int64                // of one message: 1 MiB where it is zero
	Retry    time.Duration        // the first wait after a failure, then twice that: 5 seconds where it is zero
	MaxRetry time.Duration        // the longest such wait: 10 minutes where it is zero
	Log      *slog.Logger         // nil: nowhere
	Trouble  func(trouble string) // told what is wrong now, or "", at each change; nil: nobody
	Read     func()               // told each time that it was read, and nothing was wrong; nil: nobody
}

func (s Settings) withDefaults() Settings {
	if s.MaxBytes <= 0 {
		s.MaxBytes = 1 << 20
	}
	if s.Retry <= 0 {
		s.Retry = 5 * time.Second
	}
	if s.MaxRetry <= 0 {
		s.MaxRetry = 10 * time.Minute
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.Log = s.Log.With("mailbox", s.Name)
	if s.Trouble == nil {
		s.Trouble = func(string) {}
	}
	if s.Read == nil {
		s.Read = func() {}
	}
	return s
}

// Security is how a connection to a server is kept from others' eyes.
type Security string

// TLS from the first byte, TLS after STARTTLS (STLS), or none. None is for the
// loopback interface, and for what the operator has spelled out: this package
// does not ask.
const (
	ImplicitTLS Security = "tls"
	StartTLS    Security = "starttls"
	NoTLS       Security = "none"
)

func (s Security) check() error {
	switch s {
	case ImplicitTLS, StartTLS, NoTLS:
		return nil
	default:
		return fmt.Errorf("security %q is none of %s, %s and %s", string(s), ImplicitTLS, StartTLS, NoTLS)
	}
}

// tlsFor gives the settings of a client: those given, with the server's name.
func tlsFor(given *tls.Config, host string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if given != nil {
		c = given.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = host
	}
	return c
}

// watch is a way in that runs: it tells the operator of changes.
type watch struct {
	Settings
	mu   sync.Mutex
	last string
}

func newWatch(s Settings) *watch { return &watch{Settings: s.withDefaults()} }

// tell notes what is wrong now; "" is nothing.
func (w *watch) tell(trouble string) {
	trouble = scrub(trouble)
	if trouble == "" {
		w.Read()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if trouble == w.last {
		return
	}
	w.last = trouble
	if trouble == "" {
		w.Log.Info("the mailbox works again")
	} else {
		w.Log.Warn("trouble with the mailbox", "trouble", trouble)
	}
	w.Trouble(trouble)
}

var addresses = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)

// scrub makes what others said fit for a log: one short line of text that names
// no mail address.
func scrub(s string) string {
	const longest = 300
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	s = strings.ToValidUTF8(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }), " "), "?")
	return addresses.ReplaceAllString(s, "(an address)")
}
