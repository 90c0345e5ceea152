// Package ledger tells what became of releases: how their deliveries stand, what
// befell them, what people did, and what waits for a person; it reads what somebody
// asks of the deliveries, and writes the answer as CSV or JSON. It only reads. It
// fails when the store does not answer, or knows no release of the name that was
// asked for, when a question has words that mean nothing (with every one of them),
// or when what it writes to does.
package ledger
