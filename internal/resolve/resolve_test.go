package resolve_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"dateline/internal/press"
	"dateline/internal/resolve"
	"dateline/internal/resolve/resolvetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const zone = `
paper.example.    MX 20 second.paper.example.
paper.example.    MX 10 mx.paper.example.
null.example.     MX 0 .
plain.example.    A 192.0.2.1
plain.example.    AAAA 2001:db8::1
www.example.      CNAME plain.example.
broken.example.   MX 10 mx.broken.example.
silent.example.   MX 10 mx.silent.example.
elsewhere.example. MX 10 mx.elsewhere.example.
empty.example.    TXT "v=spf1 " "ip4:192.0.2.0/24 include:other.example -all"
empty.example.    TXT "a \"word\" and \\ and \233"
other.example.    TXT "v=spf1 ip6:2001:db8::/32 ~all"
loop.example.     TXT "v=spf1 include:broken.example -all"
1.2.0.192.in-addr.arpa. PTR plain.example.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR plain.example.
here.example.     A 127.0.0.1
`

func start(t *testing.T) (resolve.Resolver, *resolvetest.Server) {
	t.Helper()
	srv := resolvetest.Start(t, zone)
	srv.Trouble("broken.example", resolvetest.Fails)
	srv.Trouble("elsewhere.example", resolvetest.Refers)
	return resolve.New(srv.Addr()), srv
}

func TestMail(t *testing.T) {
	r, _ := start(t)
	for domain, want := range map[string]press.DomainFound{
		"paper.example": press.MailMX, "plain.example": press.MailAddress, "www.example": press.MailAddress,
		"null.example": press.MailNull, "empty.example": press.MailNone, "nowhere.example": press.MailNone,
	} {
		if got, err := r.Mail(t.Context(), domain); err != nil || got.Found != want || got.Domain != domain || got.Detail == "" {
			t.Errorf("%s: %+v, %v; want %s", domain, got, err, want)
		}
	}
}

// A server that fails, or sends on to others, says nothing of the domain.
func TestOnlyAWordThatThereIsNothingCounts(t *testing.T) {
	r, srv := start(t)
	for domain, why := range map[string]string{"broken.example": "SERVFAIL", "elsewhere.example": "does not answer for others"} {
		if got, err := r.Mail(t.Context(), domain); err == nil || !strings.Contains(err.Error(), domain) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s is taken for %+v, with %v", domain, got, err)
		}
		if got, err := r.TXT(t.Context(), domain); err == nil {
			t.Errorf("%s has the texts %q", domain, got)
		}
	}
	srv.Trouble("silent.example", resolvetest.Silent)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := r.Mail(ctx, "silent.example"); err == nil {
		t.Errorf("what was not waited for is taken for %+v", got)
	}
	if _, err := resolve.New("127.0.0.1:1").TXT(t.Context(), "paper.example"); err == nil {
		t.Error("a server that is not there has answered")
	}
}

func TestWhatStandsInDNS(t *testing.T) {
	r, srv := start(t)
	ctx := t.Context()
	srv.Trouble("empty.example", resolvetest.Cut) // so that it is asked over TCP
	txt, err := r.TXT(ctx, "empty.example")
	if want := []string{"v=spf1 ip4:192.0.2.0/24 include:other.example -all", "a \"word\" and \\ and \xe9"}; err != nil || !slices.Equal(txt, want) {
		t.Errorf("the texts are %q, %v; want %q", txt, err, want)
	}
	mx, err := r.MX(ctx, "paper.example")
	if want := []string{"mx.paper.example.", "second.paper.example."}; err != nil || !slices.Equal(mx, want) {
		t.Errorf("the exchangers are %q, %v; want %q", mx, err, want)
	}
	ips, err := r.Addresses(ctx, "www.example")
	if want := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}; err != nil || !slices.Equal(ips, want) {
		t.Errorf("the addresses are %v, %v; want %v", ips, err, want)
	}
	for _, ip := range ips {
		if names, err := r.Names(ctx, ip); err != nil || !slices.Equal(names, []string{"plain.example"}) {
			t.Errorf("the names of %v are %q, %v", ip, names, err)
		}
	}
	// The machine's own list of hosts has these; DNS has not.
	if got, err := r.Addresses(ctx, "localhost"); err != nil || len(got) > 0 {
		t.Errorf("localhost is at %v, %v", got, err)
	}
	if got, err := r.Names(ctx, netip.MustParseAddr("127.0.0.1")); err != nil || len(got) > 0 {
		t.Errorf("127.0.0.1 is called %q, %v", got, err)
	}
}

func TestSPF(t *testing.T) {
	r, _ := start(t)
	for _, c := range []struct{ ip, sender, want string }{
		{"192.0.2.1", "a@empty.example", "pass"},
		{"2001:db8::1", "a@empty.example", "pass"},
		{"198.51.100.1", "a@empty.example", "fail"},
		{"198.51.100.1", "a@other.example", "softfail"},
		{"198.51.100.1", "a@nowhere.example", "none"},
		{"198.51.100.1", "a@broken.example", "temperror"},
		{"198.51.100.1", "a@loop.example", "temperror"},
	} {
		if got, detail := r.SPF(t.Context(), netip.MustParseAddr(c.ip), c.sender); got != c.want {
			t.Errorf("%s from %s: %s (%s); want %s", c.sender, c.ip, got, detail, c.want)
		}
	}
}

func TestDialContextAsksDNS(t *testing.T) {
	r, _ := start(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"here.example", "127.0.0.1"} {
		conn, err := r.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		_ = conn.Close()
	}
	if conn, err := r.DialContext(t.Context(), "tcp", net.JoinHostPort("nowhere.example", port)); err == nil {
		_ = conn.Close()
		t.Error("nowhere.example was reached")
	}
}
