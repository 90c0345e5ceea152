package press

import "time"

// Where an account's person proves who they are.
const (
	ByPassword = "password"
	ByProvider = "oidc"
)

// Account is somebody who may sign in. Roles are names that package access reads.
type Account struct {
	ID       ID        `json:"id"`
	Login    string    `json:"login"` // unique, whatever the case
	Name     string    `json:"name"`  // what they sign with
	Email    string    `json:"email,omitempty"`
	Roles    []string  `json:"roles"`
	Disabled bool      `json:"disabled,omitempty"`
	Source   string    `json:"source"` // ByPassword or ByProvider
	Subject  string    `json:"-"`      // of ByProvider: the issuer and whom it means
	Password string    `json:"-"`      // the hash
	Created  time.Time `json:"created"`
}

// APIToken is what a program proves itself with, in its owner's name.
type APIToken struct {
	ID      ID        `json:"id"`
	Account ID        `json:"account"`
	Owner   string    `json:"owner"` // the owner's login name
	Hash    []byte    `json:"-"`
	Scope   []string  `json:"scope"`
	Note    string    `json:"note,omitempty"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"`
	Revoked time.Time `json:"revoked,omitzero"`
}

// PersonAct is one line of the trail of what people did.
type PersonAct struct {
	ID      ID        `json:"id"`
	At      time.Time `json:"at"`
	Account ID        `json:"account,omitzero"` // zero for the command line
	Name    string    `json:"name"`             // as it was signed
	Via     string    `json:"via"`
	Act     string    `json:"act"`
	Target  string    `json:"target,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Network string    `json:"network,omitempty"`
}

// PersonActs says which lines of the trail are asked for: the newest first.
type PersonActs struct {
	Since  time.Time
	By     string // a part of the name as it was signed, whatever the case
	Before ID     // only what is older; zero: from the newest on
	Limit  int    // 0: all
}

// Session is what a browser's secret stands for.
type Session struct {
	Hash    []byte // SHA-256 of the secret
	Account ID     // zero before anybody has signed in
	Data    []byte
	Expires time.Time
}

// SaidYes is one person's yes to a digest, where several are wanted.
type SaidYes struct {
	By      string    `json:"by"`
	Account ID        `json:"account,omitzero"`
	At      time.Time `json:"at"`
}

// Claims are what the team's own sign-in says of a person, once its word has
// been checked.
type Claims struct {
	Issuer, Subject string
	Login           string // how the provider calls them; "" where it does not say
	Name            string
	Email           string // "" unless the provider has verified it
	Groups          []string
}

// ProviderFlow is a sign-in through the provider that has begun and not ended. It
// is kept in the browser's session, and taken from there when it ends.
type ProviderFlow struct {
	State, Nonce, Verifier string
	Begun                  time.Time
}

// NotVouched says, to the person at the door, why the provider's word does not
// let them in.
type NotVouched struct{ Why string }

func (n NotVouched) Error() string { return n.Why }

// LastChange is who last changed a folder, as far as its history tells.
type LastChange struct {
	Kept        bool // it lies in a git work tree; all else is empty where it does not
	Uncommitted bool // by somebody whom the history does not name yet
	Name, Email string
	At          time.Time
}
