package console

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

// watchers counts who watches, up to most; 0 is no bound.
type watchers struct {
	mu         sync.Mutex
	most, here int
	once       sync.Once
	gone       chan struct{} // closed when all are let go
}

func (w *watchers) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.most > 0 && w.here >= w.most {
		return false
	}
	w.here++
	return true
}

func (w *watchers) leave() {
	w.mu.Lock()
	w.here--
	w.mu.Unlock()
}

// breath is how long a watcher is left alone after it was told of something, and
// how often it hears that the line still stands.
const (
	breath    = 500 * time.Millisecond
	heartbeat = 20 * time.Second
)

// watch tells, as server-sent events, that there is something new to see. It says
// not what: pages fetch their parts again. Its end is that of the session, too.
func (c *Console) watch(w http.ResponseWriter, r *http.Request) {
	id, err := press.ParseID(c.Sessions.GetString(r.Context(), access.SessionAccount))
	if err != nil {
		http.Error(w, "Sign in first.", http.StatusUnauthorized)
		return
	}
	if !c.live.enter() {
		w.Header().Set("Retry-After", "15")
		http.Error(w, "So many are watching that you are not told of changes; the page looks for them by itself now and again.", http.StatusServiceUnavailable)
		return
	}
	defer c.live.leave()
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // it lasts for as long as somebody watches
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep it
	say := func(text string) bool {
		_, err := w.Write([]byte(text))
		return err == nil && out.Flush() == nil
	}
	if !say("retry: 2000\n\n") {
		return
	}
	c.tell(r, say, func() bool { _, err := c.Door.Account(r.Context(), id); return err == nil })
}

// tell tells of each change, until nobody listens or may.
func (c *Console) tell(r *http.Request, say func(string) bool, still func() bool) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	seen := -1
	for {
		now := c.Board.Look()
		if now.Version != seen {
			seen = now.Version
			if !say(fmt.Sprintf("event: board\ndata: %d\n\n", seen)) || !pause(r, breath) {
				return
			}
			continue
		}
		select {
		case <-now.Changed:
		case <-beat.C:
			if !still() || !say(": still here\n\n") {
				return
			}
		case <-c.live.gone:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// LetGo ends the streams of all who watch, once; their browsers come again.
func (c *Console) LetGo() { c.live.once.Do(func() { close(c.live.gone) }) }

// pause waits, unless the one who asked goes away.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
