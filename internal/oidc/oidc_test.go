package oidc_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"dateline/internal/oidc"
	"dateline/internal/press"
)

var now = time.Date(2027, 1, 11, 9, 0, 0, 0, time.UTC)

const redirect = "https://dateline.example/oidc"

// provider is a small one: it lets in whoever comes, and says of them what a
// test wants.
type provider struct {
	t      *testing.T
	url    string
	signer crypto.PrivateKey
	known  oidctest.Server

	mu     sync.Mutex
	down   bool
	claims map[string]any // over those of a good token; nil takes one out
	codes  map[string]url.Values
	asked  int

	sends, to string // the path that is redirected, and the server to which
	endless   string // the path whose answer has no end
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func start(t *testing.T) *provider {
	t.Helper()
	key := newKey(t)
	p := &provider{t: t, signer: key, codes: map[string]url.Values{}, claims: map[string]any{}}
	p.known = oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: "ES256"}}, Algorithms: []string{"ES256"}}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	p.url = s.URL
	p.known.SetIssuer(s.URL)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == "/.well-known/openid-configuration" {
		p.asked++
	}
	switch {
	case p.down:
		http.Error(w, "down", http.StatusServiceUnavailable)
	case r.URL.Path == p.sends:
		http.Redirect(w, r, p.to+r.URL.Path, http.StatusTemporaryRedirect)
	case r.URL.Path == p.endless:
		w.Header().Set("Content-Type", "application/json")
		for err := error(nil); err == nil; {
			_, err = w.Write(bytes.Repeat([]byte(" "), 1<<16))
		}
	case r.URL.Path == "/token":
		p.token(w, r)
	default:
		p.known.ServeHTTP(w, r)
	}
}

// token exchanges a code, once, for whoever has its verifier.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	asked := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if asked == nil || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") || asked.Get("code_challenge_method") != "S256" || id != "dateline" || secret != "secret" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	claims := map[string]any{
		"iss": p.url, "aud": "dateline", "sub": "7", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": asked.Get("nonce"),
		"preferred_username": "olim", "name": "Olim Karimov", "email": "olim@uza.example", "email_verified": true, "groups": []string{"press", "all"},
	}
	maps.Copy(claims, p.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	text, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	answer := map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": oidctest.SignIDToken(p.signer, "k", "ES256", string(text))}
	if p.claims["id_token"] == "none" {
		delete(answer, "id_token")
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		p.t.Error(err)
	}
}

