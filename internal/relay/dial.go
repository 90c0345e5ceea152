package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Options say how to reach one relay.
type Options struct {
	Name string
	Host string // with LMTP also the path of a Unix socket
	Port int
	LMTP bool // RFC 2033, to a server on this machine: neither TLS nor authentication

	TLS        string // required, implicit or none; "": required
	MinTLS     uint16 // tls.VersionTLS13, say; never below 1.2
	Roots      *x509.CertPool
	ClientCert *tls.Certificate

	Username string // "": no authentication
	Password string
	Auth     string // plain, login, scram-sha-256, scram-sha-1 or xoauth2, where Password is the token; "": the strongest offered but xoauth2

	Delivered bool // ask for a report of each copy that reached its mailbox, too (NOTIFY=SUCCESS)

	Hello       string        // the name in EHLO; "": the host's own
	Timeout     time.Duration // for each group of commands and its answers
	DataTimeout time.Duration // for a message and its answer; 0: as Timeout
	Now         func() time.Time
}

// address is where the relay is, as errors name it.
func (o Options) address() string {
	if o.unix() {
		return o.Host
	}
	return net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
}

func (o Options) unix() bool { return o.LMTP && strings.HasPrefix(o.Host, "/") }

// Dial opens a session: connected, greeted, encrypted and authenticated, so
// that the next thing to be said is MAIL.
func Dial(ctx context.Context, o Options) (*Session, error) {
	if o.DataTimeout == 0 {
		o.DataTimeout = o.Timeout
	}
	d := &dialler{options: o, whole: ctx, stop: func() bool { return true }}
	connect := d.smtp
	if o.LMTP {
		connect = d.lmtp
	}
	s, err := connect(ctx)
	if !d.stop() && err == nil {
		err = context.Cause(ctx) // the connection was closed as soon as it stood
	}
	if err != nil {
		if d.raw != nil {
			err = errors.Join(err, d.close())
		}
		return nil, fmt.Errorf("relay %s (%s): %w", o.Name, o.address(), hidePassword(err, o))
	}
	s.buffer = make([]byte, 0, usualMessage)
	return s, nil
}

// usualMessage is room for a message of the usual length and its commands.
const usualMessage = 16 << 10

// dialler keeps the socket of a connection that is being made: go-mail loses it
// when TLS or AUTH fails.
type dialler struct {
	options Options
	whole   context.Context
	raw     net.Conn
	stop    func() bool // the watch over the context
}

// connect dials. go-mail's context covers no more than this; ours ends the
// greeting, TLS and AUTH, too.
func (d *dialler) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.raw = conn
	d.stop = context.AfterFunc(d.whole, func() { _ = conn.Close() })
	return conn, nil
}

func (d *dialler) close() error {
	if err := d.raw.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (d *dialler) smtp(ctx context.Context) (*Session, error) {
	o := d.options
	secure := &tls.Config{
		ServerName: o.Host, RootCAs: o.Roots, MinVersion: max(o.MinTLS, tls.VersionTLS12),
		DynamicRecordSizingDisabled: true, // a message is one record, not six
	}
	if o.ClientCert != nil {
		secure.Certificates = []tls.Certificate{*o.ClientCert}
	}
	client, err := mail.NewClient(o.Host, append(options(o), mail.WithTLSConfig(secure), mail.WithDialContextFunc(
		func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := d.connect(ctx, network, address)
			if err != nil || o.TLS == "none" {
				return conn, err
			}
			conn = quick(conn)
			if o.TLS == "implicit" {
				return tls.Client(conn, secure), nil
			}
			return conn, nil
		}))...)
	if err != nil {
		return nil, err
	}
	c, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{options: o, raw: d.raw, in: c.Text.R, out: c.Text.W, can: newAbilities(c.Extension, o.Delivered)}
	if state, ok := c.TLSConnectionState(); ok {
		s.secure = &state
	}
	return s, nil
}

func options(o Options) []mail.Option {
	list := []mail.Option{mail.WithPort(o.Port), mail.WithTimeout(o.Timeout)}
	switch o.TLS {
	case "implicit":
		list = append(list, mail.WithSSL())
	case "none":
		list = append(list, mail.WithTLSPolicy(mail.NoTLS))
	default:
		list = append(list, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.Hello != "" {
		list = append(list, mail.WithHELO(o.Hello))
	}
	if o.Username != "" {
		list = append(list, mail.WithSMTPAuthCustom(&credentials{options: o}))
	}
	return list
}
