// Package access knows who may do what: accounts, their roles and the rights
// that these give, passwords, sessions, tokens, and the trail of what people did.
//
// It promises that each request is judged by what the store says at that moment:
// whoever is disabled, or loses a role, is stopped by the next one. A password is
// kept as an argon2id hash alone, a token and a session's secret as SHA-256. A
// wrong password takes as long as a name that nobody has, and at most two are
// hashed at once, so that many who knock cannot use up the memory. A token gives
// no right that its owner lacks. Every change of an account or a token stands in
// the trail in the transaction that makes it.
//
// It fails with Denied, in words for the person at the door, when a name, a
// password, a token or a provider's word does not let them in; with Wait when too
// many tried; with Invalid when an account or a token is asked for that must not
// be; and with the store's error when that fails. What a Denied says is the same
// for a name that is unknown and a password that is wrong, and for a token that
// does not exist and one that is somebody else's.
package access
