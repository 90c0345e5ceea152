package access_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"dateline/internal/access"
	"dateline/internal/press"
	"dateline/internal/store"
)

var now = time.Date(2027, 1, 11, 9, 0, 0, 0, time.UTC)

const (
	secret  = "correct horse battery"
	network = "192.0.2.0/24"
)

// root is who has the machine.
var root = access.CommandLine("root")

func cheap() *argon2id.Params {
	return &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// house is a door before a SQLite store.
type house struct {
	*access.Door
	t     *testing.T
	store *store.Store
}

func open(t *testing.T) house {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return house{t: t, store: s}.door(cheap())
}

// door is another daemon's: with limits of its own.
func (h house) door(cost *argon2id.Params) house {
	h.Door = access.NewDoor(h.store, store.NewID, access.Setup{Cost: cost, Groups: map[string][]access.Role{
		"press":   {access.Editor, access.Approver},
		"on-call": {access.Operator},
	}})
	return h
}

func (h house) add(login string, roles ...access.Role) press.Account {
	h.t.Helper()
	a, err := h.AddAccount(h.t.Context(), root, access.NewAccount{Login: login, Name: "Person " + login, Email: login + "@uza.example", Roles: roles, Password: secret}, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h house) signIn(login, password string, at time.Time) (access.Person, error) {
	return h.SignIn(h.t.Context(), login, password, network, at)
}

// trail is the last line of it.
func (h house) trail() press.PersonAct {
	h.t.Helper()
	acts, err := h.Trail(h.t.Context(), press.PersonActs{Limit: 1})
	if err != nil || len(acts) == 0 {
		h.t.Fatalf("the trail has %d lines: %v", len(acts), err)
	}
	return acts[0]
}

func wantDenied(t *testing.T, err error, part string) {
	t.Helper()
	if denied := (access.Denied{}); !errors.As(err, &denied) || !strings.Contains(denied.Why, part) {
		t.Errorf("got %v, want a Denied that says %q", err, part)
	}
}

func wantInvalid(t *testing.T, err error, parts ...string) {
	t.Helper()
	invalid := access.Invalid{}
	if !errors.As(err, &invalid) {
		t.Errorf("got %v, want an Invalid that says %q", err, parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(invalid.Why, part) {
			t.Errorf("%q lacks %q", invalid.Why, part)
		}
	}
}

func TestSignIn(t *testing.T) {
	h := open(t)
	a := h.add("Olim", access.Approver)
	p, err := h.signIn(" oLIM", secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != a.ID.String() || p.Name != "Person Olim" || p.Via != "password" || !p.Cookie || !p.May(access.Approve) || p.May(access.Steer) {
		t.Errorf("the person is %+v", p)
	}
	if got := h.trail(); got.Act != "sign in" || got.Account != a.ID || got.Network != network || !got.At.Equal(now) {
		t.Errorf("the trail says %+v", got)
	}
	for _, c := range [][2]string{
		{"olim", secret + "x"},
		{"olim", ""},
		{"dilnoza", secret},
		{"", ""},
		{strings.Repeat("x", 10_000), secret},
		{"olim", strings.Repeat("x", 1<<20)},
		{"ol\x00im", "\xff\x00"},
	} {
		_, err := h.signIn(c[0], c[1], now)
		wantDenied(t, err, "the name or the password is wrong")
	}
}

func TestAccountsThatMustNotBe(t *testing.T) {
	h := open(t)
	_, err := h.AddAccount(t.Context(), root, access.NewAccount{Login: "-x y", Name: " ", Email: "Olim <olim@uza.example>", Roles: []access.Role{"king"}, Password: "short"}, now)
	wantInvalid(t, err, "login name", "full name is missing", "no email address", `"king" is no role`, "at least 12")
	good := access.NewAccount{Login: "olim.karimov.2027", Name: "Olim", Roles: []access.Role{access.Viewer}, Password: secret}
	for why, change := range map[string]func(*access.NewAccount){
		"is the login name":             func(n *access.NewAccount) { n.Password = "OLIM.karimov.2027 " },
		"at most 128":                   func(n *access.NewAccount) { n.Password = strings.Repeat("яx", 65) },
		"over and over":                 func(n *access.NewAccount) { n.Password = strings.Repeat("x", 12) },
		"not valid UTF-8":               func(n *access.NewAccount) { n.Password = strings.Repeat("x\xff", 12) },
		"no role was given":             func(n *access.NewAccount) { n.Roles = nil },
		"the program's own":             func(n *access.NewAccount) { n.Name = "Dateline" },
		"characters that cannot be see": func(n *access.NewAccount) { n.Name = "Olim\u202eK" },
		"more than 100":                 func(n *access.NewAccount) { n.Name = strings.Repeat("я", 101) },
	} {
		n := good
		change(&n)
		_, err := h.AddAccount(t.Context(), root, n, now)
		wantInvalid(t, err, why)
	}
	if _, err := h.AddAccount(t.Context(), root, good, now); err != nil {
		t.Fatal(err)
	}
	good.Login = "OLIM.karimov.2027"
	_, err = h.AddAccount(t.Context(), root, good, now)
	wantInvalid(t, err, "there is an account")
	wantInvalid(t, h.SetRoles(t.Context(), root, "nobody", []access.Role{access.Viewer}, now), "users list")
}

// What is taken away is gone at the next request of a session.
func TestAccountIsJudgedAnew(t *testing.T) {
	h := open(t)
	a := h.add("olim", access.Operator)
	if p, err := h.Account(t.Context(), a.ID); err != nil || !p.May(access.Steer) {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := h.SetRoles(t.Context(), root, "olim", []access.Role{access.Viewer, access.Viewer}, now); err != nil {
		t.Fatal(err)
	}
	if p, err := h.Account(t.Context(), a.ID); err != nil || p.May(access.Steer) || !p.May(access.Look) {
		t.Errorf("%+v, %v", p, err)
	}
	if got := h.trail(); got.Detail != "operator -> viewer" || got.Target != "olim" || got.Name != "root" || got.Via != "command line" || !got.Account.IsZero() {
		t.Errorf("the trail says %+v", got)
	}
	if err := h.SetDisabled(t.Context(), root, "OLIM", true, now); err != nil {
		t.Fatal(err)
	}
	_, err := h.Account(t.Context(), a.ID)
	wantDenied(t, err, "disabled")
	_, err = h.signIn("olim", secret, now)
	wantDenied(t, err, "disabled")
	_, err = h.signIn("olim", "wrong wrong wrong", now) // who does not know the password hears nothing of that
	wantDenied(t, err, "the name or the password is wrong")
	if err := h.SetDisabled(t.Context(), root, "olim", false, now); err != nil {
		t.Fatal(err)
	}
	if err := h.SetPassword(t.Context(), root, "olim", "another long phrase", now); err != nil {
		t.Fatal(err)
	}
	if _, err := h.signIn("olim", "another long phrase", now); err != nil {
		t.Error(err)
	}
	_, err = h.signIn("olim", secret, now)
	wantDenied(t, err, "wrong")
	_, err = h.Account(t.Context(), press.ID{9})
	wantDenied(t, err, "no such account")
}

// Whoever signs in after the cost has grown has a stronger hash from then on.
func TestPasswordsAreHashedAnew(t *testing.T) {
	h := open(t)
	a := h.add("olim", access.Viewer)
	dear := cheap()
	dear.Memory *= 2
	stronger := h.door(dear)
	for range 2 {
		if _, err := stronger.signIn("olim", secret, now); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := h.store.AccountByID(t.Context(), a.ID)
	if err != nil || !strings.Contains(got.Password, "m=128,") {
		t.Errorf("the hash is %s, %v", got.Password, err)
	}
	if _, err := h.signIn("olim", secret, now); err != nil { // a daemon of before reads it
		t.Error(err)
	}
	if got, _, _ := h.store.AccountByID(t.Context(), a.ID); !strings.Contains(got.Password, "m=128,") {
		t.Errorf("the hash became weaker again: %s", got.Password)
	}
}

func TestLimits(t *testing.T) {
	h := open(t)
	h.add("olim", access.Viewer)
	for range 50 { // who knows the password is not counted
		if _, err := h.signIn("olim", secret, now); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		_, err := h.signIn("olim", "wrong wrong wrong", now)
		wantDenied(t, err, "wrong")
	}
	wait := access.Wait{}
	if _, err := h.signIn("OLIM", secret, now); !errors.As(err, &wait) || wait.For != 30*time.Second {
		t.Errorf("after ten wrong passwords the right one gives %v", err)
	}
	if _, err := h.SignIn(t.Context(), "olim", secret, "198.51.100.0/24", now); !errors.As(err, &wait) {
		t.Errorf("from another network: %v", err)
	}
	if _, err := h.signIn("olim", secret, now.Add(29*time.Second)); !errors.As(err, &wait) || wait.For != time.Second {
		t.Errorf("after 29 seconds: %v", err)
	}
	if _, err := h.signIn("olim", secret, now.Add(30*time.Second)); err != nil {
		t.Errorf("after 30 seconds: %v", err)
	}
	// A network that tries many names is slowed down, and others are not.
	h.add("dilnoza", access.Viewer)
	for i := range 40 {
		_, err := h.SignIn(t.Context(), fmt.Sprint("name", i), secret, "203.0.113.0/24", now)
		if limited := errors.As(err, &wait); limited != (i >= 30) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	if _, err := h.SignIn(t.Context(), "dilnoza", secret, "198.51.100.0/24", now); err != nil {
		t.Errorf("from another network: %v", err)
	}
}

// However many names are tried, few are remembered, and the ones met last.
func TestLimitsAreBounded(t *testing.T) {
	if n := access.Remembered(now, access.KeptLimits+100); n != access.KeptLimits {
		t.Errorf("%d names are remembered, want %d", n, access.KeptLimits)
	}
}

// However many knock, two passwords are hashed at once; who gives up while they
// wait is not counted as one that failed.
func TestHashesWaitTheirTurn(t *testing.T) {
	h := open(t)
	h.add("olim", access.Viewer)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if _, err := h.SignIn(ctx, "olim", secret, network, now); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := h.signIn("olim", secret, now); err != nil {
		t.Error(err)
	}
}

func TestFromProvider(t *testing.T) {
	h := open(t)
	claims := press.Claims{Issuer: "https://id.example", Subject: "7", Login: "olim", Name: "Olim Karimov", Email: "olim@uza.example", Groups: []string{"all", "press"}}
	p, err := h.FromProvider(t.Context(), claims, now)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Olim Karimov" || p.Via != "oidc" || !p.May(access.Approve) || p.May(access.Steer) {
		t.Errorf("the person is %+v", p)
	}
	claims.Name, claims.Groups = "Olim K.", []string{"on-call"}
	again, err := h.FromProvider(t.Context(), claims, now)
	if err != nil || again.ID != p.ID || again.Name != "Olim K." || !slices.Equal(again.Roles, []access.Role{access.Operator}) {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	if got := h.trail(); !strings.Contains(got.Detail, "was Olim Karimov (editor, approver), is Olim K. (operator)") {
		t.Errorf("the trail says %+v", got)
	}
	id, _ := press.ParseID(p.ID)
	claims.Groups = []string{"all"}
	_, err = h.FromProvider(t.Context(), claims, now)
	wantDenied(t, err, "none of the groups")
	if p, err := h.Account(t.Context(), id); err != nil || p.May(access.Look) {
		t.Errorf("after they left the groups: %+v, %v", p, err)
	}
	// No password opens it, and nothing here changes what the provider says.
	_, err = h.signIn("olim", "", now)
	wantDenied(t, err, "wrong")
	wantInvalid(t, h.SetPassword(t.Context(), root, "olim", secret, now), "through the provider")
	wantInvalid(t, h.SetRoles(t.Context(), root, "olim", access.Roles(), now), "provider's groups")

	claims.Groups = []string{"press"}
	if err := h.SetDisabled(t.Context(), root, "olim", true, now); err != nil {
		t.Fatal(err)
	}
	_, err = h.FromProvider(t.Context(), claims, now)
	wantDenied(t, err, "disabled")
}

func TestAProviderTakesNoAccountOver(t *testing.T) {
	h := open(t)
	h.add("olim", access.Operator)
	base := press.Claims{Issuer: "https://id.example", Subject: "7", Login: "OLIM", Name: "Somebody", Groups: []string{"press"}}
	_, err := h.FromProvider(t.Context(), base, now)
	wantDenied(t, err, "not the provider's")
	base.Login, base.Groups = "", nil
	_, err = h.FromProvider(t.Context(), base, now)
	wantDenied(t, err, "none of the groups")
	base.Groups, base.Name = []string{"press"}, "dateline"
	_, err = h.FromProvider(t.Context(), base, now)
	wantDenied(t, err, "the program's own")
	base.Subject = ""
	if _, err := h.FromProvider(t.Context(), base, now); err == nil {
		t.Error("nobody was let in")
	}
	all, err := h.Accounts(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("there are %d accounts, %v", len(all), err)
	}
}
