package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dateline/internal/relay/relaytest"
	"dateline/internal/resolve/resolvetest"
)

// worldKey is where a script keeps what the doctor asks.
type worldKey struct{}

// world is what the doctor asks: DNS, a relay with TLS, and a proxy with TLS
// before the opt-out pages.
type world struct {
	t   testing.TB
	dns *resolvetest.Server
}

// worldCommand makes what the doctor asks.
//
//	world up                 DNS at $RESOLVER, a relay at $RELAY_PORT and a proxy at
//	                         $PROXY_PORT, both with a certificate of ca.pem
//	world zone FILE          DNS has this zone, and the keys that `dkim key` published
//	world trouble NAME KIND  DNS fails at a name
func worldCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value(worldKey{}).(*world)
	switch {
	case !neg && len(args) == 1 && args[0] == "up":
		w.up(ts)
	case !neg && len(args) == 2 && args[0] == "zone":
		w.dns.Zone(w.t, ts.ReadFile(args[1])+publishedKeys(ts))
	case !neg && len(args) == 3 && args[0] == "trouble":
		w.dns.Trouble(args[1], resolvetest.Trouble(args[2]))
	default:
		ts.Fatalf("usage: world up, world zone FILE, world trouble NAME KIND")
	}
}

func (w *world) up(ts *testscript.TestScript) {
	w.dns = resolvetest.Start(w.t, "")
	ts.Setenv("RESOLVER", w.dns.Addr())
	secure := &tls.Config{Certificates: []tls.Certificate{authority(ts)}, MinVersion: tls.VersionTLS12}
	relay := relaytest.Start(w.t, relaytest.Script{
		Extensions: []string{"STARTTLS", "PIPELINING", "8BITMIME", "DSN"},
		At:         relaytest.On("STARTTLS", relaytest.StartTLS(secure)).At,
	})
	ts.Setenv("RELAY_PORT", strconv.Itoa(relay.Port()))
	pages, err := url.Parse("http://127.0.0.1:" + ts.Getenv("PAGES_PORT"))
	ts.Check(err)
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(pages) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	proxy.TLS = secure
	proxy.StartTLS()
	w.t.Cleanup(proxy.Close)
	ts.Setenv("PROXY_PORT", strconv.Itoa(proxy.Listener.Addr().(*net.TCPAddr).Port))
}

// authority makes a certificate that signs itself, for this machine and the
// opt-out pages, and writes it to ca.pem.
func authority(ts *testscript.TestScript) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the test"}, IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"press.conference.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 3, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// publishedKeys are the records of `dkim key`, in strings that DNS takes.
func publishedKeys(ts *testscript.TestScript) string {
	paths, err := filepath.Glob(filepath.Join(ts.Getenv("WORK"), "dns", "*"))
	ts.Check(err)
	var zone strings.Builder
	for _, path := range paths {
		record := ts.ReadFile(path)
		half := len(record) / 2
		zone.WriteString(filepath.Base(path) + `. TXT "` + record[:half] + `" "` + record[half:] + "\"\n")
	}
	return zone.String()
}
