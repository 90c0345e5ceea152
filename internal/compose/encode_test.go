package compose

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"testing"

	"pgregory.net/rapid"
)

// texts that have what an encoding must watch: long lines, spaces at their
// ends, letters of two and four bytes, empty lines.
func anyText() *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{
		"a", "word", "=", " ", "  ", "\t", "\n", "\n\n", " \n", "Ҷ", "слово", "👩", "й\n", "a longer stretch of words, with a comma", "\x00", "\x7f",
		"012345678901234567890123456789012345678901234567890123456789", "<p style=\"margin:0\">",
	})
	return rapid.Custom(func(t *rapid.T) string {
		var b bytes.Buffer
		for _, w := range rapid.SliceOfN(word, 0, 40).Draw(t, "words") {
			b.WriteString(w)
		}
		return b.String()
	})
}

// However a text is cut into stretches and values, its encoding is that of the
// standard library.
func TestEncoderIsTheStandardOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := rapid.Bool().Draw(t, "base64")
		e := encoder{base64: long}
		var whole string
		for _, s := range rapid.SliceOfN(anyText(), 0, 6).Draw(t, "texts") {
			whole += s
			if rapid.Bool().Draw(t, "constant") {
				e.stretch(newStretch(s, long))
			} else {
				e.write([]byte(body(s, long)))
			}
		}
		e.close()
		if want := standard(t, body(whole, long), long); !bytes.Equal(e.out, want) {
			t.Errorf("%q becomes\n%q, want\n%q", whole, e.out, want)
		}
	})
}

func standard(t *rapid.T, s string, long bool) []byte {
	var out bytes.Buffer
	if !long {
		w := quotedprintable.NewWriter(&out)
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for rest := base64.StdEncoding.EncodeToString([]byte(s)); rest != ""; {
		n := min(76, len(rest))
		out.WriteString(rest[:n] + "\r\n")
		rest = rest[n:]
	}
	return out.Bytes()
}
