package mailbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come: long, for the machine may
// have much else to do, and only a test that fails waits to its end.
const patience = 30 * time.Second

// intake is a handler that notes what it got, and fails as it is told.
type intake struct {
	got  chan press.Mail
	fail func(m press.Mail) error
}

func newIntake() *intake { return &intake{got: make(chan press.Mail, 1000)} }

func (i *intake) handle(_ context.Context, m press.Mail) error {
	i.got <- m
	if i.fail != nil {
		return i.fail(m)
	}
	return nil
}

func (i *intake) next(t *testing.T) press.Mail {
	t.Helper()
	select {
	case m := <-i.got:
		return m
	case <-time.After(patience):
		t.Fatal("no message came")
		return press.Mail{}
	}
}

// operator is who hears of trouble.
type operator struct {
	mu   sync.Mutex
	log  strings.Builder
	told chan string
}

func newOperator() *operator { return &operator{told: make(chan string, 1000)} }

func (o *operator) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(b)
}

func (o *operator) logged() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.String()
}

func (o *operator) settings() Settings {
	return Settings{
		Name: "bounces", Retry: time.Millisecond, MaxRetry: 4 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(o, nil)), Trouble: func(s string) { o.told <- s },
	}
}

// hears waits for a trouble with these words; "" is its end.
func (o *operator) hears(t *testing.T, words string) string {
	t.Helper()
	for {
		select {
		case told := <-o.told:
			if words == "" && told == "" || words != "" && strings.Contains(told, words) {
				return told
			}
		case <-time.After(patience):
			t.Fatalf("the operator never heard of %q", words)
		}
	}
}

// runs starts a way in, and ends it with the test.
func runs(t *testing.T, run func(ctx context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v, want the context's error", err)
			}
		case <-time.After(patience):
			t.Error("it did not end")
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits for what no event tells.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !is() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("never: %s", what)
		}
	}
}

// testCA makes a certificate for 127.0.0.1 and the pool that trusts it.
func testCA(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestAPasswordIsTriedOnceAMinuteAtMost(t *testing.T) {
	w := newWatch(Settings{Retry: time.Second, MaxRetry: 10 * time.Minute})
	for failures := 1; failures < 20; failures++ {
		if got := w.backoff(failures, errRefused); got < time.Minute {
			t.Errorf("after %d refusals it waits %s", failures, got)
		}
	}
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 100: 10 * time.Minute} {
		if got := w.backoff(failures, errors.New("away")); got != want {
			t.Errorf("after %d failures it waits %s, want %s", failures, got, want)
		}
	}
}

func TestTroubleNamesNoAddressAndIsOneShortLine(t *testing.T) {
	for _, said := range []string{"no user anna@example.org here", "<a@b>\r\n\x00x", strings.Repeat("x@y ", 1000), "\xff\xfe a@b"} {
		got := scrub(said)
		if strings.Contains(got, "@") || strings.ContainsAny(got, "\r\n\x00") || len(got) > 2000 {
			t.Errorf("scrub(%q) = %q", said, got)
		}
	}
}
