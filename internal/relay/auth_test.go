package relay

import (
	"errors"
	"testing"

	"github.com/wneessen/go-mail/smtp"
)

// Without TLS a password goes in clear only to this machine, or where the caller
// has spelled out that there is no TLS.
func TestNoPasswordInClear(t *testing.T) {
	tests := []struct {
		host, tls, auth string
		encrypted       bool
		refused         bool
	}{
		{"mx.example", "required", "plain", true, false},
		{"mx.example", "required", "plain", false, true},
		{"mx.example", "required", "login", false, true},
		{"mx.example", "", "login", false, true},
		{"mx.example", "none", "plain", false, false},
		{"mx.example", "none", "login", false, false},
		{"127.0.0.1", "required", "plain", false, false},
	}
	for _, test := range tests {
		c := &credentials{options: Options{Host: test.host, TLS: test.tls, Auth: test.auth, Username: "u", Password: "p"}}
		_, _, err := c.Start(&smtp.ServerInfo{Name: test.host, TLS: test.encrypted, Auth: []string{"PLAIN", "LOGIN"}})
		if refused := errors.Is(err, smtp.ErrUnencrypted); refused != test.refused || (err != nil) != test.refused {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
