package relay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// secured is a relay that offers STARTTLS, and AUTH with these mechanisms.
func secured(c tls.Certificate, mechanisms string, auth relaytest.Action) relaytest.Script {
	return relaytest.Script{
		Extensions: []string{"STARTTLS", "PIPELINING", "AUTH " + mechanisms},
		At: func(p relaytest.Point) relaytest.Action {
			switch p.Verb {
			case "STARTTLS":
				return relaytest.StartTLS(&tls.Config{Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS12})
			case "AUTH":
				return auth
			}
			return nil
		},
	}
}

func TestTLSIsRequiredUnlessSpelledOut(t *testing.T) {
	cert, pool := certificate(t)
	_, stranger := certificate(t)
	tests := []struct {
		name   string
		script relaytest.Script
		roots  *x509.CertPool
		want   string // in the error; "": dialling works
	}{
		{"offered and right", secured(cert, "PLAIN", nil), pool, ""},
		{"not offered", relaytest.Script{}, pool, "STARTTLS"},
		{"a certificate of a stranger", secured(cert, "PLAIN", nil), stranger, "certificate"},
		{"refused at the command", relaytest.Script{Extensions: []string{"STARTTLS"}, At: relaytest.On("STARTTLS", relaytest.Reply("454 4.7.0 not now")).At}, pool, "454"},
		{"closed in the handshake", relaytest.Script{Extensions: []string{"STARTTLS"}, At: relaytest.On("STARTTLS", relaytest.Then(relaytest.Reply("220 go"), relaytest.Close())).At}, pool, "EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := relaytest.Start(t, test.script)
			o := options(server)
			o.TLS, o.Roots, o.Timeout = "required", test.roots, 5*time.Second
			session, err := relay.Dial(t.Context(), o)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "relay main (127.0.0.1:") {
					t.Fatalf("error %v, want one that names the relay and %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if out := session.Send(envelope("aigul@newsroom.example"), []byte(message)); out.State != press.Accepted {
				t.Errorf("outcome over TLS: %+v", out)
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAuthenticationTakesWhatIsOfferedAndNeverTellsThePassword(t *testing.T) {
	cert, pool := certificate(t)
	const password = "s3cret of the relay"
	plain := base64.StdEncoding.EncodeToString([]byte("\x00dateline\x00" + password))
	tests := []struct {
		name, mechanisms string
		auth             relaytest.Action
		want             string
	}{
		{"PLAIN", "PLAIN LOGIN", relaytest.Reply("235 2.7.0 welcome"), ""},
		{"refused, and the server repeats the line", "PLAIN", relaytest.Reply("535 5.7.8 no: AUTH PLAIN " + plain), "535"},
		{"nothing known offered", "XYZ", nil, "no way to authenticate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := relaytest.Start(t, secured(cert, test.mechanisms, test.auth))
			o := options(server)
			o.TLS, o.Roots, o.Username, o.Password, o.Timeout = "required", pool, "dateline", password, 5*time.Second
			session, err := relay.Dial(t.Context(), o)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := session.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), plain) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestARefusedConnectionIsSaid(t *testing.T) {
	server := relaytest.Start(t, relaytest.Script{})
	o := options(server)
	server.Close()
	if _, err := relay.Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
	server = relaytest.Start(t, relaytest.On(relaytest.Greeting, relaytest.Reply("554 5.7.1 not you")))
	if _, err := relay.Dial(t.Context(), options(server)); err == nil || !strings.Contains(err.Error(), "554") {
		t.Errorf("error %v", err)
	}
}
