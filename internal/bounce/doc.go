// Package bounce turns what comes back into what follows from it: a mail is read
// (by package dsn), each report in it finds its delivery, and the store writes
// the event, the delivery's new state and the suppression, if one follows, in
// one transaction.
//
// It promises that a mail that was taken is in the store, once, by whatever way
// and however often it comes; that what cannot be read is in quarantine, with
// its reason, and keeps nothing else from being read; and that only a report
// with a token of ours suppresses a mailbox, and only for what it says of the
// mailbox. What relays refuse in the dialogue is read by the same rules.
//
// Taking a mail fails when the store does not answer, and when the delivery that
// it speaks of is still being written down; in both cases nothing was taken, and
// the mail must be given again.
package bounce
