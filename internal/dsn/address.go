package dsn

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// mention is an address in a text and where it stands.
type mention struct {
	address    press.Address
	start, end int
}

// mentions finds the addresses of a text, at most max.
func mentions(text string, most int) []mention {
	var out []mention
	for at := 0; at < len(text) && len(out) < most; {
		i := strings.IndexByte(text[at:], '@')
		if i < 0 {
			break
		}
		i += at
		start, end := localStart(text, i), domainEnd(text, i)
		if a, ok := address(text[start:i], text[i+1:end]); ok {
			out = append(out, mention{a, start, end})
		}
		at = max(end, i+1)
	}
	return out
}

// localStart is where the local part before an @ begins. A quoted one is read
// as it stands.
func localStart(text string, at int) int {
	if at > 1 && text[at-1] == '"' {
		if q := strings.LastIndexByte(text[max(0, at-66):at-1], '"'); q >= 0 {
			return max(0, at-66) + q
		}
	}
	i := at
	for i > 0 && at-i < 200 {
		r, n := utf8.DecodeLastRuneInString(text[:i])
		if !localRune(r) {
			break
		}
		i -= n
	}
	for i < at && strings.IndexByte("'.`/=*", text[i]) >= 0 {
		i++
	}
	return i
}

func localRune(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
	case r == utf8.RuneError:
		return false
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// domainEnd is where the domain behind an @ ends.
func domainEnd(text string, at int) int {
	i := at + 1
	for i < len(text) && i-at < 256 {
		r, n := utf8.DecodeRuneInString(text[i:])
		ok := r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' ||
			r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
		if !ok {
			break
		}
		i += n
	}
	for i > at+1 && strings.IndexByte(".-_", text[i-1]) >= 0 {
		i--
	}
	return i
}

// address puts an address together, its domain in lower case. It is not
// checked as ParseAddress does: reports name addresses that never were right.
func address(local, domain string) (press.Address, bool) {
	local = strings.TrimPrefix(local, "mailto:")
	if local == "" || len(local) > 128 || len(domain) > 253 || strings.Contains(domain, "..") {
		return "", false
	}
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || dot == len(domain)-1 {
		return "", false
	}
	if last := domain[dot+1:]; last[0] >= '0' && last[0] <= '9' {
		return "", false
	}
	return press.Address(local + "@" + strings.ToLower(domain)), true
}

// firstAddress is the first address of a field.
func firstAddress(s string) press.Address {
	s = cut(s, 2000)
	if i := strings.IndexByte(s, '<'); i >= 0 {
		if found := mentions(s[i:], 1); len(found) > 0 {
			return found[0].address
		}
	}
	if found := mentions(s, 1); len(found) > 0 {
		return found[0].address
	}
	return ""
}

// foldAddress is what two spellings of one address have in common.
func foldAddress(a press.Address) string { return strings.ToLower(string(a)) }

// decodeXtext undoes the xtext of RFC 3461, which ENVID and ORCPT are sent in.
// Reporters that undid it themselves lose nothing: what is no escape stays.
func decodeXtext(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "+") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '+' && i+2 < len(s) && upperHex(s[i+1]) && upperHex(s[i+2]) {
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func upperHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

// decodeUnitext undoes the escapes \x{41F} of RFC 6533.
func decodeUnitext(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, `\x{`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits, after, closed := strings.Cut(rest, "}")
		n, err := strconv.ParseUint(digits, 16, 32)
		if !closed || err != nil || n > unicode.MaxRune {
			b.WriteString(`\x{`)
			s = rest
			continue
		}
		b.WriteRune(rune(n))
		s = after
	}
}
