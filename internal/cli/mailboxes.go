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
	"time"

	"dateline/internal/bounce"
	"dateline/internal/config"
	"dateline/internal/mailbox"
	"dateline/internal/press"
)

// runner is a way in that goes on until its context ends.
type runner func(ctx context.Context) error

// inbox is all ways in of one config, ready to run. What listens does so from
// the start, so that a port that is taken is told at once.
type inbox struct {
	runners []runner
	closers []func() error
}

// mailboxTrouble notes how a mailbox stands, "" where it is read.
func (d *daemon) mailboxTrouble(name, trouble string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.office.store.RecordMailbox(ctx, d.id, name, trouble, time.Now()); err != nil {
		d.log.Error("a mailbox's state could not be noted", "mailbox", name, "error", err)
	}
}

// newInbox opens the mailboxes of a config.
func (d *daemon) newInbox(c *config.Config, intake *bounce.Intake) (*inbox, error) {
	in := &inbox{}
	hooks := http.NewServeMux()
	for _, m := range c.Mailboxes {
		settings := mailbox.Settings{Name: m.Name, Log: d.log, Trouble: func(trouble string) { d.mailboxTrouble(m.Name, trouble) }}
		err := error(nil)
		if m.Webhook() {
			err = addHook(hooks, m, settings, intake.Take)
		} else {
			err = in.add(m, settings, d.office.keys, intake.Take)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening the mailbox %s: %w", m.Name, err), in.close())
		}
	}
	if c.Webhooks == "" {
		return in, nil
	}
	listener, err := net.Listen("tcp", c.Webhooks)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for providers' calls: %w", err), in.close())
	}
	in.closers = append(in.closers, listener.Close)
	in.runners = append(in.runners, func(ctx context.Context) error { return serveHTTP(ctx, listener, hooks, d.log) })
	return in, nil
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
	address := net.JoinHostPort(m.Host, strconv.Itoa(m.Port))
	if m.Kind == "pop3" {
		account := mailbox.POP3{Settings: s, Address: address, Security: securityOf(m.TLS), TLS: secure, Username: m.Username, Password: m.Password.Reveal(), Poll: m.Poll}
		in.runners = append(in.runners, func(ctx context.Context) error { return account.Run(ctx, h) })
		return nil
	}
	account := mailbox.IMAP{
		Settings: s, Address: address, Security: securityOf(m.TLS), TLS: secure, Username: m.Username, Password: m.Password.Reveal(),
		Folder: m.Folder, MoveTo: m.MoveTo, Poll: m.Poll,
	}
	in.runners = append(in.runners, func(ctx context.Context) error { return account.Run(ctx, h) })
	return nil
}

// securityOf is the adapter's name for a config's word.
func securityOf(tls string) mailbox.Security {
	return map[string]mailbox.Security{"implicit": mailbox.ImplicitTLS, "required": mailbox.StartTLS, "none": mailbox.NoTLS}[tls]
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
	listener, err := net.Listen(network, m.Listen)
	if err != nil {
		return err
	}
	in.closers = append(in.closers, listener.Close)
	in.runners = append(in.runners, func(ctx context.Context) error { return door.Serve(ctx, listener, h) })
	return nil
}

// hasToken tells an address that one of our copies had as its envelope sender.
func hasToken(keys press.Keyring, a press.Address) bool {
	_, token, _ := strings.Cut(a.Local(), "+")
	_, err := keys.CheckEnvelopeToken(token)
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
	hook := http.Handler(nil)
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

// serveHTTP answers providers' calls until the context ends.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	answered := make(chan struct{})
	unwatched := context.AfterFunc(ctx, func() {
		defer close(answered)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(last) // what is not answered by then comes again
	})
	err := server.Serve(l)
	if unwatched() {
		return err
	}
	<-answered
	return nil
}

// Rhythms of what watches over reports.
const (
	refusalsEvery = 2 * time.Second
	alarmsEvery   = time.Minute
)

// watchReports reads what relays refuse, and tells of domains that refuse our
// mail, each once, until the context ends.
func (d *daemon) watchReports(ctx context.Context, intake *bounce.Intake) {
	refusals, alarms := time.NewTicker(refusalsEvery), time.NewTicker(alarmsEvery)
	defer refusals.Stop()
	defer alarms.Stop()
	told := map[string]bool{}
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-refusals.C:
			_, err = intake.TakeRefusals(ctx, time.Now())
		case <-alarms.C:
			err = d.tellAlarms(ctx, told)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Error("what came back could not be looked through; it is tried again", "error", err)
		}
	}
}

func (d *daemon) tellAlarms(ctx context.Context, told map[string]bool) error {
	alarms, err := bounce.Alarms(ctx, d.office.store, time.Now())
	for _, b := range alarms {
		if key := b.Release + " " + b.Domain; !told[key] {
			told[key] = true
			d.log.Error("a domain refuses our mail; no contact suffers, look into the sending", "release", b.Release, "domain", b.Domain, "reason", b.Reason, "refused", b.Blocked, "sent", b.Sent)
		}
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

// close closes what listens; it may be closed already.
func (in *inbox) close() error {
	for _, c := range in.closers {
		_ = c() // the one that serves it has closed it, as a rule
	}
	return nil
}
