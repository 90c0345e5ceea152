package press

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// An envelope token is the id of the key that signed it (a letter and two
// digits), the delivery's id and a signature, in base32. It names a delivery to
// whoever reads a bounce, without the store, and only the keyring can make one.
const (
	tokenIDLen   = 26 // 16 bytes
	tokenSignLen = 16 // 10 bytes: 80 bits, against guessing at a server that one asks by mail
	tokenLen     = tokenKeyIDLen + tokenIDLen + tokenSignLen
)

// maxLocal is what many servers take of a local part; RFC 5321 has one more.
const maxLocal = 63

// maxBounces is what is left of it for the team's own part, before the `+`.
const maxBounces = maxLocal - 1 - tokenLen

// maxAddress is what a path of 256 octets with its angle brackets leaves.
const maxAddress = 254

var errForged = errors.New("it is no envelope token of this installation: it was changed on its way, made by somebody else, or signed by a key that is not in the keys file any more")

// EnvelopeToken is the token of a delivery, for its envelope sender: lower-case
// letters and digits, always as many.
func (k Keyring) EnvelopeToken(id ID) string { return k.tokens[len(k.tokens)-1].envelope(id) }

// CheckEnvelopeToken gives the delivery of a token, in upper or lower case, that
// a key of this ring has signed. Everything else is refused.
func (k Keyring) CheckEnvelopeToken(token string) (ID, error) {
	token = strings.Map(lowerASCII, token)
	if len(token) != tokenLen {
		return ID{}, errForged
	}
	for _, key := range k.tokens {
		if !strings.HasPrefix(token, key.inToken()) {
			continue
		}
		var id ID
		text := strings.ToUpper(token[tokenKeyIDLen : tokenKeyIDLen+tokenIDLen])
		if b, err := unpadded().DecodeString(text); err != nil || copy(id[:], b) != len(id) {
			return ID{}, errForged
		}
		// The whole token is compared, for base32 has bits to spare in the id's
		// last letter.
		if hmac.Equal([]byte(key.envelope(id)), []byte(token)) {
			return id, nil
		}
	}
	return ID{}, errForged
}

// lowerASCII leaves alone what only Unicode takes for a capital letter.
func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// envelope is the token that a key signs. What is signed begins with its use,
// so that a signature made for another use never fits.
func (k tokenKey) envelope(id ID) string {
	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte("dateline envelope\x00" + k.inToken()))
	mac.Write(id[:])
	letters := unpadded()
	signed := letters.EncodeToString(id[:]) + letters.EncodeToString(mac.Sum(nil))[:tokenSignLen]
	return k.inToken() + strings.ToLower(signed)
}

func unpadded() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// EnvelopeFor is the envelope sender of one message: EnvelopeFrom with a token
// in its local part. An address that CheckBounces refuses stands as it is, for
// an approval may be older than that check.
func (s Sender) EnvelopeFor(token string) Address {
	from := s.EnvelopeFrom()
	if CheckBounces(from) != nil {
		return from
	}
	return Address(from.Local() + "+" + token + "@" + from.Domain())
}

// OptOutMail is the mailto link (RFC 6068) by which the same is asked for by
// mail: to the address that bounces come back to, with an opt-out token.
func (s Sender) OptOutMail(token string) string {
	to := s.EnvelopeFor(token)
	return "mailto:" + strings.NewReplacer("&", "%26", "=", "%3D").Replace(url.PathEscape(to.Local())) + "@" + to.Domain() + "?subject=unsubscribe"
}

// CheckBounces says what is wrong with an envelope sender that a token is to be
// added to.
func CheckBounces(a Address) error {
	if n := len(a.Local()); n > maxBounces {
		return fmt.Errorf("the part before the @ of %s has %d bytes; at most %d are wanted, for each message adds +TOKEN to it, and mail servers take %d in all", a, n, maxBounces, maxLocal)
	}
	if n := len(a); n > maxAddress-1-tokenLen {
		return fmt.Errorf("%s has %d bytes; at most %d are wanted, for each message adds +TOKEN to it, and an address has at most %d", a, n, maxAddress-1-tokenLen, maxAddress)
	}
	return nil
}
