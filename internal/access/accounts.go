package access

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// NewAccount is what is asked for.
type NewAccount struct {
	Login, Name, Email string
	Roles              []Role
	Password           string
}

const longestName = 100

// AddAccount makes an account with a password.
func (d *Door) AddAccount(ctx context.Context, by Person, n NewAccount, now time.Time) (press.Account, error) {
	if why := n.faults(); why != "" {
		return press.Account{}, Invalid{why}
	}
	hash, err := d.hashes.make(ctx, n.Password)
	if err != nil {
		return press.Account{}, err
	}
	a := press.Account{
		ID: d.newID(), Login: n.Login, Name: strings.TrimSpace(n.Name), Email: n.Email, Roles: roleNames(n.Roles),
		Source: press.ByPassword, Password: hash, Created: now,
	}
	added, err := d.store.AddAccount(ctx, a, d.act(ctx, by, "add account", a.Login, "roles "+strings.Join(a.Roles, ", "), now))
	if err == nil && !added {
		err = Invalid{fmt.Sprintf("there is an account %q already", n.Login)}
	}
	return a, err
}

func (n NewAccount) faults() string {
	var why []string
	note := func(s string) {
		if s != "" {
			why = append(why, s)
		}
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`).MatchString(n.Login) {
		note(fmt.Sprintf("the login name %q is not one: up to 64 letters (a-z), digits and ._@+- are, the first a letter or a digit", n.Login))
	}
	note(checkName(n.Name))
	if n.Email != "" {
		if a, err := mail.ParseAddress(n.Email); err != nil || a.Address != n.Email {
			note(fmt.Sprintf("%q is no email address", n.Email))
		}
	}
	note(checkRoles(n.Roles))
	note(checkPassword(n.Login, n.Password))
	return strings.Join(why, "; ")
}

// checkName tells why nobody can sign with a name; "" where they can.
func checkName(name string) string {
	n := strings.TrimSpace(name)
	switch {
	case n == "":
		return "the full name is missing: it stands beside what the person approves"
	case utf8.RuneCountInString(n) > longestName:
		return fmt.Sprintf("the full name has more than %d characters", longestName)
	case !utf8.ValidString(n) || strings.ContainsFunc(n, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "the full name has characters that cannot be seen"
	case strings.EqualFold(n, press.ByDateline):
		return "the full name is the program's own"
	default:
		return ""
	}
}

func checkRoles(roles []Role) string {
	if len(roles) == 0 {
		return "no role was given; the roles are viewer, editor, approver and operator"
	}
	for _, r := range roles {
		if _, err := ParseRole(string(r)); err != nil {
			return err.Error()
		}
	}
	return ""
}

// Accounts lists them by login name.
func (d *Door) Accounts(ctx context.Context) ([]press.Account, error) { return d.store.Accounts(ctx) }

// SetRoles gives an account other roles.
func (d *Door) SetRoles(ctx context.Context, by Person, login string, roles []Role, now time.Time) error {
	a, err := d.named(ctx, login)
	if err != nil {
		return err
	}
	if a.Source == press.ByProvider {
		return Invalid{fmt.Sprintf("the roles of %s come from the provider's groups (`console.oidc.roles` in dateline.yaml)", a.Login)}
	}
	if why := checkRoles(roles); why != "" {
		return Invalid{why}
	}
	names := roleNames(roles)
	detail := fmt.Sprintf("%s -> %s", strings.Join(a.Roles, ", "), strings.Join(names, ", "))
	return d.store.ChangeRoles(ctx, a.ID, names, d.act(ctx, by, "change roles", a.Login, detail, now))
}

// SetDisabled shuts an account out, with its sessions and tokens, or lets it in
// again.
func (d *Door) SetDisabled(ctx context.Context, by Person, login string, out bool, now time.Time) error {
	a, err := d.named(ctx, login)
	if err != nil {
		return err
	}
	what := "enable account"
	if out {
		what = "disable account"
	}
	return d.store.DisableAccount(ctx, a.ID, out, d.act(ctx, by, what, a.Login, "", now))
}

// SetPassword sets another password, and ends the account's sessions.
func (d *Door) SetPassword(ctx context.Context, by Person, login, password string, now time.Time) error {
	a, err := d.named(ctx, login)
	if err != nil {
		return err
	}
	if a.Source == press.ByProvider {
		return Invalid{fmt.Sprintf("%s signs in through the provider, and has no password here", a.Login)}
	}
	if why := checkPassword(a.Login, password); why != "" {
		return Invalid{why}
	}
	hash, err := d.hashes.make(ctx, password)
	if err != nil {
		return err
	}
	return d.store.ChangePassword(ctx, a.ID, hash, d.act(ctx, by, "change password", a.Login, "", now))
}

// SignOutEverywhere ends all sessions of the person's account.
func (d *Door) SignOutEverywhere(ctx context.Context, p Person, now time.Time) error {
	if p.account().IsZero() {
		return errors.New("signing out everywhere: this person has no account")
	}
	return d.store.EndSessions(ctx, p.account(), d.act(ctx, p, "sign out everywhere", "", "", now))
}

func (d *Door) named(ctx context.Context, login string) (press.Account, error) {
	a, known, err := d.store.AccountByLogin(ctx, login)
	if err == nil && !known {
		err = Invalid{fmt.Sprintf("there is no account %q; `dateline users list` shows them", login)}
	}
	return a, err
}
