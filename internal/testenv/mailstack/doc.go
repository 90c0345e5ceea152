// Package mailstack runs a real Postfix and a real Dovecot for tests, from a
// folder and on ports of their own. Only tests import it.
//
// It promises that both take connections when Start returns, and that they, the
// folder and all that they wrote in it are gone when the test ends, or when the
// test process ends, however it does. They listen on the loopback interface
// alone; nothing of the machine's own mail service is read, changed or started,
// and no mail leaves the machine.
//
// Postfix takes mail without authentication for the domains below, and offers
// STARTTLS (after which AUTH), PIPELINING, DSN and SMTPUTF8:
//
//   - newsroom.test: Dovecot has the mailboxes Reader and Full, each also with
//     an extension (reader+17@newsroom.test). Reader's copies are delivered, and
//     reported so where that was asked for (NOTIFY=SUCCESS); Full is over its
//     quota (5.2.2). Nobody, and everyone else, is unknown to Dovecot (5.1.1),
//     which Postfix learns only after it has taken the message.
//   - strict.test: Postfix itself says 550 5.1.1 at RCPT, to everyone.
//   - refused.test: another server refuses everyone (550 5.7.1).
//   - down.test: nobody listens. Reported as delayed after some 4 seconds, and
//     as failed after 20 (4.4.1).
//   - dateline.test: the mailbox Bounces, by its extension the envelope sender
//     of each copy: bounces+TOKEN@dateline.test.
//   - listener.test: where Options.BouncesTo says; for the same purpose.
//
// Dovecot takes no SMTPUTF8 and says so: a report of 5.6.7 comes back.
//
// Every report goes to the envelope sender. One that cannot be delivered is
// tried again every few seconds, and thrown away after 20: Postfix keeps no
// report longer than a message.
//
// Start fails the test, and says what to do, where a server is not installed,
// where the test is not root and cannot become it (Postfix's master must be),
// where Dovecot is of a version whose settings are not known here, and where a
// server does not start (the message carries what both said). A test that fails
// logs the end of both servers' logs. Only a kill of the script that keeps the
// servers (start.sh) leaves them behind.
package mailstack
