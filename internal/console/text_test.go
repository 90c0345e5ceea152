package console

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"Дилноза Каримова": "Дилноза Каримова",
		"می\u200cخواهم":    "می\u200cخواهم", // a joiner that is part of the spelling
		"a\tb\nc":          "a\tb\nc",
		"\u202egpj.exe":    "⟨U+202E⟩gpj.exe",
		"\u2066a\u2069":    "⟨U+2066⟩a⟨U+2069⟩",
		"a\x00b\x1b[31m":   "a⟨U+0000⟩b⟨U+001B⟩[31m",
		"\ufeffa\u200bb":   "⟨U+FEFF⟩a⟨U+200B⟩b",
		"a\xffb":           "a\ufffdb",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := isolated(`<b>"x"</b>` + "\u202e"); string(got) != "<bdi>&lt;b&gt;&#34;x&#34;&lt;/b&gt;⟨U+202E⟩</bdi>" {
		t.Errorf("isolated: %s", got)
	}
}

// Of a mail of any bytes and size a page shows so much, never half a character.
func TestRawText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pad := strings.Repeat("x", rawShown-rapid.IntRange(0, 5).Draw(t, "before the end"))
		raw := []byte(pad + rapid.String().Draw(t, "text"))
		if rapid.Bool().Draw(t, "short") {
			raw = raw[len(pad):]
		}
		got := rawOf(raw)
		if !utf8.ValidString(got.Text) || got.Left < 0 || len(raw)-got.Left > rawShown {
			t.Fatalf("%d of %d bytes are left out", got.Left, len(raw))
		}
		if got.Left == 0 && got.Text != plain(strings.ReplaceAll(string(raw), "\r\n", "\n")) || strings.Contains(got.Text, "\ufffd") && !strings.Contains(string(raw), "\ufffd") {
			t.Fatalf("%q is shown as %q", raw, got.Text)
		}
	})
}
