package mailbox

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"

	"github.com/emersion/go-smtp"
)

func onlyTokens(a press.Address) bool { return strings.HasPrefix(a.Local(), "token") }

// serves starts a listener with short times.
func serves(t *testing.T, l Listener, in *intake) (address string, stop func()) {
	t.Helper()
	ln := listen(t)
	if l.Accepts == nil {
		l.Accepts = onlyTokens
	}
	if l.Name == "" {
		l.Settings = newOperator().settings()
	}
	stop = runs(t, func(ctx context.Context) error { return l.Serve(ctx, ln, in.handle) })
	return ln.Addr().String(), stop
}

// talk is a raw dialogue: what the listener says to each line.
type talk struct {
	net.Conn
	r *bufio.Reader
}

func dialTalk(t *testing.T, address string) *talk {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return &talk{c, bufio.NewReader(c)}
}

// hears reads a whole reply, and checks how it begins.
func (k *talk) hears(t *testing.T, want string) {
	t.Helper()
	for {
		line, err := k.r.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		if len(line) > 3 && line[3] == '-' {
			continue
		}
		if !strings.HasPrefix(line, want) {
			t.Fatalf("got %q, want %s", line, want)
		}
		return
	}
}

func (k *talk) says(t *testing.T, line, want string) {
	t.Helper()
	if _, err := io.WriteString(k, line+"\r\n"); err != nil {
		t.Fatal(err)
	}
	k.hears(t, want)
}

func TestTheListenerTakesOnlyWhatItsHandlerTook(t *testing.T) {
	in := newIntake()
	in.fail = func(m press.Mail) error {
		if strings.Contains(string(m.Raw), "bad") {
			return errors.New("no database")
		}
		return nil
	}
	address, _ := serves(t, Listener{}, in)
	k := dialTalk(t, address)
	k.hears(t, "220")
	k.says(t, "EHLO x", "250")
	k.says(t, "MAIL FROM:<>", "250")
	k.says(t, "RCPT TO:<nobody@example.org>", "550 5.1.1")
	k.says(t, "RCPT TO:<token1@example.org>", "250")
	k.says(t, "DATA", "354")
	k.says(t, "Subject: good\r\n\r\n..dot\r\n.", "250")
	m := in.next(t)
	if m.To != "token1@example.org" || string(m.Raw) != "Subject: good\r\n\r\n.dot\r\n" || m.Ref == "" || m.At.IsZero() {
		t.Errorf("got %+v", m)
	}
	k.says(t, "MAIL FROM:<anybody@example.net>", "250")
	k.says(t, "RCPT TO:<token1@example.org>", "250")
	k.says(t, "DATA", "354")
	k.says(t, "Subject: bad\r\n\r\n.", "451 4.3.0")
	k.says(t, "QUIT", "221")
}

func TestLMTPAnswersForEachRecipient(t *testing.T) {
	in := newIntake()
	in.fail = func(m press.Mail) error {
		if m.To == "token2@example.org" {
			return errors.New("no database")
		}
		return nil
	}
	address, _ := serves(t, Listener{LMTP: true}, in)
	k := dialTalk(t, address)
	k.hears(t, "220")
	k.says(t, "LHLO x", "250")
	k.says(t, "MAIL FROM:<>", "250")
	k.says(t, "RCPT TO:<token1@example.org>", "250")
	k.says(t, "RCPT TO:<nobody@example.org>", "550 5.1.1")
	k.says(t, "RCPT TO:<token2@example.org>", "250")
	k.says(t, "DATA", "354")
	k.says(t, "x\r\n.", "250")
	k.hears(t, "451 4.3.0")
}

// A dot after a bare LF, or before one, ends no message: else what follows
// would be taken for commands of a sender that another server has checked.
func TestNoMessageIsSmuggledInByBareLinefeeds(t *testing.T) {
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\r\n.\r\r\n"} {
		in := newIntake()
		address, _ := serves(t, Listener{}, in)
		k := dialTalk(t, address)
		k.hears(t, "220")
		k.says(t, "EHLO x", "250")
		k.says(t, "MAIL FROM:<>", "250")
		k.says(t, "RCPT TO:<token1@example.org>", "250")
		k.says(t, "DATA", "354")
		k.says(t, "a"+end+"MAIL FROM:<evil@example.net>\r\n.", "250")
		if m := in.next(t); !strings.Contains(string(m.Raw), "evil") || len(in.got) != 0 {
			t.Errorf("after %q the message is %q", end, m.Raw)
		}
	}
}

