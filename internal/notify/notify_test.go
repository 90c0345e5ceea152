package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dateline/internal/press"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)

func telling() press.Telling {
	return press.Telling{ID: press.ID{1}, Alarm: press.Alarm{
		Cause: press.CauseLiftMissed, Release: "tashkent-2022", Of: "general", What: "nothing has left", Do: "dateline status tashkent-2022", Since: now,
	}}
}

// What is posted says what the alarm does, and its signature holds for the bytes
// that came.
func TestACallSaysAndSignsWhatItIs(t *testing.T) {
	var got map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &got) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("called with %s %s, %v", r.Method, body, err)
		}
		signature := r.Header.Get(SignatureHeader)
		seconds, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
		at, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil || signature != sign("the key", time.Unix(at, 0), body) || time.Since(time.Unix(at, 0)) > time.Minute {
			t.Errorf("signed %s", signature)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	said := telling()
	for state, change := range map[string]func(){"begun": func() {}, "again": func() { said.Again = true }, "ended": func() { said.Again, said.Ended = false, now.Add(time.Hour) }} {
		said = telling()
		change()
		if err := NewWebhook(server.URL+"/hook", "the key").Tell(t.Context(), said); err != nil {
			t.Fatal(err)
		}
		if got["state"] != state || got["cause"] != "lift-missed" || got["release"] != "tashkent-2022" || got["id"] != said.ID.String() || !strings.HasSuffix(got["text"].(string), "tashkent-2022: nothing has left") {
			t.Errorf("%s: posted %v", state, got)
		}
	}
}

// A signature is what `openssl dgst -sha256 -hmac key` makes of the same bytes.
func TestSign(t *testing.T) {
	const want = "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"
	if got := sign("key", time.Unix(1, 0), []byte("{}")); got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

func TestACallThatFails(t *testing.T) {
	followed := false
	there := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer there.Close()
	hung := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/s3cr3t/redirects":
			http.Redirect(w, r, there.URL, http.StatusTemporaryRedirect)
		case "/s3cr3t/fails":
			http.Error(w, "s3cr3t of the server", http.StatusInternalServerError)
		case "/s3cr3t/hangs":
			<-hung
		case "/s3cr3t/breaks":
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	defer close(hung)
	for path, want := range map[string]string{
		"redirects": "the webhook redirects (307), which is not followed; give the address that it leads to", "fails": "the webhook answered 500", "hangs": "context deadline exceeded", "breaks": "EOF",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		err := NewWebhook(server.URL+"/s3cr3t/"+path, "").Tell(ctx, telling())
		cancel()
		if err == nil || err.Error() != "posting the alarm: "+want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	if followed {
		t.Error("the redirect was followed")
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if err := NewWebhook(gone.URL+"/s3cr3t", "").Tell(t.Context(), telling()); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("a server that is gone: %v", err)
	}
	if err := NewWebhook("http://\x7f/s3cr3t", "").Tell(t.Context(), telling()); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("no address: %v", err)
	}
}

// Where a machine's own credentials are had no alarm is posted to, however it is
// written.
func TestNoCallToMetadata(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "[fe80::1%25lo]", "0.0.0.0", "[::]", "[fd00:ec2::254]", "100.100.100.200", "224.0.0.1"} {
		if err := NewWebhook("http://"+host+":80/latest", "").Tell(t.Context(), telling()); !errors.Is(err, errForbidden) {
			t.Errorf("%s: %v", host, err)
		}
	}
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "10.0.0.1:443": true, "[2001:db8::1]:443": true, "169.254.1.1:443": false, "nonsense": false} {
		if err := refuse("tcp", address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestMailReadsAsItShould(t *testing.T) {
	said := telling()
	said.Alarm.What = "the text of a relay\r\nBcc: all@paper.example"
	raw, err := Mail(said, "press@conference.example", "ops@example.org", "vm", now)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("To") != "<ops@example.org>" || m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(m.Header.Get("From"), "press@conference.example") {
		t.Errorf("the headers are %v", m.Header)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil || !strings.Contains(string(body), "What to do: dateline status tashkent-2022") || !strings.Contains(string(body), said.ID.String()) {
		t.Errorf("the body is %s, %v", body, err)
	}
	said.Ended = now.Add(time.Minute)
	raw, err = Mail(said, "press@conference.example", "ops@example.org", "vm", now)
	if err != nil || !strings.Contains(string(raw), "It ended at 2027-03-04 13:01:00 UTC.") || !strings.Contains(string(raw), "Subject: Over: ") {
		t.Errorf("the mail is %s, %v", raw, err)
	}
	if _, err := Mail(said, "nonsense", "ops@example.org", "vm", now); err == nil {
		t.Error("a sender that is no address")
	}
	if _, err := Mail(said, "press@conference.example", "nonsense", "vm", now); err == nil {
		t.Error("a recipient that is no address")
	}
}
