package mailbox

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// posted gives the status of a post.
func posted(h http.Handler, body string, header map[string]string) int {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func must(t *testing.T) func(h http.Handler, err error) http.Handler {
	return func(h http.Handler, err error) http.Handler {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
}

func TestPostmarkNeedsItsPassword(t *testing.T) {
	in, o := newIntake(), newOperator()
	s := o.settings()
	s.MaxBytes = 1000
	h := must(t)(Postmark{Settings: s, Username: "u", Password: "p", Header: "X-Secret", Secret: "s"}.Handler(in.handle))
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	right := map[string]string{"Authorization": basic("u", "p"), "X-Secret": "s"}
	for name, header := range map[string]map[string]string{
		"nothing": {}, "no secret": {"Authorization": basic("u", "p")}, "no password": {"X-Secret": "s"},
		"wrong": {"Authorization": basic("u", "pp"), "X-Secret": "s"}, "wrong user": {"Authorization": basic("", "p"), "X-Secret": "s"},
	} {
		if got := posted(h, "{}", header); got != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got)
		}
	}
	fail := errors.New("no database")
	in.fail = func(press.Mail) error { return fail }
	if got := posted(h, "{}", right); got != http.StatusServiceUnavailable {
		t.Errorf("a handler that failed: %d", got)
	}
	o.hears(t, "no database")
	in.fail = nil
	for range 2 { // the second is a replay
		if got := posted(h, "{}", right); got != http.StatusOK {
			t.Errorf("got %d", got)
		}
	}
	o.hears(t, "")
	if len(in.got) != 2 {
		t.Errorf("handled %d times, want once failed and once well", len(in.got))
	}
	if m := in.next(t); m.Format != press.FormatPostmark || string(m.Raw) != "{}" {
		t.Errorf("got %+v", m)
	}
	if got := posted(h, strings.Repeat("x", 1001), right); got != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", got)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hook", http.NoBody))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestMailgunSignsItsTokenForOnePost(t *testing.T) {
	in := newIntake()
	h := must(t)(Mailgun{Settings: newOperator().settings(), SigningKey: "key"}.Handler(in.handle))
	body := func(key, token string, at time.Time, event string) string {
		stamp := strconv.FormatInt(at.Unix(), 10)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(stamp + token))
		b, _ := json.Marshal(map[string]any{"signature": map[string]string{
			"timestamp": stamp, "token": token, "signature": hex.EncodeToString(mac.Sum(nil)),
		}, "event-data": event})
		return string(b)
	}
	now := time.Now()
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"good", body("key", "t1", now, "a"), 200},
		{"replayed with another event", body("key", "t1", now, "b"), 200},
		{"another", body("key", "t2", now, "c"), 200},
		{"another key", body("other", "t3", now, "a"), 403},
		{"old", body("key", "t4", now.Add(-2*time.Hour), "a"), 403},
		{"of the future", body("key", "t5", now.Add(time.Hour), "a"), 403},
		{"no token", body("key", "", now, "a"), 403},
		{"no JSON", "x", 403},
		{"nothing", "", 403},
		{"empty", "{}", 403},
	} {
		if got := posted(h, c.body, nil); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(in.got) != 2 {
		t.Errorf("%d posts were handled, want 2", len(in.got))
	}
}

