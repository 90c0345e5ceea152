package cli_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// servePreview starts `preview --serve` at a free port, and gives the page's
// address.
func (in *installation) servePreview(args ...string) (*exec.Cmd, string) {
	in.t.Helper()
	c := in.command(append([]string{"preview", "alpha"}, args...)...)
	out, err := c.StdoutPipe()
	in.must(err)
	in.must(c.Start())
	in.t.Cleanup(func() {
		_ = c.Process.Kill() // it has ended, as a rule
		_ = c.Wait()         // likewise
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	in.must(err)
	url := regexp.MustCompile(`http://[0-9.:]+/`).FindString(line)
	if url == "" {
		in.t.Fatalf("it says %q", line)
	}
	return c, url
}

// page is what stands at an address now.
func (in *installation) page(url, host string) (int, string) {
	in.t.Helper()
	r, err := http.NewRequestWithContext(in.t.Context(), http.MethodGet, url, http.NoBody)
	in.must(err)
	r.Host = host
	w, err := http.DefaultClient.Do(r)
	in.must(err)
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	in.must(err)
	return w.StatusCode, string(body)
}

// The page follows the folder: what is edited is shown, and what is wrong stands
// above what was right, until it is right again. It answers to no other name,
// and ends when it is told to, with a page open.
func TestPreviewFollowsTheFolder(t *testing.T) {
	in := install(t, "sqlite:../state/dateline.db", 1)
	c, url := in.servePreview("--serve", "127.0.0.1:0")
	if code, body := in.page(url, ""); code != 200 || !strings.Contains(body, "The conference of alpha ends") || !strings.Contains(body, "to this machine alone") {
		t.Fatalf("%d %.1000s", code, body)
	}
	if code, body := in.page(url, "rebound.example"); code != http.StatusMisdirectedRequest || strings.Contains(body, "conference") {
		t.Errorf("by another name: %d %s", code, body)
	}
	text := in.path("config", "releases", "alpha", "en.md")
	before, err := os.ReadFile(text)
	in.must(err)
	becomes := func(what, content string, has ...string) {
		t.Helper()
		in.must(os.WriteFile(text, []byte(content), 0o600))
		var body string
		if !wait(func() bool {
			_, body = in.page(url, "")
			for _, s := range has {
				if !strings.Contains(body, s) {
					return false
				}
			}
			return true
		}, pollEvery) {
			t.Fatalf("%s: the page never has %q: %.3000s", what, has, body)
		}
	}
	becomes("another headline", strings.ReplaceAll(string(before), "alpha ends", "alpha goes on"), "alpha goes on")
	becomes("a fault", strings.Replace(string(before), "headline:", "headlin:", 1), "en.md:", "unknown key `headlin`", "alpha goes on", "how it was before")
	becomes("put right", string(before), "The conference of alpha ends", `id="filters"`)
	if _, body := in.page(url, ""); strings.Contains(body, "unknown key") {
		t.Error("the fault stands there still")
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"changes", http.NoBody)
	in.must(err)
	open, err := http.DefaultClient.Do(r) // as a page does for as long as it is open
	in.must(err)
	defer open.Body.Close()
	idle, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.Trim(url, "htp:/")) // as browsers do ahead
	in.must(err)
	defer idle.Close()
	at := time.Now()
	in.must(c.Process.Signal(os.Interrupt))
	err = c.Wait()
	if took := time.Since(at); err != nil || took > time.Second {
		t.Errorf("it ends after %v with %v", took, err)
	}
}

// A folder that is faulty at the start has a page as well, which shows its
// proofs once it is right; and SIGTERM ends it, too.
func TestPreviewOfAFaultyFolder(t *testing.T) {
	in := install(t, "sqlite:../state/dateline.db", 1)
	text := in.path("config", "releases", "alpha", "en.md")
	before, err := os.ReadFile(text)
	in.must(err)
	in.must(os.WriteFile(text, []byte("no release"), 0o600))
	c, url := in.servePreview("--serve=127.0.0.1:0", "--json")
	if code, body := in.page(url, ""); code != 200 || !strings.Contains(body, "en.md:1:1") || !strings.Contains(body, "nothing to show yet") {
		t.Errorf("%d %s", code, body)
	}
	in.must(os.WriteFile(text, before, 0o600))
	in.must(c.Process.Signal(syscall.SIGTERM))
	in.must(c.Wait())
}
