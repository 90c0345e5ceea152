package access

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

const (
	shortestPassword = 12
	longestPassword  = 128
	longestLogin     = 254
	hashesAtOnce     = 2
)

// DefaultCost is what a password's hash costs: about a tenth of a second on a
// small server, and 64 MiB for the two that run at once.
func DefaultCost() *argon2id.Params {
	return &argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}
}

// checkPassword tells why a password must not be; "" where it may.
func checkPassword(login, password string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return "the password is not valid UTF-8"
	case n < shortestPassword:
		return fmt.Sprintf("the password has %d characters; it needs at least %d: a few words that do not belong together are good", n, shortestPassword)
	case n > longestPassword:
		return fmt.Sprintf("the password has %d characters; at most %d are allowed", n, longestPassword)
	case strings.EqualFold(strings.TrimSpace(password), login):
		return "the password is the login name"
	case strings.Count(password, password[:1]) == len(password):
		return "the password is one character over and over"
	default:
		return ""
	}
}

// hashes makes and checks passwords' hashes, a few at a time.
type hashes struct {
	cost  argon2id.Params
	turns chan struct{}
	decoy string // checked where nobody has the name: it takes as long
}

func newHashes(cost argon2id.Params) *hashes {
	h := &hashes{cost: cost, turns: make(chan struct{}, hashesAtOnce)}
	// The form of a hash that no password has: a key of zeros.
	h.decoy = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", cost.Memory, cost.Iterations, cost.Parallelism,
		zeros64(cost.SaltLength), zeros64(cost.KeyLength))
	return h
}

// zeros64 is so many bytes of zero in base64 without padding.
func zeros64(n uint32) string { return strings.Repeat("A", int((n*8+5)/6)) }

func (h *hashes) turn(ctx context.Context) (func(), error) {
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to check a password: %w", ctx.Err())
	}
}

func (h *hashes) make(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(password, &h.cost)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

// check tells whether a password is the one of a hash, and whether that is weaker
// than hashes are by now. An empty hash is nobody's.
func (h *hashes) check(ctx context.Context, password, hash string) (right, weak bool, err error) {
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	nobodys := hash == ""
	if nobodys {
		hash = h.decoy
	}
	right, cost, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("checking a password: its hash in the store cannot be read: %w; set a new one with `dateline users password`", err)
	}
	weak = cost.Memory < h.cost.Memory || cost.Iterations < h.cost.Iterations || cost.KeyLength < h.cost.KeyLength
	return right && !nobodys, weak, nil
}
