package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dateline/internal/press"
)

// Asks are the questions that the store answers.
type Asks struct {
	Depth    func(ctx context.Context, now time.Time) (press.QueueDepth, error)
	CameBack func(ctx context.Context, since time.Time) ([]press.CameBack, error)
}

// Rhythms and bounds of what is asked.
const (
	askWait    = 5 * time.Second
	askEvery   = 5 * time.Second
	askRest    = 20 // times as long as the answer took
	backSpan   = 24 * time.Hour
	backEvery  = time.Minute
	topDomains = 20 // by name; the others are one
	otherOnes  = "other"
)

// asked gives what the store knows, when somebody collects.
type asked struct {
	asks Asks

	up, copies, oldest, back *prometheus.Desc

	mu    sync.Mutex
	depth answer[press.QueueDepth]
	came  answer[[]press.CameBack]
}

// answer is the last one, and how long it stands.
type answer[T any] struct {
	value T
	err   error
	until time.Time
}

func newAsked(asks Asks) *asked {
	return &asked{
		asks:   asks,
		up:     prometheus.NewDesc("dateline_store_up", "Whether the store answers: 1 or 0.", nil, nil),
		copies: prometheus.NewDesc("dateline_queue_copies", "Copies that are unsettled, over all daemons: waiting for their instant, due, claimed, or sending.", []string{"state"}, nil),
		oldest: prometheus.NewDesc("dateline_queue_oldest_due_seconds", "How long the oldest copy has been due that no daemon has claimed and nobody holds; 0 where there is none.", nil, nil),
		back:   prometheus.NewDesc("dateline_returned_copies", "Copies that came back within the last 24 hours, over all daemons: bounced, blocked for reasons of the sending, or complained of.", []string{"kind", "relay", "domain"}, nil),
	}
}

// Describe tells what there may be.
func (a *asked) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{a.up, a.copies, a.oldest, a.back} {
		to <- d
	}
}

// Collect asks, where the last answers are too old.
func (a *asked) Collect(to chan<- prometheus.Metric) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	ask(&a.depth, now, askEvery, func(ctx context.Context) (press.QueueDepth, error) { return a.asks.Depth(ctx, now) })
	ask(&a.came, now, backEvery, func(ctx context.Context) ([]press.CameBack, error) {
		return a.asks.CameBack(ctx, now.Add(-backSpan))
	})
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(a.up, flag(a.depth.err == nil))
	if d := a.depth.value; a.depth.err == nil {
		for state, n := range map[string]int{"waiting": d.Waiting, "due": d.Due, "claimed": d.Claimed, "sending": d.Sending} {
			gauge(a.copies, float64(n), state)
		}
		age := 0.0
		if !d.OldestDue.IsZero() {
			age = max(0, now.Sub(d.OldestDue).Seconds())
		}
		gauge(a.oldest, age)
	}
	if a.came.err == nil {
		for _, c := range bounded(a.came.value) {
			gauge(a.back, float64(c.N), c.Kind, c.Relay, c.Domain)
		}
	}
}

// ask asks anew where the last answer no longer stands. A failure is asked for
// again with the next collection.
func ask[T any](last *answer[T], now time.Time, every time.Duration, question func(context.Context) (T, error)) {
	if now.Before(last.until) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), askWait)
	defer cancel()
	last.value, last.err = question(ctx)
	if last.err == nil {
		last.until = now.Add(max(every, askRest*time.Since(now)))
	}
}

// bounded keeps the domains of which most came back, and puts the others
// together.
func bounded(all []press.CameBack) []press.CameBack {
	of := map[string]int{}
	for _, c := range all {
		of[c.Domain] += c.N
	}
	top := topOf(of, topDomains)
	sum := map[press.CameBack]int{}
	for _, c := range all {
		key := press.CameBack{Kind: c.Kind, Relay: c.Relay, Domain: c.Domain}
		if !top[c.Domain] || c.Domain == "" {
			key.Domain = otherOnes
		}
		sum[key] += c.N
	}
	kept := make([]press.CameBack, 0, len(sum))
	for key, n := range sum {
		key.N = n
		kept = append(kept, key)
	}
	return kept
}
