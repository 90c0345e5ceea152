// Package sink is an SMTP server that takes every mail and sends none on. The
// demo, rehearsals and measurements send to it, and it says by its own clock
// what came: its tally owes nothing to what the sender believes.
//
// It listens on the loopback interface alone, offers PIPELINING, 8BITMIME,
// SMTPUTF8, DSN and ENHANCEDSTATUSCODES, no TLS and no authentication.
//
// It promises one receipt for each message whose last byte came in, noted
// before the message is answered with 250: what the sender holds for accepted
// is in the tally, and what is in the tally may lack its answer if the
// connection broke just then. A message that breaks off leaves no receipt. The
// instants are those at which the bytes were read from the socket, not when
// the SMTP server came to look at them.
//
// It can fail to listen, and to save messages; a message that cannot be saved
// is still accepted and counted, and Close tells the first failure. Receipts
// stay in memory, some 500 bytes each.
package sink
