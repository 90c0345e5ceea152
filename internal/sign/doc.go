// Package sign puts a sender's DKIM signatures (RFC 6376, RFC 8463) in front of
// a finished message, and its parts under one of S/MIME (RFC 8551) where the
// sender has a certificate.
//
// It promises:
//
//   - A message that is signed by DKIM again, at the same instant of its own, has
//     the same bytes: both algorithms are deterministic, and the time of the
//     signature is given, not read from a clock. S/MIME's tells the machine's.
//   - What a receiver acts upon stands under every signature: From, To, Subject,
//     Date, Message-ID, Reply-To, the MIME headers, the list headers of RFC 2369
//     and RFC 8058, and what threads the mail. Those that must stand there once,
//     or not at all, are signed once more than they occur, so that none can be
//     added on the way.
//   - The body is signed to its end; relaxed canonicalization on both sides.
//   - A Signer is safe for concurrent use and keeps nothing of a message.
//
// It fails in New, where a key is of a kind that DKIM has no algorithm for or
// there is no domain or selector, and in Append, where the bytes are no message
// or the key refuses; in Certificate.Sign also where the
// certificate does not hold at the instant.
package sign
