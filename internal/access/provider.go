package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// FromProvider lets somebody in by the word of the team's own sign-in. Roles come
// from their groups, at each sign-in anew; at the first one an account is made.
func (d *Door) FromProvider(ctx context.Context, c press.Claims, now time.Time) (Person, error) {
	if c.Issuer == "" || c.Subject == "" {
		return Person{}, errors.New("signing in by the provider: it names no issuer or no subject")
	}
	subject := c.Issuer + " " + c.Subject
	a, known, err := d.store.AccountBySubject(ctx, subject)
	if err != nil {
		return Person{}, err
	}
	if known && a.Disabled {
		return Person{}, disabled()
	}
	roles := d.rolesBy(c.Groups)
	if len(roles) == 0 {
		return Person{}, d.withoutRoles(ctx, a, known, now)
	}
	name := signsWith(c)
	if why := checkName(name); why != "" {
		return Person{}, Denied{"the provider's word cannot be used: " + why}
	}
	if !known {
		return d.firstTime(ctx, c, subject, name, roles, now)
	}
	then := a
	a.Name, a.Email, a.Roles = name, c.Email, roleNames(roles)
	detail := ""
	if then.Name != a.Name || !slices.Equal(then.Roles, a.Roles) {
		detail = fmt.Sprintf("was %s (%s), is %s (%s)", then.Name, strings.Join(then.Roles, ", "), a.Name, strings.Join(a.Roles, ", "))
	}
	p := personOf(a)
	return p, d.store.FollowProvider(ctx, a, d.act(ctx, p, "sign in", a.Login, detail, now))
}

// withoutRoles refuses somebody who is in no group that counts. Who was in one
// before loses their roles, for the sessions and tokens that they still have.
func (d *Door) withoutRoles(ctx context.Context, a press.Account, known bool, now time.Time) error {
	if known && len(a.Roles) > 0 {
		p := personOf(a)
		a.Roles = nil
		if err := d.store.FollowProvider(ctx, a, d.act(ctx, p, "lose all roles", a.Login, "in none of the provider's groups that have any", now)); err != nil {
			return err
		}
	}
	return Denied{"you are in none of the groups that may use Dateline; ask whoever keeps `console.oidc.roles` in dateline.yaml"}
}

func (d *Door) firstTime(ctx context.Context, c press.Claims, subject, name string, roles []Role, now time.Time) (Person, error) {
	login := c.Login
	for _, other := range []string{c.Email, c.Subject} {
		if login == "" {
			login = other
		}
	}
	if len(login) > longestLogin {
		return Person{}, Denied{"the provider's word cannot be used: its name for you is too long"}
	}
	a := press.Account{
		ID: d.newID(), Login: login, Name: name, Email: c.Email, Roles: roleNames(roles),
		Source: press.ByProvider, Subject: subject, Created: now,
	}
	p := personOf(a)
	added, err := d.store.AddAccount(ctx, a, d.act(ctx, p, "sign in", a.Login, "for the first time; roles "+strings.Join(a.Roles, ", "), now))
	switch {
	case err != nil:
		return Person{}, err
	case added:
		return p, nil
	}
	// Two windows may have come at once; another's account is never taken over.
	if a, known, err := d.store.AccountBySubject(ctx, subject); err != nil || known {
		return personOf(a), err
	}
	return Person{}, Denied{fmt.Sprintf("there is another account %q, which is not the provider's; an operator has to settle that", login)}
}

// signsWith is the name that stands beside what the person approves.
func signsWith(c press.Claims) string {
	for _, name := range []string{c.Name, c.Login, c.Email} {
		if strings.TrimSpace(name) != "" {
			return strings.TrimSpace(name)
		}
	}
	return c.Subject
}

func (d *Door) rolesBy(groups []string) []Role {
	var roles []Role
	for _, group := range groups {
		roles = append(roles, d.groups[group]...)
	}
	return roles
}
