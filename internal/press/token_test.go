package press

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ringOf makes a keyring with these token keys, by their ids.
func ringOf(t interface{ Fatal(...any) }, ids ...string) Keyring {
	text := formatKey("address", "a1", aKey(200))
	for i, id := range ids {
		text += formatKey("token", id, aKey(byte(10*i)))
	}
	ring, err := ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// sentForEver was reckoned outside of this program: the signature is the start
// of HMAC-SHA256 under the key 00 01 … 1f over "dateline envelope", a zero byte,
// "t01" and the id. Bounces come back months later.
const sentForEver = "t01agjwwlt4djyabaaaaerukz4jvmcsnlvlbusbwze6im"

func TestEnvelopeToken(t *testing.T) {
	id, err := ParseID("01936b2e-7c1a-7000-8000-0123456789ab")
	if err != nil {
		t.Fatal(err)
	}
	ring := ringOf(t, "t1")
	token := ring.EnvelopeToken(id)
	if token != sentForEver {
		t.Errorf("the token was %s and is %s", sentForEver, token)
	}
	for _, same := range []string{token, strings.ToUpper(token), strings.ToUpper(token[:20]) + token[20:]} {
		if got, err := ring.CheckEnvelopeToken(same); err != nil || got != id {
			t.Errorf("%s gave %s, %v", same, got, err)
		}
	}
	for _, forged := range []string{
		"", "t01", token[1:], token + "a", " " + token, token[:len(token)-1], token + "\n",
		"t10" + token[3:], "u01" + token[3:], "t1" + token[3:],
		token[:len(token)-1] + "\n", token[:len(token)-1] + "=", token[:10] + "\r\n" + token[12:], token[:10] + "18" + token[12:],
		strings.ReplaceAll(token, "k", "\u212a"), strings.Repeat("\xff", tokenLen), strings.Repeat("a", tokenLen),
		ringOf(t, "t2").EnvelopeToken(id), // another ring's
	} {
		got, err := ring.CheckEnvelopeToken(forged)
		if err == nil || !got.IsZero() {
			t.Errorf("%q gave %s, %v", forged, got, err)
			continue
		}
		presentable(t, forged, err)
	}
}

func TestTheLastTokenKeySignsAndAllCheck(t *testing.T) {
	id := FirstID(time.UnixMilli(1_800_000_000_000))
	old, both := ringOf(t, "t1"), ringOf(t, "t1", "t12")
	was, is := old.EnvelopeToken(id), both.EnvelopeToken(id)
	if was == is || len(was) != len(is) || !strings.HasPrefix(was, "t01") || !strings.HasPrefix(is, "t12") {
		t.Errorf("tokens %s and %s", was, is)
	}
	for _, token := range []string{was, is} {
		if got, err := both.CheckEnvelopeToken(token); err != nil || got != id {
			t.Errorf("%s gave %s, %v", token, got, err)
		}
	}
	if _, err := old.CheckEnvelopeToken(is); err == nil {
		t.Error("a token whose key is not in the ring was taken")
	}
}

// A file from before tokens goes on working, on every machine that has a copy,
// and goes on checking what it has signed once the line is added.
func TestAKeysFileFromBeforeTokens(t *testing.T) {
	before := "# ours\n" + formatKey("address", "a1", aKey(0))
	ring, err := ParseKeyring(before)
	if err != nil {
		t.Fatal(err)
	}
	id := FirstID(time.UnixMilli(1_800_000_000_000))
	token := ring.EnvelopeToken(id)
	now, err := ParseKeyring(before + ring.Implied() + formatKey("token", "t2", aKey(7)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := now.CheckEnvelopeToken(token); err != nil || got != id || now.Fingerprint() != ring.Fingerprint() {
		t.Errorf("once the line is added: %s, %v; %s", got, err, now.Fingerprint())
	}
	if now.Implied() != "" || ringOf(t, "t1").Implied() != "" {
		t.Error("a file with a token key implies one")
	}
	other, err := ParseKeyring(formatKey("address", "a1", aKey(1)))
	if err != nil || other.EnvelopeToken(id) == token {
		t.Errorf("another address key gives the same token, %v", err)
	}
	if strings.Contains(ring.Implied(), base64.RawURLEncoding.EncodeToString(aKey(0))) {
		t.Error("the derived key is the address key")
	}
}

var tokenForm = regexp.MustCompile(`^[a-z][0-9]{2}[a-z2-7]{42}$`)

// Round trip, whatever the case; any bit that changes is refused, unless it is
// the one between a small letter and its capital.
func TestEnvelopeTokenProperties(t *testing.T) {
	rings := []Keyring{ringOf(t, "t1"), ringOf(t, "k0", "z99"), ringOf(t, "a10", "b2")}
	rapid.Check(t, func(t *rapid.T) {
		ring := rapid.SampledFrom(rings).Draw(t, "ring")
		id := ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		token := ring.EnvelopeToken(id)
		if !tokenForm.MatchString(token) {
			t.Fatalf("%q is not of the form %s", token, tokenForm)
		}
		if got, err := ring.CheckEnvelopeToken(token); err != nil || got != id {
			t.Fatalf("%s of %s gave %s, %v", token, id, got, err)
		}
		for at := range len(token) {
			for bit := range 8 {
				changed := []byte(token)
				changed[at] ^= 1 << bit
				same := strings.EqualFold(string(changed), token) && changed[at] < 0x80
				if got, err := ring.CheckEnvelopeToken(string(changed)); (err == nil) != same {
					t.Fatalf("bit %d of byte %d of %s: %q gave %s, %v", bit, at, token, changed, got, err)
				}
			}
		}
	})
}

func TestEnvelopeFor(t *testing.T) {
	token := ringOf(t, "t1").EnvelopeToken(FirstID(time.UnixMilli(1_800_000_000_000)))
	long := Address(strings.Repeat("b", maxBounces) + "@example.org")
	for _, c := range []struct {
		sender Sender
		want   Address
	}{
		{Sender{From: "press@example.org", Bounces: "bounces@example.org"}, Address("bounces+" + token + "@example.org")},
		{Sender{From: "press@example.org"}, Address("press+" + token + "@example.org")},
		{Sender{From: "press@example.org", Bounces: "b+c@xn--e1afmkfd.xn--p1ai"}, Address("b+c+" + token + "@xn--e1afmkfd.xn--p1ai")},
		{Sender{Bounces: long}, Address(long.Local() + "+" + token + "@example.org")},
		{Sender{Bounces: "b" + long}, "b" + long},
	} {
		got := c.sender.EnvelopeFor(token)
		if got != c.want {
			t.Errorf("%v gave %s, want %s", c.sender, got, c.want)
		}
		if parsed, err := ParseAddress(string(got)); err != nil || parsed != got {
			t.Errorf("%s is no address: %v", got, err)
		}
	}
}

func TestCheckBounces(t *testing.T) {
	domain := "@" + strings.Repeat("d234567890.", 17) + "example" // 195 bytes with the @
	for address, want := range map[string]string{                 // a part of the error; "" for none
		"bounces@example.org":                    "",
		strings.Repeat("b", 17) + "@example.org": "",
		strings.Repeat("b", 18) + "@example.org": "has 18 bytes; at most 17 are wanted",
		strings.Repeat("é", 9) + "@example.org":  "has 18 bytes",
		strings.Repeat("b", 13) + domain:         "",
		strings.Repeat("b", 14) + domain:         "has 209 bytes; at most 208 are wanted",
	} {
		a, err := ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		switch err := CheckBounces(a); {
		case want == "" && err == nil:
			if full := (Sender{From: a}).EnvelopeFor(strings.Repeat("x", tokenLen)); len(full.Local()) > 63 || len(full) > 254 {
				t.Errorf("%s became %s", a, full)
			}
		case want == "" || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), address):
			t.Errorf("%s: %v; want %q", address, err, want)
		}
	}
}

func FuzzCheckEnvelopeToken(f *testing.F) {
	ring := ringOf(f, "t1", "t2")
	f.Add(ring.EnvelopeToken(ID{}))
	f.Add(ringOf(f, "t1").EnvelopeToken(FirstID(time.UnixMilli(1_800_000_000_000))))
	f.Add("t01" + strings.Repeat("a", 42))
	f.Add("\xff\u212a\n+@")
	f.Fuzz(func(t *testing.T, in string) {
		id, err := ring.CheckEnvelopeToken(in)
		if err != nil {
			presentable(t, in, err)
			return
		}
		// It is what one of the keys makes of the id, but for capitals.
		if token := strings.Map(lowerASCII, in); token != ring.tokens[0].envelope(id) && token != ring.tokens[1].envelope(id) {
			t.Errorf("%q gave %s, and neither key signs it so", in, id)
		}
	})
}

func BenchmarkEnvelopeToken(b *testing.B) {
	ring := ringOf(b, "t1")
	for b.Loop() {
		ring.EnvelopeToken(ID{})
	}
}
