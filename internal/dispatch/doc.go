// Package dispatch sends what is due: it claims deliveries ahead of their
// instant, composes them, waits, asks the ledger once more, hands each message
// to a relay and writes down what became of it.
//
// It promises that no message begins before its instant, while its release is
// held, after its release was killed, or to a mailbox suppressed meanwhile;
// that `sending` is on disk before a message's first byte leaves, and its
// result before the same connection begins another, so that a crash leaves at
// most one delivery per connection unknown; and that a delivery which is
// unknown is not sent again unless the policy says so.
//
// When a relay is down, its deliveries wait, and others take them. When the
// store is gone, nothing further begins, and results are kept until it is back.
// When a frozen release renders to other bytes than were approved, the release
// is held, with the reason. Run fails in no way of its own: it goes on until its
// context ends.
package dispatch
