// Package dispatch sends what is due: it claims deliveries ahead of their
// instant, composes them, waits, asks the ledger once more, hands each message
// to a relay and writes down what became of it.
//
// A delivery passes these hands:
//
//	claimer  claims what will be due, and composes it, within a memory bound
//	shelf    keeps it until its instant
//	starter  begins a batch of what is due in the ledger
//	lane     what has begun and waits for a connection to its relay
//	worker   one connection: looks at the gate, writes the journal, sends
//	scribe   writes results into the ledger, a batch at a time
//
// It promises that no message begins before its instant, while its release is
// held, after its release was killed, or to a mailbox suppressed meanwhile.
// `sending` is in the store before a message's first byte leaves, for a batch
// at a time; the journal on the local disk narrows what the end of the process
// leaves unknown to one message per connection. Without that journal (another
// host takes over, the machine crashed) it is the batch. What is unknown is not
// sent again unless the policy says so.
//
// The gate is how holds, kills and new approvals reach messages that have begun
// in the ledger and not on the wire: it is read several times a second, and a
// worker whose view is older than a second waits for a fresh one. So a daemon
// without its store starts no further message, and one that was stopped finds
// out what has been taken from it before it goes on.
//
// When a relay is down, or refuses the daemon rather than a recipient, it is
// put aside with the reason and others take its deliveries. When the store is
// gone, results are kept until it is back. When the journal cannot be written
// nothing begins. When a frozen release renders to other bytes than were
// approved, when the zone database moved, or a clock cannot be trusted, the
// release is held, with the reason, and a person decides. Run fails in no way of
// its own: it goes on until its context ends, and then until what is on its way
// has ended; after Hurry no longer than nine seconds. Halted tells of a loop that
// hangs.
package dispatch
