package dsn

import (
	"strings"
)

// findStatus is the first enhanced status code (RFC 3463) of a text: no piece
// of a version, and none of an address on the network.
func findStatus(s string) string {
	for i := 0; i+4 < len(s); i++ {
		if c := s[i]; (c != '2' && c != '4' && c != '5') || s[i+1] != '.' {
			continue
		}
		if i > 0 && (isWord(s[i-1]) || s[i-1] == '.' && (i == 1 || s[i-2] != ' ')) {
			continue
		}
		j := digits(s, i+2)
		if j == i+2 || j-i > 5 || j >= len(s) || s[j] != '.' {
			continue
		}
		k := digits(s, j+1)
		if k == j+1 || k-j > 4 || (k < len(s) && (isWord(s[k]) || s[k] == '.' && k+1 < len(s) && isDigit(s[k+1]))) {
			continue
		}
		return s[i:k]
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_'
}

// digits is where the digits at i end.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// findCode is the first refusing reply code (RFC 5321) of a text, and where it
// stands. A number among others is none: it begins a line or follows a mark,
// or the word error or code.
func findCode(s string) (code, at int) {
	for i := 0; i+3 <= len(s); i++ {
		if s[i] != '4' && s[i] != '5' {
			continue
		}
		if n := replyCode(s[i : i+3]); n > 0 && codeEnds(s[i+3:]) && codeBegins(s[:i]) {
			return n, i
		}
	}
	return 0, -1
}

// replyCode is the number of a refusal that servers use, or 0.
func replyCode(s string) int {
	if len(s) != 3 || !isDigit(s[0]) || !isDigit(s[1]) || !isDigit(s[2]) {
		return 0
	}
	n := int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
	switch {
	case n == 421, n == 422, n == 432, n == 441, n == 442, n == 446, n == 447, n == 449, n == 471, n >= 450 && n <= 459:
		return n
	case n >= 500 && n <= 505, n >= 510 && n <= 517, n == 521, n == 523, n == 525, n == 530, n == 534, n == 535, n == 538,
		n == 541, n == 542, n >= 550 && n <= 559, n >= 570 && n <= 579, n == 591:
		return n
	}
	return 0
}

func codeEnds(s string) bool {
	return s == "" || strings.IndexByte(" -\n\t:,;.)'\"]", s[0]) >= 0
}

func codeBegins(before string) bool {
	trimmed := strings.TrimRight(before, " \t\"'#")
	if trimmed == "" || trimmed[len(trimmed)-1] == '\n' {
		return true
	}
	if strings.IndexByte(":;<(>[|,.=-{", trimmed[len(trimmed)-1]) >= 0 {
		return true
	}
	last := strings.ToLower(lastWord(strings.ReplaceAll(cut(trimmed[max(0, len(trimmed)-20):], 20), "\n", " ")))
	switch strings.Trim(last, ".,") {
	case "error", "code", "said", "smtp", "reason", "message", "response", "status", "reply", "returned", "fehler", "ошибка", "код", "erreur", "error:":
		return true
	}
	return false
}

// commandIn is the SMTP command that a text says it answers.
func commandIn(text string) string {
	said := searchIn(normal(cut(text, maxJudged)))
	for _, c := range [...]struct{ command, phrases string }{
		{"RCPT", rcptRefused}, {"DATA", afterData}, {"MAIL", afterMail}, {"RCPT", afterRcpt}, {"EHLO", afterHelo}, {"CONN", afterConnection},
	} {
		if said.holds(c.phrases) {
			return c.command
		}
	}
	return ""
}
