package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"dateline/internal/access"
	"dateline/internal/console"
	"dateline/internal/press"
)

// vouching vouches for one person, whatever is asked.
type vouching struct {
	claims press.Claims
	flow   press.ProviderFlow // that came back last
}

func (*vouching) Begin(context.Context) (string, press.ProviderFlow, error) {
	return "/arrived-at-the-provider", press.ProviderFlow{State: "s", Nonce: "n", Verifier: "v", Begun: time.Unix(1, 0).UTC()}, nil
}

func (v *vouching) Finish(_ context.Context, f press.ProviderFlow, state, code string) (press.Claims, error) {
	v.flow = f
	if state != f.State || code != "c" {
		return press.Claims{}, press.NotVouched{Why: "the state is another"}
	}
	return v.claims, nil
}

// The team's own sign-in lets in whom it vouches for and who is in a group that
// counts, once for each time that it was begun.
func TestTheTeamsOwnSignIn(t *testing.T) {
	provider := &vouching{claims: press.Claims{Issuer: "https://sso.example", Subject: "7", Login: "dilnoza", Name: "Dilnoza <b>", Groups: []string{"press"}}}
	h := newHouse(t, func(o *console.Options) { o.Provider, o.ProviderName = provider, "Ministry sign-in" })
	v := h.visitor()
	if status, page := v.get("/"); status != http.StatusOK || !strings.Contains(page, "Ministry sign-in") {
		t.Fatalf("%d %s", status, page)
	}
	if status, page := v.get("/oidc/callback?state=s&code=c"); status != http.StatusUnauthorized || !strings.Contains(page, "begun no sign-in") {
		t.Errorf("without a beginning: %d %s", status, page)
	}
	begin := func() {
		t.Helper()
		if status, _ := v.get("/oidc/begin?to=/relays"); status >= http.StatusInternalServerError { // its address is none that anybody answers at
			t.Fatal(status)
		}
	}
	begin()
	if status, page := v.get("/oidc/callback?state=other&code=c"); status != http.StatusUnauthorized || !strings.Contains(page, "The state is another.") {
		t.Errorf("another state: %d %s", status, page)
	}
	if status, _ := v.get("/oidc/callback?state=s&code=c"); status != http.StatusUnauthorized {
		t.Errorf("a flow that has ended lets in: %d", status)
	}
	begin()
	if status, page := v.get("/oidc/callback?state=s&code=c"); status != http.StatusOK || !strings.Contains(page, "<h1>Relays</h1>") || !strings.Contains(page, "Dilnoza &lt;b&gt;") || provider.flow.Verifier != "v" {
		t.Errorf("%d %s", status, page)
	}
	provider.claims.Groups = []string{"cleaners"}
	begin()
	if status, page := v.get("/oidc/callback?state=s&code=c"); status != http.StatusForbidden {
		t.Errorf("in no group that counts: %d %s", status, page)
	}
	provider.claims.Groups = nil
	if p := (access.Person{}); p.May(access.Look) {
		t.Error("nobody may look")
	}
}
