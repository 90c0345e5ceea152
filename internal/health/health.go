// Package health answers whether the daemon lives, and whether it is ready.
//
// /healthz is 200 while the daemon's loop has turned of late, and 503 else: then
// the process is of no use and should be started anew. That the store is away is
// no reason for it. /readyz asks each check, all at once and each within its
// time, and is 200 where all are well and 503 else. Both tell in JSON what was
// asked and what came of it; an error there names no secret and no person, since
// those it is given name none.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Check is one thing that must be in order for the daemon to be ready.
type Check struct {
	Name string
	Ask  func(ctx context.Context) error
	Note func() string // what is to be known though all is well; nil: nothing is
}

// checkWait bounds one check.
const checkWait = time.Second

// answer is the body of an answer.
type answer struct {
	OK     bool               `json:"ok"`
	Checks map[string]checked `json:"checks"`
}

type checked struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Note  string `json:"note,omitempty"`
	Took  string `json:"took"`
}

// Handler answers for checks: those of one path.
func Handler(checks ...Check) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET or HEAD is wanted", http.StatusMethodNotAllowed)
			return
		}
		a := ask(r.Context(), checks)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !a.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(a) // whoever asked may be gone
	})
}

// ask asks all at once. One that does not heed its time is not waited for.
func ask(ctx context.Context, checks []Check) answer {
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	a := answer{OK: true, Checks: map[string]checked{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, c := range checks {
		all.Go(func() {
			begun := time.Now()
			err := within(ctx, c)
			found := checked{OK: err == nil, Took: time.Since(begun).Round(time.Microsecond).String()}
			if err != nil {
				found.Error = err.Error()
			}
			if c.Note != nil {
				found.Note = c.Note()
			}
			mu.Lock()
			defer mu.Unlock()
			a.Checks[c.Name] = found
			a.OK = a.OK && found.OK
		})
	}
	all.Wait()
	return a
}

func within(ctx context.Context, c Check) error {
	said := make(chan error, 1)
	go func() { said <- c.Ask(ctx) }()
	select {
	case err := <-said:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
