package mailbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"dateline/internal/press"
)

// post is what a provider posted, once its signature or secret was found right.
type post struct {
	ref  string // by which a replay is known
	raw  []byte // nil: nothing to hand on
	then func(ctx context.Context) error
}

// refusal is an answer to a post that is not what it should be.
type refusal struct {
	status int
	why    string
}

// Error tells why.
func (r refusal) Error() string { return r.why }

func refuse(status int, format string, args ...any) error {
	return refusal{status, fmt.Sprintf(format, args...)}
}

// hook is a webhook of any provider.
type hook struct {
	*watch
	format  press.MailFormat
	check   func(r *http.Request, body []byte, now time.Time) (post, error)
	handler Handler
	seen    *replays
}

// rememberedPosts is more than comes within the window in which a post is fresh:
// what Mailgun signs would be good for another event after that.
const rememberedPosts = 100_000

func newHook(s Settings, format press.MailFormat, h Handler, check func(*http.Request, []byte, time.Time) (post, error)) *hook {
	return &hook{watch: newWatch(s), format: format, check: check, handler: h, seen: newReplays(rememberedPosts)}
}

// ServeHTTP answers 200 only for what was handled, now or before.
func (k *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	status, err := k.serve(r, http.MaxBytesReader(w, r.Body, k.MaxBytes))
	if err != nil {
		k.Log.Warn("a webhook's post was not taken", "status", status, "why", scrub(err.Error()))
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook"`)
	}
	w.WriteHeader(status) // without a word: a stranger need not know what was wrong
}

func (k *hook) serve(r *http.Request, from io.Reader) (int, error) {
	body, err := io.ReadAll(from)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return http.StatusRequestEntityTooLarge, fmt.Errorf("it is longer than %d bytes", k.MaxBytes)
	}
	if err != nil {
		return http.StatusBadRequest, fmt.Errorf("reading it: %w", err)
	}
	now := time.Now().UTC()
	p, err := k.check(r, body, now)
	if no := (refusal{}); errors.As(err, &no) {
		return no.status, err
	}
	if err != nil {
		k.tell(err.Error())
		return http.StatusServiceUnavailable, err
	}
	if k.seen.has(p.ref) {
		k.Log.Debug("a webhook's post was handled before", "ref", p.ref)
		return http.StatusOK, nil
	}
	switch {
	case p.then != nil:
		err = p.then(r.Context())
	case p.raw != nil:
		err = k.handler(r.Context(), press.Mail{Mailbox: k.Name, Ref: p.ref, Format: k.format, At: now, Raw: p.raw})
	}
	if err != nil {
		k.tell(fmt.Sprintf("messages cannot be handled, the provider is told to try again: %v", err))
		return http.StatusServiceUnavailable, err
	}
	k.seen.add(p.ref)
	k.tell("")
	return http.StatusOK, nil
}

// replays remembers the last so many refs that were handled.
type replays struct {
	mu   sync.Mutex
	refs map[string]bool
	ring []string
	next int
}

func newReplays(most int) *replays {
	return &replays{refs: map[string]bool{}, ring: make([]string, most)}
}

func (r *replays) has(ref string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refs[ref]
}

func (r *replays) add(ref string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refs[ref] {
		return
	}
	delete(r.refs, r.ring[r.next])
	r.ring[r.next], r.refs[ref] = ref, true
	r.next = (r.next + 1) % len(r.ring)
}

// digest names what has no name of its own.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// fresh refuses what is older than the window, and what is of the future.
func fresh(at, now time.Time, window time.Duration) error {
	if d := now.Sub(at); d > window || d < -5*time.Minute {
		return refuse(http.StatusForbidden, "its timestamp is %s away from now, %s is the most: a replay, or a clock that is wrong", d.Round(time.Second), window)
	}
	return nil
}
