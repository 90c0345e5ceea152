package probe_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dateline/internal/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func prober() probe.Prober { return probe.New(new(net.Dialer).DialContext) }

func TestRepliesAreGivenAsTheyAre(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/form":
			_ = r.ParseForm()
			w.Header().Set("Date", "Thu, 04 Mar 2027 13:00:00 GMT")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, r.Method+" "+r.PostForm.Get("List-Unsubscribe"))
		case "/moved":
			http.Redirect(w, r, "/form", http.StatusSeeOther)
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
		}
	}))
	defer srv.Close()
	p := prober()
	reply, err := p.Post(t.Context(), srv.URL+"/form", url.Values{"List-Unsubscribe": {"One-Click"}})
	if err != nil || reply.Status != http.StatusNotFound || reply.Body != "POST One-Click" || !reply.Date.Equal(time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", reply, err)
	}
	if reply, err := p.Post(t.Context(), srv.URL+"/moved", nil); err != nil || reply.Status != http.StatusSeeOther || reply.To != "/form" {
		t.Errorf("%+v, %v", reply, err)
	}
	if reply, err := p.Get(t.Context(), srv.URL+"/long"); err != nil || len(reply.Body) != 64<<10 {
		t.Errorf("%d bytes, %v", len(reply.Body), err)
	}
}

func TestTLSMustStand(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	defer srv.Close()
	if reply, err := prober().Get(t.Context(), srv.URL+"/secret"); err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestTheDateOfAReplyIsAClock(t *testing.T) {
	at := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	r := probe.Reply{Date: at, Asked: at.Add(3200 * time.Millisecond), Took: 600 * time.Millisecond}
	if ahead, within, ok := r.Ahead(); !ok || ahead != 3*time.Second || within != 800*time.Millisecond {
		t.Errorf("%s within %s, %v", ahead, within, ok)
	}
	if _, _, ok := (probe.Reply{}).Ahead(); ok {
		t.Error("without a date there is no clock")
	}
}

// timeServer answers as a server whose clock is so far ahead, or not in sync.
func timeServer(t *testing.T, off time.Duration, stratum byte) string {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if n < 48 {
				continue
			}
			answer := make([]byte, 48)
			answer[0], answer[1], answer[3] = 4<<3|4, stratum, 0xec
			copy(answer[24:32], b[40:48])
			now := time.Now().Add(off)
			for _, at := range []int{16, 32, 40} {
				binary.BigEndian.PutUint32(answer[at:], uint32(now.Unix()+2208988800))
				binary.BigEndian.PutUint32(answer[at+4:], uint32(uint64(now.Nanosecond())<<32/1e9))
			}
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return conn.LocalAddr().String()
}

func TestClock(t *testing.T) {
	ahead, within, err := probe.Clock(t.Context(), timeServer(t, -5*time.Second, 2))
	if err != nil || (ahead-5*time.Second).Abs() > 500*time.Millisecond || within > time.Second {
		t.Errorf("ahead %s within %s, %v", ahead, within, err)
	}
	if _, _, err := probe.Clock(t.Context(), timeServer(t, 0, 0)); err == nil {
		t.Error("a server that sends away was believed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := probe.Clock(ctx, "127.0.0.1:1"); err == nil {
		t.Error("what was not waited for has an answer")
	}
}
