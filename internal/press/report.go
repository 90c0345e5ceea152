package press

import (
	"slices"
	"time"
)

// ReportKind is what a message that came back is.
type ReportKind string

// The kinds of reports.
const (
	ReportBounce    ReportKind = "bounce"     // this copy was not delivered
	ReportDelayed   ReportKind = "delayed"    // it is still being tried
	ReportDelivered ReportKind = "delivered"  // it reached the mailbox, or was relayed beyond where reports come from
	ReportComplaint ReportKind = "complaint"  // somebody called it spam (RFC 5965)
	ReportAutoReply ReportKind = "auto-reply" // a vacation notice or the like (RFC 3834); a read receipt (RFC 8098), too
	ReportOptOut    ReportKind = "opt-out"    // somebody asked by mail, with the token of their copy, to get no more
	ReportOther     ReportKind = "other"      // none of these: a person wrote, or nothing can be made of it
)

// Class says whether a bounce proves that the address is dead.
type Class string

// Hard is a dead address: no such user, no such host, moved away, or a domain
// that takes no mail at all. Everything else is soft, however permanent the
// reply's code calls itself.
const (
	Hard Class = "hard"
	Soft Class = "soft"
)

// Reason is why a copy came back. The set is closed.
type Reason string

// The reasons. Those up to ReasonNotAccept are hard.
const (
	ReasonUserUnknown     Reason = "userunknown"     // no such mailbox
	ReasonHostUnknown     Reason = "hostunknown"     // no such domain
	ReasonHasMoved        Reason = "hasmoved"        // the mailbox is elsewhere now
	ReasonNotAccept       Reason = "notaccept"       // the domain or host takes no mail (RFC 7504, a null MX)
	ReasonAuthFailure     Reason = "authfailure"     // SPF, DKIM or DMARC of ours failed
	ReasonBadReputation   Reason = "badreputation"   // of our address or domain
	ReasonBlocked         Reason = "blocked"         // our server, its address or name
	ReasonContentError    Reason = "contenterror"    // a part or header that the other side does not take
	ReasonDelivered       Reason = "delivered"       // no failure at all
	ReasonExpired         Reason = "expired"         // tried for too long
	ReasonFailedSTARTTLS  Reason = "failedstarttls"  // TLS was wanted and failed
	ReasonFeedback        Reason = "feedback"        // a complaint
	ReasonFiltered        Reason = "filtered"        // the mailbox's own rules refused
	ReasonMailboxFull     Reason = "mailboxfull"     // quota
	ReasonMailerError     Reason = "mailererror"     // the mailbox's delivery program failed
	ReasonMesgTooBig      Reason = "mesgtoobig"      // the message is too large
	ReasonNetworkError    Reason = "networkerror"    // the other side was not reached
	ReasonNoRelaying      Reason = "norelaying"      // the other side does not take mail for that domain
	ReasonNotCompliantRFC Reason = "notcompliantrfc" // our message breaks a rule of form
	ReasonOnHold          Reason = "onhold"          // a status without a word to explain it
	ReasonPolicyViolation Reason = "policyviolation" // a rule of the other side
	ReasonRateLimited     Reason = "ratelimited"     // more at once, or in an hour, than the other side takes
	ReasonRejected        Reason = "rejected"        // our sender address was refused
	ReasonRequirePTR      Reason = "requireptr"      // our server's reverse name
	ReasonSecurityError   Reason = "securityerror"   // a virus scanner, an authentication
	ReasonSpamDetected    Reason = "spamdetected"    // the content
	ReasonSuspend         Reason = "suspend"         // the mailbox is locked for now
	ReasonSyntaxError     Reason = "syntaxerror"     // a command was not understood
	ReasonSystemError     Reason = "systemerror"     // the other side's own trouble
	ReasonSystemFull      Reason = "systemfull"      // the other side's disk
	ReasonTooManyConn     Reason = "toomanyconn"     // connections at once
	ReasonVacation        Reason = "vacation"        // an auto-reply
	ReasonUndefined       Reason = "undefined"       // it does not say
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{
		ReasonUserUnknown, ReasonHostUnknown, ReasonHasMoved, ReasonNotAccept,
		ReasonAuthFailure, ReasonBadReputation, ReasonBlocked, ReasonContentError, ReasonDelivered, ReasonExpired,
		ReasonFailedSTARTTLS, ReasonFeedback, ReasonFiltered, ReasonMailboxFull, ReasonMailerError, ReasonMesgTooBig,
		ReasonNetworkError, ReasonNoRelaying, ReasonNotCompliantRFC, ReasonOnHold, ReasonPolicyViolation, ReasonRateLimited,
		ReasonRejected, ReasonRequirePTR, ReasonSecurityError, ReasonSpamDetected, ReasonSuspend, ReasonSyntaxError,
		ReasonSystemError, ReasonSystemFull, ReasonTooManyConn, ReasonVacation, ReasonUndefined,
	}
}

// Class is hard where the reason means that the address is dead.
func (r Reason) Class() Class {
	switch r {
	case ReasonUserUnknown, ReasonHostUnknown, ReasonHasMoved, ReasonNotAccept:
		return Hard
	default:
		return Soft
	}
}

// OfSending tells whether the reason speaks of us and our mail, not of the
// recipient: such a report never counts against an address.
func (r Reason) OfSending() bool {
	return slices.Contains([]Reason{
		ReasonAuthFailure, ReasonBadReputation, ReasonBlocked, ReasonContentError, ReasonFailedSTARTTLS, ReasonNotCompliantRFC,
		ReasonPolicyViolation, ReasonRateLimited, ReasonRejected, ReasonRequirePTR, ReasonSecurityError, ReasonSpamDetected,
		ReasonSyntaxError, ReasonTooManyConn, ReasonNoRelaying, ReasonMesgTooBig,
	}, r)
}

// Report is what a message that came back says of one recipient. The texts are
// bounded, one line each, and valid UTF-8; whoever sent the message chose them.
type Report struct {
	Kind       ReportKind
	Recipient  Address // as the reporter names it; "" where it names none
	Original   Address // as we had written it (ORCPT); "" where unknown
	Action     string  // of RFC 3464: failed, delayed, delivered, relayed or expanded; "" where it has none
	Status     string  // of RFC 3463, such as 5.1.1
	Code       int     // of RFC 5321, such as 550
	Class      Class   // of a bounce; soft for everything else
	Reason     Reason
	Diagnostic string    // what the refusing server said
	Reporter   string    // the host that reports
	At         time.Time // the report's own date, UTC; zero where it has none

	// What ties it to a delivery.
	Token      string // of the envelope sender that it came to, lower case; not checked
	EnvelopeID string // ENVID, decoded
	MessageID  string // of the copy, without its brackets

	// What it proposes: where the journalist, or a colleague, is now.
	Proposed []Address
}

// MailFormat is how a report is written down.
type MailFormat string

// The formats: a message of RFC 5322, and what the providers post.
const (
	FormatMessage  MailFormat = "message"
	FormatSES      MailFormat = "ses"      // the Message of an SNS notification, its signature checked
	FormatSendGrid MailFormat = "sendgrid" // an array of events
	FormatPostmark MailFormat = "postmark"
	FormatMailgun  MailFormat = "mailgun"
)

// Mail is one thing that came in by a mailbox, as it came.
type Mail struct {
	Mailbox string     // the name of the mailbox in the config
	Ref     string     // which it is there: a UID, a file's name
	Format  MailFormat // FormatMessage, or a provider's
	To      Address    // the envelope recipient, where the way in knows it
	At      time.Time  // when it came, UTC
	Raw     []byte
}
