package store_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

func didAs(name, what string) press.PersonAct {
	return press.PersonAct{ID: store.NewID(), At: noon, Name: name, Via: "command line", Act: what}
}

func (h house) account(login string) press.Account {
	h.t.Helper()
	a := press.Account{
		ID: store.NewID(), Login: login, Name: "Olim Karimov", Email: "olim@uza.example", Roles: []string{"approver", "operator"},
		Source: press.ByPassword, Password: "hash", Created: noon,
	}
	added, err := h.AddAccount(h.ctx(), a, didAs("root", "add account"))
	h.must(err)
	if !added {
		h.t.Fatalf("account %s was not added", login)
	}
	return a
}

func (h house) whoDidWhat(q press.PersonActs) string {
	h.t.Helper()
	acts, err := h.PeopleActs(h.ctx(), q)
	h.must(err)
	var all []string
	for _, a := range acts {
		all = append(all, a.Name+": "+a.Act)
	}
	return strings.Join(all, ", ")
}

func TestAccountsAreFoundWhateverTheCase(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		want := h.account("Olim.K")
		got, ok, err := h.AccountByLogin(t.Context(), "oLIM.k")
		if h.must(err); !ok || got.ID != want.ID || got.Login != "Olim.K" || !slices.Equal(got.Roles, want.Roles) || !got.Created.Equal(noon) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		again := want
		again.ID, again.Login = store.NewID(), "OLIM.K"
		added, err := h.AddAccount(t.Context(), again, didAs("root", "add account again"))
		if h.must(err); added {
			t.Error("a second account has the same login name")
		}
		if _, ok, err := h.AccountByLogin(t.Context(), "dilnoza"); err != nil || ok {
			t.Errorf("somebody unknown is %v, %v", ok, err)
		}
		if _, ok, err := h.AccountBySubject(t.Context(), ""); err != nil || ok {
			t.Errorf("no subject finds an account: %v, %v", ok, err)
		}
		if got, want := h.whoDidWhat(press.PersonActs{}), "root: add account"; got != want {
			t.Errorf("the trail says %s, want %s", got, want)
		}
	})
}

func TestAccountsChange(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a := h.account("olim")
		h.must(h.ChangeRoles(t.Context(), a.ID, nil, didAs("root", "change roles")))
		h.must(h.DisableAccount(t.Context(), a.ID, true, didAs("root", "disable account")))
		h.must(h.Rehash(t.Context(), a.ID, "another", "lost"))
		h.must(h.Rehash(t.Context(), a.ID, "hash", "stronger"))
		got, _, err := h.AccountByID(t.Context(), a.ID)
		if h.must(err); len(got.Roles) != 0 || !got.Disabled || got.Password != "stronger" {
			t.Errorf("the account is %+v", got)
		}
		if got, want := h.whoDidWhat(press.PersonActs{}), "root: disable account, root: change roles, root: add account"; got != want {
			t.Errorf("the trail says %s, want %s", got, want)
		}
	})
}

func TestTrailIsAskedFor(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var last press.ID
		for i, name := range []string{"Ольга Ким", "Olim", "Ольга Ким"} {
			a := didAs(name, "act")
			a.At = noon.Add(time.Duration(i) * time.Hour)
			h.must(h.AddPersonAct(t.Context(), a))
			last = a.ID
		}
		for _, c := range []struct {
			q    press.PersonActs
			want string
		}{
			{press.PersonActs{}, "Ольга Ким: act, Olim: act, Ольга Ким: act"},
			{press.PersonActs{By: "ОЛЬГА"}, "Ольга Ким: act, Ольга Ким: act"},
			{press.PersonActs{By: "ольга", Limit: 1}, "Ольга Ким: act"},
			{press.PersonActs{Since: noon.Add(time.Hour), Before: last}, "Olim: act"},
			{press.PersonActs{Limit: 2}, "Ольга Ким: act, Olim: act"},
			{press.PersonActs{By: "%"}, ""},
		} {
			if got := h.whoDidWhat(c.q); got != c.want {
				t.Errorf("%+v gives %q, want %q", c.q, got, c.want)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a, other := h.account("olim"), h.account("dilnoza")
		token := press.APIToken{ID: store.NewID(), Account: a.ID, Owner: "olim", Hash: make([]byte, 32), Scope: []string{"look", "hold"}, Note: "the wall", Created: noon, Expires: noon.Add(time.Hour)}
		h.must(h.AddToken(t.Context(), token, didAs("root", "add token")))
		for account, want := range map[press.ID]int{a.ID: 1, other.ID: 0, {}: 1} {
			if all, err := h.Tokens(t.Context(), account); err != nil || len(all) != want {
				t.Errorf("%s has %d tokens, %v; want %d", account, len(all), err, want)
			}
		}
		h.must(h.TokenUsed(t.Context(), token.ID, noon, noon.Add(-time.Minute)))
		h.must(h.TokenUsed(t.Context(), token.ID, noon.Add(30*time.Second), noon.Add(-30*time.Second))) // within the minute
		h.must(h.RevokeToken(t.Context(), token.ID, noon.Add(time.Second), didAs("root", "revoke token")))
		h.must(h.RevokeToken(t.Context(), token.ID, noon.Add(time.Hour), didAs("root", "revoke token")))
		got, ok, err := h.TokenByID(t.Context(), token.ID)
		h.must(err)
		if !ok || !got.Used.Equal(noon) || !got.Revoked.Equal(noon.Add(time.Second)) || got.Owner != "olim" || !slices.Equal(got.Scope, token.Scope) {
			t.Errorf("the token is %+v", got)
		}
		if _, ok, err := h.TokenByID(t.Context(), press.ID{9}); ok || err != nil {
			t.Errorf("a token that nobody has is %v, %v", ok, err)
		}
	})
}

