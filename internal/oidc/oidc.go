package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"dateline/internal/press"
)

const (
	flowLasts  = 10 * time.Minute // from the button to the way back
	askAgain   = 5 * time.Second  // after the provider could not be reached
	patience   = 10 * time.Second // with each of its answers
	endedLimit = 10_000           // sign-ins within flowLasts
)

// Config is what a provider is asked by.
type Config struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	GroupsClaim  string
	Redirect     string           // where it sends people back to
	Now          func() time.Time // the clock that expiry is judged by
}

// Provider asks one provider. It is safe for concurrent use.
type Provider struct {
	config Config
	client *http.Client

	mu     sync.Mutex
	found  *found    // nil until it was reached
	failed error     // the last time it was not
	asked  time.Time // when that was
	ended  map[string]time.Time
}

// found is what the provider says of itself.
type found struct {
	verifier *gooidc.IDTokenVerifier
	oauth    oauth2.Config
}

// New makes a Provider, and asks nobody.
func New(c Config) *Provider {
	return &Provider{config: c, client: client(), ended: map[string]time.Time{}}
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// client asks the provider alone: a redirect, which would take a code, a secret or
// the question of whose keys are good to somebody else, is not followed.
func client() *http.Client {
	return &http.Client{
		Timeout: patience, Transport: bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded reads answers up to maxAnswer.
type bounded struct{ http.RoundTripper }

// RoundTrip is that of the transport.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, maxAnswer)
	}
	return answer, err
}

// context has the libraries use our client.
func (p *Provider) context(ctx context.Context) context.Context {
	return gooidc.ClientContext(ctx, p.client)
}

// reach gives what the provider says of itself, and asks where that is unknown.
func (p *Provider) reach(ctx context.Context) (*found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.config.Now()
	if p.found != nil {
		return p.found, nil
	}
	if p.failed != nil && now.Sub(p.asked) < askAgain {
		return nil, p.failed
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	provider, err := gooidc.NewProvider(p.context(ctx), p.config.Issuer)
	if err != nil {
		err = fmt.Errorf("asking the sign-in service %s what it offers: %w", p.config.Issuer, err)
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) { // not because a browser went away
			p.failed, p.asked = err, now
		}
		return nil, err
	}
	var offers struct {
		Scopes []string `json:"scopes_supported"`
	}
	if err := provider.Claims(&offers); err != nil {
		return nil, fmt.Errorf("reading what the sign-in service %s offers: %w", p.config.Issuer, err)
	}
	scopes := []string{gooidc.ScopeOpenID, "profile", "email"}
	if slices.Contains(offers.Scopes, "groups") { // some refuse a scope that they do not know
		scopes = append(scopes, "groups")
	}
	p.failed = nil
	p.found = &found{
		verifier: provider.VerifierContext(p.context(context.Background()), &gooidc.Config{ClientID: p.config.ClientID, Now: p.config.Now}),
		oauth: oauth2.Config{
			ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret,
			Endpoint: provider.Endpoint(), RedirectURL: p.config.Redirect, Scopes: scopes,
		},
	}
	return p.found, nil
}

// Begin begins a sign-in: the address to send the browser to, and what to keep
// for its way back.
func (p *Provider) Begin(ctx context.Context) (address string, flow press.ProviderFlow, err error) {
	f, err := p.reach(ctx)
	if err != nil {
		return "", flow, err
	}
	flow = press.ProviderFlow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: p.config.Now()}
	return f.oauth.AuthCodeURL(flow.State, gooidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier)), flow, nil
}

// refused is a NotVouched with what is for the log alone.
func refused(why string, cause error) error {
	if cause == nil {
		return press.NotVouched{Why: why}
	}
	return fmt.Errorf("%w (%w)", press.NotVouched{Why: why}, cause)
}

// Finish ends a sign-in: with the flow that the browser's session kept, and the
// state and the code that it came back with.
func (p *Provider) Finish(ctx context.Context, flow press.ProviderFlow, state, code string) (press.Claims, error) {
	if err := p.end(flow, state); err != nil {
		return press.Claims{}, err
	}
	if code == "" {
		return press.Claims{}, refused("the sign-in service did not let you in", nil)
	}
	f, err := p.reach(ctx)
	if err != nil {
		return press.Claims{}, err
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	token, err := f.oauth.Exchange(p.context(ctx), code, oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		if answer := (*oauth2.RetrieveError)(nil); errors.As(err, &answer) && answer.Response.StatusCode < http.StatusInternalServerError {
			return press.Claims{}, refused("the sign-in service does not stand by what it said; sign in again", err)
		}
		return press.Claims{}, fmt.Errorf("asking the sign-in service %s who that is: %w", p.config.Issuer, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return press.Claims{}, refused("the sign-in service did not say who you are", errors.New("its answer has no id_token"))
	}
	return p.claims(ctx, f, raw, flow.Nonce)
}

// end holds the way back against what began, and lets each end once.
func (p *Provider) end(flow press.ProviderFlow, state string) error {
	now := p.config.Now()
	again := "begin anew from the page where one signs in"
	switch {
	case flow.State == "" || subtle.ConstantTimeCompare([]byte(flow.State), []byte(state)) != 1:
		return refused("this is not the sign-in that this browser began; "+again, nil)
	case now.Sub(flow.Begun) > flowLasts:
		return refused("this sign-in began more than ten minutes ago; "+again, nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, at := range p.ended {
		if now.Sub(at) > flowLasts {
			delete(p.ended, s)
		}
	}
	if _, twice := p.ended[flow.State]; twice {
		return refused("this sign-in has ended already; "+again, nil)
	}
	if len(p.ended) >= endedLimit {
		return refused("too many people sign in at this moment; try again in a few minutes", nil)
	}
	p.ended[flow.State] = now
	return nil
}

// claims checks what the provider says of a person.
func (p *Provider) claims(ctx context.Context, f *found, raw, nonce string) (press.Claims, error) {
	const notHeld = "what the sign-in service says of you does not hold; sign in again, and tell whoever keeps it if that does not help"
	token, err := f.verifier.Verify(ctx, raw)
	if err != nil {
		return press.Claims{}, refused(notHeld, err)
	}
	var said struct {
		Party    string `json:"azp"`
		Login    string `json:"preferred_username"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // a few providers write it as text
	}
	var all map[string]json.RawMessage
	if err := errors.Join(token.Claims(&said), token.Claims(&all)); err != nil {
		return press.Claims{}, refused(notHeld, err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return press.Claims{}, refused(notHeld, errors.New("the nonce is another's"))
	case len(token.Audience) > 1 && said.Party != p.config.ClientID:
		return press.Claims{}, refused(notHeld, fmt.Errorf("it is for several programs, and azp is %q", said.Party))
	case token.Subject == "":
		return press.Claims{}, refused(notHeld, errors.New("it has no sub"))
	}
	c := press.Claims{Issuer: token.Issuer, Subject: token.Subject, Login: said.Login, Name: said.Name}
	if said.Verified == true || said.Verified == "true" {
		c.Email = said.Email
	}
	if c.Groups, err = groups(all[p.config.GroupsClaim]); err != nil {
		return press.Claims{}, refused(notHeld, fmt.Errorf("its claim %s: %w", p.config.GroupsClaim, err))
	}
	return c, nil
}

// groups reads a list of groups; where there is one, some write it without a list.
func groups(raw json.RawMessage) ([]string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	var all []string
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, errors.New("it is neither a text nor a list of texts")
	}
	return all, nil
}
