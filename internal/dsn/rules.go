package dsn

import "dateline/internal/press"

// rule says that one of its phrases means its reason.
type rule struct {
	reason  press.Reason
	phrases string // one a line, in lower case; see holds
}

// rules is the table, in its order. What speaks of a full mailbox, of the
// message or of us comes before what speaks of the address: a server that says
// both refuses us. Of the hard reasons the surest come first.
func rules() [36]rule {
	return [...]rule{
		{press.ReasonMailboxFull, mailboxFull},
		{press.ReasonMesgTooBig, messageTooBig},
		{press.ReasonAuthFailure, authFailure},
		{press.ReasonFailedSTARTTLS, failedTLS},
		{press.ReasonRequirePTR, requirePTR},
		{press.ReasonBadReputation, badReputation},
		{press.ReasonTooManyConn, tooManyConnections},
		{press.ReasonRateLimited, rateLimited},
		{press.ReasonNoRelaying, noRelaying},
		{press.ReasonRejected, senderRejected},
		{press.ReasonSpamDetected, spamSurely},
		{press.ReasonBlocked, blocked},
		{press.ReasonSecurityError, securityError},
		{press.ReasonNotCompliantRFC, notCompliant},
		{press.ReasonSpamDetected, spamDetected},
		{press.ReasonPolicyViolation, policyViolation},
		{press.ReasonContentError, contentError},
		{press.ReasonFiltered, filteredSurely},
		{press.ReasonSuspend, suspended},
		{press.ReasonHasMoved, hasMoved},
		{press.ReasonNotAccept, notAccept},
		{press.ReasonNetworkError, networkSurely},
		{press.ReasonHostUnknown, hostUnknown},
		{press.ReasonUserUnknown, userUnknown},
		{press.ReasonUserUnknown, userUnknownAbroad},
		{press.ReasonFiltered, filtered},
		{press.ReasonSystemFull, systemFull},
		{press.ReasonMailerError, mailerError},
		{press.ReasonSyntaxError, syntaxError},
		{press.ReasonExpired, expired},
		{press.ReasonNetworkError, networkError},
		{press.ReasonSystemError, systemError},
		{press.ReasonOnHold, onHold},
		{press.ReasonSpamDetected, "spam"},
		{press.ReasonSecurityError, "virus"},
		{press.ReasonBlocked, "blacklist\nblocklist\nblock list\nblack list"},
	}
}
