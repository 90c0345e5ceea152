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
	"strings"
)

// Keyring holds the secret keys of one installation. Its file has a line per
// key: the use, an id, and 32 bytes in base64url; `#` opens a comment.
type Keyring struct {
	address []byte
}

const keyBytes = 32

// FormatKeyring writes the keyring file for a fresh address key of 32 bytes.
func FormatKeyring(address []byte) string {
	return "# Dateline's keys. Keep this file out of the config folder's repository, and keep a copy:\n" +
		"# without it no suppression can be matched to an address again.\n" +
		"address a1 " + base64.RawURLEncoding.EncodeToString(address) + "\n"
}

// ParseKeyring reads a keyring file. Its errors name lines, never keys.
func ParseKeyring(text string) (Keyring, error) {
	var ring Keyring
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 3 || fields[0] != "address" {
			return Keyring{}, fmt.Errorf("line %d of the keys file is no key; `address ID KEY` is wanted", n)
		}
		key, err := base64.RawURLEncoding.DecodeString(fields[2])
		if err != nil || len(key) != keyBytes {
			return Keyring{}, fmt.Errorf("line %d of the keys file has a damaged key; 32 bytes in base64url are wanted", n)
		}
		if ring.address != nil {
			return Keyring{}, fmt.Errorf("line %d of the keys file has a second address key; there can be only one, for ever", n)
		}
		ring.address = key
	}
	if lines.Err() != nil {
		return Keyring{}, fmt.Errorf("the keys file has a line of more than %d bytes; `address ID KEY` is wanted", bufio.MaxScanTokenSize)
	}
	if ring.address == nil {
		return Keyring{}, errors.New("the keys file has no address key")
	}
	return ring, nil
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

// Fingerprint names the keyring without giving it away, so that a store can
// tell a keyring that is not the one it was begun with.
func (k Keyring) Fingerprint() string {
	mac := hmac.New(sha256.New, k.address)
	mac.Write([]byte("dateline keyring fingerprint"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
