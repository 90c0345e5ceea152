package access_test

import (
	"strings"
	"testing"
	"time"

	"dateline/internal/access"
	"dateline/internal/press"
)

const day = 24 * time.Hour

func (h house) token(owner string, scope ...access.Right) (string, press.APIToken) {
	h.t.Helper()
	text, token, err := h.AddToken(h.t.Context(), root, access.NewToken{For: owner, Scope: scope, Expires: now.Add(30 * day), Note: "the wall"}, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return text, token
}

func TestToken(t *testing.T) {
	h := open(t)
	a := h.add("olim", access.Approver)
	text, token := h.token("olim", access.Hold, access.Look)
	if !strings.HasPrefix(text, "dl_") || strings.ToLower(text) != text {
		t.Errorf("the token is %s", text)
	}
	p, err := h.Token(t.Context(), " "+strings.ToUpper(text)+"\n", now)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != a.ID.String() || p.Via != "token" || p.Cookie || !p.May(access.Look) || !p.May(access.Hold) || p.May(access.Approve) {
		t.Errorf("the person is %+v", p)
	}
	// What its owner loses, it loses.
	if err := h.SetRoles(t.Context(), root, "olim", []access.Role{access.Viewer}, now); err != nil {
		t.Fatal(err)
	}
	if p, err := h.Token(t.Context(), text, now); err != nil || p.May(access.Hold) || !p.May(access.Look) {
		t.Errorf("after its owner lost a role: %+v, %v", p, err)
	}
	if _, err := h.Token(t.Context(), text, now.Add(30*day-time.Nanosecond)); err != nil {
		t.Errorf("just before it expires: %v", err)
	}
	_, err = h.Token(t.Context(), text, now.Add(30*day))
	wantDenied(t, err, "expired at 2027-02-10T09:00:00Z")
	if err := h.SetDisabled(t.Context(), root, "olim", true, now); err != nil {
		t.Fatal(err)
	}
	_, err = h.Token(t.Context(), text, now)
	wantDenied(t, err, "disabled")
	if err := h.SetDisabled(t.Context(), root, "olim", false, now); err != nil {
		t.Fatal(err)
	}
	if err := h.RevokeToken(t.Context(), root, token.ID.String(), now); err != nil {
		t.Fatal(err)
	}
	_, err = h.Token(t.Context(), text, now)
	wantDenied(t, err, "not valid")
}

// Nothing but the whole text opens: any letter changed, and the checksum or the
// hash refuses it.
func TestTokenIsReadExactly(t *testing.T) {
	h := open(t)
	h.add("olim", access.Approver)
	text, _ := h.token("olim", access.Look)
	other, _ := h.token("olim", access.Look)
	for i := range text {
		c := byte('b')
		if text[i] == c {
			c = 'c'
		}
		if changed := text[:i] + string(c) + text[i+1:]; access.ParseToken(changed) {
			t.Errorf("%d: the checksum lets %s pass", i, changed)
		}
	}
	for _, bad := range []string{"", "dl_", text[3:], text + "a", text[:len(text)-1], text + text, strings.Repeat("dl_", 1e5), "dl_" + strings.Repeat("a", 84), text[:40] + other[40:]} {
		_, err := h.Token(t.Context(), bad, now)
		wantDenied(t, err, "not valid")
	}
}

func TestTokensThatMustNotBe(t *testing.T) {
	h := open(t)
	h.add("olim", access.Viewer)
	for why, n := range map[string]access.NewToken{
		"there is no account":       {For: "nobody", Scope: []access.Right{access.Look}, Expires: now.Add(day)},
		"would give no right":       {For: "olim", Expires: now.Add(day)},
		`"king" is no right`:        {For: "olim", Scope: []access.Right{"king"}, Expires: now.Add(day)},
		"Person olim lacks":         {For: "olim", Scope: []access.Right{access.Look, access.Steer}, Expires: now.Add(day)},
		"not said when":             {For: "olim", Scope: []access.Right{access.Look}},
		"expired already":           {For: "olim", Scope: []access.Right{access.Look}, Expires: now},
		"longer than 366 days":      {For: "olim", Scope: []access.Right{access.Look}, Expires: now.Add(366*day + 1)},
		"more than 200 bytes":       {For: "olim", Scope: []access.Right{access.Look}, Expires: now.Add(day), Note: strings.Repeat("x", 201)},
		"no right; its scope names": {For: "olim", Scope: []access.Right{}, Expires: now.Add(day)},
	} {
		_, _, err := h.AddToken(t.Context(), root, n, now)
		wantInvalid(t, err, why)
	}
	h.add("keeper", access.Operator)
	text, _ := h.token("keeper", access.Manage)
	p, err := h.Token(t.Context(), text, now)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.AddToken(t.Context(), p, access.NewToken{For: "keeper", Scope: []access.Right{access.Manage}, Expires: now.Add(day)}, now)
	wantDenied(t, err, "a token makes no tokens")
}

// Whoever guesses the id of another's token hears what they hear of none.
func TestOthersTokensAreNotTold(t *testing.T) {
	h := open(t)
	h.add("olim", access.Viewer)
	h.add("dilnoza", access.Viewer)
	text, theirs := h.token("dilnoza", access.Look)
	olim, err := h.signIn("olim", secret, now)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := h.Tokens(t.Context(), olim); err != nil || len(all) != 0 {
		t.Errorf("olim sees %d tokens, %v", len(all), err)
	}
	none := press.ID{9}.String()
	of := func(id string) string {
		err := h.RevokeToken(t.Context(), olim, id, now)
		wantInvalid(t, err, "there is no token")
		return strings.ReplaceAll(err.Error(), id, "")
	}
	if of(theirs.ID.String()) != of(none) || of(none) != of("x") {
		t.Error("the answers differ")
	}
	if _, err := h.Token(t.Context(), text, now); err != nil {
		t.Errorf("it was revoked nevertheless: %v", err)
	}
	_, own := h.token("olim", access.Look)
	if all, err := h.Tokens(t.Context(), olim); err != nil || len(all) != 1 || all[0].ID != own.ID {
		t.Errorf("olim sees %d tokens, %v", len(all), err)
	}
	if err := h.RevokeToken(t.Context(), olim, own.ID.String(), now); err != nil {
		t.Error(err)
	}
	if all, err := h.Tokens(t.Context(), root); err != nil || len(all) != 2 {
		t.Errorf("who keeps them sees %d tokens, %v", len(all), err)
	}
}

func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	h := open(t)
	h.add("olim", access.Viewer)
	text, token := h.token("olim", access.Look)
	for _, c := range []struct{ after, want time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}, {90 * time.Second, time.Minute}} {
		if _, err := h.Token(t.Context(), text, now.Add(c.after)); err != nil {
			t.Fatal(err)
		}
		got, _, err := h.store.TokenByID(t.Context(), token.ID)
		if err != nil || !got.Used.Equal(now.Add(c.want)) {
			t.Errorf("used after %s, the store says %s, %v", c.after, got.Used, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("dl_" + strings.Repeat("a", 84))
	f.Add("dl_")
	f.Fuzz(func(t *testing.T, text string) {
		if access.ParseToken(text) && len(strings.TrimSpace(text)) != 87 {
			t.Errorf("%q is read as a token", text)
		}
	})
}
