package dsn

import (
	"regexp"
	"strings"

	"dateline/internal/press"
)

// The envelope token stands after a `+` in a local part. Some systems quote the
// address with the @ written as = (VERP), or lose the rest of it.
var tokenPattern = regexp.MustCompile(`\+([a-zA-Z][0-9]{2}[a-zA-Z2-7]{42})(?:[^a-zA-Z0-9]|$)`)

// findToken is the first token of a text, in lower case.
func findToken(s string) string {
	for rest := s; ; {
		i := strings.IndexByte(rest, '+')
		if i < 0 || len(rest)-i < 46 {
			return ""
		}
		if !isDigit(rest[i+2]) || !isDigit(rest[i+3]) {
			rest = rest[i+1:]
			continue
		}
		if found := tokenPattern.FindStringSubmatch(cut(rest[i:], 47)); found != nil {
			return strings.ToLower(found[1])
		}
		rest = rest[i+1:]
	}
}

// keys are what ties a whole message's reports to a delivery.
type keys struct{ token, envelopeID, messageID string }

// keys looks where a message may name them, the surest places first.
func (msg *message) keys(m press.Mail) keys {
	k := keys{token: findToken(string(m.To)), messageID: msg.copyID()}
	blocks := append(append([]header{}, msg.status...), msg.feedback)
	if k.token == "" {
		k.token = tokenInFields(msg.head, named)
	}
	if k.token == "" {
		k.token = tokenInFields(msg.copy, named)
	}
	for _, block := range blocks {
		if k.token == "" {
			k.token = tokenInFields(block, anyField)
		}
		if k.envelopeID == "" {
			k.envelopeID = decodeXtext(block.get("original-envelope-id"))
		}
	}
	if k.token == "" {
		k.token = findToken(msg.words)
	}
	return k
}

// tokenInFields is the first token in the fields that are looked at.
func tokenInFields(h header, look func(name string) bool) string {
	for _, f := range h {
		if look(f.name) {
			if token := findToken(cut(f.value, 4<<10)); token != "" {
				return token
			}
		}
	}
	return ""
}

func anyField(string) bool { return true }

// named tells the fields that an envelope's addresses end up in.
func named(name string) bool {
	switch name {
	case "to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "apparently-to", "x-apparently-to", "cc",
		"x-forwarded-to", "x-forwarded-for", "resent-to", "return-path", "x-return-path", "sender", "errors-to", "x-envelope-from",
		"envelope-from", "received", "in-reply-to", "references":
		return true
	}
	return false
}

// copyID is the Message-ID of the copy, never the report's own.
func (msg *message) copyID() string {
	own := bareID(msg.head.get("message-id"))
	if id := bareID(msg.copy.get("message-id")); id != "" {
		return id
	}
	candidates := []string{msg.copy.get("original-message-id"), msg.copy.get("x-original-message-id")}
	for _, block := range append(msg.status, msg.feedback) {
		candidates = append(candidates, block.get("original-message-id"), block.get("x-original-message-id"))
	}
	candidates = append(candidates, idInWords(msg.words))
	candidates = append(candidates, msg.head.get("in-reply-to"), msg.head.get("x-original-message-id"), lastWord(msg.head.get("references")))
	for _, c := range candidates {
		if id := bareID(c); id != "" && id != own {
			return id
		}
	}
	return ""
}

// idInWords finds a Message-ID that a report quotes alone.
func idInWords(words string) string {
	for at := 0; ; {
		i := indexFold(cut(words[at:], maxText), "message-id:")
		if i < 0 {
			return ""
		}
		at += i + len("message-id:")
		line := strings.TrimSpace(words[at:])
		if id := bareID(firstWord(cut(line, 300))); strings.Contains(id, "@") {
			return id
		}
	}
}

func lastWord(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexAny(s, " \t")+1:]
}

// bareID is a Message-ID without its brackets and what stands around them.
func bareID(s string) string {
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s = s[i+1:]
		if j := strings.IndexByte(s, '>'); j >= 0 {
			s = s[:j]
		}
	}
	return strings.TrimSpace(s)
}

// tie gives a report the keys that it has not got of its own.
func (k keys) tie(r *press.Report) {
	if r.Token == "" {
		r.Token = k.token
	}
	if r.EnvelopeID == "" {
		r.EnvelopeID = k.envelopeID
	}
	if r.MessageID == "" {
		r.MessageID = k.messageID
	}
}
