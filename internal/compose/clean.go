package compose

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// maxName bounds, in characters, a contact's or outlet's name in a message.
const maxName = 200

// clean makes a text of one line: invalid UTF-8 becomes U+FFFD, every control
// character, line or paragraph separator becomes a space, and so does each run
// of spaces. Embeddings, overrides and isolates of the writing direction go:
// in a name they can only turn what stands around it.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	return cleaned(s)
}

func cleaned(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case turnsText(r):
			return -1
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			return ' '
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
	return strings.Join(words, " ")
}

// isClean tells whether clean has nothing to do, which is so for most names.
func isClean(s string) bool {
	if s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || changed(r) {
				return false
			}
			i += size - 1
		} else if c < ' ' || c > '~' || c == ' ' && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// changed tells whether clean drops or changes a character beyond ASCII.
func changed(r rune) bool {
	return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || turnsText(r)
}

// turnsText tells whether a character does nothing but steer the text around it.
func turnsText(r rune) bool {
	return press.TurnsText(r) || r == 0xFEFF
}

// cleanName is clean, cut to the longest name that a message shows.
func cleanName(s string) string {
	s = clean(s)
	if len(s) <= maxName || utf8.RuneCountInString(s) <= maxName {
		return s
	}
	return string([]rune(s)[:maxName-1]) + "…"
}

// cleanBlock is clean for a text of several lines: line breaks and tabs stay.
func cleanBlock(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == 0x2028 || r == 0x2029:
			return '\n'
		case unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, s)
}
