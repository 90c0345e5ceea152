// Package relay hands messages to the team's own SMTP servers (RFC 5321), or to
// a local LMTP server (RFC 2033): it dials, upgrades to TLS, authenticates, and
// runs one transaction a message. Where the relay offers PIPELINING, a message
// and the opening of the next transaction leave in one write.
//
// It promises that no byte of a message leaves before its envelope's instant,
// that no message goes into another's transaction, and that every transaction
// ends in exactly one of these outcomes:
//
//	accepted  the relay answered the end of the data with 2xx
//	rejected  it refused the recipient or the content with 5xx, or has not what
//	          the message needs: its size, SMTPUTF8, 8BITMIME
//	deferred  it refused the recipient or the content with 4xx
//	planned   nothing that the relay could deliver has left: the connection
//	          broke before the data's last byte, the instant had not come, or the
//	          relay refused the sender, us or itself, which says nothing of the
//	          recipient
//	unknown   the data's last byte may have left and no reply came, or none that
//	          means something
//
// A rejection that speaks of the address itself is OfAddress; no other may count
// against it. A session that is Broken takes no further message; it is broken by
// a lost connection, a timeout, 421, a relay that is out of step, and every
// refusal that speaks of the relay. A transaction that was opened ahead and whose
// message does not come ends with its connection.
//
// Dialling fails when the server cannot be reached, has no TLS where it is
// required, shows a wrong certificate or refuses the credentials; the error never
// shows the password. What a server repeats of the password, or of the recipient
// in its replies, is taken out: errors and outcomes end up in logs.
package relay
