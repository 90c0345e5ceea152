package cli

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/testenv"
)

// servers are the ways in which this package answers over HTTP.
var servers = map[string]func(ctx context.Context, l net.Listener, h http.Handler) error{
	"daemon": func(ctx context.Context, l net.Listener, h http.Handler) error {
		return serveHTTP(ctx, l, site{pages: h}, slog.New(slog.DiscardHandler))
	},
	"preview": func(ctx context.Context, l net.Listener, h http.Handler) error {
		return servePage(ctx, l, h, slog.New(slog.DiscardHandler))
	},
}

// inBubble runs a test against each server, with the clock of a bubble. The page
// reads a form's worth of what it is sent.
func inBubble(t *testing.T, test func(t *testing.T, at *testenv.Pipes)) {
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at := testenv.NewPipes(2 * mostVisitors)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() {
					ended <- serve(ctx, at, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path == "/stream" {
							stream(w, r)
							return
						}
						if _, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10)); err != nil {
							http.Error(w, "no", http.StatusRequestEntityTooLarge)
							return
						}
						_, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) // who does not read it is cut off
					}))
				}()
				test(t, at)
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// stream says something each minute, as those pages do that tell of changes.
func stream(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{})
	for {
		if _, err := io.WriteString(w, "x\n"); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-time.After(time.Minute):
		case <-r.Context().Done():
			return
		}
	}
}

// Whoever keeps a connection without need loses it.
func TestNobodyKeepsAConnectionToAPage(t *testing.T) {
	for name, c := range map[string]struct {
		opening, drip string
		deaf          bool
		most          time.Duration
	}{
		"silence":                      {"", "", false, 15 * time.Second},
		"a header that never ends":     {"GET / HTTP/1.1\r\nHost: press.example\r\nX: ", "x", false, 15 * time.Second},
		"fields that never end":        {"GET / HTTP/1.1\r\nHost: press.example\r\n", "X: y\r\n", false, 15 * time.Second},
		"a body that never ends":       {"POST / HTTP/1.1\r\nHost: press.example\r\nContent-Length: 10000\r\n\r\n", "x", false, 35 * time.Second},
		"chunks that never end":        {"POST / HTTP/1.1\r\nHost: press.example\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", false, 35 * time.Second},
		"an answer that nobody reads":  {"GET / HTTP/1.1\r\nHost: press.example\r\n\r\n", "", true, 70 * time.Second},
		"nothing asked after a page":   {"GET / HTTP/1.1\r\nHost: press.example\r\n\r\n", "", false, 125 * time.Second},
		"a second header without end":  {"GET / HTTP/1.1\r\nHost: press.example\r\n\r\n", "X", false, 125 * time.Second},
		"a header larger than allowed": {"GET / HTTP/1.1\r\nHost: press.example\r\nX: " + strings.Repeat("x", 100<<10), "", false, time.Second},
		"a body larger than allowed":   {"POST / HTTP/1.1\r\nHost: press.example\r\nContent-Length: 1000000000\r\n\r\n" + strings.Repeat("x", 17<<10), "", false, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, at *testenv.Pipes) {
				if got := keeps(at.Dial(), c.opening, c.drip, c.deaf); got > c.most {
					t.Errorf("the connection lasted %s, more than %s", got, c.most)
				}
			})
		})
	}
}

// keeps tells how long a connection is kept whose client says a thing each
// second, for ever. One that is deaf does not read what it is told.
func keeps(c net.Conn, opening, drip string, deaf bool) time.Duration {
	began := time.Now()
	var ended atomic.Bool
	var hearing sync.WaitGroup
	defer hearing.Wait()
	defer c.Close()
	if !deaf {
		hearing.Go(func() {
			_, _ = io.Copy(io.Discard, c)
			ended.Store(true)
		})
	}
	_, err := io.WriteString(c, opening)
	for err == nil && !ended.Load() && time.Since(began) < time.Hour {
		<-time.After(time.Second)
		_, err = io.WriteString(c, drip)
	}
	return time.Since(began)
}

