package cli

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// While one server takes the place of another at an address, nobody is turned
// away: who knocks in between is answered by the next one.
func TestADoorStaysOpenWhileWhoAnswersChanges(t *testing.T) {
	var d doors
	t.Cleanup(func() {
		if err := d.keep(nil); err != nil {
			t.Error(err)
		}
	})
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	get := func() string {
		r, err := client.Get("http://" + address)
		if err != nil {
			return err.Error()
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err.Error()
		}
		return string(body)
	}
	serve := func(says string) (stop func()) {
		l, err := d.listen(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, says) })}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(l) }()
		return func() {
			if err := server.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		}
	}
	stop := serve("first")
	if got := get(); got != "first" {
		t.Fatalf("the first one says %q", got)
	}
	stop()
	between, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatalf("nobody answers, and the door is closed: %v", err)
	}
	defer between.Close()
	if _, err := io.WriteString(between, "GET / HTTP/1.0\r\nHost: press.example\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	stop = serve("second")
	if got, err := io.ReadAll(between); err != nil || !strings.HasSuffix(string(got), "\r\n\r\nsecond") {
		t.Errorf("who knocked in between got %q, %v", got, err)
	}
	stop()
	if err := d.keep(map[string]bool{"tcp 127.0.0.1:1": true}); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", address); err == nil {
		_ = c.Close()
		t.Error("a door that nobody wants any more is open")
	}
}

// Somebody else has the address: that is told, and tried again later.
func TestADoorThatSomebodyElseHas(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var d doors
	if _, err := d.listen(t.Context(), "tcp", taken.Addr().String()); err == nil {
		t.Error("the address was taken twice")
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.listen(t.Context(), "tcp", taken.Addr().String()); err != nil {
		t.Errorf("once it is free: %v", err)
	}
	socket := filepath.Join(t.TempDir(), "s")
	l, err := d.listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("unix", socket); err != nil {
		t.Errorf("the socket is closed: %v", err)
	} else {
		_ = c.Close()
	}
	if err := d.keep(nil); err != nil {
		t.Error(err)
	}
}
