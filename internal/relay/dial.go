package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Options say how to reach one relay.
type Options struct {
	Name     string
	Host     string
	Port     int
	TLS      string // required, implicit or none
	Roots    *x509.CertPool
	Username string // "": no authentication
	Password string
	Hello    string        // the name in EHLO; "": the host's own
	Timeout  time.Duration // per command
	Now      func() time.Time
}

// Dial opens a session: connected, greeted, encrypted and authenticated, so
// that the next thing to be said is MAIL.
func Dial(ctx context.Context, o Options) (*Session, error) {
	fail := func(err error) error {
		return fmt.Errorf("relay %s (%s:%d): %w", o.Name, o.Host, o.Port, hidePassword(err, o))
	}
	whole, stop := ctx, func() bool { return true }
	var raw net.Conn // go-mail loses the socket when TLS or AUTH fails, so it is kept here
	secure := &tls.Config{ServerName: o.Host, RootCAs: o.Roots, MinVersion: tls.VersionTLS12}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		raw = conn
		// The library's context covers no more than this; ours ends the greeting,
		// TLS and AUTH, too.
		stop = context.AfterFunc(whole, func() { _ = conn.Close() })
		if o.TLS == "implicit" {
			return tls.Client(conn, secure), nil
		}
		return conn, nil
	}
	client, err := mail.NewClient(o.Host, options(o, secure, dial)...)
	if err != nil {
		return nil, fail(err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	stop()
	if err != nil {
		if raw != nil {
			err = errors.Join(err, raw.Close())
		}
		return nil, fail(err)
	}
	return &Session{client: session, raw: raw, options: o}, nil
}

func options(o Options, secure *tls.Config, dial mail.DialContextFunc) []mail.Option {
	list := []mail.Option{mail.WithPort(o.Port), mail.WithTimeout(o.Timeout), mail.WithTLSConfig(secure), mail.WithDialContextFunc(dial)}
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
		list = append(list, mail.WithSMTPAuthCustom(&strongest{user: o.Username, password: o.Password, host: o.Host}))
	}
	return list
}

// strongest authenticates with the strongest mechanism that the server offers.
type strongest struct {
	user, password, host string
	smtp.Auth
}

// Start picks the mechanism once the server has said what it offers.
func (s *strongest) Start(server *smtp.ServerInfo) (string, []byte, error) {
	offered := strings.ToUpper(strings.Join(server.Auth, " ") + " ")
	switch {
	case strings.Contains(offered, "SCRAM-SHA-256 "):
		s.Auth = smtp.ScramSHA256Auth(s.user, s.password)
	case strings.Contains(offered, "SCRAM-SHA-1 "):
		s.Auth = smtp.ScramSHA1Auth(s.user, s.password)
	case strings.Contains(offered, "PLAIN "):
		s.Auth = smtp.PlainAuth("", s.user, s.password, s.host, false)
	case strings.Contains(offered, "LOGIN "):
		s.Auth = smtp.LoginAuth(s.user, s.password, s.host, false)
	default:
		return "", nil, fmt.Errorf("the server offers no way to authenticate that is known here (it offers %q)", strings.TrimSpace(offered))
	}
	return s.Auth.Start(server)
}
