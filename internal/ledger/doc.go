// Package ledger tells what became of releases: how their deliveries stand, what
// befell them, what people did, and what waits for a person. It only reads. It
// fails when the store does not answer, or knows no release of the name that was
// asked for.
package ledger