// What is too large is told so, and not read to its end.
func TestAPageSaysWhatIsTooLarge(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"header": {"GET / HTTP/1.1\r\nHost: press.example\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"path":   {"GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: press.example\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"fields": {"GET / HTTP/1.1\r\nHost: press.example\r\n" + strings.Repeat("X: y\r\n", 1<<17) + "\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"body":   {"POST / HTTP/1.1\r\nHost: press.example\r\nContent-Length: 1048576\r\n\r\n" + strings.Repeat("x", 1<<20), http.StatusRequestEntityTooLarge},
		"chunks": {"POST / HTTP/1.1\r\nHost: press.example\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1000\r\n"+strings.Repeat("x", 4096)+"\r\n", 256) + "0\r\n\r\n", http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, at *testenv.Pipes) {
				conn := at.Dial()
				defer conn.Close()
				wrote := make(chan error, 1)
				go func() {
					_, err := io.WriteString(conn, c.request)
					wrote <- err
				}()
				answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				if answer.StatusCode != c.want {
					t.Errorf("the answer is %s, want %d", answer.Status, c.want)
				}
				if err := <-wrote; err == nil {
					t.Error("all of it was read")
				}
			})
		})
	}
}

// With every place taken by silent ones, the next waits for as long as a header
// may take, and is answered then.
func TestSilentOnesFillAPageForAWhileOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, at *testenv.Pipes) {
		var silent []net.Conn
		for range mostVisitors {
			silent = append(silent, at.Dial())
		}
		synctest.Wait()
		if at.Waiting() != 0 {
			t.Fatalf("%d wait before it is full", at.Waiting())
		}
		conn := at.Dial()
		defer conn.Close()
		synctest.Wait()
		if at.Waiting() != 1 {
			t.Error("there is no bound to how many are let in")
		}
		began := time.Now()
		_ = conn.SetDeadline(began.Add(time.Hour))
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: press.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if took := time.Since(began); took < 5*time.Second || took > 15*time.Second {
			t.Errorf("the next one was answered after %s", took)
		}
		for _, c := range silent {
			_ = c.Close()
		}
	})
}

// A stream goes on beyond every time that a request has.
func TestAStreamOutlastsTheTimesOfAPage(t *testing.T) {
	inBubble(t, func(t *testing.T, at *testenv.Pipes) {
		conn := at.Dial()
		if _, err := io.WriteString(conn, "GET /stream HTTP/1.1\r\nHost: press.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		began, lines := time.Now(), bufio.NewReader(conn)
		for time.Since(began) < time.Hour {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatalf("after %s: %v", time.Since(began), err)
			}
		}
		_ = conn.Close()
		synctest.Wait()
	})
}

// A handshake of TLS has the time of a header.
func TestNobodyKeepsAHandshakeOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := testenv.NewPipes(2 * mostVisitors)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		secure := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("nobody gets that far") }}
		go func() {
			ended <- serveHTTP(ctx, at, site{pages: http.NotFoundHandler(), tls: secure}, slog.New(slog.DiscardHandler))
		}()
		for _, opening := range []string{"", "\x16\x03\x01\x02\x00\x01"} {
			if got := keeps(at.Dial(), opening, "", false); got > 15*time.Second {
				t.Errorf("after %q the connection lasted %s", opening, got)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Each server of the program is made where its bounds are: servehttp.go has
// those of HTTP, and the packages mailbox and sink those of SMTP.
func TestEveryServerIsMadeWhereItsBoundsAre(t *testing.T) {
	places := map[string][]string{
		"http.Server":    {"internal/cli/servehttp.go"},
		"smtp.NewServer": {"internal/mailbox/listener.go", "internal/sink/sink.go"},
	}
	found := map[string][]string{}
	for _, root := range []string{"cmd", "internal"} {
		err := fs.WalkDir(os.DirFS("../.."), root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/testenv/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", path), nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, what := range serversMade(file) {
				found[what] = append(found[what], path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !maps.EqualFunc(found, places, slices.Equal) {
		t.Errorf("servers are made in %v, want %v", found, places)
	}
}

// serversMade are the ways of making a server that a file has.
func serversMade(file *ast.File) []string {
	var made []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if name := types.ExprString(orNothing(n.Type)); name == "http.Server" {
				made = append(made, name)
			}
		case *ast.CallExpr:
			switch name := types.ExprString(n.Fun); name {
			case "smtp.NewServer", "http.Serve", "http.ServeTLS", "http.ListenAndServe", "http.ListenAndServeTLS":
				made = append(made, name)
			}
		}
		return true
	})
	return made
}

// orNothing is for literals whose type stands further out.
func orNothing(e ast.Expr) ast.Expr {
	if e == nil {
		return ast.NewIdent("_")
	}
	return e
}
