// Package ledger tells what became of releases: how their deliveries stand, and
// the log of what befell them. It only reads. It fails when the store does not
// answer.
package ledger
