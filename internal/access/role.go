package access

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a person is to the team. Who has several may do all that each of
// them may.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // looks, and no more
	Editor   Role = "editor"   // keeps contacts and lists, and sends test copies
	Approver Role = "approver" // says yes to what leaves
	Operator Role = "operator" // steers what is under way, and keeps the accounts
)

// Roles are all of them, in the order in which they are told.
func Roles() []Role { return []Role{Viewer, Editor, Approver, Operator} }

// Right is something that not everybody may do.
type Right string

// The rights.
const (
	Look    Right = "look"    // see everything but addresses in bulk
	Export  Right = "export"  // take lists of recipients away
	Edit    Right = "edit"    // change contacts, outlets, suppressions, proposals; send test copies
	Approve Right = "approve" // say yes to a plan
	Hold    Right = "hold"    // stop what has not left, for now
	Steer   Right = "steer"   // resume, kill, move an embargo, decide what is unknown
	Manage  Right = "manage"  // accounts and tokens, and the trail of what people did
)

// Rights are all of them.
func Rights() []Right { return []Right{Look, Export, Edit, Approve, Hold, Steer, Manage} }

// rights say what each role may. To hold is to be safe: whoever may change or
// approve something may stop it, too.
func (r Role) rights() []Right {
	switch r {
	case Viewer:
		return []Right{Look}
	case Editor:
		return []Right{Look, Export, Edit, Hold}
	case Approver:
		return []Right{Look, Export, Approve, Hold}
	case Operator:
		return []Right{Look, Export, Edit, Hold, Steer, Manage}
	default:
		return nil
	}
}

// ParseRole reads a role's name.
func ParseRole(name string) (Role, error) {
	if r := Role(strings.ToLower(name)); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("%q is no role; the roles are viewer, editor, approver and operator", name)
}

// Person is who does something, as far as it was proved: by a password, by the
// team's own sign-in, or by a token.
type Person struct {
	ID     string // of the account
	Name   string // what they sign with, in approvals and in the trail
	Email  string // "" where none is known
	Roles  []Role
	Scope  []Right // of a token; nil: whatever the roles allow
	Via    string  // password, oidc or token
	Cookie bool    // the browser sends its proof by itself, so that a form must be ours
}

// May tells whether the person has a right.
func (p Person) May(r Right) bool {
	if p.Scope != nil && !slices.Contains(p.Scope, r) {
		return false
	}
	return slices.ContainsFunc(p.Roles, func(role Role) bool { return slices.Contains(role.rights(), r) })
}
