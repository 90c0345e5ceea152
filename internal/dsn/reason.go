package dsn

import (
	"strings"

	"dateline/internal/press"
)

// Classify reads what a server answered: the reply code (0 where there is none),
// the enhanced status ("" where there is none) and the text. A text that does
// not say which command it answers is taken for an answer to RCPT, for that is
// what a relay's dialogue mostly fails at; who heard it at the end of the data
// adds `(in reply to end of DATA command)`, as Postfix does.
func Classify(code int, status, text string) (press.Reason, press.Class) {
	e := evidence{code: code, status: findStatus(status), text: text, command: commandIn(text)}
	if e.status == "" {
		e.status = findStatus(text)
	}
	if e.code == 0 {
		e.code, _ = findCode(text)
	}
	if e.command == "" {
		e.command, e.assumed = "RCPT", true
	}
	reason := e.reason()
	return reason, reason.Class()
}

// Proposed are the addresses that a server names in its answer, in place of the
// one that has moved.
func Proposed(text string, own press.Address) []press.Address { return proposals(text, own) }

// evidence is what a refusal shows of itself.
type evidence struct {
	code    int
	status  string // of RFC 3463
	text    string // what the refusing server said
	assumed bool   // the command is only the likeliest
	command string // of SMTP, that it answered: CONN, EHLO, MAIL, RCPT, DATA; "" where unknown
	typed   string // the whole Diagnostic-Code with its type, in lower case
}

// maxJudged is how much of a text is read for its reason.
const maxJudged = 4 << 10

// reasonWith judges the refusal by its own text, and, only where that says
// nothing, by the words around it.
func (e evidence) reasonWith(said string) press.Reason {
	reason := e.reason()
	if said == "" {
		return reason
	}
	switch reason {
	case press.ReasonUndefined, press.ReasonOnHold, press.ReasonSystemError, press.ReasonSecurityError, press.ReasonNetworkError, press.ReasonExpired:
		around := e
		around.text, around.typed = said, ""
		if found := around.byWords(); found != "" && (reason == press.ReasonUndefined || reason == press.ReasonOnHold || found.Class() == press.Soft) {
			return found
		}
	default: // its own words are enough
	}
	return reason
}

// reason is the ordered rule: the words first, then the status, then the code.
func (e evidence) reason() press.Reason {
	if strings.HasPrefix(e.status, "2.") {
		return press.ReasonDelivered
	}
	if reason := e.byWords(); reason != "" {
		return reason
	}
	if reason := e.byStatus(); reason != "" {
		return e.doubt(reason)
	}
	if reason := e.byCode(); reason != "" {
		return reason
	}
	if strings.TrimSpace(e.text) != "" {
		return press.ReasonOnHold
	}
	return press.ReasonUndefined
}

// byWords asks the table of phrases, in its order.
func (e evidence) byWords() press.Reason {
	text := searchIn(normal(cut(e.text, maxJudged)))
	if text.text == "" {
		return ""
	}
	switch {
	case strings.HasSuffix(e.status, ".2.2"):
		return press.ReasonMailboxFull
	case e.code != 0 && text.holds(userUnknownSurely):
		return press.ReasonUserUnknown
	case e.command == "RCPT" && !e.assumed && e.code == 550 && text.holds(unavailable):
		return press.ReasonUserUnknown
	}
	for _, rule := range rules() {
		if !text.holds(rule.phrases) {
			continue
		}
		if rule.phrases == filtered && e.code != 521 && e.code != 556 {
			// These words explain nothing; a status may.
			if reason := e.byStatus(); reason != "" && reason.Class() == press.Soft {
				return reason
			}
		}
		return e.doubt(rule.reason)
	}
	return ""
}

