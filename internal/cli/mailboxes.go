package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dateline/internal/bounce"
	"dateline/internal/config"
	"dateline/internal/mailbox"
	"dateline/internal/press"
)

// runner is a way in that goes on until its context ends.
type runner func(ctx context.Context) error

// inbox is all ways in of one config, ready to run.
type inbox struct {
	runners []runner
	doors   *doors
	names   map[string]bool // of the doors that it wants
	trouble func(name, trouble string)
	unasked bool // nobody named the address: where another has it, nothing waits for a person
}

// mailboxTrouble notes how a mailbox stands, "" where it is read.
func (d *daemon) mailboxTrouble(name, trouble string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.office.store.RecordMailbox(ctx, d.id, name, trouble, time.Now()); err != nil {
		d.log.Error("a mailbox's state could not be noted", "mailbox", name, "error", err)
	}
}

// newInbox makes the mailboxes of a config ready. Whatever is wrong with one
// keeps nothing from being sent, and no other from being read: it is told, and
// shows in `status`.
func (d *daemon) newInbox(c *config.Config, intake *bounce.Intake) *inbox {
	in := &inbox{trouble: d.mailboxTrouble, doors: &d.doors, names: map[string]bool{}}
	hooks := http.NewServeMux()
	for _, m := range c.Mailboxes {
		settings := mailbox.Settings{Name: m.Name, Log: d.log, Trouble: func(trouble string) { d.mailboxTrouble(m.Name, trouble) }}
		if m.Polled() {
			settings.Read = func() { d.lookout.metrics.Read(m.Name, time.Now()) }
		}
		var err error
		if m.Webhook() {
			err = addHook(hooks, m, settings, intake.Take)
		} else {
			err = in.add(m, settings, d.office.keys, intake.Take)
		}
		if err != nil {
			d.log.Error("a mailbox cannot be read", "mailbox", m.Name, "error", err)
			d.mailboxTrouble(m.Name, err.Error())
		}
	}
	if c.Webhooks != "" {
		in.runners = append(in.runners, in.listening("webhooks", "tcp", c.Webhooks, d.log, func(ctx context.Context, l net.Listener) error {
			return serveHTTP(ctx, l, site{pages: hooks}, d.log)
		}))
	}
	if c.OptOut.Listen != "" {
		if err := d.addOptOut(in, c); err != nil {
			d.log.Error("the opt-out pages cannot be served", "error", err)
			d.mailboxTrouble("optout", err.Error())
		}
	}
	if c.Console.Listen != "" {
		if err := d.addConsole(in, c); err != nil {
			d.log.Error("the console cannot be served", "error", err)
			d.mailboxTrouble("console", err.Error())
		}
	}
	if c.Watch.Listen != "" {
		in.names["tcp "+c.Watch.Listen] = true // the lookout's
	}
	if err := d.doors.keep(in.names); err != nil {
		d.log.Error("an address is still listened at", "error", err)
	}
	return in
}

// listenAgain is how long it takes until a port that was taken is tried again.
const listenAgain = 5 * time.Second

// listening serves at an address, and waits for it where somebody else has it.
func (in *inbox) listening(name, network, address string, log *slog.Logger, serve func(context.Context, net.Listener) error) runner {
	in.names[network+" "+address] = true
	return func(ctx context.Context) error {
		for told := ""; ; {
			l, err := in.doors.listen(ctx, network, address)
			if err == nil {
				if told != "" {
					log.Info("the mailbox listens", "mailbox", name)
				}
				in.trouble(name, "")
				return serve(ctx, l)
			}
			if told != err.Error() {
				told = err.Error()
				level := slog.LevelError
				if in.unasked {
					level = slog.LevelInfo
				}
				log.Log(ctx, level, "a mailbox cannot listen; it is tried again", "mailbox", name, "error", err)
				in.trouble(name, told)
			}
			again := time.NewTimer(listenAgain)
			select {
			case <-ctx.Done():
				again.Stop()
				return ctx.Err()
			case <-again.C:
			}
		}
	}
}

