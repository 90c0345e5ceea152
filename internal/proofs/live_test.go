package proofs_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/proofs"
)

// liveServer serves proofs at an address of its own.
func liveServer(t *testing.T) (*proofs.Live, *httptest.Server) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	live, err := proofs.NewLive("127.0.0.1:0", l.Addr(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: live, ReadHeaderTimeout: time.Minute}}
	s.Start()
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections) // first: pages that are open wait for as long as they are
	return live, s
}

// answer is what was answered, read to its end.
type answer struct {
	http.Header
	code int
	body string
}

// get asks as a browser would, by another name where one is told.
func get(t *testing.T, method, url, host string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{w.Header, w.StatusCode, string(body)}
}

func TestLiveAnswer(t *testing.T) {
	live, s := liveServer(t)
	if err := live.Show(sample(t)); err != nil {
		t.Fatal(err)
	}
	const mail = "/tashkent-2022.ar.1-advance.1-known"
	for name, x := range map[string]struct {
		method, path, host string
		code               int
		says, kind         string
	}{
		"the page":             {"GET", "/", "", 200, "to this machine alone", "text/html; charset=utf-8"},
		"by its file's name":   {"GET", "/index.html", "", 200, "<h1>Proofs of tashkent-2022</h1>", "text/html; charset=utf-8"},
		"its head":             {"HEAD", "/", "", 200, "", "text/html; charset=utf-8"},
		"a mail in light":      {"GET", mail + ".html", "", 200, `dir="rtl"`, "text/html; charset=utf-8"},
		"a mail in dark":       {"GET", mail + ".dark.html", "", 200, `content="dark"`, "text/html; charset=utf-8"},
		"its source":           {"GET", mail + ".eml", "", 200, "Message-ID:", "message/rfc822"},
		"its text":             {"GET", mail + ".txt", "", 200, "إعلان طشقند", "text/plain; charset=utf-8"},
		"by localhost":         {"GET", "/", "localhost:PORT", 200, "Proofs", ""},
		"by another name":      {"GET", "/", "rebound.example:PORT", 421, "by no other name", ""},
		"a mail by such a one": {"GET", mail + ".txt", "rebound.example:PORT", 421, "by no other name", ""},
		"changes by such":      {"GET", "/changes", "rebound.example:PORT", 421, "by no other name", ""},
		"at another port":      {"GET", "/", "127.0.0.1:1", 421, "by no other name", ""},
		"what is not there":    {"GET", "/nothing.html", "", 404, "no such file", ""},
		"a file of the system": {"GET", "/..%2f..%2f..%2fetc%2fpasswd", "", 404, "no such file", ""},
		"a form":               {"POST", "/", "", 405, "GET, HEAD", ""},
	} {
		_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
		h := get(t, x.method, s.URL+x.path, strings.ReplaceAll(x.host, "PORT", port))
		if h.code != x.code || !strings.Contains(h.body, x.says) || x.kind != "" && h.Get("Content-Type") != x.kind {
			t.Errorf("%s: %d %s, want %d %s with %q: %.200s", name, h.code, h.Get("Content-Type"), x.code, x.kind, x.says, h.body)
		}
		if h.Get("Set-Cookie") != "" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; ") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors ") {
			t.Errorf("%s: %v", name, h.Header)
		}
		if x.code >= 400 && strings.Contains(h.body, "Tashkent Declaration") {
			t.Errorf("%s: it is refused, and told: %s", name, h.body)
		}
	}
}

// What is wrong stands above what was right before, until it is right again.
func TestLiveTellFaults(t *testing.T) {
	live, s := liveServer(t)
	faults := press.Faults{{File: "config/releases/tashkent-2022/en.md", Line: 3, Column: 7, What: "there is <b>no</b> headline", Want: "one is wanted"}}
	page := func() string { return get(t, "GET", s.URL, "").body }
	fail := func(err error) {
		if err := live.Fail(err); err != nil {
			t.Fatal(err)
		}
	}
	fail(faults)
	if body := page(); !strings.Contains(body, "en.md:3:7</code> there is &lt;b&gt;no&lt;/b&gt; headline; one is wanted") || !strings.Contains(body, "nothing to show yet") || strings.Contains(body, "filters\" aria") {
		t.Errorf("at the start: %s", body)
	}
	if err := live.Show(sample(t)); err != nil {
		t.Fatal(err)
	}
	if body := page(); strings.Contains(body, "faults") && strings.Contains(body, `role="alert"`) || !strings.Contains(body, "Tashkent Declaration") {
		t.Errorf("put right: %.2000s", body)
	}
	fail(append(faults, faults[0]))
	if body := page(); !strings.Contains(body, "The folder has 2 faults") || !strings.Contains(body, "how it was before") || !strings.Contains(body, "Tashkent Declaration") {
		t.Errorf("faulty again: %.2000s", body)
	}
	fail(errors.New("the folder went <away>"))
	if body := page(); !strings.Contains(body, "<li>the folder went &lt;away&gt;</li>") || strings.Contains(body, "en.md:3:7") || !strings.Contains(body, "Tashkent Declaration") {
		t.Errorf("an error without a place: %.2000s", body)
	}
}

// changes reads what is told of changes, until the context ends.
func changes(ctx context.Context, t *testing.T, url string) <-chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	w, err := http.DefaultClient.Do(r) //nolint:bodyclose // whoever reads it closes it
	if err != nil {
		t.Fatal(err)
	}
	if kind := w.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("changes are %s", kind)
	}
	told := make(chan string, 16) // more than a test tells
	go func() {
		defer close(told)
		defer w.Body.Close()
		for lines := bufio.NewScanner(w.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				told <- data
			}
		}
	}()
	return told
}

// A page learns of each change, once, and at once of one that it has missed.
func TestLiveTellChanges(t *testing.T) {
	live, s := liveServer(t)
	show := func(text string) {
		if err := live.Show(reading(t, text)); err != nil {
			t.Fatal(err)
		}
	}
	show("One")
	told := changes(t.Context(), t, s.URL+"/changes?seen=")
	first := <-told
	waiting := changes(t.Context(), t, s.URL+"/changes?seen="+first)
	show("One") // nothing has changed
	show("Two")
	second := <-told
	if second == first || <-waiting != second {
		t.Errorf("%s, then %s", first, second)
	}
	if err := live.Fail(errors.New("x")); err != nil {
		t.Fatal(err)
	}
	third := <-told
	show("Two")
	if back := <-told; back != second || third == second {
		t.Errorf("from %s to %s and back to %s", second, third, back)
	}
	s.CloseClientConnections()
	for range told {
		t.Error("something is told after the end")
	}
}
