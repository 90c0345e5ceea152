package alarm

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dateline/internal/press"
)

// Store keeps what stands and what was told.
type Store interface {
	RaiseAlarms(ctx context.Context, standing []press.Alarm, ways []string, now time.Time) error
	TakeTellings(ctx context.Context, way string, now time.Time, lease time.Duration) ([]press.Telling, error)
	NoteTelling(ctx context.Context, t press.Telling, way string, next, now time.Time) error
	DeferTelling(ctx context.Context, t press.Telling, way string, next time.Time) error
}

// Way is one way out: a webhook, an operator's mailbox.
type Way struct {
	Name string
	Tell func(ctx context.Context, t press.Telling) error
}

// Watch calls people. All its fields must be given.
type Watch struct {
	Store  Store
	Judge  func(ctx context.Context) ([]press.Alarm, error) // all that waits for a person now
	Ways   []Way
	Repeat time.Duration // so long after it was told, what still stands is told again
	Log    *slog.Logger
}

// Rhythms of a watch.
const (
	lookEvery = 10 * time.Second
	storeWait = 10 * time.Second
	tellWait  = 20 * time.Second // for one telling by one way
	lease     = 5 * time.Minute  // of what was taken to be told: longer than all of it may take
	firstWait = 30 * time.Second // after a telling that failed, then twice that
	lastWait  = 30 * time.Minute
	endTries  = 10 // after which nobody is told that something is over
)

// Run looks again and again, and tells, until the context ends.
func (w *Watch) Run(ctx context.Context) {
	var telling sync.WaitGroup
	defer telling.Wait()
	news := make([]chan struct{}, len(w.Ways))
	for i, way := range w.Ways {
		news[i] = make(chan struct{}, 1)
		telling.Go(func() { w.tellAll(ctx, way, news[i]) })
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for silent := false; ; {
		err := w.Look(ctx, time.Now())
		if err != nil && ctx.Err() == nil && !silent {
			w.Log.Error("what is wrong could not be judged; it is tried again", "error", err)
		}
		silent = err != nil
		for _, n := range news {
			select {
			case n <- struct{}{}:
			default:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look notes in the store what stands now.
func (w *Watch) Look(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	all, err := w.Judge(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(w.Ways))
	for i, way := range w.Ways {
		names[i] = way.Name
	}
	return w.Store.RaiseAlarms(ctx, Loud(all, now), names, now)
}

// Loud are those alarms for which people are called: not what a person did, and
// not what may pass in a moment.
func Loud(all []press.Alarm, now time.Time) []press.Alarm {
	loud := make([]press.Alarm, 0, len(all))
	for _, a := range all {
		if !a.Cause.Quiet() && (a.Since.IsZero() || now.Sub(a.Since) >= a.Cause.Patience()) {
			loud = append(loud, a)
		}
	}
	return loud
}

// tellAll tells by one way what there is to tell, whenever there is news.
func (w *Watch) tellAll(ctx context.Context, way Way, news <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		if err := w.tell(ctx, way); err != nil && ctx.Err() == nil {
			w.Log.Error("which alarms are to be told could not be read or noted; it is tried again", "way", way.Name, "error", err)
		}
	}
}

// tell tells once what is due by one way.
func (w *Watch) tell(ctx context.Context, way Way) error {
	taken := time.Now()
	due, err := w.take(ctx, way)
	if err != nil {
		return err
	}
	for _, t := range due {
		if over := ctx.Err() != nil || time.Since(taken) > lease-2*tellWait; over {
			break // who is slow may share the rest with others, after the lease
		}
		bounded, cancel := context.WithTimeout(ctx, tellWait)
		failed := way.Tell(bounded, t)
		cancel()
		if failed != nil {
			w.Log.Error("an alarm could not be told; it is tried again", "way", way.Name, "alarm", t.ID, "cause", t.Alarm.Cause, "error", failed)
		}
		if err := w.note(ctx, way, t, failed != nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watch) take(ctx context.Context, way Way) ([]press.Telling, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	return w.Store.TakeTellings(ctx, way.Name, time.Now(), lease)
}

// note writes down how a telling went, also where the daemon is just stopping:
// else it would be told twice.
func (w *Watch) note(ctx context.Context, way Way, t press.Telling, failed bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeWait)
	defer cancel()
	now := time.Now()
	switch {
	case !failed:
		return w.Store.NoteTelling(ctx, t, way.Name, now.Add(w.Repeat), now)
	case !t.Ended.IsZero() && t.Tries+1 >= endTries:
		return w.Store.DeferTelling(ctx, t, way.Name, time.Time{})
	default:
		return w.Store.DeferTelling(ctx, t, way.Name, now.Add(min(firstWait<<min(t.Tries, 10), lastWait)))
	}
}

// Logged is the way into a log.
func Logged(log *slog.Logger) Way {
	return Way{Name: "log", Tell: func(_ context.Context, t press.Telling) error {
		about := []any{"alarm", t.ID, "cause", t.Alarm.Cause, "what", t.Alarm.What, "since", t.Alarm.Since}
		if t.Alarm.Release != "" {
			about = append(about, "release", t.Alarm.Release)
		}
		if t.Ended.IsZero() {
			log.Error("alarm", append(about, "do", t.Alarm.Do)...)
		} else {
			log.Info("an alarm is over", append(about, "ended", t.Ended)...)
		}
		return nil
	}}
}
