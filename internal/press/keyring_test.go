package press

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// storedForEver was reckoned outside of this program: HMAC-SHA256 under the key
// 00 01 … 1f.
const storedForEver = "150d62e6-9918-e5d3-2feb-02733a79e887 480e3710eff17c53"

// aKey has no two bytes alike, so that any stretch of it can be told.
func aKey(first byte) []byte {
	key := make([]byte, keyBytes)
	for i := range key {
		key[i] = first + byte(i)
	}
	return key
}

// spellings are the forms in which a key could leak.
func spellings(key []byte) []string {
	return []string{
		base64.RawURLEncoding.EncodeToString(key)[:8], base64.StdEncoding.EncodeToString(key)[:8],
		hex.EncodeToString(key[:4]), strings.ToUpper(hex.EncodeToString(key[:4])), string(key[:4]),
		fmt.Sprint(key[0], key[1], key[2], key[3]), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", key[:3]), "[]byte{"), "}"),
	}
}

func TestParseKeyring(t *testing.T) {
	key := aKey(200)
	line := "address a1 " + base64.RawURLEncoding.EncodeToString(key) + "\n"
	want, err := ParseKeyring(FormatKeyring(key, aKey(0)))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{line, "\n# a comment\n\n" + line, strings.TrimSpace(line), strings.ReplaceAll(line, "\n", "\r\n"), "  " + strings.ReplaceAll(line, " ", "\t ") + "#"} {
		ring, err := ParseKeyring(text)
		if err != nil || ring.Fingerprint() != want.Fingerprint() {
			t.Errorf("%q: %v, %v", text, ring, err)
		}
	}
}

func TestParseKeyringRefuses(t *testing.T) {
	key := base64.RawURLEncoding.EncodeToString(aKey(200))
	for text, want := range map[string]string{ // a part of the error
		"":                                          "has no address key",
		"# address a1 " + key:                       "has no address key",
		"address a1":                                "line 1 of the keys file is no key",
		"\naddress a1 " + key + " x":                "line 2 of the keys file is no key",
		"token t1 " + key:                           "has no address key",
		"tokens t1 " + key:                          "line 1 of the keys file is no key",
		"token 1 " + key:                            "line 1 of the keys file has a token key whose id is none",
		"token t01 " + key:                          "line 1 of the keys file has a token key whose id is none",
		"token t100 " + key:                         "line 1 of the keys file has a token key whose id is none",
		"token T1 " + key:                           "line 1 of the keys file has a token key whose id is none",
		"token t1 " + key[1:]:                       "line 1 of the keys file has a damaged key",
		"token t1 " + key + "\ntoken t1 " + key:     "line 2 of the keys file has a token key whose id is taken",
		"address a1 " + key + " # mine":             "line 1 of the keys file is no key",
		"address a1 " + key[1:]:                     "line 1 of the keys file has a damaged key",
		"address a1 " + key + "AAAA":                "line 1 of the keys file has a damaged key",
		"address a1 " + key + "=":                   "line 1 of the keys file has a damaged key",
		"address a1 !" + key[1:]:                    "line 1 of the keys file has a damaged key",
		"address a1 " + key + "\x00":                "line 1 of the keys file has a damaged key",
		"address a1 " + key + "\naddress a2 " + key: "line 2 of the keys file has a second address key",
		// A line that is not read must not hide another key behind it.
		"address a1 " + key + "\n#" + strings.Repeat("x", 1<<17) + "\naddress a2 " + key: "a line of more than",
	} {
		_, err := ParseKeyring(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: %v; want %q", text, err, want)
			continue
		}
		if strings.Contains(err.Error(), key[1:9]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

func TestKeyringNeverShown(t *testing.T) {
	key, token := aKey(200), aKey(100)
	ring, err := ParseKeyring(FormatKeyring(key, token))
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{ring.Fingerprint()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		shown = append(shown, fmt.Sprintf(verb, ring), fmt.Sprintf(verb, &ring), fmt.Sprintf(verb, struct{ Keys Keyring }{ring}))
	}
	text, err := json.Marshal(struct{ Keys Keyring }{ring})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("read", "keys", ring)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "keys", ring)
	for _, s := range append(shown, string(text), log.String(), ring.AddressKey("a@example.org").String(), ring.EnvelopeToken(ID{})) {
		for _, leak := range append(spellings(key), spellings(token)...) {
			if strings.Contains(s, leak) {
				t.Errorf("%q shows the key, by %q", s, leak)
			}
		}
	}
}

func TestFingerprintAndAddressKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytesOfKey := rapid.SliceOfN(rapid.Byte(), keyBytes, keyBytes)
		a, b := bytesOfKey.Draw(t, "one key"), bytesOfKey.Draw(t, "other key")
		ringA, errA := ParseKeyring(FormatKeyring(a, aKey(1)))
		ringB, errB := ParseKeyring(FormatKeyring(b, aKey(1)))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if same := bytes.Equal(a, b); (ringA.Fingerprint() == ringB.Fingerprint()) != same || (ringA.AddressKey("a@example.org") == ringB.AddressKey("a@example.org")) != same {
			t.Fatalf("keys that are the same (%v) do not behave so", same)
		}
		if ringA.AddressKey("Desk@Example.org") != ringA.AddressKey("desk@example.org") || ringA.AddressKey("a@example.org") == ringA.AddressKey("b@example.org") {
			t.Fatal("the hash does not follow the address's key")
		}
	})
	// The hash is stored for ever: another way to make it would set free everybody
	// who has opted out.
	ring, err := ParseKeyring(FormatKeyring(aKey(0), aKey(1)))
	if err != nil {
		t.Fatal(err)
	}
	if got := ring.AddressKey("Desk@example.org").String() + " " + ring.Fingerprint(); got != storedForEver {
		t.Errorf("the hash was %s and is %s", storedForEver, got)
	}
}
