package press

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// otherRing has another key of the same id.
func otherRing(t interface{ Fatal(...any) }) Keyring {
	ring, err := ParseKeyring(FormatKeyring(bytes.Repeat([]byte("o"), keyBytes), bytes.Repeat([]byte("o"), keyBytes)))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// A token names its delivery to the ring that made it, in either case, and
// nothing to another; one that was changed anywhere names none.
func TestOptOutToken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := ringOf(t, "t1")
		id := ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		token := ring.OptOutToken(id)
		for _, s := range []string{token, strings.ToUpper(token)} {
			if got, err := ring.CheckOptOutToken(s); err != nil || got != id {
				t.Fatalf("%s names %v, %v", s, got, err)
			}
		}
		if len(token) != tokenLen || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Fatalf("%q has %d characters", token, len(token))
		}
		if got, err := otherRing(t).CheckOptOutToken(token); err == nil {
			t.Fatalf("another ring reads %v", got)
		}
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		changed := []byte(token)
		changed[at] = rapid.SampledFrom([]byte("abcdefgh234567019-/ \x00")).Draw(t, "letter")
		if got, err := ring.CheckOptOutToken(string(changed)); string(changed) != token && err == nil {
			t.Fatalf("%s, changed at %d, names %v", changed, at, got)
		}
		if _, err := ring.CheckOptOutToken(token[:at]); err == nil {
			t.Fatal("a cut token is valid")
		}
	})
}

// A token is no envelope token, nor the other way round, and shows nothing of
// the delivery's id, which would tell when it was made.
func TestOptOutTokenRevealsNothing(t *testing.T) {
	ring, id := ringOf(t, "t1"), ID{1, 2, 3, 4, 5, 6, 7, 8, 9}
	token := ring.OptOutToken(id)
	if _, err := ring.CheckEnvelopeToken(token); err == nil {
		t.Error("it is a bounce's token, too")
	}
	if _, err := ring.CheckOptOutToken(ring.EnvelopeToken(id)); err == nil {
		t.Error("a bounce's token opts out")
	}
	b, err := unpadded().DecodeString(strings.ToUpper(token[tokenKeyIDLen : tokenKeyIDLen+tokenIDLen]))
	if err != nil || bytes.Contains(b, id[:4]) || strings.Contains(token, hex.EncodeToString(id[:4])) {
		t.Errorf("%x shows the id", b)
	}
	next := ring.OptOutToken(ID{1, 2, 3, 4, 5, 6, 7, 8, 10})
	same := 0
	for i := range token[tokenKeyIDLen:] {
		if token[tokenKeyIDLen+i] == next[tokenKeyIDLen+i] {
			same++
		}
	}
	if same > 12 {
		t.Errorf("two neighbours share %d of %d characters", same, len(token))
	}
}

func FuzzOptOutToken(f *testing.F) {
	ring := ringOf(f, "t1")
	f.Add(ring.OptOutToken(ID{7}))
	f.Add(ring.EnvelopeToken(ID{7}))
	f.Add("t01")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ring.CheckOptOutToken(s); err == nil && ring.OptOutToken(id) != strings.Map(lowerASCII, s) {
			t.Errorf("%q is valid, and %v has another token", s, id)
		}
	})
}
