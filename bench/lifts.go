package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dateline/internal/press"
	"dateline/internal/sink"
)

// lifted is what the bench's own sink saw of releases that one daemon sent.
type lifted struct {
	firstMS  []float64 // by release: the first byte of its first message after its lift
	early    int
	meanSize float64
}

// receipts gathers what comes to the sink, by release.
type receipts struct {
	mu    sync.Mutex
	all   []sink.Receipt
	whole chan struct{} // closed with the last one that is waited for
	want  int
}

func (r *receipts) add(got sink.Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all = append(r.all, got); len(r.all) == r.want {
		close(r.whole)
	}
}

// expect tells how many are to come, before any does.
func (r *receipts) expect(all []approved) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range all {
		r.want += a.n
	}
	return r.want
}

// liftOften has one daemon send a number of releases whose lifts are a second
// apart, each to some readers.
func (b *bench) liftOften(ctx context.Context, kind string, lifts, readers int) (lifted, error) {
	for ahead := 100 * time.Millisecond; ; ahead *= 2 { // a release
		found, err := b.liftOftenOnce(ctx, kind, lifts, readers, ahead)
		if !errors.Is(err, errTooLate) || ahead > 20*time.Second {
			return found, err
		}
	}
}

func (b *bench) liftOftenOnce(ctx context.Context, kind string, lifts, readers int, ahead time.Duration) (found lifted, err error) {
	got := &receipts{whole: make(chan struct{})}
	catcher, err := sink.Start(sink.Options{OnReceipt: got.add})
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, catcher.Close()) }()
	s := setting{kind: kind, port: portOf(catcher.Addr()), prepare: 2 * time.Minute}
	for i := range lifts {
		s.slugs = append(s.slugs, fmt.Sprintf("lift-%02d", i+1))
	}
	h, err := b.newHouse(ctx, s)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, h.close(ctx)) }()
	all, err := h.approveRow(ctx, s.slugs, readers, time.Now().Add(time.Duration(lifts)*ahead+2*startUp))
	if err != nil {
		return found, err
	}
	total := got.expect(all)
	daemon, err := h.serve(ctx)
	if err != nil {
		return found, err
	}
	defer daemon.stop()
	if time.Until(all[0].lift) < startUp {
		return found, errTooLate
	}
	if err := got.await(ctx, all[len(all)-1], daemon); err != nil {
		return found, err
	}
	watched := sent{n: total}
	if err := h.watch(ctx, all[len(all)-1], daemon, &watched); err != nil {
		return found, err
	}
	states, err := h.look.states(ctx)
	if err != nil {
		return found, err
	}
	daemon.stop()
	return b.judgeLifts("first_ms, "+kind, got, all, states), nil
}

// approveRow approves releases with lifts a second apart, the first one at or
// after an instant.
func (h *house) approveRow(ctx context.Context, slugs []string, readers int, begin time.Time) ([]approved, error) {
	var all []approved
	for i, slug := range slugs {
		a, err := h.approve(ctx, slug, readers, time.Until(begin)+time.Duration(i)*time.Second)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// await waits for the last message, but not for ever.
func (r *receipts) await(ctx context.Context, last approved, daemon *process) error {
	patience := time.NewTimer(time.Until(last.lift) + 30*time.Second)
	defer patience.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-daemon.ended:
		return daemon.failed()
	case <-r.whole:
	case <-patience.C: // what is missing is told by the count
	}
	return nil
}

// judgeLifts holds what came against the lifts, and counts the copies of each
// reader of each release.
func (b *bench) judgeLifts(row string, got *receipts, all []approved, states map[press.State]int) lifted {
	got.mu.Lock()
	defer got.mu.Unlock()
	var found lifted
	lifts, first := map[string]time.Time{}, map[string]time.Time{}
	n := 0
	for _, a := range all {
		lifts[a.slug] = a.lift
		n += a.n
	}
	copies := map[string]int{}
	bytes := 0
	for _, r := range got.all {
		slug := r.Dateline["X-Dateline-Release"]
		if r.Began.Before(lifts[slug]) {
			found.early++
		}
		if at, ok := first[slug]; !ok || r.Began.Before(at) {
			first[slug] = r.Began
		}
		copies[slug+" "+fmt.Sprint(r.To)]++
		bytes += r.Size
	}
	for slug, at := range first {
		found.firstMS = append(found.firstMS, float64(at.Sub(lifts[slug]))/float64(time.Millisecond))
	}
	found.meanSize = float64(bytes) / float64(max(1, len(got.all)))
	b.judge(row, n, len(got.all), len(got.all)-len(copies), states)
	if found.early > 0 {
		b.found.wrongf("%s: %d messages came before their lift", row, found.early)
	}
	return found
}
