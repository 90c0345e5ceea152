package compose

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxWord is the longest word, in bytes, that a header carries as it is. A
// longer one cannot be folded and is encoded instead.
const maxWord = 60

// headerText gives a text in the form that an unstructured header takes: as it
// is where it is plain ASCII, else in encoded words (RFC 2047).
func headerText(s string) string {
	s = clean(s)
	if plainWords(s) {
		return s
	}
	return encodedWords(s)
}

// plainWords tells whether a header may carry the text as it is.
func plainWords(s string) bool {
	if strings.Contains(s, "=?") {
		return false
	}
	word := 0
	for i := range len(s) {
		switch {
		case s[i] == ' ':
			word = 0
			continue
		case s[i] < ' ' || s[i] > '~':
			return false
		}
		if word++; word > maxWord {
			return false
		}
	}
	return true
}

// encodedWords writes a text as encoded words of at most 75 characters (RFC
// 2047, encoding B), none of which ends within a character.
func encodedWords(s string) string {
	const most = 45 // bytes a word: 60 characters in base64, 72 with the frame
	var b strings.Builder
	for s != "" {
		n := min(most, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
	}
	return b.String()
}

// headerPhrase gives a name in the form that stands before an address or a list
// id (RFC 5322, phrase): atoms, a quoted string, or encoded words.
func headerPhrase(s string) string {
	s = clean(s)
	switch {
	case s == "":
		return ""
	case !plainWords(s):
		return encodedWords(s)
	case strings.IndexFunc(s, notAtom) < 0:
		return s
	default:
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
		if plainWords(quoted) {
			return quoted
		}
		return encodedWords(s) // quoting made a word too long to fold
	}
}

func notAtom(r rune) bool {
	return !(r == ' ' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r))
}

// named puts a phrase before what stands in angle brackets.
func named(name, inner string) string {
	if name = headerPhrase(name); name != "" {
		return name + " <" + inner + ">"
	}
	return "<" + inner + ">"
}
