package cli

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dateline/internal/config"
	"dateline/internal/mailbox"
	"dateline/internal/probe"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
	"dateline/internal/resolve"
	"dateline/internal/resolve/resolvetest"
)

// What says nothing of who was asked is no refusal, and the other way round.
func TestSilenceIsToldFromRefusals(t *testing.T) {
	const brief = 100 * time.Millisecond
	dial := func(script relaytest.Script) error {
		srv := relaytest.Start(t, script)
		_, err := relay.Dial(t.Context(), relay.Options{Name: "main", Host: "127.0.0.1", Port: srv.Port(), TLS: "none", Username: "dateline", Password: "geheim", Auth: "plain", Timeout: brief, Now: time.Now})
		return err
	}
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	dns := resolvetest.Start(t, "here.example. A 127.0.0.1\n")
	dns.Trouble("broken.example", resolvetest.Fails)
	web := probe.New(resolve.New(dns.Addr()).DialContext)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer secure.Close()
	over, end := context.WithTimeout(t.Context(), 0)
	defer end()

	get := func(ctx context.Context, address string) error {
		_, err := web.Get(ctx, address)
		return err
	}
	for name, c := range map[string]struct {
		err     error
		refused bool
	}{
		"a relay that says nothing":   {dial(relaytest.On(relaytest.Greeting, relaytest.Hang())), false},
		"a relay that hangs at AUTH":  {dial(relaytest.Script{Extensions: []string{"AUTH PLAIN"}, At: relaytest.On("AUTH", relaytest.Hang()).At}), false},
		"a relay that refuses us":     {dial(relaytest.Script{Extensions: []string{"AUTH PLAIN"}, At: relaytest.On("AUTH", relaytest.Reply("535 5.7.8 no")).At}), true},
		"a relay that sends us away":  {dial(relaytest.On(relaytest.Greeting, relaytest.Reply("554 no service"))), true},
		"a mailbox that says nothing": {mailbox.IMAP{Address: silent.Addr().String(), Security: mailbox.NoTLS, Timeout: brief}.Check(t.Context()), false},
		"a mailbox that is not there": {mailbox.Maildir{Dir: t.TempDir()}.Check(t.Context()), true},
		"a name that DNS fails at":    {get(t.Context(), "https://broken.example/"), false},
		"a name without an address":   {get(t.Context(), "https://nowhere.example/"), true},
		"a port that is closed":       {get(t.Context(), "http://here.example:1/"), true},
		"a stranger's certificate":    {get(t.Context(), secure.URL), true},
		"no time left":                {get(over, secure.URL), false},
	} {
		why, refused := sorted(t.Context(), c.err)
		if c.err == nil || (refused != "") != c.refused || (why != "") == c.refused {
			t.Errorf("%s: %v, taken for a refusal: %v", name, c.err, refused != "")
		}
		if strings.Contains(why+refused, "geheim") {
			t.Errorf("%s: %s%s", name, why, refused)
		}
	}
}

func TestACertificateLastsAsLongAsItsChain(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2027, 3, n, 0, 0, 0, 0, time.UTC) }
	until := func(n int) *x509.Certificate { return &x509.Certificate{NotAfter: day(n)} }
	for want, chains := range map[int][][]*x509.Certificate{
		3: {{until(9), until(3)}},
		5: {{until(9), until(3)}, {until(9), until(5)}},
		9: {{until(9), until(20)}},
	} {
		if got := lasts(chains); !got.Equal(day(want)) {
			t.Errorf("it lasts until %s, want %s", got, day(want))
		}
	}
}

func TestOnThisMachine(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "/run/mail.sock": true, "mail.example.org": false, "192.0.2.1": false} {
		if got := onThisMachine(host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// A relay that says nothing until all time is over was not asked either.
func TestARelayThatHangsUntilTheEndIsNotKnown(t *testing.T) {
	srv := relaytest.Start(t, relaytest.On(relaytest.Greeting, relaytest.Hang()))
	ctx, end := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer end()
	r := config.Relay{Name: "main", Protocol: "smtp", Host: "127.0.0.1", Port: srv.Port(), TLS: "none", Timeout: time.Minute}
	if s := session(ctx, r); s.Why == "" || s.Refused != "" {
		t.Errorf("%+v", s)
	}
	srv.Close()
	if s := session(t.Context(), r); s.Why != "" || s.Refused == "" {
		t.Errorf("%+v", s)
	}
}

// A sender that nothing could be asked about has nothing that is ok.
func TestWithoutDNSNothingIsKnown(t *testing.T) {
	a := &asking{dns: resolve.New("127.0.0.1:1")}
	r := config.Relay{Name: "main", Host: "mail.example.org"}
	ips := a.outgoingOf(t.Context(), r)
	if ips.Why == "" || len(ips.Got) > 0 {
		t.Errorf("%+v", ips)
	}
}
