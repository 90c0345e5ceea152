package dsn

import (
	"slices"
	"strings"

	"dateline/internal/press"
)

// textReports reads a bounce whose words are all there is.
func (msg *message) textReports(m press.Mail) []press.Report {
	kind := press.ReportBounce
	lower := searchIn(normal(msg.head.text("subject") + "\n" + cut(msg.words, maxJudged)))
	switch {
	case lower.holds(stillTrying) && !lower.holds(gaveUp):
		kind = press.ReportDelayed
	case lower.holds(wasDelivered):
		kind = press.ReportDelivered
	}
	var out []press.Report
	recipients := msg.failedRecipients(m)
	if len(recipients) == 0 {
		recipients = []press.Address{""}
	}
	for _, a := range recipients {
		r := press.Report{Kind: kind, Recipient: a, At: parseDate(msg.head.get("date")), Reporter: domainOf(msg.head.get("from"))}
		said := msg.saidOf(a)
		if len(recipients) == 1 {
			said = msg.words
		}
		e := evidenceIn(said)
		r.Code, r.Status, r.Diagnostic = e.code, e.status, e.text
		r.Reason = e.reasonWith(said)
		switch kind {
		case press.ReportDelayed:
			r.Action, r.Reason = "delayed", soften(r.Reason)
		case press.ReportDelivered:
			r.Action, r.Reason = "delivered", press.ReasonDelivered
		default:
			r.Action = "failed"
		}
		if r.Reason == press.ReasonHasMoved {
			r.Proposed = proposals(said, a)
		}
		out = append(out, r)
	}
	return out
}

// evidenceIn finds in what is said of one recipient the server's answer.
func evidenceIn(said string) evidence {
	e := evidence{text: diagnosticOf(said), command: commandIn(said)}
	if e.code, _ = findCode(e.text); e.code == 0 {
		e.code, _ = findCode(cut(said, maxJudged))
	}
	if e.status = findStatus(e.text); e.status == "" {
		e.status = findStatus(cut(said, maxJudged))
	}
	return e
}

// diagnosticOf is the line that a server's reply stands in and those that go on
// with it; where there is none, what follows the recipient; else the first
// words.
func diagnosticOf(said string) string {
	said = cut(said, 2*maxJudged)
	if _, at := findCode(said); at >= 0 {
		start := strings.LastIndexByte(said[:at], '\n') + 1
		end := strings.Index(said[at:], "\n\n")
		text := said[start:]
		if end >= 0 {
			text = said[start : at+end]
		}
		if at-start > 60 { // words of the reporting system stand before it
			text = text[at-start:]
		}
		return strings.TrimSpace(cut(text, maxDiagnostic))
	}
	for paragraph := range strings.SplitSeq(said, "\n\n") {
		text := strings.TrimSpace(paragraph)
		if text != "" && verdict(searchIn(normal(text))) {
			return cut(text, maxDiagnostic)
		}
	}
	return strings.TrimSpace(cut(said, maxDiagnostic/2))
}

// verdict tells whether a text, in normal form, says why.
func verdict(text *searchable) bool {
	for _, rule := range rules() {
		if rule.reason != press.ReasonOnHold && rule.reason != press.ReasonExpired && rule.reason != press.ReasonSystemError && text.holds(rule.phrases) {
			return true
		}
	}
	return false
}

// saidOf is the part of the words that is about one recipient: from where the
// address stands to the next other one, for each place where it stands.
func (msg *message) saidOf(a press.Address) string {
	words := cut(msg.words, 4*maxJudged)
	if a == "" {
		return words
	}
	found := mentions(words, 2*maxFound)
	var b strings.Builder
	want := foldAddress(a)
	for i, m := range found {
		if foldAddress(m.address) != want {
			continue
		}
		start := strings.LastIndexByte(words[:m.start], '\n') + 1
		end := len(words)
		for _, next := range found[i+1:] {
			if line := strings.LastIndexByte(words[:next.start], '\n') + 1; foldAddress(next.address) != want && leads(words, next) {
				end = max(line, m.end)
				break
			}
		}
		b.WriteString(words[start:end] + "\n")
		if b.Len() > maxJudged {
			break
		}
	}
	if b.Len() == 0 {
		return words
	}
	return b.String()
}

