package cli_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

type hookKey struct{}

// hook is where alarms are posted to; it keeps each call that it answered well.
type hook struct {
	mu    sync.Mutex
	code  int
	calls []string
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil && h.code < 300 {
		h.calls = append(h.calls, r.Header.Get("Dateline-Signature")+" "+string(body))
	}
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(h.code)
}

// hookCommand is a webhook of the script's own, at $HOOK.
//
//	hook CODE             listen; each call is answered so
//	hook waitfor PATTERN  wait until a call fits; then those that came are forgotten
//	hook none PATTERN     no call fits
func hookCommand(ts *testscript.TestScript, neg bool, args []string) {
	h, up := ts.Value(hookKey{}).(*hook)
	switch {
	case neg || !up || len(args) == 0:
		ts.Fatalf("usage: hook CODE|waitfor|none")
	case len(args) == 1:
		var code int
		_, err := fmt.Sscan(args[0], &code)
		ts.Check(err)
		h.mu.Lock()
		h.code = code
		h.mu.Unlock()
		if ts.Getenv("HOOK") == "" {
			server := httptest.NewServer(h)
			ts.Defer(server.Close)
			ts.Setenv("HOOK", server.URL+"/s3cr3t")
		}
	case args[0] == "waitfor":
		if !wait(func() bool { return h.came(args[1]) }, 50*time.Millisecond) {
			ts.Fatalf("in vain; what came is %q", h.calls)
		}
		h.mu.Lock()
		h.calls = nil
		h.mu.Unlock()
	case args[0] == "none" && h.came(args[1]):
		ts.Fatalf("it came: %q", h.calls)
	}
}

func (h *hook) came(pattern string) bool {
	re := regexp.MustCompile(pattern)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if re.MatchString(c) {
			return true
		}
	}
	return false
}

// fetchCommand gets a page of the daemon at $PAGES_PORT. What is answered goes to
// the file `answer`, its code first.
//
//	fetch PATH
func fetchCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fetch PATH")
	}
	var said []byte
	ask := func() bool { // the daemon may just be starting
		answer, err := http.Get("http://127.0.0.1:" + ts.Getenv("PAGES_PORT") + args[0])
		if err != nil {
			return false
		}
		text, err := io.ReadAll(answer.Body)
		said = fmt.Appendf(nil, "%d\n%s", answer.StatusCode, text)
		return errors.Join(err, answer.Body.Close()) == nil
	}
	if !wait(ask, 50*time.Millisecond) {
		ts.Fatalf("nothing answers")
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer"), said, 0o600))
}
