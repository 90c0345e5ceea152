// Package mailbox is the ways in for what comes back: bounces, complaints and
// replies, out of an IMAP or POP3 account or a Maildir, by SMTP and LMTP, and
// from the webhooks of providers. It hands each on as it came, as a press.Mail,
// and does not know what it means.
//
// It promises that a message is removed, moved, acknowledged or answered with
// success only after the Handler returned nil for it. One whose Handler failed
// stays where it is (or is answered with "later") and is tried again, ever more
// rarely, up to once in MaxRetry; the others go on meanwhile. A connection that
// breaks between the Handler and the removal, a daemon that dies there, and a
// sender that did not hear the answer bring the same message again: the Handler
// must count it once.
//
// Everything read is bounded. A message in an account or a Maildir that is
// longer than MaxBytes is handed on cut there; the listener and the webhooks
// refuse it (552, 413). POP3 gives lines that end in LF alone.
//
// Run and Serve end with their context, or at once for settings that cannot be
// (an error); they leave no goroutine behind. Until then they go on through
// every outage and say by Settings.Trouble, in one line, what is wrong now, and
// "" when it is over. Each change is logged once. Neither names a secret or a
// mail address: what servers and handlers say has addresses taken out.
//
// What can go wrong, and what becomes of it:
//
//   - The server is away, hangs, breaks off, speaks nonsense or more than it
//     may: the connection is closed and made anew, after Retry, then twice that,
//     up to MaxRetry.
//   - The password is refused: told, and tried once a minute at most, for many
//     servers lock an account that is tried more often.
//   - TLS cannot be had, or the certificate is not of the given pool: never
//     without it; told, and tried again.
//   - A message cannot be removed or moved (disk full, no such folder, no
//     permission): it is not handled again by this Run, only its removal is
//     tried again; after a restart it comes once more.
//   - An IMAP folder was made anew (another UIDVALIDITY): what was known of its
//     messages is forgotten.
//   - An IMAP server without UIDPLUS has messages of others marked as deleted:
//     ours are marked alike and left, for EXPUNGE would remove theirs, too.
//   - Somebody is silent at the listener, has stayed too long, or has named twenty
//     recipients that do not exist: 421, and the connection ends. Nothing that
//     comes after a time that ran out is a command.
//   - Too many connections, recipients or messages reach the listener: 421, 452
//     and 451, which senders try again. A recipient without a valid token: 550.
//   - A webhook's signature or secret is wrong, or it is too old: 401 or 403.
//     What was handled before is answered 200 and not handled again.
package mailbox