// leads tells whether an address begins its line, but for marks and words such
// as `To:` that stand before a recipient.
func leads(words string, m mention) bool {
	line := words[strings.LastIndexByte(words[:m.start], '\n')+1 : m.start]
	line = strings.ToLower(strings.Trim(line, " \t<>\"'*-([|:.#0123456789"))
	switch line {
	case "", "to", "recipient", "rcpt to", "for", "user", "address", "recipients", "mailto", "final-recipient: rfc822;", "failed recipient", "envelope-to",
		"original-recipient: rfc822;", "failed", "e-mail", "email", "error sending to", "delivery to", "unable to deliver to", "could not deliver to", "кому", "получатель", "адрес", "an", "empfänger", "destinataire", "destinatario", "宛先", "收件人":
		return true
	}
	return false
}

// failedRecipients finds whom a bounce is about.
func (msg *message) failedRecipients(m press.Mail) []press.Address {
	if named := msg.namedRecipients(); len(named) > 0 {
		return named
	}
	var leading, other []press.Address
	for _, found := range mentions(cut(msg.words, 4*maxJudged), 2*maxFound) {
		switch {
		case msg.ours(found.address, m) || unrelated(msg.words, found):
		case leads(msg.words, found):
			leading = appendNew(leading, found.address)
		default:
			other = appendNew(other, found.address)
		}
	}
	copyTo := firstAddress(msg.copy.get("to"))
	switch {
	case len(leading) > 0:
		return leading
	case copyTo != "" && (len(other) == 0 || slices.ContainsFunc(other, func(a press.Address) bool { return foldAddress(a) == foldAddress(copyTo) })):
		return []press.Address{copyTo}
	case len(other) > 0:
		return other[:1]
	}
	return msg.tracedRecipient()
}

// namedRecipients are those that a header field names.
func (msg *message) namedRecipients() []press.Address {
	var named []press.Address
	for _, f := range msg.head {
		if f.name == "x-failed-recipients" || f.name == "x-failed-recipient" || f.name == "x-actual-recipient" {
			for _, found := range mentions(cut(f.value, maxText), maxFound) {
				named = appendNew(named, found.address)
			}
		}
	}
	return named
}

// tracedRecipient is whom a trace field of the copy names.
func (msg *message) tracedRecipient() []press.Address {
	for _, f := range msg.copy {
		if f.name != "received" {
			continue
		}
		_, after, _ := strings.Cut(f.value, " for ")
		if a := firstAddress(cut(after, 300)); a != "" {
			return []press.Address{a}
		}
	}
	return nil
}

// recipientOfWords is the one recipient that the words or the copy name.
func (msg *message) recipientOfWords() press.Address {
	if found := msg.failedRecipients(press.Mail{}); len(found) > 0 {
		return found[0]
	}
	return ""
}

func appendNew(list []press.Address, a press.Address) []press.Address {
	if len(list) >= maxFound || slices.ContainsFunc(list, func(b press.Address) bool { return foldAddress(a) == foldAddress(b) }) {
		return list
	}
	return append(list, a)
}

// ours tells the addresses that stand in every bounce: who reports, and whom it
// is reported to.
func (msg *message) ours(a press.Address, m press.Mail) bool {
	local := strings.ToLower(a.Local())
	switch local {
	case "postmaster", "mailer-daemon", "abuse", "helpdesk", "support", "noreply", "no-reply", "mailerdaemon", "maildaemon":
		return true
	}
	for _, b := range []press.Address{m.To, firstAddress(msg.head.get("to")), firstAddress(msg.head.get("from")), firstAddress(msg.copy.get("from")), firstAddress(msg.copy.get("return-path")), firstAddress(msg.head.get("delivered-to"))} {
		if b != "" && foldAddress(a) == foldAddress(b) {
			return true
		}
	}
	return false
}

// unrelated tells an address that only looks like one, or that stands where the
// sender is named.
func unrelated(words string, m mention) bool {
	before := strings.ToLower(words[strings.LastIndexByte(words[:m.start], '\n')+1 : m.start])
	for _, mark := range []string{"message-id", "message id", "from:", "sender", "reply-to", "return-path", "http:", "https:", "contact", "mail from", "von:", "content-id", " id ", "x-mailer", "abuse", "questions"} {
		if strings.Contains(before, mark) {
			return true
		}
	}
	return false
}

func domainOf(from string) string {
	_, domain, _ := strings.Cut(string(firstAddress(from)), "@")
	return domain
}
