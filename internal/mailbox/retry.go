package mailbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"dateline/internal/press"
)

// refusedWait is the least time between two tries of a password.
const refusedWait = time.Minute

// errRefused is a login that the server refused. What the server said is left
// out, for it may name the user.
var errRefused = errors.New("the server refused the user name or the password: correct them in the config")

// backoff is the wait after so many failures in a row, of which err is the last.
func (w *watch) backoff(failures int, err error) time.Duration {
	wait := w.Retry
	for range failures - 1 {
		wait = min(2*wait, w.MaxRetry)
	}
	if errors.Is(err, errRefused) {
		wait = max(wait, refusedWait)
	}
	return wait
}

// again runs session for ever, with a wait after each that fails. A session
// that came so far as to call well begins the count of failures anew.
func (w *watch) again(ctx context.Context, session func(ctx context.Context, well func()) error) {
	for failures := 0; ctx.Err() == nil; {
		err := session(ctx, func() { failures = 0 })
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures = 0
			continue
		}
		failures++
		w.tell(err.Error())
		pause(ctx, w.backoff(failures, err), nil)
	}
}

// pause waits for so long, for a wake-up, or for the end.
func pause(ctx context.Context, wait time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// later remembers, by their refs, the messages that could not be handled, and
// those that were and could not be removed.
type later struct {
	watch   *watch
	failed  map[string]*failure
	handled map[string]bool
}

type failure struct {
	times int
	until time.Time
}

func newLater(w *watch) *later {
	return &later{watch: w, failed: map[string]*failure{}, handled: map[string]bool{}}
}

// due tells whether a message is to be handled now.
func (l *later) due(ref string, now time.Time) bool {
	f := l.failed[ref]
	return f == nil || !now.Before(f.until)
}

// handle hands messages on, all at once so that they may share a commit, and
// tells which may be removed now.
func (l *later) handle(ctx context.Context, h Handler, mails ...press.Mail) (remove []bool, handling error) {
	errs := make([]error, len(mails))
	var all sync.WaitGroup
	for i, m := range mails {
		if !l.handled[m.Ref] {
			all.Go(func() { errs[i] = h(ctx, m) })
		}
	}
	all.Wait()
	remove = make([]bool, len(mails))
	for i, m := range mails {
		if remove[i] = errs[i] == nil; remove[i] {
			delete(l.failed, m.Ref)
			l.handled[m.Ref] = true
			continue
		}
		handling = errs[i]
		if ctx.Err() == nil { // else it is not the message's fault
			l.fail(m.Ref, errs[i])
		}
	}
	return remove, handling
}

// fail notes that a message could not be handled, and when it is tried again.
func (l *later) fail(ref string, err error) {
	f := l.failed[ref]
	if f == nil {
		f = &failure{}
		l.failed[ref] = f
	}
	f.times++
	f.until = time.Now().Add(l.watch.backoff(f.times, nil))
	if f.times == 1 {
		l.watch.Log.Warn("a message could not be handled: it stays, and is tried again", "ref", ref, "error", scrub(err.Error()))
	}
}

// keep forgets every message that is no longer there.
func (l *later) keep(refs map[string]bool) {
	for ref := range l.failed {
		if !refs[ref] {
			delete(l.failed, ref)
		}
	}
	for ref := range l.handled {
		if !refs[ref] {
			delete(l.handled, ref)
		}
	}
}

// wait is how long until the next failed message is due, at most poll.
func (l *later) wait(poll time.Duration, now time.Time) time.Duration {
	for _, f := range l.failed {
		poll = min(poll, f.until.Sub(now))
	}
	return max(poll, 0)
}

// outcome puts a round's troubles into words: of messages that could not be
// handled, and of the removal.
func (l *later) outcome(handling, removing error) string {
	switch {
	case removing != nil:
		return fmt.Sprintf("messages that were handled cannot be removed: %v", removing)
	case handling != nil:
		return fmt.Sprintf("some messages cannot be handled (%d): %v", len(l.failed), handling)
	case len(l.failed) > 0:
		l.watch.mu.Lock()
		defer l.watch.mu.Unlock()
		return l.watch.last // as it was: none of them was tried
	default:
		return ""
	}
}