// doubt takes a hard reason back where the circumstances speak against it.
func (e evidence) doubt(reason press.Reason) press.Reason {
	if reason == press.ReasonFiltered && (e.code == 521 || e.code == 556) && e.command != "DATA" {
		return press.ReasonNotAccept
	}
	if reason.Class() != press.Hard {
		return reason
	}
	passing := strings.HasPrefix(e.status, "4.") || (e.status == "" && e.code >= 400 && e.code < 500)
	switch {
	case passing && reason == press.ReasonHostUnknown:
		return press.ReasonNetworkError
	case passing && reason == press.ReasonNotAccept:
		return press.ReasonSystemError
	case passing && reason == press.ReasonUserUnknown:
		return press.ReasonOnHold // it may not have been looked up yet
	case e.command == "EHLO" || e.command == "CONN":
		return press.ReasonBlocked
	case e.command == "MAIL":
		return press.ReasonRejected
	case reason != press.ReasonUserUnknown:
		return reason
	case len(e.status) > 4 && e.status[1:4] == ".1.", e.command == "RCPT":
		return reason
	case strings.HasSuffix(e.status, ".2.1"):
		return press.ReasonSuspend
	case e.command != "", e.code != 0, e.status != "":
		// A server that took the recipient and refuses the content says "user
		// unknown" for a filter of the mailbox's own.
		return press.ReasonFiltered
	}
	return reason
}

// byStatus is the registry of RFC 3463 and its successors, so far as a status
// tells a reason at all.
func (e evidence) byStatus() press.Reason {
	if len(e.status) < 5 {
		return ""
	}
	switch e.status[2:] {
	case "1.1", "1.3":
		return press.ReasonUserUnknown
	case "1.2":
		return press.ReasonHostUnknown
	case "1.6":
		return press.ReasonHasMoved
	case "1.7", "1.8":
		return press.ReasonRejected
	case "1.10":
		return press.ReasonNotAccept
	case "2.0", "2.4", "1.4":
		return press.ReasonFiltered
	case "2.1":
		return press.ReasonSuspend
	case "2.2":
		return press.ReasonMailboxFull
	case "2.3", "3.4":
		return press.ReasonMesgTooBig
	case "3.1":
		return press.ReasonSystemFull
	case "1.9", "3.0", "3.2", "3.3", "3.5", "4.3":
		return press.ReasonSystemError
	case "4.4", "4.0", "4.1", "4.2", "4.5", "4.6", "4.8":
		return press.ReasonNetworkError
	case "4.7":
		return press.ReasonExpired
	case "5.3":
		return press.ReasonTooManyConn
	case "5.1", "5.2", "5.4", "5.5":
		return press.ReasonSyntaxError
	case "7.10", "7.11":
		return press.ReasonFailedSTARTTLS
	case "7.13":
		return press.ReasonSuspend
	case "7.17", "7.18":
		return press.ReasonHasMoved
	case "7.20", "7.21", "7.22", "7.23", "7.24", "7.26", "7.30":
		return press.ReasonAuthFailure
	case "7.25":
		return press.ReasonRequirePTR
	case "7.27":
		return press.ReasonRejected
	case "7.28":
		return press.ReasonRateLimited
	}
	switch e.status[2:4] {
	case "6.":
		return press.ReasonContentError
	case "7.":
		return press.ReasonSecurityError
	}
	return ""
}

// byCode is the little that a reply code alone says.
func (e evidence) byCode() press.Reason {
	switch e.code {
	case 521, 556:
		if strings.TrimSpace(e.text) != "" && e.command != "DATA" {
			return press.ReasonNotAccept
		}
	case 552:
		return press.ReasonMailboxFull
	case 421:
		return press.ReasonExpired
	case 500, 501, 502, 503, 504, 555:
		return press.ReasonSyntaxError
	case 530, 534, 535, 538:
		return press.ReasonSecurityError
	case 454:
		return press.ReasonFailedSTARTTLS
	}
	switch {
	case strings.HasPrefix(e.typed, "x-unix"), strings.HasPrefix(e.typed, "x-postfix") && e.code == 0:
		return press.ReasonMailerError
	case e.command == "EHLO" || e.command == "CONN":
		return press.ReasonBlocked
	case e.command == "MAIL":
		return press.ReasonRejected
	}
	return ""
}

// soften is for a message that is still being tried.
func soften(reason press.Reason) press.Reason {
	if reason.Class() == press.Hard || reason == press.ReasonDelivered {
		return press.ReasonExpired
	}
	return reason
}