// A request that was under way while its session was ended does not bring it back.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a, other := h.account("olim"), h.account("dilnoza")
		save := func(name string, account press.ID) {
			h.must(h.SaveSession(t.Context(), press.Session{Hash: []byte(name), Account: account, Data: []byte("data of " + name), Expires: noon.Add(time.Hour)}))
		}
		alive := func() string {
			var all []string
			for _, name := range []string{"one", "two", "theirs"} {
				x, ok, err := h.Session(t.Context(), []byte(name), noon)
				if h.must(err); ok && string(x.Data) == "data of "+name {
					all = append(all, name)
				}
			}
			return strings.Join(all, " ")
		}
		save("one", a.ID)
		save("two", a.ID)
		save("theirs", other.ID)
		if got := alive(); got != "one two theirs" {
			t.Fatalf("%q are alive", got)
		}
		h.must(h.EndSession(t.Context(), []byte("one")))
		save("one", a.ID)
		if got := alive(); got != "two theirs" {
			t.Errorf("after one was ended, %q are alive", got)
		}
		h.must(h.ChangePassword(t.Context(), a.ID, "new", didAs("Olim", "change password")))
		save("two", a.ID)
		if got := alive(); got != "theirs" {
			t.Errorf("after the password changed, %q are alive", got)
		}
		h.must(h.DisableAccount(t.Context(), other.ID, true, didAs("root", "disable account")))
		if got := alive(); got != "" {
			t.Errorf("after the account was disabled, %q are alive", got)
		}
		if h.EndSessions(t.Context(), press.ID{}, didAs("root", "all")) == nil {
			t.Error("the sessions of nobody were ended")
		}
	})
}

func TestSessionsAreSwept(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		for i := range 1100 {
			h.must(h.exec(`INSERT INTO sessions (hash, account_id, data, expires_us, ended) VALUES (?, ?, ?, ?, 0)`, []byte{byte(i >> 8), byte(i)}, press.ID{}, []byte{}, noon.Add(time.Duration(i-1050)*time.Second).UnixMicro()))
		}
		if _, ok, err := h.Session(t.Context(), []byte{1050 >> 8, 1050 & 255}, noon); ok || err != nil {
			t.Errorf("a session is alive at its end: %v, %v", ok, err)
		}
		n, err := h.SweepSessions(t.Context(), noon)
		if h.must(err); n != 1051 {
			t.Errorf("%d sessions were removed, want 1051", n)
		}
		if left := get[int](h, `SELECT COUNT(*) FROM sessions`); left != 49 {
			t.Errorf("%d are left", left)
		}
	})
}

// Yeses count people: not how often, nor by which name, one of them says it.
func TestYesesCountPeople(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		olim := store.NewID()
		say := func(digest, by string, account press.ID) string {
			t.Helper()
			all, err := h.NoteYes(t.Context(), "tashkent", digest, press.SaidYes{By: by, Account: account, At: noon.Add(time.Duration(len(by)) * time.Second)})
			h.must(err)
			var names []string
			for _, y := range all {
				names = append(names, y.By)
			}
			return strings.Join(names, ", ")
		}
		for _, c := range []struct {
			digest, by string
			account    press.ID
			want       string
		}{
			{"one", "Olim", olim, "Olim"},
			{"one", "OLIM", press.ID{}, "Olim"},   // the same name on the command line
			{"one", "Olim Karimov", olim, "Olim"}, // the same account by another name
			{"one", "Dilnoza", press.ID{}, "Olim, Dilnoza"},
			{"one", "Dilnoza", store.NewID(), "Olim, Dilnoza"},
			{"two", "Dilnoza", press.ID{}, "Dilnoza"}, // another digest starts anew
			{"one", "Ольга", press.ID{}, "Ольга"},
			{"one", "ольга", press.ID{}, "Ольга"},
		} {
			if got := say(c.digest, c.by, c.account); got != c.want {
				t.Errorf("after %s's yes to %s there are %q, want %q", c.by, c.digest, got, c.want)
			}
		}
	})
}

func TestManySayYesAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				if _, err := h.NoteYes(t.Context(), "tashkent", "one", press.SaidYes{By: string(rune('a' + i/2)), At: noon}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if all, err := h.Yeses(t.Context(), "tashkent", "one"); err != nil || len(all) != 4 {
			t.Errorf("there are %d yeses, %v; want 4", len(all), err)
		}
	})
}
