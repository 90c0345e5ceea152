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
// lines end. What is sent to the token of another copy is another mail, though
// it be written alike: some systems say no more than that a mailbox is full.
func sameMail(m press.Mail, to press.ID) press.MailKey {
	sum := sha256.New()
	sum.Write([]byte(m.Format))
	sum.Write([]byte{0})
	if !to.IsZero() {
		sum.Write(to[:])
	}
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

// addressed is the delivery whose token a mail was sent to, zero where it was
// sent to none.
func (i *Intake) addressed(m press.Mail) press.ID {
	if m.Format != press.FormatMessage && m.Format != "" {
		return press.ID{}
	}
	if id := i.inToken(string(m.To)); !id.IsZero() {
		return id
	}
	m.To = ""
	for _, to := range recipients(m) {
		if id := i.inToken(to); !id.IsZero() {
			return id
		}
	}
	return press.ID{}
}

// inToken is the delivery of the token in an address, zero where it has none.
func (i *Intake) inToken(address string) press.ID {
	local, _, _ := strings.Cut(address, "@")
	token := local[strings.LastIndexByte(local, '+')+1:]
	id, err := i.keys.CheckEnvelopeToken(token)
	if err != nil {
		id, err = i.keys.CheckOptOutToken(token)
	}
	if err != nil {
		return press.ID{}
	}
	return id
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
