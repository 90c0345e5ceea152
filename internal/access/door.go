package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"dateline/internal/press"
)

// Store is what the door needs of the store.
type Store interface {
	Accounts(ctx context.Context) ([]press.Account, error)
	AccountByID(ctx context.Context, id press.ID) (press.Account, bool, error)
	AccountByLogin(ctx context.Context, login string) (press.Account, bool, error)
	AccountBySubject(ctx context.Context, subject string) (press.Account, bool, error)
	AddAccount(ctx context.Context, a press.Account, act press.PersonAct) (bool, error)
	ChangeRoles(ctx context.Context, id press.ID, roles []string, act press.PersonAct) error
	FollowProvider(ctx context.Context, a press.Account, act press.PersonAct) error
	DisableAccount(ctx context.Context, id press.ID, disabled bool, act press.PersonAct) error
	ChangePassword(ctx context.Context, id press.ID, hash string, act press.PersonAct) error
	Rehash(ctx context.Context, id press.ID, old, hash string) error
	EndSessions(ctx context.Context, account press.ID, act press.PersonAct) error
	AddToken(ctx context.Context, t press.APIToken, act press.PersonAct) error
	TokenByID(ctx context.Context, id press.ID) (press.APIToken, bool, error)
	Tokens(ctx context.Context, account press.ID) ([]press.APIToken, error)
	RevokeToken(ctx context.Context, id press.ID, now time.Time, act press.PersonAct) error
	TokenUsed(ctx context.Context, id press.ID, now, since time.Time) error
	AddPersonAct(ctx context.Context, act press.PersonAct) error
	PeopleActs(ctx context.Context, q press.PersonActs) ([]press.PersonAct, error)
}

// How a person proved who they are.
const (
	ViaToken       = "token"
	ViaCommandLine = "command line" // by having the config folder and the store
)

// Denied says to the person at the door why they are not let in.
type Denied struct{ Why string }

func (d Denied) Error() string { return d.Why }

// Wait says that too many attempts failed.
type Wait struct{ For time.Duration }

func (w Wait) Error() string {
	return fmt.Sprintf("too many attempts to sign in failed; wait %s and try again", w.For)
}

// Invalid says why an account or a token cannot be as it was asked for: every
// reason at once.
type Invalid struct{ Why string }

func (i Invalid) Error() string { return i.Why }

// Setup is what a door needs to know.
type Setup struct {
	Groups map[string][]Role // a provider's groups, and the roles that they give
	Cost   *argon2id.Params  // of a password's hash; nil: DefaultCost
}

// Door lets people in. It is safe for concurrent use; one stands for a daemon,
// since its limits are its own.
type Door struct {
	store    Store
	newID    func() press.ID
	groups   map[string][]Role
	hashes   *hashes
	accounts *limits
	networks *limits
}

// NewDoor makes a door.
func NewDoor(store Store, newID func() press.ID, setup Setup) *Door {
	cost := setup.Cost
	if cost == nil {
		cost = DefaultCost()
	}
	return &Door{
		store: store, newID: newID, groups: setup.Groups, hashes: newHashes(*cost),
		accounts: newLimits(10, 30*time.Second), networks: newLimits(30, 10*time.Second),
	}
}

// wrong is all that somebody hears who has not proved who they are.
func wrong() error { return Denied{"the name or the password is wrong"} }

// SignIn lets somebody in by name and password. Network is where they come from.
func (d *Door) SignIn(ctx context.Context, login, password, network string, now time.Time) (Person, error) {
	login = strings.TrimSpace(login)
	if len(login) > longestLogin || len(password) > longestPassword*4 {
		return Person{}, wrong() // nobody can have these; no store and no hash is troubled with them
	}
	attempt, wait := d.attempt(strings.ToLower(login), network, now)
	if wait > 0 {
		return Person{}, Wait{max(wait.Round(time.Second), time.Second)}
	}
	a, known, err := d.store.AccountByLogin(ctx, login)
	if err != nil {
		attempt.forget()
		return Person{}, err
	}
	hash := ""
	if known && a.Source == press.ByPassword {
		hash = a.Password
	}
	right, weak, err := d.hashes.check(ctx, password, hash)
	if err != nil {
		attempt.forget()
		return Person{}, err
	}
	if !right {
		return Person{}, wrong()
	}
	attempt.forget()
	if a.Disabled {
		return Person{}, disabled()
	}
	if weak {
		if err := d.rehash(ctx, a, password); err != nil {
			return Person{}, err
		}
	}
	p := personOf(a)
	return p, d.Act(FromNetwork(ctx, network), p, "sign in", a.Login, "", now)
}

func disabled() error {
	return Denied{"this account is disabled; an operator can enable it with `dateline users enable`"}
}

// rehash keeps the password by today's cost.
func (d *Door) rehash(ctx context.Context, a press.Account, password string) error {
	hash, err := d.hashes.make(ctx, password)
	if err != nil {
		return err
	}
	return d.store.Rehash(ctx, a.ID, a.Password, hash)
}

// Account is who has an account by now: asked on each request of a session, so
// that a role that is taken away, or an account disabled, takes effect at once.
func (d *Door) Account(ctx context.Context, id press.ID) (Person, error) {
	a, known, err := d.store.AccountByID(ctx, id)
	switch {
	case err != nil:
		return Person{}, err
	case !known:
		return Person{}, Denied{"there is no such account any more"}
	case a.Disabled:
		return Person{}, disabled()
	default:
		return personOf(a), nil
	}
}

func personOf(a press.Account) Person {
	return Person{ID: a.ID.String(), Name: a.Name, Email: a.Email, Roles: rolesOf(a.Roles), Via: a.Source, Cookie: true}
}

// rolesOf leaves out what is no role: a newer release may have written it.
func rolesOf(names []string) []Role {
	var roles []Role
	for _, name := range names {
		if r, err := ParseRole(name); err == nil {
			roles = append(roles, r)
		}
	}
	return roles
}

func roleNames(roles []Role) []string {
	names := make([]string, 0, len(roles))
	for _, r := range Roles() { // in the order in which they are told, each once
		if slices.Contains(roles, r) {
			names = append(names, string(r))
		}
	}
	return names
}
