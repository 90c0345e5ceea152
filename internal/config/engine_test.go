package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// with gives the good folder with changes in the way of faults.txtar, read.
func with(t *testing.T, changes string) (*Config, string) {
	t.Helper()
	files := good(t)
	apply(t, files, changes)
	dir := write(t, files)
	c, err := Load(dir, shipped(), environment)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func TestTimeServer(t *testing.T) {
	for _, server := range []string{"ntp.example.org", "ntp.example.org:1123", "192.0.2.1", "\"2001:db8::1\"", "\"[2001:db8::1]:123\""} {
		c, _ := with(t, "dateline.yaml\n< policies:\n> time_server: "+server+"\n> policies:\n")
		if c.TimeServer != strings.Trim(server, `"`) {
			t.Errorf("%s is read as %q", server, c.TimeServer)
		}
	}
}

func TestRelayKeys(t *testing.T) {
	c, _ := with(t, `dateline.yaml
<     username: dateline
>     username: dateline
>     min_tls: 1.3
>     auth: scram
>     data_timeout: 3m
>     weight: 0
>     per_second: 0.5
>     per_connection: 100
>     outgoing_ips: [198.51.100.7, "2001:db8::7", "::ffff:198.51.100.8"]
<     host: 127.0.0.1
>     host: /run/mail.sock
>     protocol: lmtp
<     port: 2525
>     weight: 100
<     tls: none
>   - name: local
>     host: localhost
>     protocol: lmtp
`)
	want := []Relay{
		{
			Name: "main", Protocol: "smtp", Host: "mail.example.org", Port: 587, TLS: "required", MinTLS: tls.VersionTLS13, Auth: "scram", Username: "dateline", Password: NewSecret("relay secret"),
			Connections: 4, Timeout: 30 * time.Second, DataTimeout: 3 * time.Minute, Weight: 0, PerSecond: 0.5, PerConnection: 100,
			Outgoing: []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:db8::7"), netip.MustParseAddr("198.51.100.8")},
		},
		{Name: "spare", Protocol: "lmtp", Host: "/run/mail.sock", TLS: "none", MinTLS: tls.VersionTLS12, Auth: "auto", Connections: 4, Timeout: 30 * time.Second, DataTimeout: 10 * time.Minute, Weight: 100},
		{Name: "local", Protocol: "lmtp", Host: "localhost", Port: 24, TLS: "none", MinTLS: tls.VersionTLS12, Auth: "auto", Connections: 8, Timeout: 10 * time.Second, DataTimeout: 10 * time.Minute, Hello: "press.example.org", Weight: 1},
	}
	if !reflect.DeepEqual(c.Relays, want) {
		t.Errorf("the relays are\n%+v\nwant\n%+v", c.Relays, want)
	}
}

// pair makes a certificate and its key, in PEM form.
func pair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return block("CERTIFICATE", der), block("EC PRIVATE KEY", plain)
}

func TestClientCertificates(t *testing.T) {
	cert, key := pair(t)
	_, other := pair(t)
	for name, c := range map[string]struct{ key, want string }{
		"a pair":    {key, ""},
		"no pair":   {other, "dateline.yaml:8:17: `client_cert` and `client_key` are no pair; a certificate in PEM form and its own private key, not encrypted, are wanted"},
		"not a key": {cert, "dateline.yaml:8:17: `client_cert` and `client_key` are no pair; a certificate in PEM form and its own private key, not encrypted, are wanted"},
	} {
		files := good(t)
		files["tls/cert.pem"], files["tls/key.pem"] = cert, c.key
		apply(t, files, "dateline.yaml\n<     username: dateline\n>     username: dateline\n>     client_cert: tls/cert.pem\n>     client_key: tls/key.pem\n")
		dir := write(t, files)
		if got := strings.Join(faultLines(t, dir), "\n"); got != c.want {
			t.Errorf("%s: faults %q, want %q", name, got, c.want)
		}
		if c.want != "" {
			continue
		}
		loaded, err := Load(dir, shipped(), environment)
		if err != nil {
			t.Fatal(err)
		}
		if r := loaded.Relays[0]; r.ClientCert != place(dir, "tls/cert.pem") || r.ClientKey != place(dir, "tls/key.pem") {
			t.Errorf("the files are %s and %s", r.ClientCert, r.ClientKey)
		}
	}
}

