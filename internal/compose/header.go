package compose

import (
	"bytes"
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
	return string(appendEncodedWords(nil, s))
}

// plainWords tells whether a header may carry the text as it is.
func plainWords[T string | []byte](s T) bool {
	word := 0
	for i := range len(s) {
		switch {
		case s[i] == '?' && i > 0 && s[i-1] == '=': // so an encoded word begins
			return false
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

// appendEncodedWords writes a text as encoded words of at most 75 characters
// (RFC 2047, encoding B), none of which ends within a character.
func appendEncodedWords(dst []byte, s string) []byte {
	const most = 45 // bytes a word: 60 characters in base64, 72 with the frame
	var word [most]byte
	for first := true; s != ""; first = false {
		n := min(most, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		if !first {
			dst = append(dst, ' ')
		}
		dst = append(dst, "=?UTF-8?B?"...)
		dst = base64.StdEncoding.AppendEncode(dst, word[:copy(word[:], s[:n])])
		dst = append(dst, "?="...)
		s = s[n:]
	}
	return dst
}

// appendPhrase writes a name in the form that stands before an address or a
// list id (RFC 5322, phrase): atoms, a quoted string, or encoded words.
func appendPhrase(dst []byte, s string) []byte {
	s = clean(s)
	switch {
	case !plainWords(s):
		return appendEncodedWords(dst, s)
	case strings.IndexFunc(s, notAtom) < 0:
		return append(dst, s...)
	}
	start := len(dst)
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	dst = append(dst, '"')
	if plainWords(dst[start:]) {
		return dst
	}
	return appendEncodedWords(dst[:start], s) // quoting made a word too long to fold
}

func notAtom(r rune) bool {
	return !(r == ' ' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r))
}

// appendNamed puts a phrase before what stands in angle brackets.
func appendNamed(dst []byte, name, inner string) []byte {
	start := len(dst)
	if dst = appendPhrase(dst, name); len(dst) > start {
		dst = append(dst, ' ')
	}
	dst = append(dst, '<')
	dst = append(dst, inner...)
	return append(dst, '>')
}

func named(name, inner string) string { return string(appendNamed(nil, name, inner)) }

// appendHeader writes one header line, its value folded at its spaces as
// go-mail folds: at 76 characters, each space before a break dropped.
func appendHeader(dst []byte, key string, value []byte) []byte {
	const most = 76
	dst = append(dst, key...)
	dst = append(dst, ": "...)
	left := most - 2 - len(key) - 2
	for more := true; more; {
		var word []byte
		word, value, more = bytes.Cut(value, []byte{' '})
		if left-len(word) <= 1 {
			if dst[len(dst)-1] == ' ' {
				dst = dst[:len(dst)-1]
			}
			dst = append(dst, "\r\n "...)
			left = most - 3
		}
		dst = append(dst, word...)
		left -= len(word)
		if more {
			dst = append(dst, ' ')
			left--
		}
	}
	return append(dst, "\r\n"...)
}
