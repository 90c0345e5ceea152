package dsn

import (
	"errors"
	"strings"
)

// message is what the walk through a message's parts finds.
type message struct {
	head        header
	kind        string   // its media type
	words       string   // what it tells people, decoded, without the returned copy
	status      []header // the blocks of a delivery status, the first for the whole message
	feedback    header
	disposition header
	copy        header // the header of the returned copy
	parts       int
	html        string // read only where there is no plain text
}

// parseMessage walks through the parts of a message.
func parseMessage(raw []byte) (*message, error) {
	text := strings.TrimLeft(unixLines(string(raw)), "\n \t")
	if text == "" {
		return nil, errors.New("it is empty")
	}
	head, body := splitHeader(text)
	if len(head) == 0 {
		return nil, errors.New("it has no header; a message begins with fields such as `From: name@example.org`, then a blank line")
	}
	msg := &message{head: head}
	msg.kind, _ = mediaType(head.get("content-type"))
	msg.walk(head, body, 0)
	if strings.TrimSpace(msg.words) == "" {
		msg.words = msg.html
	}
	if strings.Contains(msg.words, "\n> Final-Recipient:") {
		// Somebody forwarded a report inside a quotation.
		msg.words = strings.ReplaceAll(strings.ReplaceAll(msg.words, "\n> ", "\n"), "\n>\n", "\n\n")
	}
	if len(msg.status) == 0 {
		msg.status = statusInText(msg.words)
	}
	explained, returned := splitCopy(msg.words)
	msg.words = explained
	if len(msg.copy) == 0 {
		msg.copy = returned
	}
	for _, block := range msg.status {
		if len(msg.copy) == 0 && enough(block) {
			msg.copy = block // a boundary was lost between them
		}
	}
	return msg, nil
}

// walk reads one part and those in it.
func (msg *message) walk(head header, body string, depth int) {
	msg.parts++
	if depth > maxDepth || msg.parts > maxParts {
		return
	}
	kind, param := mediaType(head.get("content-type"))
	if strings.HasPrefix(kind, "multipart/") {
		if pieces := splitParts(body, param["boundary"]); len(pieces) > 0 {
			msg.walkParts(pieces, depth)
			return
		}
		kind = "text/plain"
	}
	body = decodeBody(body, head.get("content-transfer-encoding"))
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		msg.status = append(msg.status, statusBlocks(body)...)
	case "message/feedback-report":
		msg.feedback, _ = splitHeader(strings.TrimLeft(body, "\n"))
	case "message/disposition-notification", "message/global-disposition-notification":
		msg.disposition, _ = splitHeader(strings.TrimLeft(body, "\n"))
	case "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/global-headers", "message/rfc822-headers", "message/partial":
		msg.walkCopy(body, depth)
	case "text/html":
		if len(msg.html) < maxText {
			msg.html += plainText(cut(toUTF8(cut(body, 4*maxText), param["charset"]), 4*maxText)) + "\n"
		}
	case "text/plain", "", "text", "text/enriched", "plain/text":
		msg.tell(toUTF8(cut(body, 4*maxText), param["charset"]))
	default:
		if strings.HasPrefix(kind, "text/") || !strings.Contains(kind, "/") {
			msg.tell(toUTF8(cut(body, 4*maxText), param["charset"]))
		}
	}
}

func (msg *message) walkParts(pieces []string, depth int) {
	for _, piece := range pieces {
		h, b := splitHeader(piece)
		if h.has("received") || h.has("message-id") && h.has("from") {
			msg.walkCopy(piece, depth+1) // the copy, without a header of its part
			continue
		}
		msg.walk(h, b, depth+1)
	}
}

func (msg *message) tell(text string) {
	if len(msg.words) < maxText {
		msg.words += cut(text, maxText) + "\n"
	}
}

// walkCopy reads an enclosed message: the copy that is returned, or a report
// that somebody forwarded.
func (msg *message) walkCopy(body string, depth int) {
	h, rest := splitHeader(strings.TrimLeft(body, "\n"))
	kind, _ := mediaType(h.get("content-type"))
	if kind == "multipart/report" && msg.kind != "multipart/report" && len(msg.status) == 0 {
		msg.kind = kind
		msg.walk(h, rest, depth+1)
		return
	}
	if len(msg.copy) == 0 {
		msg.copy = h
	}
}

// splitParts cuts a multipart body at its boundary; where the header names none
// that occurs, at the first line that looks like one.
func splitParts(body, boundary string) []string {
	if boundary == "" || !strings.Contains(body, "--"+boundary) {
		boundary = guessBoundary(body)
		if boundary == "" {
			return nil
		}
	}
	mark := "--" + boundary
	var pieces []string
	start := -1
	for at := 0; at < len(body) && len(pieces) <= maxParts; {
		end := strings.IndexByte(body[at:], '\n')
		next := len(body)
		if end >= 0 {
			next = at + end + 1
		}
		if line := strings.TrimRight(body[at:next], " \t\n"); line == mark || line == mark+"--" {
			if start >= 0 {
				pieces = append(pieces, body[start:at])
			}
			start = next
			if line == mark+"--" {
				start = -1
			}
		}
		at = next
	}
	if start >= 0 && start < len(body) {
		pieces = append(pieces, body[start:])
	}
	return pieces
}

// guessBoundary finds a line `--something` with a Content- field below.
func guessBoundary(body string) string {
	for rest := body; rest != ""; {
		i := strings.Index(rest, "--")
		if i < 0 {
			break
		}
		line, after, _ := strings.Cut(rest[i:], "\n")
		line = strings.TrimRight(line, " \t")
		if (i == 0 || rest[i-1] == '\n') && len(line) > 4 && len(after) > 8 && strings.EqualFold(after[:8], "content-") {
			return line[2:]
		}
		rest = after
	}
	return ""
}

// cut shortens a text to at most n bytes.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