func TestRoutes(t *testing.T) {
	c, _ := with(t, `dateline.yaml
< senders:
> routes:
>   - {domains: [Mail.RU, "почта.рф"], relays: [spare]}
>   - {domains: [kaz.example], countries: [KZ], relays: [spare, main]}
> senders:
`)
	want := []Route{
		{Domains: []string{"mail.ru", "xn--80a1acny.xn--p1ai"}, Relays: []string{"spare"}},
		{Domains: []string{"kaz.example"}, Countries: []press.Country{"KZ"}, Relays: []string{"spare", "main"}},
	}
	if !reflect.DeepEqual(c.Routes, want) {
		t.Fatalf("the routes are %+v, want %+v", c.Routes, want)
	}
	for _, x := range []struct {
		to      press.Address
		country press.Country
		relays  []string
	}{
		{"a@mail.ru", "RU", []string{"spare"}},
		{"a@kaz.example", "KZ", []string{"spare", "main"}},
		{"a@kaz.example", "UZ", []string{"main", "spare"}}, // every relay is named, so any will do
		{"a@sub.mail.ru", "RU", []string{"main", "spare"}},
	} {
		if got := c.RelaysFor(x.to, x.country); !slices.Equal(got, x.relays) {
			t.Errorf("%s in %s goes by %v, want %v", x.to, x.country, got, x.relays)
		}
	}
	c.Routes = c.Routes[:1]
	if got := c.RelaysFor("a@kaz.example", "KZ"); !slices.Equal(got, []string{"main"}) {
		t.Errorf("who fits no route goes by %v, want what no route names", got)
	}
}

func TestPolicyKeys(t *testing.T) {
	c, _ := with(t, `dateline.yaml
< policies:
> policies:
>   prepare_memory: 1 GiB
>   domain_limits: {Mail.RU: 20/min, bk.ru: 5 / s, x.example: 1000/h}
>   quiet_hours: {UZ: 22:00-07:00, kz: 12:30-13:30}
`)
	limits := map[string]Rate{"mail.ru": {20, time.Minute}, "bk.ru": {5, time.Second}, "x.example": {1000, time.Hour}}
	quiet := map[press.Country]press.QuietHours{"UZ": {From: 22 * 60, To: 7 * 60}, "KZ": {From: 12*60 + 30, To: 13*60 + 30}}
	if p := c.Policies; p.PrepareMemory != 1<<30 || !reflect.DeepEqual(p.DomainLimits, limits) || !reflect.DeepEqual(p.QuietHours, quiet) {
		t.Errorf("the policies are %+v", p)
	}
}

func TestInstantsOfSends(t *testing.T) {
	const file = "releases/tashkent-2022/release.yaml\n"
	c, _ := with(t, file+`<     at: "lift"
>     local: 2027-03-05T09:00
>     quiet_hours: ignore
<     again: true
>   - {name: reminder, kind: follow-up, after: general, local: 2027-03-06 09:00:30}
>   - {name: thanks, kind: follow-up, after: advance, at: lift, lists: [wires], late_after: 1h}
`)
	day := press.Date{Year: 2027, Month: time.March, Day: 5}
	next := press.Date{Year: 2027, Month: time.March, Day: 6}
	want := []press.Send{
		{Name: "general", Kind: press.General, Lists: []string{"central-asia", "everyone"}, At: press.Schedule{Local: press.WallTime{Date: day, Hour: 9}}, LateAfter: 2 * time.Hour, IgnoreQuiet: true},
		{Name: "reminder", Kind: press.FollowUp, After: "general", At: press.Schedule{Local: press.WallTime{Date: next, Hour: 9, Second: 30}}, LateAfter: 2 * time.Hour},
		{Name: "thanks", Kind: press.FollowUp, After: "advance", Lists: []string{"wires"}, LateAfter: time.Hour},
	}
	if got := c.Releases[0].Sends[1:]; !reflect.DeepEqual(got, want) {
		t.Errorf("the sends are\n%+v\nwant\n%+v", got, want)
	}
}

func TestRecurringRelease(t *testing.T) {
	c, _ := with(t, `releases/tashkent-2022/release.yaml
< embargo: 2027-03-04 18:00 Asia/Tashkent
> recurs: {cron: 0 9 * * MON, zone: Europe/Berlin}
`)
	r := c.Releases[0]
	if want := (press.Recurrence{Cron: "0 9 * * MON", Zone: "Europe/Berlin"}); r.Recurs != want || r.Embargo != (press.Embargo{}) || len(r.Sends) != 2 {
		t.Errorf("it recurs by %+v, with the embargo %+v and %d sends", r.Recurs, r.Embargo, len(r.Sends))
	}
}
