// Package desk is a release's life as people steer it: check, plan, approve,
// test, hold, resume, kill, and the watch over drift.
//
// It promises that an approval freezes exactly the plan whose digest was given:
// it plans anew and refuses when the digest differs, the embargo has passed, or
// the plan has errors. While a release that is under way gets a new approval it
// is held, so that no copy leaves under the old one in between. Nothing here
// sends mail but Test, and that only to the config's test addresses.
//
// A release that recurs is one of its occurrences throughout, such as
// advisory@2027-03-08; its own name means the next one. Each is approved by
// itself, with the texts that lie in the folder by then.
//
// It fails when the release, or the store, is not there, and with Refused when
// an approval must not be; the text says what to do.
package desk
