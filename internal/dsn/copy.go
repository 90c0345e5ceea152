package dsn

import "strings"

// splitCopy finds the returned copy that many systems write below their words,
// in the same text: what stands before it, and the copy's header. A copy is a
// run of header lines of which at least three are of those that every message
// has; a `> ` of a quotation before them does not matter.
func splitCopy(text string) (words string, copied header) {
	for at := 0; at < len(text); {
		next := nextLine(text, at)
		if _, ok := knownField(text[at:next]); ok {
			if h, end := readCopy(text[at:]); enough(h) {
				return text[:at], h
			} else if end > 0 {
				next = at + end
			}
		}
		at = next
	}
	return text, nil
}

func nextLine(s string, at int) int {
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(s)
}

// knownField tells whether a line is a field that begins a copy's header.
func knownField(line string) (field, bool) {
	line = strings.TrimLeft(line, "> \t|")
	name, value, ok := cutField(strings.TrimRight(line, "\n"))
	if !ok {
		return field{}, false
	}
	f := field{strings.ToLower(name), value}
	switch f.name {
	case "received", "return-path", "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
		"reply-to", "sender", "cc", "delivered-to", "x-mailer", "content-transfer-encoding", "list-unsubscribe",
		"dkim-signature", "x-original-to", "feedback-id", "auto-submitted", "precedence", "in-reply-to":
		return f, true
	}
	return f, strings.HasPrefix(f.name, "x-") || strings.HasPrefix(f.name, "list-") || strings.HasPrefix(f.name, "arc-") ||
		strings.HasPrefix(f.name, "authentication-") || strings.HasPrefix(f.name, "content-") || strings.HasPrefix(f.name, "resent-") ||
		strings.HasPrefix(f.name, "received-") || strings.HasPrefix(f.name, "thread-")
}

// readCopy reads the header lines at the start of a text, as a quotation shifts
// them: the prefix of the first line is taken from all.
func readCopy(text string) (h header, end int) {
	first, _, _ := strings.Cut(text, "\n")
	prefix := first[:len(first)-len(strings.TrimLeft(first, "> \t|"))]
	var u unfolder
	for end < len(text) && len(u.fields) < maxFields {
		next := nextLine(text, end)
		line := strings.TrimRight(text[end:next], "\n")
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			line = rest
		} else if end > 0 {
			break
		}
		if strings.TrimSpace(line) == "" || !u.add(line) {
			break
		}
		end = next
	}
	return u.header(), end
}

// enough tells whether a run of fields is a copy's header, and not a system's
// table of facts.
func enough(h header) bool {
	n := 0
	for _, name := range []string{"received", "return-path", "from", "to", "subject", "date", "message-id", "mime-version", "content-type"} {
		if h.has(name) {
			n++
		}
	}
	return n >= 4 || (n >= 3 && (h.has("message-id") || h.has("received") || h.has("return-path")))
}
