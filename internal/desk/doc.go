// Package desk is a release's life as people steer it: check, proofs, plan,
// approve, test, hold, resume, kill, the watch over drift, and what is to become
// of copies of which nobody knows whether they left.
//
// It promises that an approval freezes exactly the plan whose digest was given:
// it plans anew and refuses when the digest differs, the embargo has passed, or
// the plan has errors. While a release that is under way gets a new approval it
// is held, so that no copy leaves under the old one in between. Nothing here
// sends mail but Test, and that only to the config's test addresses.
//
// Where the config wants several people to say yes, each one's is noted, and the
// last one's approves. Whoever last changed the release's folder does not approve
// it, where git tells who that was and the config does not allow it. Neither holds
// for notices: those who have a copy must not wait.
//
// Proofs are every copy that a release can become, before any plan: they need no
// store, are the same for the same folder wherever its instants are set, and are
// addressed to contacts who are made up.
//
// A release that recurs is one of its occurrences throughout, such as
// advisory@2027-03-08; its own name means the next one. Each is approved by
// itself, with the texts that lie in the folder by then.
//
// Those who hold a copy are told of a kill, and of a moved embargo, by notices:
// releases of their own, such as water-2027@kill, that are made of phrases and go
// to whoever has a copy or may have one, once a person has said yes. A kill's has
// a plan of its own; those of a moved embargo stand beside the release's plan,
// and the same yes is for both. Where writing them fails after the release is
// approved, the error says so, and the same yes completes it.
//
// It fails when the release, or the store, is not there, and with Refused when
// an approval must not be; the text says what to do. Waits says that others must
// say yes, too.
package desk