func TestSendGridSignsTimeAndBody(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	in := newIntake()
	h := must(t)(SendGrid{Settings: newOperator().settings(), PublicKey: base64.StdEncoding.EncodeToString(der)}.Handler(in.handle))
	header := func(at time.Time, body string) map[string]string {
		stamp := strconv.FormatInt(at.Unix(), 10)
		sum := sha256.Sum256([]byte(stamp + body))
		signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{
			"X-Twilio-Email-Event-Webhook-Timestamp": stamp,
			"X-Twilio-Email-Event-Webhook-Signature": base64.StdEncoding.EncodeToString(signature),
		}
	}
	now := time.Now()
	for _, c := range []struct {
		name, body string
		header     map[string]string
		want       int
	}{
		{"good", "[1]", header(now, "[1]"), 200},
		{"the same, signed once more", "[1]", header(now, "[1]"), 200},
		{"another body", "[2]", header(now, "[1]"), 403},
		{"old", "[3]", header(now.Add(-2*time.Hour), "[3]"), 403},
		{"not signed", "[4]", nil, 403},
	} {
		if got := posted(h, c.body, c.header); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(in.got) != 1 {
		t.Errorf("%d posts were handled, want 1", len(in.got))
	}
	for _, bad := range []string{"", "!", "AAAA"} {
		if _, err := (SendGrid{PublicKey: bad}).Handler(nil); err == nil {
			t.Errorf("key %q was taken", bad)
		}
	}
}

const (
	topic   = "arn:aws:sns:eu-central-1:1:bounces"
	certURL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a1b.pem"
)

// sns signs with a key and a certificate of its own.
type sns struct {
	key     *rsa.PrivateKey
	cert    []byte
	fetched []string
	fail    error
}

func newSNS(t *testing.T) *sns {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &sns{key: key, cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (s *sns) fetch(_ context.Context, address string) ([]byte, error) {
	s.fetched = append(s.fetched, address)
	return s.cert, s.fail
}

func (s *sns) body(t *testing.T, n notification) string {
	t.Helper()
	hash, sum := crypto.SHA256, sha256.Sum256([]byte(n.signed()))
	digest := sum[:]
	if n.SignatureVersion == "1" {
		one := sha1.Sum([]byte(n.signed()))
		hash, digest = crypto.SHA1, one[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, hash, digest)
	if err != nil {
		t.Fatal(err)
	}
	if n.Signature == "" {
		n.Signature = base64.StdEncoding.EncodeToString(signature)
	}
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func note(id string) notification {
	return notification{
		Type: "Notification", MessageId: id, TopicArn: topic, Message: `{"notificationType":"Bounce"}`, Subject: "s",
		Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), SignatureVersion: "2", SigningCertURL: certURL,
	}
}

func TestSESTakesWhatSNSSigned(t *testing.T) {
	s, in := newSNS(t), newIntake()
	h := must(t)(SES{Settings: newOperator().settings(), TopicARN: topic, Fetch: s.fetch}.Handler(in.handle))
	with := func(id string, change func(n *notification)) string {
		n := note(id)
		change(&n)
		return s.body(t, n)
	}
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"version 2", with("1", func(*notification) {}), 200},
		{"the same again", with("1", func(*notification) {}), 200},
		{"version 1, no subject", with("2", func(n *notification) { n.SignatureVersion, n.Subject = "1", "" }), 200},
		{"version 3", with("3", func(n *notification) { n.SignatureVersion = "3" }), 403},
		{"old", with("4", func(n *notification) { n.Timestamp = "2020-01-01T00:00:00.000Z" }), 403},
		{"no time", with("5", func(n *notification) { n.Timestamp = "x" }), 403},
		{"another topic", with("6", func(n *notification) { n.TopicArn = "arn:x" }), 403},
		{"a wrong signature", with("7", func(n *notification) { n.Signature = "AAAA" }), 403},
		{"no base64", with("8", func(n *notification) { n.Signature = "!" }), 403},
		{"no id", with("", func(*notification) {}), 403},
		{"changed", strings.Replace(with("9", func(*notification) {}), "Bounce", "bounce", 1), 403},
		{"no JSON", "x", 403},
	} {
		if got := posted(h, c.body, nil); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if len(s.fetched) != 1 {
		t.Errorf("the certificate was fetched %d times", len(s.fetched))
	}
	if m := in.next(t); m.Ref != "1" || m.Format != press.FormatSES || string(m.Raw) != `{"notificationType":"Bounce"}` || len(in.got) != 1 {
		t.Errorf("got %+v and %d more", m, len(in.got))
	}
}

func TestNoAddressButOfSNSIsEverFetched(t *testing.T) {
	s := newSNS(t)
	h := must(t)(SES{Settings: newOperator().settings(), TopicARN: topic, Fetch: s.fetch}.Handler(newIntake().handle))
	for _, address := range []string{
		"", "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
		"https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0a.pem",
		"https://evil.example/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
		"https://x@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
		"https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0a.pem",
		"https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0a.pem",
		"https://sns.eu-central-1.amazonaws.com/../x.pem", "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem?x",
		"https://bucket.s3.amazonaws.com/SimpleNotificationService-0a.pem", "https://169.254.169.254/latest", "file:///etc/passwd",
		"https://sns.s3.amazonaws.com/SimpleNotificationService-0a.pem", "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0a.pem",
		"https://sns.elb.amazonaws.com/SimpleNotificationService-0a.pem", "https://sns.s3-website-us-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
		"https://sns.a.b.amazonaws.com/SimpleNotificationService-0a.pem", "https://sns.x\n.amazonaws.com/SimpleNotificationService-0a.pem",
	} {
		n := note("1")
		n.SigningCertURL = address
		if got := posted(h, s.body(t, n), nil); got != http.StatusForbidden {
			t.Errorf("%q: %d", address, got)
		}
	}
	if len(s.fetched) != 0 {
		t.Errorf("fetched %q", s.fetched)
	}
}

// Of each kind of region one is taken for SNS.
func TestTheRegionsOfSNS(t *testing.T) {
	for _, host := range []string{"us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "us-iso-east-1", "il-central-1", "mx-central-1", "me-south-1", "ca-west-1"} {
		if address := "https://sns." + host + ".amazonaws.com/SimpleNotificationService-0a.pem"; !certOfSNS(address) {
			t.Errorf("%s is not taken for SNS", address)
		}
	}
	if !certOfSNS("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem") {
		t.Error("SNS in China is not taken for SNS")
	}
}

func TestASubscriptionIsConfirmedForItsTopicAlone(t *testing.T) {
	s, in := newSNS(t), newIntake()
	h := must(t)(SES{Settings: newOperator().settings(), TopicARN: topic, Fetch: s.fetch}.Handler(in.handle))
	n := note("1")
	n.Type, n.Token, n.SubscribeURL = "SubscriptionConfirmation", "t", "https://evil.example/?Action=ConfirmSubscription"
	if got := posted(h, s.body(t, n), nil); got != http.StatusForbidden {
		t.Errorf("elsewhere: %d", got)
	}
	n.SubscribeURL = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
	if got := posted(h, s.body(t, n), nil); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
	n.TopicArn = "arn:x"
	if got := posted(h, s.body(t, n), nil); got != http.StatusForbidden {
		t.Errorf("another topic: %d", got)
	}
	if len(s.fetched) != 2 || s.fetched[1] != n.SubscribeURL || len(in.got) != 0 {
		t.Errorf("fetched %q, handled %d", s.fetched, len(in.got))
	}
}

func TestACertificateThatCannotBeHadIsTriedAgain(t *testing.T) {
	s, in := newSNS(t), newIntake()
	h := must(t)(SES{Settings: newOperator().settings(), TopicARN: topic, Fetch: s.fetch}.Handler(in.handle))
	s.fail = errors.New("no route")
	if got := posted(h, s.body(t, note("1")), nil); got != http.StatusServiceUnavailable {
		t.Errorf("got %d", got)
	}
	s.fail = nil
	if got := posted(h, s.body(t, note("1")), nil); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
}

func TestReplaysAreRememberedWithinABound(t *testing.T) {
	r := newReplays(3)
	for _, ref := range []string{"a", "b", "b", "c"} {
		r.add(ref)
	}
	if !r.has("a") || !r.has("b") || !r.has("c") {
		t.Error("one of the last three is forgotten")
	}
	r.add("d")
	if r.has("a") || len(r.refs) != 3 {
		t.Errorf("it remembers %v", r.refs)
	}
}

func FuzzNotification(f *testing.F) {
	f.Add(`{"Type":"Notification","TopicArn":"` + topic + `","Timestamp":"2026-01-01T00:00:00Z"}`)
	f.Fuzz(func(t *testing.T, body string) {
		in := newIntake()
		h := must(t)(SES{TopicARN: topic, Fetch: func(context.Context, string) ([]byte, error) { return nil, errors.New("no") }}.Handler(in.handle))
		if posted(h, body, nil) == http.StatusOK || len(in.got) > 0 {
			t.Errorf("%q was taken without a signature", body)
		}
	})
}
