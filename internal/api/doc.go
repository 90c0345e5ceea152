// Package api is what machines ask a daemon over HTTP, in JSON: how things stand,
// plans, the delivery log, and the acts of people on releases. The command line
// speaks it where the daemon is on another machine.
//
// # What it promises
//
// openapi.yaml describes every path, and a test holds it against the handlers.
// Who asks shows a token (Authorization: Bearer, RFC 6750) and may do what both
// its scope and its owner's roles allow; what is done is done in the owner's name
// and leaves a trail. No cookie counts, so no page of elsewhere can ask anything
// in somebody's name. Instants are RFC 3339 in UTC, ids those of the ledger.
//
// # How it can fail
//
// Every failure is a problem (RFC 9457) that says what is wrong and what would be
// right: 401 without a token that holds, the same for one that never was, has
// expired or was revoked; 403 without the right; 404 for what is not there; 409
// for what cannot be done as things stand; 422 for words that cannot be
// understood, all of them at once; 429 with Retry-After for too many tries with
// tokens that do not hold; 503 where the store does not answer. In every case but
// a 503 nothing was done; a 503 can come after the work, and what was asked may
// be asked again: a second yes, hold or kill changes nothing more.
package api
