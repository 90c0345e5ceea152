// Package config reads the config folder that a team keeps its releases in:
// dateline.yaml, lists.yaml, releases/SLUG/release.yaml with an edition
// LANGUAGE.md per language, and the templates laid over those that ship.
// docs/config.md is its grammar, made of the tables that read it.
//
// It promises that a Config is checked as a whole: every value is valid by
// press, every list and sender that a release names is there, every text
// stands in every language of the release's editions, no general send and no
// follow-up lies before the lift and no advance send at it or later, every
// route's relays are there, every mailbox has what its kind needs and nothing of
// another's, and a release has an embargo or a rule by which it recurs. Paths are
// absolute, and defaults are filled in. It reads no clock and no network. Within
// the folder it follows no link that leads out; the files that a relay or a
// mailbox names may lie elsewhere.
//
// It fails in two ways. Where the folder cannot be opened or listed, the error
// is a plain one. Where anything in it is wrong, the error is press.Faults:
// every fault of every file at once, each with file, line and column, and no
// Config. Text that is not UTF-8, or no YAML, hides the faults behind it; what
// other files say about such a file's lists and senders is then not faulted.
// LoadStore looks for the store alone, and is stopped by little else.
// No fault quotes `store`, a password, a signing key or a variable's value.
package config
