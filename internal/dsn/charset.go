package dsn

import (
	"encoding/base64"
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
)

// decodeBody undoes a transfer encoding (RFC 2045), however badly it was made.
func decodeBody(body, encoding string) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return decodeQuoted(body)
	case "base64":
		return decodeBase64(body)
	}
	return body
}

// decodeQuoted leaves a `=` that is none of quoted-printable as it is.
func decodeQuoted(s string) string {
	if !strings.Contains(s, "=") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			b.WriteByte(s[i])
			continue
		}
		end := i + 1
		for end < len(s) && (s[end] == ' ' || s[end] == '\t') {
			end++
		}
		switch {
		case end < len(s) && s[end] == '\n':
			i = end
		case i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
		default:
			b.WriteByte('=')
		}
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// decodeBase64 reads up to the padding and skips what is not of the alphabet. A
// text that was never encoded comes back as it is.
func decodeBase64(s string) string {
	letters := make([]byte, 0, len(s))
	for i := 0; i < len(s) && s[i] != '='; i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			letters = append(letters, c)
		case c == ' ' && i > 0 && s[i-1] != '\n' && s[i-1] != ' ':
			return s // words
		}
	}
	if len(letters)%4 == 1 {
		letters = letters[:len(letters)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(letters)))
	n, err := base64.RawStdEncoding.Decode(out, letters)
	if err != nil && n == 0 {
		return s
	}
	return unixLines(string(out[:n]))
}

// toUTF8 reads a text in the charset that it names, or, where it names none that
// fits, in the likeliest.
func toUTF8(s, charset string) string {
	charset = strings.ToLower(strings.Trim(charset, ` "'`))
	switch {
	case strings.Contains(s, "\x1b$") || strings.Contains(s, "\x1b("):
		charset = "iso-2022-jp"
	case isASCII(s):
		return s
	case utf8.ValidString(s) && (charset == "" || charset == "utf-8" || charset == "utf8" || charset == "us-ascii"):
		return s
	}
	if enc, err := htmlindex.Get(charset); err == nil && charset != "utf-8" && charset != "us-ascii" && charset != "ascii" {
		if out, err := enc.NewDecoder().String(s); err == nil {
			return out
		}
	}
	if utf8.ValidString(s) {
		return s
	}
	return guessed(s)
}

// guessed is for 8-bit text without a charset: Russian in one of its two
// charsets, Japanese, or Western European.
func guessed(s string) string {
	var runs, upper, lower, sjis int
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 0xe0:
			upper++
		case c >= 0xc0:
			lower++
		case c >= 0x81 && c <= 0x9f:
			sjis++
		}
		if c >= 0xc0 && i > 0 && s[i-1] >= 0xc0 {
			runs++
		}
	}
	enc := charmap.Windows1252
	switch {
	case sjis > upper+lower:
		if out, err := japanese.ShiftJIS.NewDecoder().String(s); err == nil {
			return out
		}
	case runs*2 > upper+lower && lower > upper:
		enc = charmap.KOI8R
	case runs*2 > upper+lower:
		enc = charmap.Windows1251
	}
	out, err := enc.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "?")
	}
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unixLines leaves line feeds alone as the ends of lines, and drops NULs.
func unixLines(s string) string {
	if strings.ContainsAny(s, "\r\x00") {
		s = strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\r", "\n", "\x00", "").Replace(s)
	}
	return s
}

// plainText is what one reads of an HTML text.
func plainText(s string) string {
	var b strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			break
		}
		tag, after, closed := strings.Cut(rest, ">")
		if !closed {
			b.WriteString(" " + rest)
			break
		}
		name := strings.ToLower(strings.Trim(firstWord(tag), "/"))
		switch name {
		case "style", "script", "head", "title":
			if tag[0] != '/' {
				end := indexFold(after, "</"+name)
				if end < 0 {
					end = len(after) // it goes on to the end
				}
				after = after[end:]
			}
		case "br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "hr", "pre", "ul":
			b.WriteByte('\n')
		case "td", "th":
			b.WriteByte(' ')
		}
		if strings.Contains(tag, "@") && !strings.ContainsAny(tag, "=\" ") {
			b.WriteString("<" + tag + ">") // an address in its brackets, not a tag
		}
		s = after
	}
	return html.UnescapeString(b.String())
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t\n"); i >= 0 {
		return s[:i]
	}
	return s
}

// indexFold finds an ASCII word in lower case, whatever its case in s.
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}
