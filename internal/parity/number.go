package parity

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spelled is the highest whole number that house styles write as a word: the
// one has "five", the other 5, and neither is wrong.
const spelled = 12

// firstDigit is the first digit beyond ASCII's, the Arabic zero.
const firstDigit = '\u0660'

func isDigit(r rune) bool {
	if r < firstDigit {
		return '0' <= r && r <= '9'
	}
	return unicode.Is(unicode.Nd, r)
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if 'Ѐ' <= r && r <= 'ҁ' || 'Ҋ' <= r && r <= 'ԯ' { // most letters of most texts
		return true
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || r == '\u200c' // a joiner within Persian words
}

// ascii gives digits of any script as 0 to 9, and everything else as it is.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf || !isDigit(r) {
			return r
		}
		return '0' + digitOf(r)
	}, s)
}

// digitOf is a digit's value: every range of them begins with a zero, and has
// all ten once or several times.
func digitOf(r rune) rune {
	for _, x := range unicode.Nd.R16 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	for _, x := range unicode.Nd.R32 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	return 0
}

// valueOf is a run of digits as a number, or -1 where it is too long.
func valueOf(digits string) int {
	n, err := strconv.Atoi(ascii(digits))
	if err != nil || n > 999_999 {
		return -1
	}
	return n
}

// decimalMark is what the edition's language parts whole numbers from fractions
// by; a comma where the language has no phrases, as in most.
func (e *edition) decimalMark() rune {
	if e.words == nil {
		return ','
	}
	r, _ := utf8.DecodeRuneInString(e.words.DecimalMark())
	return r
}

// readNumbers reads the numbers that nothing else was read of.
func (e *edition) readNumbers(p *passage) {
	decimal := e.decimalMark()
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		if !isDigit(r) || !p.free(i, i+size) {
			i += size
			continue
		}
		end, key := scanNumber(p.text, i, decimal)
		if !partOfName(p.text[:i]) {
			e.addNumber(p, key, i, end)
		}
		i = end
	}
}

// addNumber notes a number. A subject says less than the headline, and need not
// have what another has.
func (e *edition) addNumber(p *passage, key string, from, to int) {
	if p.kind != "subject" {
		e.numbers = append(e.numbers, mention{key: key, shown: p.text[from:to], passage: p, at: from})
	}
}

// partOfName tells the number of a name such as G20 or КОВИД-19 by what stands
// before it. In scripts that write no spaces, or prefix words, it is none.
func partOfName(before string) bool {
	r, size := utf8.DecodeLastRuneInString(before)
	hyphen := r == '-' || r == '‑'
	if hyphen {
		before = before[:len(before)-size]
		r, _ = utf8.DecodeLastRuneInString(before)
	}
	if !unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Georgian) {
		return false
	}
	start := strings.LastIndexFunc(before, func(r rune) bool { return !isLetter(r) }) + 1
	for start > 0 && start < len(before) && !utf8.RuneStart(before[start]) {
		start++
	}
	return !hyphen || strings.ToUpper(before[start:]) == before[start:]
}

// scanNumber reads the number that begins at i. The key is its value, written
// without grouping and with a point, or the number as it stands where it is
// none, such as that of a version.
func scanNumber(s string, i int, decimal rune) (end int, key string) {
	first := runEnd(s, i, true)
	groups, marks := []string{ascii(s[i:first])}, []rune(nil)
	end = first
	for {
		mark, size := utf8.DecodeRuneInString(s[end:])
		next := runEnd(s, end+size, true)
		digits := ascii(s[min(end+size, len(s)):max(next, min(end+size, len(s)))])
		if digits == "" || !joins(mark, digits, groups, marks) {
			break
		}
		if isSpace(mark) {
			mark = ' '
		}
		groups, marks, end = append(groups, digits), append(marks, mark), next
	}
	return end, interpret(groups, marks, decimal, s[i:end])
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009'
}

// joins tells whether a mark with digits behind it carries a number on.
func joins(mark rune, digits string, groups []string, marks []rune) bool {
	switch {
	case strings.ContainsRune(".,٫", mark):
		return true
	case isSpace(mark), strings.ContainsRune("٬'’", mark):
		grouped := len(digits) == 3 && len(groups[0]) <= 3
		for i, m := range marks {
			grouped = grouped && m != '.' && m != ',' && m != '٫' && len(groups[i+1]) == 3
		}
		return grouped
	}
	return false
}

// interpret makes a value of groups of digits and the marks between them.
func interpret(groups []string, marks []rune, decimal rune, written string) string {
	if len(marks) == 0 {
		return whole(groups[0])
	}
	last := len(marks) - 1
	fraction := strings.ContainsRune(".,٫", marks[last])
	for i, m := range marks[:last] {
		if m != marks[0] || len(groups[i+1]) != 3 {
			return ascii(written)
		}
	}
	if fraction && last > 0 && marks[last] == marks[0] { // 1,234,567
		fraction = false
	} else if fraction && last == 0 && len(groups[1]) == 3 && len(groups[0]) <= 3 && groups[0] != "0" && marks[0] != decimal && marks[0] != '٫' {
		fraction = false
	}
	if !fraction {
		if len(groups[last+1]) != 3 || len(groups[0]) > 3 {
			return ascii(written)
		}
		return whole(strings.Join(groups, ""))
	}
	key := whole(strings.Join(groups[:last+1], ""))
	if rest := strings.TrimRight(groups[last+1], "0"); rest != "" {
		key += "." + rest
	}
	return key
}

func whole(digits string) string {
	if s := strings.TrimLeft(digits, "0"); s != "" {
		return s
	}
	return "0"
}

// withoutWords leaves out what may be a matter of words: a small number that is
// missing, or too much, with none in its place.
func withoutWords(d difference) difference {
	small := func(ms []mention) (found int) {
		for _, m := range ms {
			if isSmall(m) {
				found++
			}
		}
		return found
	}
	if small(d.extra) > 0 && small(d.missing) > 0 {
		return d
	}
	without := func(ms []mention) (kept []mention) {
		for _, m := range ms {
			if !isSmall(m) {
				kept = append(kept, m)
			}
		}
		return kept
	}
	return difference{without(d.extra), without(d.missing)}
}

func isSmall(m mention) bool {
	n, err := strconv.Atoi(m.key)
	return err == nil && n <= spelled
}
