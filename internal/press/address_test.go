package press

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestParseAddress(t *testing.T) {
	long := strings.Repeat("a", 64)
	// 63+1+63+1+61 = 189 bytes of domain: with the longest local part, 254.
	domain := strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 61)
	for in, want := range map[string]Address{
		"desk@example.org":                    "desk@example.org",
		"  desk@example.org\r\n":              "desk@example.org", // around it: the end of a line in a file
		"Desk@Example.ORG":                    "Desk@example.org",
		"a@b.cd":                              "a@b.cd",
		"first.last+press@mail.example.co.uz": "first.last+press@mail.example.co.uz",
		"!#$%&'*+-/=?^_`{|}~@example.org":     "!#$%&'*+-/=?^_`{|}~@example.org",
		// IDNA 2008, not 2003: ß is a letter of its own.
		"desk@straße.example":        "desk@xn--strae-oqa.example",
		"desk@пример.рф":             "desk@xn--e1afmkfd.xn--p1ai",
		"desk@ПРИМЕР.РФ":             "desk@xn--e1afmkfd.xn--p1ai",
		"desk@xn--e1afmkfd.xn--p1ai": "desk@xn--e1afmkfd.xn--p1ai",
		"desk@例え。jp":                 "desk@xn--r8jz45g.jp",
		// RFC 6531: the local part stays as it is.
		"иван@пример.рф":       "иван@xn--e1afmkfd.xn--p1ai",
		"Ўктам@gazeta.example": "Ўктам@gazeta.example",
		"محرر@example.org":     "محرر@example.org",
		long + "@" + domain:    Address(long + "@" + domain),
	} {
		got, err := ParseAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	label := strings.Repeat("b", 63) + "."
	for in, want := range map[string]string{ // a part of the error
		"":                                       "it has no @",
		"   ":                                    "it has no @",
		"example.org":                            "it has no @",
		"@example.org":                           "nothing stands before the @",
		"a@":                                     "has no dot",
		"a@example":                              "has no dot",
		"a@localhost":                            "has no dot",
		"a b@example.org":                        "the character ' '",
		"a @example.org":                         "the character ' '",
		"a@ example.org":                         "the domain",
		"a@exa mple.org":                         "the domain",
		`"a b"@example.org`:                      `the character '"'`,
		`"a"@example.org`:                        `the character '"'`,
		`a\@example.org`:                         "the character",
		"A Desk <a@example.org>":                 "the character",
		"<a@example.org>":                        "the character '<'",
		"a@example.org>":                         "the domain",
		"mailto:a@example.org":                   "the character ':'",
		"a@example.org,b@example.org":            "the character '@'",
		"a@b@example.org":                        "the character '@'",
		"a@(comment)example.org":                 "the domain",
		"a\r\nBcc: b@example.org":                `the character '\r'`,
		"a@example.org\r\nBcc: b@example.org":    "the character",
		"a@example.org\nRCPT TO:":                "the domain",
		"a\x00@example.org":                      `the character '\x00'`,
		"a@example.org\x00":                      "the domain",
		"a@exa\x00mple.org":                      "the domain",
		"a\x7f@example.org":                      "the character",
		"\xff@example.org":                       "it is not UTF-8",
		"a@\xff.org":                             "it is not UTF-8",
		"a@\ufffd.org":                           "the domain",
		"a\u202eb@example.org":                   "the character", // writes backwards what follows
		"a\u200db@example.org":                   "the character",
		"a\u00a0b@example.org":                   "the character",
		"a@exa\u202emple.org":                    "the domain",
		"☎@example.org":                          "the character",
		".a@example.org":                         "a dot stands",
		"a.@example.org":                         "a dot stands",
		"a..b@example.org":                       "a dot stands",
		"a@.example.org":                         "an empty part",
		"a@example..org":                         "an empty part",
		"a@example.org.":                         "ends in a dot",
		"a@-example.org":                         "the domain",
		"a@exam_ple.org":                         "the domain",
		"a@xn--a.org":                            "the domain",
		"a@[192.0.2.1]":                          "the domain",
		"a@192.0.2.1":                            "is a number",
		"a@example.1":                            "is a number",
		"a@\u05d0b.example":                      "the domain", // RFC 5893: letters of both directions
		strings.Repeat("a", 65) + "@example.org": "longer than 64 bytes",
		strings.Repeat("ж", 33) + "@example.org": "longer than 64 bytes",
		"a@b" + label + "org":                    "over 63 bytes",
		"a@" + strings.Repeat(label, 4) + "org":  "too long",
		strings.Repeat("a", 64) + "@" + strings.Repeat(label, 2) + strings.Repeat("d", 62): "longer than 254 bytes",
	} {
		got, err := ParseAddress(in)
		if err == nil || !strings.Contains(err.Error(), want) || got != "" {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
			continue
		}
		if !strings.Contains(err.Error(), "it looks like name@example.org") || strings.ContainsAny(err.Error(), "\x00\r\n\u202e") {
			t.Errorf("%q: the error does not say what is right, or is not fit to be shown: %q", in, err)
		}
	}
	if _, err := ParseAddress(strings.Repeat("a@", 1<<20)); err == nil {
		t.Error("two megabytes passed for an address")
	}
}

