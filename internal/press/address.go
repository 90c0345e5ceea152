package press

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is a mailbox by RFC 5321, or by RFC 6531 where the local part is not
// ASCII. Its domain is in the ASCII form of IDNA 2008.
type Address string

// ParseAddress reads a bare address (no display name, no quoted local part,
// no address literal). Spaces around it are dropped; nothing else is guessed.
func ParseAddress(s string) (Address, error) {
	s = strings.TrimSpace(s)
	wrong := func(why string) error {
		return fmt.Errorf("%q is no e-mail address: %s; it looks like name@example.org", s, why)
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", wrong("it has no @")
	}
	if !utf8.ValidString(s) {
		return "", wrong("it is not UTF-8")
	}
	local, domain := s[:at], s[at+1:]
	if why := localFault(local); why != "" {
		return "", wrong(why)
	}
	ascii, err := asciiDomain(domain)
	if err != nil {
		return "", wrong(err.Error())
	}
	if len(local)+1+len(ascii) > 254 {
		return "", wrong("it is longer than 254 bytes")
	}
	return Address(local + "@" + ascii), nil
}

// localFault says what is wrong with a local part; it allows the dot-atom of
// RFC 5321 and, by RFC 6531, any letter beyond ASCII.
func localFault(local string) string {
	switch {
	case local == "":
		return "nothing stands before the @"
	case len(local) > 64:
		return "the part before the @ is longer than 64 bytes"
	case strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, ".."):
		return "a dot stands at the edge of the part before the @, or two together"
	}
	for _, r := range local {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case r < utf8.RuneSelf && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r):
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)):
		default:
			return fmt.Sprintf("the character %q may not stand before the @", r)
		}
	}
	return ""
}

// asciiDomain checks a domain and gives its lower-case ASCII form.
func asciiDomain(domain string) (string, error) {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("the domain %q is not valid", domain)
	}
	if len(ascii) > 253 || strings.HasSuffix(ascii, ".") {
		return "", errors.New("its domain is too long or ends in a dot")
	}
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 {
		return "", fmt.Errorf("the domain %q has no dot", domain)
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return "", errors.New("its domain has an empty part or one over 63 bytes")
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return "", fmt.Errorf("the domain %q is a number and not a name", domain)
	}
	return ascii, nil
}

// Key is the address in the one form in which two spellings of the same
// mailbox agree: in lower case, the domain in ASCII.
func (a Address) Key() string { return strings.ToLower(string(a)) }

// Domain is what stands behind the @, in ASCII.
func (a Address) Domain() string { return string(a[strings.LastIndexByte(string(a), '@')+1:]) }

// Local is what stands before the @.
func (a Address) Local() string { return string(a[:max(0, strings.LastIndexByte(string(a), '@'))]) }

// NeedsUTF8 tells whether the address can only go to a server with SMTPUTF8.
func (a Address) NeedsUTF8() bool {
	for i := range len(a) {
		if a[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// AddressKey is the keyed hash (HMAC-SHA256, cut to 16 bytes) of an address's
// Key: it names a mailbox in the ledger and in the suppressions, and outlives
// the erasure of the address itself.
type AddressKey = ID
