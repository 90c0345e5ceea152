package sign

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Key is a private key and where its public half stands in DNS:
// SELECTOR._domainkey.DOMAIN.
type Key struct {
	Domain, Selector string
	Private          crypto.Signer // RSA or Ed25519
}

// Signer signs for one sender.
type Signer struct{ keys []mail.DKIMSigner }

// signed are the headers under a signature, where a message has them.
func signed() []string {
	return []string{
		"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
		"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID",
		"In-Reply-To", "References", "Content-Language",
	}
}

// oversigned are those that nobody may add another of.
func oversigned() []string {
	return []string{
		"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
		"List-Unsubscribe", "List-Unsubscribe-Post",
	}
}

// New makes a signer of a sender's keys, each of which signs every message.
func New(keys []Key) (*Signer, error) {
	s := &Signer{}
	for _, k := range keys {
		one := mail.NewDKIMSigner(k.Domain, k.Selector, k.Private)
		one.HeaderCanonicalization(mail.CanonicalizationRelaxed)
		one.BodyCanonicalization(mail.CanonicalizationRelaxed)
		one.SignHeaders(signed()...)
		one.OversignHeaders(oversigned()...)
		if err := one.ValidateConfig(); err != nil {
			return nil, fmt.Errorf("the DKIM key %s of %s: %w", k.Selector, k.Domain, err)
		}
		s.keys = append(s.keys, *one)
	}
	return s, nil
}

var errNoMessage = errors.New("signing: no headers with an empty line behind them")

// Append adds a message to dst with its signatures in front, the first key's
// first. at is told as the time of the signature, in whole seconds; it should
// not lie ahead of the receivers' clocks.
func (s *Signer) Append(dst, message []byte, at time.Time) ([]byte, error) {
	end := bytes.Index(message, []byte("\r\n\r\n"))
	if end < 0 {
		return dst, errNoMessage
	}
	headers, body := message[:end+2], message[end+4:]
	for _, key := range s.keys { // a copy each: signing writes into it
		key.NowFunc = func() time.Time { return at }
		signature, err := key.Sign(headers, body)
		if err != nil {
			return dst, fmt.Errorf("signing with the DKIM key %s of %s: %w", key.Selector, key.Domain, err)
		}
		dst = appendFolded(dst, signature)
	}
	return append(dst, message...), nil
}

// appendFolded writes a signature folded between its tags, and in b=, where
// space counts for nothing. go-mail 0.8.1 folds within h= as well once that is
// longer than a line, which puts a space into a header's name that was not
// there when it was signed. So h= stands on a line of its own, beyond 78
// characters and well below 998 (RFC 5322, 2.1.1).
func appendFolded(dst []byte, signature string) []byte {
	const most = 76
	whole := strings.ReplaceAll(strings.TrimSuffix(signature, "\r\n"), "\r\n ", "")
	tags, b, _ := strings.Cut(whole, "; b=")
	column := 0
	for i, tag := range strings.Split(tags, "; ") {
		if i > 0 && column+len(tag)+2 > most {
			dst, column = append(dst, ";\r\n "...), 1
		} else if i > 0 {
			dst, column = append(dst, "; "...), column+2
		}
		dst, column = append(dst, tag...), column+len(tag)
	}
	dst, column = append(dst, ";\r\n b="...), 3
	for len(b) > most-column {
		dst = append(append(dst, b[:most-column]...), "\r\n "...)
		b, column = b[most-column:], 1
	}
	return append(append(dst, b...), "\r\n"...)
}
