// Package oidc asks the team's own sign-in who somebody is: OpenID Connect, by
// the authorization code with PKCE, a state and a nonce.
//
// It promises that claims come from the provider that the config names, are for
// this program, are not expired, and answer the very sign-in that this browser
// began, which ends once and within ten minutes. An address that the provider has
// not verified is left out. What the provider offers is read when it is first
// needed, and again after a failure, so that a daemon starts while it is down.
//
// It fails with press.NotVouched, in words for the person at the door, when the
// provider does not vouch for them or its word does not hold; what exactly did
// not hold is in the error that this wraps, for the log. Any other error says
// that the provider could not be reached or is not one.
package oidc
