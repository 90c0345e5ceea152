package relay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// credentials authenticate with the mechanism that is asked for or, where none
// is, with the strongest that the server offers.
type credentials struct {
	options Options
	smtp.Auth
}

// Start picks the mechanism once the server has said what it offers. PLAIN and
// LOGIN show the password to whoever listens: without TLS they are used only on
// this machine, or where the caller has spelled out that there is none.
func (c *credentials) Start(server *smtp.ServerInfo) (string, []byte, error) {
	o := c.options
	inClear := o.TLS == "none"
	var offered []string
	for _, name := range server.Auth {
		offered = append(offered, strings.ToLower(name))
	}
	wanted := []string{"scram-sha-256", "scram-sha-1", "plain", "login"}
	if o.Auth != "" {
		wanted = []string{o.Auth}
	}
	for _, name := range wanted {
		if !slices.Contains(offered, name) {
			continue
		}
		switch name {
		case "scram-sha-256":
			c.Auth = smtp.ScramSHA256Auth(o.Username, o.Password)
		case "scram-sha-1":
			c.Auth = smtp.ScramSHA1Auth(o.Username, o.Password)
		case "plain":
			c.Auth = smtp.PlainAuth("", o.Username, o.Password, o.Host, inClear)
		case "login":
			c.Auth = smtp.LoginAuth(o.Username, o.Password, o.Host, inClear)
		case "xoauth2":
			c.Auth = smtp.XOAuth2Auth(o.Username, o.Password)
		default:
			return "", nil, fmt.Errorf("authentication by %q is not known here", name)
		}
		return c.Auth.Start(server)
	}
	if o.Auth != "" {
		return "", nil, fmt.Errorf("the server does not offer authentication by %s (it offers %q)", o.Auth, strings.Join(server.Auth, " "))
	}
	return "", nil, fmt.Errorf("the server offers no way to authenticate that is known here (it offers %q)", strings.Join(server.Auth, " "))
}
