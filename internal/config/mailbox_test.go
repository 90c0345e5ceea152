package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestMailboxes(t *testing.T) {
	c, dir := with(t, `dateline.yaml
< senders:
> mailboxes:
>   - {name: account, kind: imap, host: mail.example.org, username: bounces, password: "${RELAY_PASSWORD}"}
>   - {name: old, kind: pop3, host: 127.0.0.1, tls: required, min_tls: 1.3, username: u, password: "${RELAY_PASSWORD}", poll: 10s}
>   - {name: dir, move_to: read, after: move, path: reports, kind: maildir}
>   - {name: door, kind: lmtp, listen: /run/dateline.sock, max_size: 64KiB}
>   - {name: hook, kind: ses, topic_arn: "arn:aws:sns:eu-central-1:123456789012:bounces"}
> webhooks: {listen: ":8026"}
> senders:
< policies:
> policies:
>   bounces: {soft_count: 3, soft_days: 7, alarm_share: 2.5 %, delivery_reports: true}
`)
	base := Mailbox{MinTLS: tls.VersionTLS12, Poll: time.Minute, MaxSize: 1 << 20, Connections: 20, PerMinute: 600}
	like := func(change func(*Mailbox)) Mailbox {
		m := base
		change(&m)
		return m
	}
	want := []Mailbox{
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Host, m.Port, m.TLS, m.Username, m.Password, m.Folder = "account", "imap", "mail.example.org", 993, "implicit", "bounces", NewSecret("relay secret"), "INBOX"
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Host, m.Port, m.TLS, m.MinTLS, m.Username, m.Password, m.Poll = "old", "pop3", "127.0.0.1", 110, "required", tls.VersionTLS13, "u", NewSecret("relay secret"), 10*time.Second
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Path, m.MoveTo = "dir", "maildir", place(dir, "reports"), place(dir, "read")
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.Listen, m.MaxSize = "door", "lmtp", "/run/dateline.sock", 64<<10
		}),
		like(func(m *Mailbox) {
			m.Name, m.Kind, m.TopicARN = "hook", "ses", "arn:aws:sns:eu-central-1:123456789012:bounces"
		}),
	}
	if !reflect.DeepEqual(c.Mailboxes, want) || c.Webhooks != ":8026" {
		t.Errorf("the mailboxes are\n%+v\nwant\n%+v\nwebhooks %q", c.Mailboxes, want, c.Webhooks)
	}
	policy := Bounces{BouncePolicy: press.BouncePolicy{SoftCount: 3, SoftSpan: 7 * 24 * time.Hour, AlarmShare: 0.025}, DeliveryReports: true}
	if c.Policies.Bounces != policy {
		t.Errorf("the policy is %+v, want %+v", c.Policies.Bounces, policy)
	}
}

// inMailboxes puts mailboxes, as flow maps, into the good folder's dateline.yaml.
func inMailboxes(t testing.TB, files map[string]string, mailboxes ...string) {
	t.Helper()
	change := "dateline.yaml\n< senders:\n> mailboxes:\n"
	called := false
	for i, m := range mailboxes {
		change += fmt.Sprintf("> - {name: m%d, %s}\n", i, m)
		kind, _, _ := strings.Cut(strings.TrimPrefix(m, "kind: "), ",")
		called = called || Mailbox{Kind: kind}.Webhook()
	}
	if called {
		change += "> webhooks: {listen: 127.0.0.1:8026}\n"
	}
	apply(t, files, change+"> senders:\n")
}

