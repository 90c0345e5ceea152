// Package compose turns a frozen release and a recipient into one message: RFC
// 5322 headers, a plain text and an HTML page of the same story, CRLF line
// ends, seven-bit bytes, lines of at most 76 characters.
//
// It promises:
//
//   - The same Letter gives the same bytes, on any machine: nothing is random,
//     no clock is read, and the boundary comes from the Message-ID. A copy that
//     is sent again is therefore the same copy.
//   - No value of a contact, an outlet or a sender can add a header or markup.
//     Names are cleaned of control characters, encoded for the header (RFC
//     2047) and escaped for HTML.
//   - A copy that leaves before the lift says so in its subject, at the top of
//     both texts and in the header X-Embargo-Until (RFC 3339, in UTC).
//   - Nothing in the page comes from the network, and no script, raw HTML,
//     picture, or link other than http, https, mailto and tel gets through from
//     an edition's Markdown.
//   - A Kit is safe for concurrent use, and what it keeps is bounded by what a
//     release has: at most 96 prepared pages an edition, and one telling of the
//     embargo per edition and IANA zone. Pages that come out the same share
//     their texts, each of which is kept in its encodings as well, at about six
//     times its size. A page that is made is read without a lock.
//
// Messages are go-mail's, byte for byte, but mostly not made by it. For each
// page it writes one message, whose frame (headers, boundaries, structure) is
// kept, and the constant stretches of the texts are encoded once. A copy is then
// put together from these and the contact's values. Before a frame is used, a
// message from it is held against go-mail's own. go-mail makes the whole
// message where
//
//   - the contact's address has letters beyond ASCII, for then go-mail puts the
//     To header elsewhere and encodes the name in its own way;
//   - the copy answers another one, as those of notices do;
//   - the two were not the same, as another version of go-mail might bring.
//
// It fails:
//
//   - in New and in Check, with press.Faults at file:line:column, where a
//     template does not parse, names a field, function or phrase that does not
//     exist, writes more than 1 MiB or loops without end, or puts a value of
//     the contact's anywhere but in running text; where an edition has no
//     phrases; and where a sender's address is none;
//   - in Message, where the letter names an edition or a kind of send that the
//     release lacks, or has no date, no Message-ID or no usable address.
//
// Only two things may lie beyond the seven bits and the 76 characters: an
// address with letters beyond ASCII, which must travel under SMTPUTF8 (RFC
// 6532) anyway, and an address or Message-ID that is longer than a line.
package compose
