package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"github.com/alexedwards/scs/v2"

	"dateline/internal/press"
)

// SessionAccount is the key under which a session holds the id of the account
// that is signed in, as a string. By it sessions can be ended for an account.
const SessionAccount = "account"

// sessionSlack is how much nearer a session's end may be in the store than it
// should be: whoever clicks on through pages does not write at each click.
const sessionSlack = time.Minute

// SessionStore is what sessions need of the store.
type SessionStore interface {
	Session(ctx context.Context, hash []byte, now time.Time) (press.Session, bool, error)
	SaveSession(ctx context.Context, s press.Session) error
	EndSession(ctx context.Context, hash []byte) error
}

// Sessions keeps sessions for an scs.SessionManager. What the browser holds
// stands in the store as SHA-256 alone. A session that was ended stays so,
// whatever request is still under way.
type Sessions struct {
	Store SessionStore
	Now   func() time.Time
}

// An scs.SessionManager takes it.
var _ scs.CtxStore = Sessions{}

func hashOf(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}

// FindCtx reads a session's data; false where it has ended.
func (s Sessions) FindCtx(ctx context.Context, secret string) ([]byte, bool, error) {
	x, ok, err := s.Store.Session(ctx, hashOf(secret), s.Now())
	return x.Data, ok, err
}

// CommitCtx keeps a session's data.
func (s Sessions) CommitCtx(ctx context.Context, secret string, data []byte, expires time.Time) error {
	x := press.Session{Hash: hashOf(secret), Data: data, Expires: expires}
	kept, ok, err := s.Store.Session(ctx, x.Hash, s.Now())
	if err != nil {
		return err
	}
	if ok && bytes.Equal(kept.Data, data) && expires.Sub(kept.Expires) < sessionSlack {
		return nil
	}
	if _, values, err := (scs.GobCodec{}).Decode(data); err == nil {
		text, _ := values[SessionAccount].(string)
		if id, err := press.ParseID(text); err == nil {
			x.Account = id
		}
	}
	return s.Store.SaveSession(ctx, x)
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, secret string) error {
	return s.Store.EndSession(ctx, hashOf(secret))
}

// Find is FindCtx for whoever has no context.
func (s Sessions) Find(secret string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), secret)
}

// Commit is CommitCtx for whoever has no context.
func (s Sessions) Commit(secret string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), secret, data, expires)
}

// Delete is DeleteCtx for whoever has no context.
func (s Sessions) Delete(secret string) error { return s.DeleteCtx(context.Background(), secret) }