func TestAddressKeys(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Desk@Example.org", "desk@example.ORG", true},
		{"desk@пример.рф", "DESK@xn--e1afmkfd.XN--P1AI", true},
		{"ИВАН@пример.рф", "иван@пример.рф", true},
		{"desk@straße.example", "desk@strasse.example", false},
		{"desk@example.org", "desk@example.com", false},
		{"first.last@example.org", "firstlast@example.org", false}, // one mailbox at some providers, two at others
		{"desk+a@example.org", "desk@example.org", false},
	} {
		a, errA := ParseAddress(c.a)
		b, errB := ParseAddress(c.b)
		if errA != nil || errB != nil || (a.Key() == b.Key()) != c.same {
			t.Errorf("%q and %q: %q, %q, %v, %v", c.a, c.b, a.Key(), b.Key(), errA, errB)
		}
	}
}

func TestAddressParts(t *testing.T) {
	for a, want := range map[Address]struct {
		local, domain string
		utf8          bool
	}{
		"desk@example.org":  {"desk", "example.org", false},
		"иван@xn--p1ai.com": {"иван", "xn--p1ai.com", true},
		"":                  {"", "", false},
	} {
		if a.Local() != want.local || a.Domain() != want.domain || a.NeedsUTF8() != want.utf8 {
			t.Errorf("%q: %q, %q, %v", a, a.Local(), a.Domain(), a.NeedsUTF8())
		}
	}
}

// checkAddress says what must hold of whatever ParseAddress accepts.
func checkAddress(t interface{ Fatalf(string, ...any) }, in string, a Address) {
	again, err := ParseAddress(string(a))
	if err != nil || again != a {
		t.Fatalf("%q gave %q, which gave %q, %v", in, a, again, err)
	}
	// The key is an address too, and the key of itself.
	if key, err := ParseAddress(a.Key()); err != nil || string(key) != a.Key() || key.Key() != a.Key() {
		t.Fatalf("%q: the key %q gave %q, %v", in, a.Key(), key, err)
	}
	if a.Local()+"@"+a.Domain() != string(a) || strings.Contains(a.Local()+a.Domain(), "@") {
		t.Fatalf("%q: the parts are %q and %q", a, a.Local(), a.Domain())
	}
	if len(a) > 254 || len(a.Local()) > 64 || !utf8.ValidString(string(a)) || Address(a.Domain()).NeedsUTF8() {
		t.Fatalf("%q is not fit for SMTP", a)
	}
	// What would end a command, a header or a mailbox in one.
	if strings.ContainsAny(string(a), "\x00\r\n\t <>()[],;:\\\"\u2028\u202e") {
		t.Fatalf("%q has a character that SMTP gives a meaning", a)
	}
}

func TestAddressReparsed(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9àÉßжЎİſ漢א.+_'-]{1,12}`)
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		in := word.Draw(t, "local") + "@" + word.Draw(t, "label") + "." + rapid.SampledFrom([]string{"org", "example", "рф", "ORG"}).Draw(t, "top")
		if a, err := ParseAddress(in); err == nil {
			accepted++
			checkAddress(t, in, a)
		}
	})
	if accepted == 0 {
		t.Error("none of the addresses was accepted: nothing was checked")
	}
}
