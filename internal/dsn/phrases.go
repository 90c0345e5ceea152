package dsn

import _ "embed"

// The phrases are files that people read and edit, one phrase a line, in lower
// case: see (*searchable).holds. A phrase belongs to a list for what it means to
// any system, never for one message that had it.

// Of the address, for rules.
var (
	// userUnknown: nobody has the address. "Mailbox unavailable" is not among them:
	// it is the text of RFC 5321 for 550, whatever the cause.
	//go:embed phrases/user-unknown.txt
	userUnknown string

	// userUnknownAbroad is the same in the languages that systems write.
	//go:embed phrases/user-unknown-abroad.txt
	userUnknownAbroad string

	// hostUnknown: the domain is not there.
	//go:embed phrases/host-unknown.txt
	hostUnknown string

	// hasMoved: the mailbox is elsewhere now.
	//go:embed phrases/has-moved.txt
	hasMoved string

	// notAccept: no mail is taken there at all.
	//go:embed phrases/not-accept.txt
	notAccept string

	// suspended: the mailbox is locked, for now or for good, and nobody says which.
	//go:embed phrases/suspended.txt
	suspended string

	// filteredSurely speaks of the recipient's own rules, whatever follows.
	//go:embed phrases/filtered-surely.txt
	filteredSurely string

	// filtered is what a mailbox's rules may be, and what a 550 says that explains
	// nothing.
	//go:embed phrases/filtered.txt
	filtered string

	// userUnknownSurely is said of an address, at whatever moment it is said.
	//go:embed phrases/user-unknown-surely.txt
	userUnknownSurely string

	// unavailable is RFC 5321's text for 550. After RCPT it means the address; at
	// any other moment servers say it of the sender as well.
	//go:embed phrases/unavailable.txt
	unavailable string
)

// Of the message, of us and of the ways between, for rules.
var (
	// mailboxFull is a quota of the recipient's.
	//go:embed phrases/mailbox-full.txt
	mailboxFull string

	//go:embed phrases/message-too-big.txt
	messageTooBig string

	// authFailure: SPF, DKIM or DMARC of ours.
	//go:embed phrases/auth-failure.txt
	authFailure string

	//go:embed phrases/failed-tls.txt
	failedTLS string

	//go:embed phrases/require-ptr.txt
	requirePTR string

	//go:embed phrases/bad-reputation.txt
	badReputation string

	//go:embed phrases/too-many-connections.txt
	tooManyConnections string

	//go:embed phrases/rate-limited.txt
	rateLimited string

	//go:embed phrases/no-relaying.txt
	noRelaying string

	// senderRejected is our address, not the recipient's.
	//go:embed phrases/sender-rejected.txt
	senderRejected string

	//go:embed phrases/blocked.txt
	blocked string

	//go:embed phrases/security-error.txt
	securityError string

	//go:embed phrases/not-compliant.txt
	notCompliant string

	//go:embed phrases/spam-detected.txt
	spamDetected string

	//go:embed phrases/policy-violation.txt
	policyViolation string

	//go:embed phrases/content-error.txt
	contentError string

	//go:embed phrases/system-full.txt
	systemFull string

	//go:embed phrases/mailer-error.txt
	mailerError string

	//go:embed phrases/network-surely.txt
	networkSurely string

	//go:embed phrases/network-error.txt
	networkError string

	//go:embed phrases/expired.txt
	expired string

	//go:embed phrases/syntax-error.txt
	syntaxError string

	//go:embed phrases/system-error.txt
	systemError string

	//go:embed phrases/on-hold.txt
	onHold string

	// spamSurely is of the content, whatever list it was found on.
	//go:embed phrases/spam-surely.txt
	spamSurely string
)

// Of automatic answers.
var (
	// autoSubjects are how automatic answers call themselves.
	//go:embed phrases/auto-subjects.txt
	autoSubjects string

	// autoWords are what they say.
	//go:embed phrases/auto-words.txt
	autoWords string

	// leftSurely says that the person is not there any more, for months at least,
	// or has another address.
	//go:embed phrases/left-surely.txt
	leftSurely string

	// leftWords stand before whom to write to instead; of a holiday, too.
	//go:embed phrases/left-words.txt
	leftWords string
)

// Of bounces without a delivery status.
var (
	// strictDaemons answer nothing but with failures.
	//go:embed phrases/strict-daemons.txt
	strictDaemons string

	// daemons are names that mail systems write by.
	//go:embed phrases/daemons.txt
	daemons string

	// failureSubjects are how bounces call themselves.
	//go:embed phrases/failure-subjects.txt
	failureSubjects string

	// failureWords are how bounces open.
	//go:embed phrases/failure-words.txt
	failureWords string

	// stillTrying is a delay.
	//go:embed phrases/still-trying.txt
	stillTrying string

	// gaveUp stands against a delay.
	//go:embed phrases/gave-up.txt
	gaveUp string

	//go:embed phrases/was-delivered.txt
	wasDelivered string
)

// Of the command that was answered.
var (
	// rcptRefused is how Sendmail notes that a server refused the recipient, be it
	// in a group of commands that it sent at once.
	//go:embed phrases/rcpt-refused.txt
	rcptRefused string

	//go:embed phrases/after-data.txt
	afterData string

	//go:embed phrases/after-mail.txt
	afterMail string

	//go:embed phrases/after-rcpt.txt
	afterRcpt string

	//go:embed phrases/after-helo.txt
	afterHelo string

	//go:embed phrases/after-connection.txt
	afterConnection string
)