func TestTheListenerHasBounds(t *testing.T) {
	in := newIntake()
	s := newOperator().settings()
	s.MaxBytes = 1000
	address, _ := serves(t, Listener{Settings: s, MaxConnsNet: 2, MaxPerMinute: 2}, in)
	one, two := dialTalk(t, address), dialTalk(t, address)
	one.hears(t, "220")
	two.hears(t, "220")
	dialTalk(t, address).hears(t, "421 4.3.2")

	one.says(t, "EHLO x", "250")
	one.says(t, "MAIL FROM:<>", "250")
	one.says(t, "RCPT TO:<token1@example.org>", "250")
	one.says(t, "DATA", "354")
	one.says(t, strings.Repeat("x\r\n", 1000)+".", "552 5.3.4")
	one.says(t, "MAIL FROM:<> SIZE=100000", "552")
	one.says(t, "MAIL FROM:<>", "250")
	one.says(t, "RSET", "250")
	one.says(t, "MAIL FROM:<>", "451 4.3.2")
	one.says(t, "QUIT", "221")
	eventually(t, "there is room again", func() bool {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		defer c.Close()
		line, _ := bufio.NewReader(c).ReadString('\n')
		return strings.HasPrefix(line, "220")
	})
	if len(in.got) != 0 {
		t.Error("a message came in")
	}
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	address, _ := serves(t, Listener{}, newIntake())
	k := dialTalk(t, address)
	k.hears(t, "220")
	go func() { _, _ = io.WriteString(k, strings.Repeat("x", 10<<20)) }() // it breaks when the listener closes
	line, err := k.r.ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "500") {
		t.Errorf("got %q", line)
	}
}

func TestTheListenerOffersTLS(t *testing.T) {
	serverTLS, clientTLS := testCA(t)
	in := newIntake()
	address, _ := serves(t, Listener{TLS: serverTLS}, in)
	clientTLS.ServerName = "127.0.0.1"
	c, err := smtp.DialStartTLS(address, clientTLS)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SendMail("", []string{"token9@example.org"}, strings.NewReader("x\r\n")); err != nil {
		t.Fatal(err)
	}
	if m := in.next(t); m.To != "token9@example.org" {
		t.Errorf("got %+v", m)
	}
	if _, ok := c.TLSConnectionState(); !ok {
		t.Error("no TLS")
	}
}

func TestTheEndLetsAMessageFinishAndSendsTheIdleHome(t *testing.T) {
	in := newIntake()
	address, stop := serves(t, Listener{}, in)
	idle, busy := dialTalk(t, address), dialTalk(t, address)
	idle.hears(t, "220")
	busy.hears(t, "220")
	busy.says(t, "EHLO x", "250")
	busy.says(t, "MAIL FROM:<>", "250")
	busy.says(t, "RCPT TO:<token1@example.org>", "250")
	busy.says(t, "DATA", "354")
	ended := make(chan struct{})
	go func() { defer close(ended); stop() }()
	idle.hears(t, "421")
	busy.says(t, "x\r\n.", "250")
	in.next(t)
	<-ended
}

func TestTheEndWaitsForNobodyBeyondItsGrace(t *testing.T) {
	address, stop := serves(t, Listener{Grace: 10 * time.Millisecond}, newIntake())
	k := dialTalk(t, address)
	k.hears(t, "220")
	k.says(t, "EHLO x", "250")
	k.says(t, "MAIL FROM:<>", "250")
	stop()
	if _, err := io.ReadAll(k); err != nil && errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestNetworksAreCountedBySlash24AndSlash64(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.9": "192.0.2.0/24", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		a := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 25))
		if got := networkOf(a); got.String() != want {
			t.Errorf("%s is of %s, want %s", ip, got, want)
		}
	}
	if got := networkOf(&net.UnixAddr{}); got.IsValid() {
		t.Errorf("a socket is of %s", got)
	}
}

func TestTheRateFillsWithTheMinute(t *testing.T) {
	now := time.Unix(1e9, 0)
	r := &rate{most: 60, left: 60, at: now}
	for n := range 60 {
		if !r.take(now) {
			t.Fatalf("message %d was refused", n+1)
		}
	}
	if r.take(now) || r.take(now.Add(-time.Hour)) {
		t.Error("one too many")
	}
	now = r.at.Add(1100 * time.Millisecond)
	if !r.take(now) || r.take(now) {
		t.Error("a second must bring one more, and one alone")
	}
}

// A listener that is told to stop before it has begun ends all the same.
func TestAListenerThatIsStoppedAtOnceEnds(t *testing.T) {
	for range 200 {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		ended := make(chan error, 1)
		l := listen(t)
		settings := Listener{Settings: newOperator().settings(), Accepts: onlyTokens}
		go func() { ended <- settings.Serve(ctx, l, newIntake().handle) }()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("it ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("it did not end")
		}
	}
}
