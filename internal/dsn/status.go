package dsn

import (
	"strings"

	"dateline/internal/press"
)

// statusBlocks reads a delivery-status part (RFC 3464): the fields of the whole
// message, then a block for each recipient.
func statusBlocks(body string) []header {
	var blocks []header
	rest := body
	for rest != "" && len(blocks) <= maxFound {
		rest = strings.TrimLeft(rest, "\n \t")
		h, after := splitHeader(rest)
		if len(h) == 0 {
			// A line that is no field: what it says is of no block.
			if len(after) == len(rest) {
				after = rest[nextLine(rest, 0):]
			}
		} else {
			blocks = append(blocks, h)
		}
		rest = after
	}
	return blocks
}

// statusInText reads status fields that stand in a message's words, for parts
// that were lost on the way leave them there.
func statusInText(words string) []header {
	if !strings.Contains(words, "inal-Recipient:") {
		return nil
	}
	for _, name := range []string{"Reporting-MTA:", "Original-Recipient:", "Final-Recipient:"} {
		if i := strings.Index(words, name); i == 0 || (i > 0 && words[i-1] == '\n') {
			return statusBlocks(words[i:])
		}
	}
	return nil
}

// statusReports makes a report of each recipient's block.
func (msg *message) statusReports() []press.Report {
	var whole header
	var out []press.Report
	for _, block := range msg.status {
		if !block.has("final-recipient") && !block.has("original-recipient") && !block.has("action") && !block.has("x-actual-recipient") {
			whole = append(whole, block...)
			continue
		}
		if len(out) < maxFound {
			out = append(out, msg.statusReport(whole, block))
		}
	}
	if len(out) == 1 && out[0].Recipient == "" {
		out[0].Recipient = msg.recipientOfWords()
	}
	return out
}

// statusReport reads one recipient's block.
func (msg *message) statusReport(whole, block header) press.Report {
	r := press.Report{
		Recipient:  typedAddress(block.get("final-recipient")),
		Original:   typedAddress(block.get("original-recipient")),
		Action:     action(block.get("action")),
		Diagnostic: typedText(toUTF8(block.get("diagnostic-code"), "")),
		Reporter:   typedText(whole.get("reporting-mta")),
		EnvelopeID: decodeXtext(whole.get("original-envelope-id")),
		At:         parseDate(msg.head.get("date")),
	}
	if r.Recipient == "" {
		r.Recipient = typedAddress(block.get("x-actual-recipient"))
	}
	if r.Recipient == "" {
		r.Recipient = r.Original
	}
	if r.Action == "" && !strings.HasPrefix(strings.TrimSpace(block.get("status")), "2") {
		r.Action = "failed"
	}
	e := evidence{status: findStatus(block.get("status")), text: r.Diagnostic, typed: strings.ToLower(block.get("diagnostic-code"))}
	e.command = commandIn(e.text)
	e.code, _ = findCode(e.text)
	said := msg.saidOf(r.Recipient)
	if e.command == "" {
		e.command = commandIn(said)
	}
	if e.code == 0 {
		e.code, _ = findCode(cut(said, 500))
	}
	if inText := findStatus(e.text); inText != "" && (e.status == "" || strings.HasSuffix(e.status, ".0.0") || !strings.HasSuffix(inText, ".0.0")) {
		e.status = inText
	}
	r.Code, r.Status = e.code, e.status
	r.Kind = kindOfAction(r.Action, r.Status)
	switch r.Kind {
	case press.ReportDelivered:
		r.Reason = press.ReasonDelivered
		return r
	case press.ReportDelayed:
		r.Reason = soften(e.reasonWith(said))
		if r.Reason == press.ReasonUndefined || r.Reason == press.ReasonOnHold {
			r.Reason = press.ReasonExpired
		}
		return r
	default: // a bounce
	}
	r.Reason = e.reasonWith(said)
	if r.Diagnostic == "" {
		r.Diagnostic = diagnosticOf(said)
	}
	if r.Reason == press.ReasonHasMoved {
		r.Proposed = proposals(r.Diagnostic+"\n"+said, r.Recipient, r.Original)
	}
	return r
}

// action is one of RFC 3464, or what others write for it.
func action(s string) string {
	s = strings.ToLower(strings.TrimSpace(firstWord(strings.TrimSpace(s))))
	s = strings.TrimRight(s, ";.,")
	switch s {
	case "failed", "failure", "fail", "undeliverable", "expired", "denied", "rejected":
		return "failed"
	case "delayed", "delay", "deferred":
		return "delayed"
	case "delivered", "deliverable", "success":
		return "delivered"
	case "relayed", "expanded":
		return s
	}
	return ""
}

// kindOfAction is what an action makes of a report. A status of success stands
// against an action that is missing.
func kindOfAction(action, status string) press.ReportKind {
	switch action {
	case "delayed":
		return press.ReportDelayed
	case "delivered", "relayed", "expanded":
		return press.ReportDelivered
	case "":
		if strings.HasPrefix(status, "2.") {
			return press.ReportDelivered
		}
	}
	return press.ReportBounce
}

// typedText is the value of `type; value`, as in `smtp; 550 no`.
func typedText(s string) string {
	if kind, value, ok := strings.Cut(s, ";"); ok && len(kind) < 20 && !strings.ContainsAny(strings.TrimSpace(kind), " @:") {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(s)
}

// typedAddress is the address of `rfc822; name@example.org` or, by RFC 6533, of
// `utf-8; ...`, whose escapes it undoes. A pipe or a file is none.
func typedAddress(s string) press.Address {
	value := typedText(s)
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "utf-8") {
		value = decodeUnitext(value)
	}
	return firstAddress(toUTF8(value, ""))
}
