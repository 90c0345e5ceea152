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
	return certificateFor(t, net.IPv4(127, 0, 0, 1), time.Now().Add(time.Hour))
}

func certificateFor(t *testing.T, ip net.IP, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay"}, IPAddresses: []net.IP{ip},
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
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
	elsewhere, elsewherePool := certificateFor(t, net.IPv4(192, 0, 2, 1), time.Now().Add(time.Hour))
	old, oldPool := certificateFor(t, net.IPv4(127, 0, 0, 1), time.Now().Add(-time.Minute))
	tests := []struct {
		name   string
		script relaytest.Script
		roots  *x509.CertPool
		want   string // in the error; "": dialling works
	}{
		{"offered and right", secured(cert, "PLAIN", nil), pool, ""},
		{"not offered", relaytest.Script{}, pool, "STARTTLS"},
		{"a certificate of a stranger", secured(cert, "PLAIN", nil), stranger, "certificate"},
		{"a certificate of another name", secured(elsewhere, "PLAIN", nil), elsewherePool, "192.0.2.1"},
		{"a certificate that has expired", secured(old, "PLAIN", nil), oldPool, "expired"},
		{"refused at the command", relaytest.Script{Extensions: []string{"STARTTLS"}, At: relaytest.On("STARTTLS", relaytest.Reply("454 4.7.0 not now")).At}, pool, "454"},
		{"closed in the handshake", relaytest.Script{Extensions: []string{"STARTTLS"}, At: relaytest.On("STARTTLS", relaytest.Then(relaytest.Reply("220 go"), relaytest.Close())).At}, pool, "relay main"}, // an end or a reset
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
			if out := session.Send(envelope("aigul@newsroom.example"), []byte(message), nil); out.State != press.Accepted {
				t.Errorf("outcome over TLS: %+v", out)
			}
			if state, ok := session.TLS(); !ok || state.Version != tls.VersionTLS13 || len(state.VerifiedChains) == 0 {
				t.Errorf("the session tells of TLS: %v, %s", ok, tls.VersionName(state.Version))
			}
			if err := session.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestASessionInPlainTextSaysSo(t *testing.T) {
	session, err := relay.Dial(t.Context(), options(relaytest.Start(t, relaytest.Script{})))
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, ok := session.TLS(); ok {
		t.Error("plain text is told as TLS")
	}
}

func TestAuthenticationTakesWhatIsOfferedAndNeverTellsThePassword(t *testing.T) {
	cert, pool := certificate(t)
	const password = "s3cret of the relay"
	plain := base64.StdEncoding.EncodeToString([]byte("\x00dateline\x00" + password))
	token := base64.StdEncoding.EncodeToString([]byte("user=dateline\x01auth=Bearer " + password + "\x01\x01"))
	welcome := relaytest.Reply("235 2.7.0 welcome")
	tests := []struct {
		name, asked, mechanisms string
		auth                    relaytest.Action
		want, line              string
	}{
		{"the strongest", "", "LOGIN PLAIN XOAUTH2", welcome, "", "AUTH PLAIN " + plain},
		{"asked for PLAIN", "plain", "SCRAM-SHA-256 PLAIN", welcome, "", "AUTH PLAIN " + plain},
		{"asked for LOGIN", "login", "SCRAM-SHA-256 PLAIN LOGIN", welcome, "", "AUTH LOGIN"},
		{"asked for a token", "xoauth2", "PLAIN XOAUTH2", welcome, "", "AUTH XOAUTH2 " + token},
		{"SCRAM, and the server does not know how", "", "PLAIN SCRAM-SHA-256", relaytest.Reply("535 5.7.8 no"), "535", "AUTH SCRAM-SHA-256"},
		{"the weaker SCRAM", "", "PLAIN SCRAM-SHA-1", relaytest.Reply("535 5.7.8 no"), "535", "AUTH SCRAM-SHA-1"},
		{"refused, and the server repeats the line", "", "PLAIN", relaytest.Reply("535 5.7.8 no: AUTH PLAIN " + plain), "535", ""},
		{"refused, and the server repeats the token", "xoauth2", "XOAUTH2", relaytest.Reply("535 5.7.8 no: " + token + " " + password), "535", ""},
		{"nothing known offered", "", "XYZ", nil, "no way to authenticate", ""},
		{"what was asked for is not offered", "scram-sha-256", "PLAIN LOGIN", nil, "does not offer authentication by scram-sha-256", ""},
		{"what was asked for is not known", "kerberos", "KERBEROS", nil, "not known here", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := relaytest.Start(t, secured(cert, test.mechanisms, test.auth))
			o := options(server)
			o.TLS, o.Roots, o.Username, o.Password, o.Timeout = "required", pool, "dateline", password, 5*time.Second
			o.Auth = test.asked
			session, err := relay.Dial(t.Context(), o)
			if told := strings.Join(server.Lines(1), "\n"); !strings.Contains(told, test.line) {
				t.Errorf("the relay was told %q, want %q", told, test.line)
			}
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
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), plain) || strings.Contains(err.Error(), token) {
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

func TestTheVersionOfTLSAndTheClientsCertificate(t *testing.T) {
	cert, pool := certificate(t)
	mine, minePool := certificate(t)
	tests := []struct {
		name   string
		server *tls.Config
		change func(*relay.Options)
		want   string
	}{
		{"1.1 is never taken", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, func(o *relay.Options) { o.MinTLS = tls.VersionTLS10 }, "protocol version"},
		{"1.2 by default", &tls.Config{MaxVersion: tls.VersionTLS12}, func(*relay.Options) {}, ""},
		{"1.3 asked for", &tls.Config{MaxVersion: tls.VersionTLS12}, func(o *relay.Options) { o.MinTLS = tls.VersionTLS13 }, "protocol version"},
		{"a client certificate", &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: minePool, MaxVersion: tls.VersionTLS12}, func(o *relay.Options) { o.ClientCert = &mine }, ""},
		{"no client certificate", &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: minePool, MaxVersion: tls.VersionTLS12}, func(*relay.Options) {}, "handshake failure"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.server.Certificates = []tls.Certificate{cert}
			server := relaytest.Start(t, relaytest.Script{Extensions: []string{"STARTTLS"}, At: relaytest.On("STARTTLS", relaytest.StartTLS(test.server)).At})
			o := options(server)
			o.TLS, o.Roots = "", pool
			test.change(&o)
			s, err := relay.Dial(t.Context(), o)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if err == nil {
				_ = s.Close()
			}
		})
	}
}

// While a session is made, too, silence at any point ends with the timeout.
func TestARelayThatHangsWhileItIsDialled(t *testing.T) {
	cert, pool := certificate(t)
	for _, verb := range []string{relaytest.Greeting, "EHLO", "STARTTLS", "AUTH", "LHLO"} {
		t.Run(verb, func(t *testing.T) {
			whole := secured(cert, "PLAIN", relaytest.Hang())
			server := relaytest.Start(t, relaytest.Script{Extensions: whole.Extensions, At: func(p relaytest.Point) relaytest.Action {
				if p.Verb == verb {
					return relaytest.Hang()
				}
				return whole.At(p)
			}})
			o := options(server)
			o.TLS, o.Roots, o.Username, o.Password, o.Timeout = "required", pool, "dateline", "secret", 2*brief
			o.LMTP = verb == "LHLO"
			if s, err := relay.Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "timeout") {
				t.Errorf("session %v, error %v", s, err)
			}
		})
	}
}
