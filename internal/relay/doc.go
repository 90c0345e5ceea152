// Package relay hands messages to the team's own SMTP servers (RFC 5321): it
// dials, upgrades to TLS, authenticates, and runs one transaction a message.
//
// It promises that no byte of a message leaves before its envelope's instant,
// and that every transaction ends in exactly one of these outcomes:
//
//	accepted  the relay answered the end of the data with 2xx
//	rejected  it refused the recipient or the content with 5xx
//	deferred  it refused the recipient or the content with 4xx
//	planned   nothing that the relay could deliver has left: the connection
//	          broke before the data's last byte, the instant had not come, or the
//	          relay refused the sender or itself, which says nothing of the recipient
//	unknown   the data's last byte may have left and no reply came
//
// A session that is Broken takes no further message. Dialling fails when the
// server cannot be reached, has no TLS where it is required, shows a wrong
// certificate or refuses the credentials; the error never shows the password.
// What a server repeats of the password, or of the recipient in its replies, is
// taken out: errors and outcomes end up in logs.
package relay