// verificationKey is a public key as a provider's settings page shows it.
func verificationKey(t testing.TB, curve elliptic.Curve) string {
	t.Helper()
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestWhatAMailboxIsWithoutFurtherWords(t *testing.T) {
	secret, public := NewSecret("relay secret"), verificationKey(t, elliptic.P256())
	cert, key := pair(t)
	const account = `host: localhost, username: u, password: "${RELAY_PASSWORD}"`
	imap := Mailbox{Kind: "imap", Host: "localhost", Port: 993, TLS: "implicit", Username: "u", Password: secret, Folder: "INBOX"}
	pop3 := Mailbox{Kind: "pop3", Host: "localhost", Port: 995, TLS: "implicit", Username: "u", Password: secret}
	but := func(m Mailbox, change func(*Mailbox)) Mailbox { change(&m); return m }
	tests := []struct {
		written string
		want    Mailbox
	}{
		{"kind: imap, " + account, imap},
		{"kind: imap, tls: required, " + account, but(imap, func(m *Mailbox) { m.TLS, m.Port = "required", 143 })},
		{"kind: imap, tls: none, " + account, but(imap, func(m *Mailbox) { m.TLS, m.Port = "none", 143 })},
		{"kind: imap, port: 1993, folder: Отчёты, after: delete, " + account, but(imap, func(m *Mailbox) { m.Port, m.Folder = 1993, "Отчёты" })},
		{"kind: imap, folder: inbox, after: move, move_to: Read, " + account, but(imap, func(m *Mailbox) { m.MoveTo = "Read" })},
		{"kind: pop3, " + account, pop3},
		{"kind: pop3, tls: none, allow_plaintext: true, min_tls: 1.2, " + strings.Replace(account, "localhost", "far.example", 1), Mailbox{}},
		{"kind: pop3, tls: none, allow_plaintext: true, " + strings.Replace(account, "localhost", "far.example", 1), but(pop3, func(m *Mailbox) { m.Host, m.TLS, m.Port = "far.example", "none", 110 })},
		{"kind: pop3, host: localhost, username: u, password_file: secret", pop3},
		{"kind: maildir, path: /var/mail/reports", Mailbox{Kind: "maildir", Path: "/var/mail/reports"}},
		{`kind: smtp, listen: ":2525", hello: mx.example.org, max_size: 65536KiB, connections: 1, per_minute: 1`, Mailbox{Kind: "smtp", Listen: ":2525", Hello: "mx.example.org", MaxSize: 64 << 20, Connections: 1, PerMinute: 1}},
		{`kind: lmtp, listen: "[::1]:24", cert: cert.pem, key: key.pem`, Mailbox{Kind: "lmtp", Listen: "[::1]:24", Cert: "cert.pem", Key: "key.pem"}},
		{`kind: ses, topic_arn: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_B-1"`, Mailbox{Kind: "ses", TopicARN: "arn:aws-us-gov:sns:us-gov-west-1:123456789012:a_B-1"}},
		{`kind: sendgrid, public_key: "` + public + `"`, Mailbox{Kind: "sendgrid", PublicKey: public}},
		{`kind: postmark, username: u, password: "${RELAY_PASSWORD}"`, Mailbox{Kind: "postmark", Username: "u", Password: secret}},
		{`kind: mailgun, signing_key: "${RELAY_PASSWORD}"`, Mailbox{Kind: "mailgun", SigningKey: secret}},
		{`kind: mailgun, signing_key_file: secret`, Mailbox{Kind: "mailgun", SigningKey: secret}},
	}
	for _, test := range tests {
		files := good(t)
		files["secret"], files["cert.pem"], files["key.pem"] = "relay secret\r\n", cert, key
		inMailboxes(t, files, test.written)
		dir := write(t, files)
		c, err := Load(dir, shipped(), environment)
		if test.want.Kind == "" {
			if err == nil {
				t.Errorf("%s has no fault", test.written)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.written, err)
			continue
		}
		want := test.want
		want.Name, want.MinTLS, want.Poll = "m0", tls.VersionTLS12, time.Minute
		if want.MaxSize == 0 {
			want.MaxSize, want.Connections, want.PerMinute = 1<<20, 20, 600
		}
		if want.Cert != "" {
			want.Cert, want.Key = place(dir, want.Cert), place(dir, want.Key)
		}
		if !reflect.DeepEqual(c.Mailboxes, []Mailbox{want}) {
			t.Errorf("%s gives\n%+v\nwant\n%+v", test.written, c.Mailboxes, want)
		}
		if shown := fmt.Sprintf("%v %+v %#v", c.Mailboxes, c.Mailboxes, c.Mailboxes); strings.Contains(shown, "relay secret") {
			t.Errorf("%s: the secret is shown: %s", test.written, shown)
		}
	}
}

func TestKeysAndCertificatesOfMailboxesThatDoNotFit(t *testing.T) {
	cert, key := pair(t)
	_, other := pair(t)
	private, _ := strings.CutPrefix(key, "-----BEGIN EC PRIVATE KEY-----\n")
	private, _, _ = strings.Cut(private, "-----")
	private = strings.ReplaceAll(private, "\n", "")
	for name, c := range map[string]struct{ written, want string }{
		"a pair of others":       {"kind: smtp, listen: \":25\", cert: cert.pem, key: other.pem", "`cert` and `key` are no pair"},
		"a key for a cert":       {"kind: lmtp, listen: \":25\", cert: key.pem, key: key.pem", "`cert` and `key` are no pair"},
		"another curve":          {"kind: sendgrid, public_key: " + verificationKey(t, elliptic.P384()), "`public_key` is no ECDSA key on the curve P-256"},
		"a key that is private":  {"kind: sendgrid, public_key: \"" + private + "\"", "`public_key` is no ECDSA key on the curve P-256"},
		"a key that is cut":      {"kind: sendgrid, public_key: " + verificationKey(t, elliptic.P256())[:40], "`public_key` is no ECDSA key on the curve P-256"},
		"a key with PEM's lines": {"kind: sendgrid, public_key: -----BEGIN PUBLIC KEY-----", "`public_key` is no ECDSA key on the curve P-256"},
	} {
		files := good(t)
		files["cert.pem"], files["key.pem"], files["other.pem"] = cert, key, other
		inMailboxes(t, files, c.written)
		got := faultLines(t, write(t, files))
		if len(got) != 1 || !strings.Contains(got[0], c.want) || strings.Contains(got[0], private) {
			t.Errorf("%s: faults %q, want %q", name, got, c.want)
		}
	}
}

// What is no secret's place may still hold one by mistake.
func TestSecretsOfMailboxesStayHidden(t *testing.T) {
	const secret = "hunter2x"
	dir := write(t, good(t))
	for _, form := range []string{"%s", "\"%s", "[%s]", "{%s: x}", "${%s", "${X}%s", "\"\\x%s\"", "%s\x01", "&%s", "*%s", "!%s", "| %s", "%s: x", "${RELAY_PASSWORD} %s"} {
		for _, mailbox := range []string{
			"kind: imap, host: localhost, username: u, password: ",
			"kind: postmark, username: u, password: ",
			"kind: mailgun, signing_key: ",
			"kind: ses, signing_key: ",
			"kind: sendgrid, public_key: ",
			"kind: maildir, path: x, password: ",
		} {
			key, keys := mailbox[strings.LastIndex(mailbox, ", ")+2:], strings.Split(mailbox, ", ")
			block := "mailboxes:\n  - name: m\n    " + strings.Join(keys[:len(keys)-1], "\n    ") + "\n    " + key + fmt.Sprintf(form, secret) + "\nsenders:"
			put(t, dir, mainFile, strings.Replace(good(t)[mainFile], "senders:", block, 1))
			got := strings.Join(faultLines(t, dir), "\n")
			if got == "" || strings.Contains(got, secret) {
				t.Errorf("%s as %q gives the faults\n%s", mailbox, form, got)
			}
		}
	}
}

// Each key of the table is for some kind, and each kind's keys are in the table.
func TestEveryMailboxKeyIsForAKind(t *testing.T) {
	table := names(mailboxKeys())
	for _, name := range table {
		if len(kindsWith(name)) == 0 && name != "name" && name != "kind" {
			t.Errorf("`%s` is for no kind", name)
		}
	}
	for _, kind := range mailboxKinds() {
		fits, needs := keysOfKind(kind)
		for _, name := range fits {
			if !slices.Contains(table, name) {
				t.Errorf("`%s` of %s is not read", name, kind)
			}
		}
		for _, name := range needs {
			for one := range strings.SplitSeq(name, "|") {
				k, _ := find(mailboxKeys(), one)
				if !slices.Contains(fits, one) || !strings.HasPrefix(k.preset, required) {
					t.Errorf("%s needs `%s`, and the table says %q", kind, one, k.preset)
				}
			}
		}
	}
}
