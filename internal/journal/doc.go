// Package journal is the daemon's append-only file on the local disk: which
// message began, and what became of it. It lets the store be written in
// batches, and still leaves at most one message per connection unknown when
// the process dies.
//
// It promises that what Begin or End has returned nil for is read back by the
// next Open, however the process came to its end: each is one write(2), and
// what is written outlives the process in the page cache. It does not outlive
// the machine, for nothing is synced; a machine that was started anew, a
// damaged file and a missing one are told by Journalled.SameBoot being false.
// An id that is settled is not read back. Where an earlier life's files are
// missing nothing is proved before Forget, however often the process ends until
// then.
//
// The files are segments, journal-000001 and so on, of records with a length
// and a checksum. A record that breaks off at the end of the last segment was
// being written when the process died: Open cuts it away. Everything else that
// cannot be read is damage; what stands around it is still told. A new segment
// begins at 8 MiB with what is pending, and the one before it is removed, so
// that neither disk nor memory grows with what is settled. Segments of earlier
// lives stay until their ids are settled, or until Forget.
//
// Open fails when the folder cannot be made, read or written. Begin fails when
// the record cannot be written whole (a full disk, a file that was closed):
// then it is as if it had never been called, and nothing may be sent. End fails
// alike: then the next Open tells of a message that began and may have left,
// unless it is settled before. When half a record cannot be taken back, no
// further one is written and each call tells why. A new segment that cannot be
// begun is no failure: the present one grows, and it is tried again. Settled
// never fails; what it cannot write is told once more by the next Open.
package journal
