package dispatch_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/journal"
	"dateline/internal/press"
)

// countingSession takes every message at once, and tells when the last one came.
type countingSession struct {
	left *atomic.Int64
	last chan struct{} // closed
}

func (s countingSession) Send(press.Envelope, []byte, *press.Envelope) press.Outcome {
	if s.left.Add(-1) == 0 {
		close(s.last)
	}
	return press.Outcome{State: press.Accepted, At: time.Now(), Relay: "fake", Code: 250}
}

func (countingSession) Abandon()      {}
func (countingSession) Cut()          {}
func (countingSession) Noop() error   { return nil }
func (countingSession) Broken() error { return nil }
func (countingSession) Close() error  { return nil }

// BenchmarkDispatch is the engine without any relay to wait for, over a real
// journal and a real store, from the lift to the last result on disk: composed
// ahead of it, or after.
//
//	go test ./internal/dispatch -run '^$' -bench Dispatch -benchtime 20000x
func BenchmarkDispatch(b *testing.B) {
	b.Run("prepared", func(b *testing.B) { benchDispatch(b, 3*time.Second+time.Duration(b.N)*200*time.Microsecond) })
	b.Run("inline", func(b *testing.B) { benchDispatch(b, 0) })
}

func benchDispatch(b *testing.B, ahead time.Duration) {
	h := build(b, max(b.N, 60), time.Now().Add(time.Hour))
	defer h.store.Close()
	n := len(h.approve())
	lift := time.Now().Add(ahead)
	h.exec(`UPDATE queue SET next_us = ?`, lift.UnixMicro())
	h.exec(`UPDATE deliveries SET due_us = ?`, lift.UnixMicro())
	j, _, err := journal.Open(filepath.Join(b.TempDir(), "journal"), "boot")
	h.must(err)
	defer j.Close()
	var left atomic.Int64
	left.Store(int64(n))
	last := make(chan struct{})
	b.ResetTimer()
	h.serve(h.store, func(o *dispatch.Options) {
		o.Prepare, o.PrepareMemory, o.Journal = ahead, 1<<30, j
		o.Relays[0].Connections = 10
		o.Relays[0].Dial = func(context.Context) (dispatch.Session, error) { return countingSession{&left, last}, nil }
	})
	if ahead > 0 {
		b.StopTimer()
		h.pass(time.Until(lift) - 50*time.Millisecond)
		if kept, _ := h.running.Kept(); kept < n {
			b.Errorf("only %d of %d messages were made ready before the lift", kept, n)
		}
		h.pass(time.Until(lift))
		b.StartTimer()
	}
	<-last
	h.stop()
	b.StopTimer()
	b.ReportMetric(float64(n)/time.Since(lift).Seconds(), "messages/s")
	h.expect(map[press.State]int{press.Accepted: n})
}
