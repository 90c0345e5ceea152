package bounce

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strings"

	"dateline/internal/press"
)

// sameMail is the key by which a mail is known again, whichever way it comes:
// what servers on the way add before its own header does not count, nor how its
// lines end.
func sameMail(m press.Mail) press.MailKey {
	sum := sha256.New()
	sum.Write([]byte(m.Format))
	sum.Write([]byte{0})
	raw := bytes.ReplaceAll(m.Raw, []byte("\r\n"), []byte("\n"))
	if m.Format == press.FormatMailgun {
		raw = unsigned(raw)
	}
	header, body, parted := bytes.Cut(raw, []byte("\n\n"))
	if parted && (m.Format == press.FormatMessage || m.Format == "") {
		wanted := false
		for line := range bytes.Lines(header) {
			if line[0] != ' ' && line[0] != '\t' {
				wanted = ofSame(line)
			}
			if wanted {
				sum.Write(bytes.TrimSpace(line))
				sum.Write([]byte{'\n'})
			}
		}
		raw = bytes.TrimRight(body, "\n")
	}
	sum.Write(raw)
	var key press.MailKey
	copy(key[:], sum.Sum(nil))
	return key
}

// unsigned is what Mailgun tells without its signature, which is another one each
// time that it posts the same.
func unsigned(raw []byte) []byte {
	var posted struct {
		Data json.RawMessage `json:"event-data"`
	}
	if err := json.Unmarshal(raw, &posted); err != nil || len(posted.Data) == 0 {
		return raw
	}
	return posted.Data
}

// ofSame tells the fields of a header that its writer gave it and that no server
// on the way changes: together with the body they are the same mail.
func ofSame(line []byte) bool {
	name, _, _ := bytes.Cut(line, []byte(":"))
	switch strings.ToLower(string(name)) {
	case "message-id", "date", "from", "subject":
		return true
	}
	return false
}
