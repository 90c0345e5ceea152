package press

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Keyring holds the secret keys of one installation. Its file has a line per
// key: the use, an id, and 32 bytes in base64url; `#` opens a comment. There is
// one address key, and there are token keys: the last one signs, and all check.
type Keyring struct {
	address []byte
	tokens  []tokenKey // never empty
	implied bool       // the file has no token key
}

// tokenKey signs what comes back from outside.
type tokenKey struct {
	id  string // a small letter and a number of one or two digits
	key []byte
}

const (
	keyBytes      = 32
	tokenKeyIDLen = 3
	firstTokenKey = "t1"
)

// inToken is the key's id as tokens have it, always of the same length.
func (k tokenKey) inToken() string {
	return k.id[:1] + strings.Repeat("0", tokenKeyIDLen-len(k.id)) + k.id[1:]
}

var tokenKeyForm = regexp.MustCompile(`^[a-z](0|[1-9][0-9]?)$`)

// FormatKeyring writes the keyring file for fresh keys of 32 bytes each.
func FormatKeyring(address, token []byte) string {
	return "# Dateline's keys. Keep this file out of the config folder's repository, and keep a copy:\n" +
		"# without it no suppression can be matched to an address again.\n" +
		formatKey("address", "a1", address) + formatKey("token", firstTokenKey, token)
}

func formatKey(use, id string, key []byte) string {
	return use + " " + id + " " + base64.RawURLEncoding.EncodeToString(key) + "\n"
}

// ParseKeyring reads a keyring file. Its errors name lines, never keys. A file
// from before tokens has an address key alone: its first token key is derived
// from that, so that every machine with a copy of the file has the same one.
func ParseKeyring(text string) (Keyring, error) {
	var ring Keyring
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if err := ring.add(fields); err != nil {
			return Keyring{}, fmt.Errorf("line %d of the keys file %w", n, err)
		}
	}
	if lines.Err() != nil {
		return Keyring{}, fmt.Errorf("the keys file has a line of more than %d bytes; `USE ID KEY` is wanted", bufio.MaxScanTokenSize)
	}
	if ring.address == nil {
		return Keyring{}, errors.New("the keys file has no address key")
	}
	if len(ring.tokens) == 0 {
		mac := hmac.New(sha256.New, ring.address)
		mac.Write([]byte("dateline token key " + firstTokenKey))
		ring.tokens, ring.implied = []tokenKey{{firstTokenKey, mac.Sum(nil)}}, true
	}
	return ring, nil
}

// add takes in one line of the file.
func (k *Keyring) add(fields []string) error {
	if len(fields) != 3 || fields[0] != "address" && fields[0] != "token" {
		return errors.New("is no key; `address ID KEY` or `token ID KEY` is wanted")
	}
	key, err := base64.RawURLEncoding.DecodeString(fields[2])
	if err != nil || len(key) != keyBytes {
		return errors.New("has a damaged key; 32 bytes in base64url are wanted")
	}
	if fields[0] == "address" {
		if k.address != nil {
			return errors.New("has a second address key; there can be only one, for ever")
		}
		k.address = key
		return nil
	}
	if !tokenKeyForm.MatchString(fields[1]) {
		return errors.New("has a token key whose id is none; a small letter and a number up to 99 are wanted, such as t2")
	}
	if slices.ContainsFunc(k.tokens, func(t tokenKey) bool { return t.id == fields[1] }) {
		return errors.New("has a token key whose id is taken; each is there once, and the last one signs")
	}
	k.tokens = append(k.tokens, tokenKey{fields[1], key})
	return nil
}

// Implied is the line that the keys file lacks, of the token key that was
// derived; "" where the file has a token key. Once another one is added, this
// one must stand in the file to go on checking.
func (k Keyring) Implied() string {
	if !k.implied {
		return ""
	}
	return formatKey("token", k.tokens[0].id, k.tokens[0].key)
}

// Format prints the fingerprint under every verb, so that no log and no error
// ever shows a key.
func (k Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keyring "+k.Fingerprint()) }

// AddressKey is the keyed hash of a mailbox.
func (k Keyring) AddressKey(a Address) AddressKey {
	mac := hmac.New(sha256.New, k.address)
	mac.Write([]byte(a.Key()))
	var key AddressKey
	copy(key[:], mac.Sum(nil))
	return key
}

// Fingerprint names the address key without giving it away, so that a store can
// tell a keyring that is not the one it was begun with. Token keys come and go.
func (k Keyring) Fingerprint() string {
	mac := hmac.New(sha256.New, k.address)
	mac.Write([]byte("dateline keyring fingerprint"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
