package relay

import (
	"bufio"
	"strings"
	"testing"

	"dateline/internal/press"
)

// What servers really say, and what follows from it.
func TestWhatARefusalSpeaksOf(t *testing.T) {
	const (
		message = press.Rejected
		later   = press.Deferred
		aside   = press.Planned
	)
	tests := []struct {
		server, verb, reply string
		want                press.State
		address             bool
	}{
		{"Postfix", "RCPT", "550 5.1.1 <a@x.example>: Recipient address rejected: User unknown in local recipient table", message, true},
		{"Postfix", "RCPT", "550 5.1.1 <a@x.example>: Recipient address rejected: undeliverable address: host mx.x.example[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)", message, true},
		{"Postfix", "RCPT", "554 5.7.1 <a@x.example>: Relay access denied", aside, false},
		{"Postfix", "RCPT", "454 4.7.1 <a@x.example>: Relay access denied", aside, false},
		{"Postfix", "RCPT", "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", aside, false},
		{"Postfix", "RCPT", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]", aside, false},
		{"Postfix", "RCPT", "550 5.1.8 <b@y.example>: Sender address rejected: Domain not found", aside, false},
		{"Postfix", "RCPT", "553 5.7.1 <b@y.example>: Sender address rejected: not owned by user dateline", aside, false},
		{"Postfix", "RCPT", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1", aside, false},
		{"Postfix", "RCPT", "450 4.2.0 <a@x.example>: Recipient address rejected: Greylisted, see http://postgrey.example/", later, false},
		{"Postfix", "RCPT", "450 4.1.1 <a@x.example>: Recipient address rejected: unverified address: host mx.x.example[192.0.2.1] said: 450 4.7.1 Client host rejected: cannot find your hostname", later, false},
		{"Postfix", "RCPT", "554 5.7.1 <a@x.example>: Recipient address rejected: Access denied", message, false},
		{"Postfix", "RCPT", "550 5.1.2 <a@x.example>: Recipient address rejected: Domain not found", message, false},
		{"Postfix", "RCPT", "452 4.3.1 Insufficient system storage", later, false},
		{"Postfix", "RCPT", "530 5.7.0 Must issue a STARTTLS command first", aside, false},
		{"Postfix", "DATA", "421 4.7.0 mx.x.example Error: too many errors", aside, false},
		{"Postfix", endOfData, "550 5.7.1 Message content rejected", message, false},
		{"Postfix", endOfData, "552 5.3.4 Error: message file too big", message, false},
		{"Postfix", "MAIL", "552 5.3.4 Message size exceeds fixed limit", message, false},
		{"Postfix", "MAIL", "452 4.3.1 Insufficient system storage", aside, false},
		{"Postfix", "MAIL", "553 5.7.1 <b@y.example>: Sender address rejected: not logged in", aside, false},
		{"Postfix, LMTP", endOfData, "550 5.2.2 <a@x.example> Quota exceeded (mailbox for user is full)", message, false},
		{"Dovecot", "RCPT", "550 5.1.1 <a@x.example> User doesn't exist: a@x.example", message, true},
		{"Exim", "RCPT", "550 relay not permitted", aside, false},
		{"Exim", "RCPT", "550 Sender verify failed", aside, false},
		{"Exim", "RCPT", "550 Unrouteable address", message, false},
		{"Exim", "RCPT", "550 Unknown user", message, true},
		{"Exim", "RCPT", "550 rejected because 192.0.2.1 is in a black list at zen.spamhaus.org", aside, false},
		{"Exim", "RCPT", "550-Callout verification failed:\r\n550 550 5.7.1 Client host rejected: Access denied", message, false},
		{"Exim", "RCPT", "550 authentication required", aside, false},
		{"Exim", endOfData, "550 Administrative prohibition", message, false},
		{"Exchange", "RCPT", "550 5.7.1 Unable to relay for a@x.example", aside, false},
		{"Exchange", "RCPT", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", aside, false},
		{"Exchange", "RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", message, true},
		{"Exchange", "RCPT", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", message, false},
		{"Exchange", "RCPT", "530 5.7.1 Client was not authenticated", aside, false},
		{"Exchange", endOfData, "530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication unsuccessful", aside, false},
		{"Exchange", endOfData, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", aside, false},
		{"Exchange", "RCPT", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", aside, false},
		{"Exchange", endOfData, "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", message, false},
		{"Exchange", "RCPT", "454 4.7.0 Temporary authentication failure", aside, false},
		{"Outlook.com", "RCPT", "550 5.5.0 Requested action not taken: mailbox unavailable", message, false},
		{"Outlook.com", "RCPT", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150)", aside, false},
		{"Gmail", "RCPT", "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550 5.1.1 double-checking the recipient's email address", message, true},
		{"Gmail", "RCPT", "550 5.2.1 The email account that you tried to reach is disabled", message, true},
		{"Gmail", "RCPT", "452 4.2.2 The recipient's inbox is out of storage space", later, false},
		{"Gmail", "RCPT", "552 5.2.2 The recipient's inbox is out of storage space and inactive", message, false},
		{"Gmail", "RCPT", "450 4.2.1 The user you are trying to contact is receiving mail too quickly", later, false},
		{"Gmail", "RCPT", "530-5.7.0 Authentication Required. Learn more at\r\n530 5.7.0 https://support.google.com/mail/?p=WantAuthError", aside, false},
		{"Gmail", endOfData, "550-5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized to send email directly to our servers.\r\n550 5.7.1 Please use the SMTP relay at your service provider instead", aside, false},
		{"Gmail", endOfData, "550 5.4.5 Daily user sending limit exceeded", aside, false},
		{"Gmail", endOfData, "421 4.7.0 IP not in whitelist for RCPT domain, closing connection", aside, false},
		{"Gmail", endOfData, "550-5.7.26 Unauthenticated email from y.example is not accepted due to domain's\r\n550 5.7.26 DMARC policy", message, false},
		{"Gmail", endOfData, "552 5.7.0 This message was blocked because its content presents a potential security issue", message, false},
		{"sendmail", "RCPT", "550 5.7.1 <a@x.example>... Relaying denied. Proper authentication required.", aside, false},
		{"sendmail", "RCPT", "550 5.1.1 <a@x.example>... User unknown", message, true},
		{"qmail", "RCPT", "550 sorry, no mailbox here by that name (#5.1.1)", message, true},
		{"qmail", "RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", message, false},
		{"a policy that names the user", endOfData, "550 5.7.1 no such user may post here", message, false},
		{"Yahoo", "RCPT", "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1", aside, false},
	}
	for _, test := range tests {
		r, err := readReply(bufio.NewReader(strings.NewReader(test.reply + "\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		if o := judge(test.verb, r); o.State != test.want || o.OfAddress != test.address {
			t.Errorf("%s at %s, %q: %s, of the address %v; want %s, %v", test.server, test.verb, test.reply, o.State, o.OfAddress, test.want, test.address)
		}
	}
}