// listenAt listens. The path of a socket that a daemon left behind when it was
// killed is taken over; what is a socket may be spoken to by the mail server's
// user, for the listener takes nothing but what has a token of ours.
func listenAt(ctx context.Context, network, address string) (net.Listener, error) {
	var of net.ListenConfig
	l, err := of.Listen(ctx, network, address)
	if network != "unix" {
		return l, err
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		dialer := net.Dialer{Timeout: time.Second}
		if c, dialled := dialer.DialContext(ctx, network, address); dialled == nil {
			return nil, errors.Join(err, c.Close()) // somebody answers there
		}
		if err := os.Remove(address); err != nil {
			return nil, err
		}
		l, err = of.Listen(ctx, network, address)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(address, 0o666); err != nil { //nolint:gosec // see above
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// add opens one that is no webhook.
func (in *inbox) add(m config.Mailbox, s mailbox.Settings, keys press.Keyring, h mailbox.Handler) error {
	switch m.Kind {
	case "imap", "pop3":
		return in.account(m, s, h)
	case "maildir":
		dir := mailbox.Maildir{Settings: s, Dir: m.Path, MoveTo: m.MoveTo, Poll: m.Poll}
		in.runners = append(in.runners, func(ctx context.Context) error { return dir.Run(ctx, h) })
		return nil
	default:
		return in.listen(m, s, keys, h)
	}
}

func (in *inbox) account(m config.Mailbox, s mailbox.Settings, h mailbox.Handler) error {
	secure, err := accountTLS(m)
	if err != nil {
		return err
	}
	if m.Kind == "pop3" {
		account := pop3(m, s, secure)
		in.runners = append(in.runners, func(ctx context.Context) error { return account.Run(ctx, h) })
		return nil
	}
	account := imap(m, s, secure)
	in.runners = append(in.runners, func(ctx context.Context) error { return account.Run(ctx, h) })
	return nil
}

func pop3(m config.Mailbox, s mailbox.Settings, secure *tls.Config) mailbox.POP3 {
	return mailbox.POP3{
		Settings: s, Address: net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), Security: securityOf(m.TLS), TLS: secure,
		Username: m.Username, Password: m.Password.Reveal(), Poll: m.Poll,
	}
}

func imap(m config.Mailbox, s mailbox.Settings, secure *tls.Config) mailbox.IMAP {
	return mailbox.IMAP{
		Settings: s, Address: net.JoinHostPort(m.Host, strconv.Itoa(m.Port)), Security: securityOf(m.TLS), TLS: secure,
		Username: m.Username, Password: m.Password.Reveal(), Folder: m.Folder, MoveTo: m.MoveTo, Poll: m.Poll,
	}
}

// securityOf is the adapter's name for a config's word.
func securityOf(word string) mailbox.Security {
	return map[string]mailbox.Security{"implicit": mailbox.ImplicitTLS, "required": mailbox.StartTLS, "none": mailbox.NoTLS}[word]
}

func accountTLS(m config.Mailbox) (*tls.Config, error) {
	c := &tls.Config{MinVersion: m.MinTLS} //nolint:gosec // 1.2 at least, as the config has it
	if m.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(m.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading ca_file: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", m.CAFile)
	}
	return c, nil
}

// listen opens a listener, which takes only what has a token of ours.
func (in *inbox) listen(m config.Mailbox, s mailbox.Settings, keys press.Keyring, h mailbox.Handler) error {
	s.MaxBytes = m.MaxSize
	door := mailbox.Listener{
		Settings: s, Domain: m.Hello, LMTP: m.Kind == "lmtp", Accepts: func(a press.Address) bool { return hasToken(keys, a) },
		MaxConns: m.Connections, MaxConnsNet: m.Connections, MaxPerMinute: m.PerMinute,
	}
	if m.Cert != "" {
		pair, err := tls.LoadX509KeyPair(m.Cert, m.Key)
		if err != nil {
			return fmt.Errorf("reading cert and key: %w", err)
		}
		door.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if door.Domain == "" {
		door.Domain = hostName()
	}
	network := "tcp"
	if strings.HasPrefix(m.Listen, "/") {
		network = "unix"
	}
	in.runners = append(in.runners, in.listening(m.Name, network, m.Listen, s.Log, func(ctx context.Context, l net.Listener) error { return door.Serve(ctx, l, h) }))
	return nil
}

// hasToken tells an address that one of our copies had as its envelope sender,
// or as where to ask for no more.
func hasToken(keys press.Keyring, a press.Address) bool {
	local := a.Local()
	token := local[strings.LastIndexByte(local, '+')+1:]
	_, err := keys.CheckEnvelopeToken(token)
	if err != nil {
		_, err = keys.CheckOptOutToken(token)
	}
	return err == nil
}

func hostName() string {
	if host, err := os.Hostname(); err == nil {
		return host
	}
	return "localhost"
}

// addHook puts a provider's webhook at its path.
func addHook(to *http.ServeMux, m config.Mailbox, s mailbox.Settings, h mailbox.Handler) (err error) {
	var hook http.Handler
	switch m.Kind {
	case "ses":
		hook, err = mailbox.SES{Settings: s, TopicARN: m.TopicARN}.Handler(h)
	case "sendgrid":
		hook, err = mailbox.SendGrid{Settings: s, PublicKey: m.PublicKey}.Handler(h)
	case "postmark":
		hook, err = mailbox.Postmark{Settings: s, Username: m.Username, Password: m.Password.Reveal()}.Handler(h)
	default:
		hook, err = mailbox.Mailgun{Settings: s, SigningKey: m.SigningKey.Reveal()}.Handler(h)
	}
	if err == nil {
		to.Handle("/reports/"+m.Name, hook)
	}
	return err
}

// run reads all mailboxes until the context ends.
func (in *inbox) run(ctx context.Context, log *slog.Logger) {
	var all sync.WaitGroup
	for _, run := range in.runners {
		all.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				log.Error("a mailbox is not read any more", "error", err)
			}
		})
	}
	all.Wait()
}
