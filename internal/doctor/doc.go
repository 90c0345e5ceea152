// Package doctor judges what receivers will ask of a sender, before a lift shows
// it: SPF, DKIM and DMARC, the names of the addresses that mail leaves by, TLS, a
// way back for bounces, a clock that is right, and one click to opt out, as Gmail,
// Yahoo, Microsoft and Mail.ru want them. It asks nobody: cli brings the answers
// as Facts.
//
// It promises:
//
//   - What could not be asked is NotKnown, with the reason. It is never OK, and no
//     other finding is built upon it as if it were.
//   - Fault is what would get mail refused, keep it from leaving, or keep people
//     from opting out; Warning is what may; Note is what nobody refuses mail for.
//   - A record that is missing comes ready to publish, in strings that DNS takes.
//   - Records are read as receivers read them: one that they would not act upon is
//     told as a fault with what is wrong, and never mended on the way.
//
// It cannot fail: there is a finding for whatever the answers are.
package doctor