// letIn is what the provider does with a browser that comes: it sends it back
// with a code.
func (p *provider) letIn(address string) (state, code string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("redirect_uri") != redirect || q.Get("response_type") != "code" || !strings.HasPrefix(address, p.url+"/auth?") || !strings.Contains(q.Get("scope"), "openid") {
		p.t.Errorf("the browser is sent to %s", address)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code = rand.Text()
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *provider) client(at *time.Time) *oidc.Provider {
	return oidc.New(oidc.Config{Issuer: p.url, ClientID: "dateline", ClientSecret: "secret", GroupsClaim: "groups", Redirect: redirect, Now: func() time.Time { return *at }})
}

// signIn goes all the way.
func (p *provider) signIn(c *oidc.Provider) (press.Claims, error) {
	p.t.Helper()
	address, flow, err := c.Begin(p.t.Context())
	if err != nil {
		return press.Claims{}, err
	}
	state, code := p.letIn(address)
	return c.Finish(p.t.Context(), flow, state, code)
}

func wantRefused(t *testing.T, err error, part string) {
	t.Helper()
	if not := (press.NotVouched{}); !errors.As(err, &not) || !strings.Contains(err.Error(), part) {
		t.Errorf("got %v, want a NotVouched with %q", err, part)
	}
}

func TestSignIn(t *testing.T) {
	p := start(t)
	at := now
	want := press.Claims{Issuer: p.url, Subject: "7", Login: "olim", Name: "Olim Karimov", Email: "olim@uza.example", Groups: []string{"press", "all"}}
	if got, err := p.signIn(p.client(&at)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestClaims(t *testing.T) {
	p := start(t)
	at := now
	c := p.client(&at)
	for name, x := range map[string]struct {
		claims map[string]any
		change func(*press.Claims)
		refuse string
	}{
		"an address that is not verified":        {claims: map[string]any{"email_verified": false}, change: func(c *press.Claims) { c.Email = "" }},
		"an address of which that is not said":   {claims: map[string]any{"email_verified": nil}, change: func(c *press.Claims) { c.Email = "" }},
		"an address verified in words":           {claims: map[string]any{"email_verified": "true"}},
		"no groups":                              {claims: map[string]any{"groups": nil}, change: func(c *press.Claims) { c.Groups = nil }},
		"one group without a list":               {claims: map[string]any{"groups": "press"}, change: func(c *press.Claims) { c.Groups = []string{"press"} }},
		"groups of another kind":                 {claims: map[string]any{"groups": []int{1}}, refuse: "neither a text nor a list"},
		"several audiences, and it is for us":    {claims: map[string]any{"aud": []string{"dateline", "x"}, "azp": "dateline"}},
		"several audiences, and it is another's": {claims: map[string]any{"aud": []string{"dateline", "x"}, "azp": "x"}, refuse: "azp"},
		"another audience":                       {claims: map[string]any{"aud": "x"}, refuse: "audience"},
		"another issuer":                         {claims: map[string]any{"iss": "https://evil.example"}, refuse: "different provider"},
		"another nonce":                          {claims: map[string]any{"nonce": "x"}, refuse: "nonce"},
		"no nonce":                               {claims: map[string]any{"nonce": nil}, refuse: "nonce"},
		"expired":                                {claims: map[string]any{"exp": now.Add(-time.Second).Unix()}, refuse: "expired"},
		"not yet":                                {claims: map[string]any{"nbf": now.Add(time.Hour).Unix()}, refuse: "not before"},
		"nobody":                                 {claims: map[string]any{"sub": nil}, refuse: "no sub"},
		"no word at all":                         {claims: map[string]any{"id_token": "none"}, refuse: "no id_token"},
	} {
		t.Run(name, func(t *testing.T) {
			p.claims = x.claims
			got, err := p.signIn(c)
			if x.refuse != "" {
				wantRefused(t, err, x.refuse)
				return
			}
			want := press.Claims{Issuer: p.url, Subject: "7", Login: "olim", Name: "Olim Karimov", Email: "olim@uza.example", Groups: []string{"press", "all"}}
			if x.change != nil {
				x.change(&want)
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestAnothersKey(t *testing.T) {
	p := start(t)
	at := now
	p.signer = newKey(t)
	_, err := p.signIn(p.client(&at))
	wantRefused(t, err, "verify")
}

// A sign-in ends once, within its time, in the browser that began it, and with
// the verifier that only this has.
func TestFlow(t *testing.T) {
	p := start(t)
	at := now
	c := p.client(&at)
	begin := func() (press.ProviderFlow, string, string) {
		t.Helper()
		address, flow, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		state, code := p.letIn(address)
		return flow, state, code
	}
	finish := func(flow press.ProviderFlow, state, code string) error {
		_, err := c.Finish(t.Context(), flow, state, code)
		return err
	}
	flow, state, code := begin()
	if err := finish(flow, state, code); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, finish(flow, state, code), "has ended already")

	flow, _, code = begin()
	_, state, _ = begin()
	wantRefused(t, finish(flow, state, code), "not the sign-in that this browser began")
	wantRefused(t, finish(press.ProviderFlow{}, "", code), "not the sign-in that this browser began")

	flow, state, _ = begin()
	wantRefused(t, finish(flow, state, ""), "did not let you in")

	flow, state, code = begin()
	flow.Verifier = strings.Repeat("x", 43) // a code that was read on its way is no use
	wantRefused(t, finish(flow, state, code), "invalid_grant")

	flow, state, code = begin()
	at = at.Add(10*time.Minute + time.Second)
	wantRefused(t, finish(flow, state, code), "ten minutes ago")
}

// A provider that is down is asked again, and not by every click.
func TestProviderThatIsDown(t *testing.T) {
	p := start(t)
	at := now
	c := p.client(&at)
	p.down = true
	for range 5 {
		if _, err := p.signIn(c); err == nil || !strings.Contains(err.Error(), p.url) {
			t.Errorf("got %v", err)
		}
	}
	if p.asked != 1 {
		t.Errorf("it was asked %d times within a moment", p.asked)
	}
	p.down = false
	at = at.Add(6 * time.Second)
	if _, err := p.signIn(c); err != nil {
		t.Error(err)
	}
	// Down in the middle of a sign-in is no fault of the person's.
	address, flow, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.letIn(address)
	p.down = true
	_, err = c.Finish(t.Context(), flow, state, code)
	if not := (press.NotVouched{}); err == nil || errors.As(err, &not) {
		t.Errorf("got %v, want an error that is not the person's", err)
	}
}

// One who says that it is somebody else is none.
func TestProviderOfAnotherName(t *testing.T) {
	p := start(t)
	at := now
	p.known.SetIssuer("https://evil.example")
	if _, err := p.signIn(p.client(&at)); err == nil {
		t.Error("it was believed")
	}
}

// The provider alone is asked: a redirect would tell another one a code and our
// secret, or let its keys vouch for people. An answer without end is given up.
func TestTheProviderAloneIsAsked(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked of another one", r.URL.Path)
	}))
	defer thief.Close()
	at := now
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys"} {
		p := start(t)
		p.sends, p.to = path, thief.URL
		if claims, err := p.signIn(p.client(&at)); err == nil {
			t.Errorf("with %s redirected somebody came in: %+v", path, claims)
		}
		p = start(t)
		p.endless = path
		if claims, err := p.signIn(p.client(&at)); err == nil {
			t.Errorf("with %s without end somebody came in: %+v", path, claims)
		}
	}
}
