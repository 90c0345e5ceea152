package press

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// presentable says that an error can be shown on a terminal and in a log.
func presentable(t *testing.T, in string, err error) {
	t.Helper()
	if text := err.Error(); !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsRune(text, '\u202e') {
		t.Errorf("%q: the error is not fit to be shown: %q", in, text)
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"2027-03-04 18:00 Asia/Tashkent", "2027-03-04T18:00:05 UTC", "2027-03-28 02:30 Europe/Berlin", "2027-10-31 02:30 Europe/Berlin", "2027-03-04 18:00+05:00", "2027-03-04 18:00 Local", "9999-12-31 23:59 America/New_York", "0001-01-01 00:00 UTC", "2027-03-04 18:00:05.5 UTC", "", "\x00 \xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		m, err := ParseMoment(in)
		if err != nil {
			presentable(t, in, err)
			return
		}
		again, err := ParseMoment(m.Local().Format("2006-01-02 15:04:05 ") + m.Zone)
		if err != nil || !again.At.Equal(m.At) || again.Zone != m.Zone {
			t.Errorf("%q gave %v, which gave %v, %v", in, m, again, err)
		}
		if m.IsZero() || m.At.Location() != time.UTC || m.At.Nanosecond() != 0 {
			t.Errorf("%q gave %v", in, m)
		}
		text, err := json.Marshal(m)
		var back Moment
		if err != nil || json.Unmarshal(text, &back) != nil || !back.At.Equal(m.At) || back.Zone != m.Zone {
			t.Errorf("%q is %s as JSON, %v", in, text, err)
		}
	})
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"desk@example.org", "Desk@пример.рф", "иван@例え。jp", `"a b"@example.org`, "a@b\r\nRCPT TO:<c@d.org>", "a\x00@b.org", "a@[192.0.2.1]", "a@1.2", "\u202e@x.org", "İK@xn--a.org", "a@\xff.org", strings.Repeat("a", 64) + "@" + strings.Repeat("b.", 95) + "org"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, err := ParseAddress(in)
		if err != nil {
			presentable(t, in, err)
			return
		}
		checkAddress(t, in, a)
	})
}

func FuzzParseKeyring(f *testing.F) {
	f.Add(FormatKeyring(aKey(200), aKey(100)))
	f.Add("address a1 " + strings.Repeat("A", 43))
	f.Add("token t9 " + strings.Repeat("A", 43) + "\ntoken t10 " + strings.Repeat("B", 43) + "\naddress a1 " + strings.Repeat("A", 43))
	f.Add("address a1\naddress\x00 a \xff")
	f.Add("#\n\n\r\n address a1 " + strings.Repeat("_", 43) + "\naddress a2 x")
	f.Fuzz(func(t *testing.T, in string) {
		ring, err := ParseKeyring(in)
		if err != nil {
			presentable(t, in, err)
			// Eight characters of what may be a key are enough to know it by.
			for word := range strings.FieldsSeq(in) {
				if len(word) >= 40 && strings.Contains(err.Error(), word[:8]) {
					t.Errorf("the error shows %q: %v", word, err)
				}
			}
			return
		}
		again, err := ParseKeyring(FormatKeyring(ring.address, ring.tokens[0].key))
		if err != nil || again.Fingerprint() != ring.Fingerprint() || len(ring.address) != keyBytes {
			t.Errorf("%q gave %v, which gave %v", in, ring, err)
		}
		id := FirstID(time.UnixMilli(1 << 40))
		if got, err := ring.CheckEnvelopeToken(ring.EnvelopeToken(id)); err != nil || got != id {
			t.Errorf("%q made a token of %s that gave %s, %v", in, id, got, err)
		}
	})
}
