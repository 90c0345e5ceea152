package relay

import "strings"

// subject is what a refusal speaks of.
type subject int

// The subjects. Only one that speaks of the address may ever count against it,
// and only one that speaks of the relay, or of us as its client, puts the relay
// aside.
const (
	theMessage subject = iota // or nobody can tell
	theAddress
	theRelay
)

// speaksOf reads a 4xx or 5xx answer. Texts are matched in lower case, in one
// line. A relay that quotes another server speaks of the recipient's side,
// whatever the words.
func speaksOf(verb string, r reply) subject {
	text := strings.ToLower(r.text)
	if verb == "MAIL" || verb == "RSET" {
		if r.code == 552 || r.enhanced == "5.3.4" {
			return theMessage // it is too large
		}
		return theRelay
	}
	switch {
	case relayCode(r) || (!holds(text, quotes()) && (holds(text, relayTexts()) || blocked(text))):
		return theRelay
	case addressCode(r) || (mayBeAddress(r) && holds(text, addressTexts())):
		return theAddress
	}
	return theMessage
}

func holds(text string, phrases []string) bool {
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

// quotes show that the relay passes on what another server said.
func quotes() []string {
	return []string{" said: ", "recipient address rejected", "callout verification", "remote host said", "response from"}
}

// relayCode tells the codes that speak of the connection, of authentication, of
// encryption or of the sender (RFC 4954, section 6; RFC 3463, section 3.2).
func relayCode(r reply) bool {
	switch r.code {
	case 421, 530, 534, 535, 538:
		return true
	case 454:
		return r.enhanced == "4.7.0"
	}
	switch r.enhanced {
	case "4.1.7", "5.1.7", "4.1.8", "5.1.8": // the sender's address
		return true
	}
	return false
}

// relayTexts are how servers say that they do not relay for us, or take nothing
// from us.
func relayTexts() []string {
	return []string{
		"relay access denied",     // Postfix
		"client host rejected",    // Postfix
		"sender address rejected", // Postfix
		"helo command rejected",   // Postfix
		"relaying denied",         // sendmail
		"relaying not allowed", "relaying is not allowed", "relaying not permitted", "not permitted to relay",
		"relay not permitted",  // Exim
		"sender verify failed", // Exim
		"unable to relay",      // Exchange
		"relay denied",
		"authentication required", "authentication is required", "not authenticated", "must be authenticated", "must authenticate", "authenticate first",
		"must issue a starttls",                      // Gmail, Postfix
		"does not have permissions to send as",       // Exchange
		"sender address not allowed", "not owned by", // Postfix: Sender address rejected: not owned by user
		"user sending limit exceeded", "user sending quota exceeded", // Gmail, at the account that we sign in with
	}
}

// blocked tells whether it is our own address on the network that is refused.
func blocked(text string) bool {
	if holds(text, []string{"banned sending ip", "ip you're using to send mail is not authorized", "ip not in whitelist", "your ip address", "your ip is", "ip address sending this message does not have a ptr", "connections will not be accepted from", "blocked using", "your network is on our block list"}) {
		return true
	}
	listed := holds(text, []string{"blacklist", "black list", "blocklist", "block list", "blocked by", "dnsbl", "rbl"})
	return listed && holds(text, []string{"client host", "ip address", "host [", "messages from [", "rejected because "})
}

// addressCode tells the codes that speak of the address alone: no such mailbox,
// bad syntax, moved, disabled. 5.1.2 is the domain and 5.2.2 a full mailbox.
func addressCode(r reply) bool {
	switch r.enhanced {
	case "5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1":
		return true
	}
	return false
}

// mayBeAddress tells whether the text may be asked: where no enhanced status
// says that it is about policy, routing, or a domain.
func mayBeAddress(r reply) bool {
	if r.code != 550 && r.code != 551 && r.code != 553 {
		return false
	}
	switch r.enhanced {
	case "", "5.0.0", "5.1.0", "5.2.0", "5.3.0", "5.5.0":
		return true
	}
	return false
}

// addressTexts are how servers say that nobody has the address. "Mailbox
// unavailable" is not among them: it is the text of RFC 5321 for 550, and large
// providers say it when they refuse the sender.
func addressTexts() []string {
	return []string{
		"user unknown", "unknown user", "user is unknown", "no such user", "user not found", "user doesn't exist", "user does not exist",
		"recipient unknown", "unknown recipient", "no such recipient", "recipient not found", "recipient does not exist", "invalid recipient",
		"mailbox not found", "mailbox unknown", "unknown mailbox", "no such mailbox", "mailbox does not exist", "mailbox doesn't exist", "invalid mailbox", "no mailbox here by that name",
		"address unknown", "unknown address", "no such address", "address does not exist", "account does not exist", "no such account", "account that you tried to reach does not exist", "unknown local part", "no such person",
	}
}
