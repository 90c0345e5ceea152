package locale

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"dateline/internal/yamlfile"
)

// numbers is how a language writes them.
type numbers struct {
	decimal, group string
	groupFrom      int    // digits before the decimal mark that a number needs to be grouped
	digits         []rune // from zero to nine; nil for ASCII's
}

func (l *Language) readNumbers(n yamlfile.Node) {
	m := n.Map("decimal", "group", "group_from", "digits")
	l.numbers = numbers{decimal: readSign(m.Need("decimal")), group: readSign(m.Need("group")), groupFrom: 4}
	if from := m.Get("group_from"); from.Present() {
		l.numbers.groupFrom = from.Int(4, 7)
	}
	if digits := m.Get("digits"); digits.Present() {
		l.numbers.digits = readDigits(digits)
	}
}

// readSign reads one character, which may be a space.
func readSign(n yamlfile.Node) string {
	s := n.Text()
	if n.Kind() == yamlfile.Scalar && (len([]rune(s)) != 1 || unicode.IsDigit([]rune(s)[0])) {
		n.Fault(fmt.Sprintf("%q is no mark of one character", s), "one is wanted that is no digit, such as a comma, a full stop or a no-break space")
	}
	return s
}

// readDigits reads the digits from zero to nine of one script.
func readDigits(n yamlfile.Node) []rune {
	digits := []rune(n.Line())
	right := len(digits) == 10
	for i, r := range digits {
		right = right && unicode.IsDigit(r) && r == digits[0]+rune(i)
	}
	if n.Kind() == yamlfile.Scalar && !right {
		n.Fault(fmt.Sprintf("%q are not the ten digits of a script", string(digits)), "those from zero to nine are wanted, such as ۰۱۲۳۴۵۶۷۸۹")
		return nil
	}
	return digits
}

// DecimalMark is what parts whole numbers from fractions.
func (l *Language) DecimalMark() string { return l.numbers.decimal }

// Number writes a number as the language does: `1,234.5`. It has as many
// decimals as tell it from its neighbours, at the most; a whole number is exact
// up to 2^53.
func (l *Language) Number(n float64) string {
	whole, rest, broken := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	sign := ""
	if digits, negative := strings.CutPrefix(whole, "-"); negative {
		whole, sign = digits, "−"
		if l.Dir == "rtl" {
			sign = "\u200e" + sign // else it would stand behind the digits
		}
	}
	if whole[0] >= '0' && whole[0] <= '9' && len(whole) >= l.numbers.groupFrom { // not NaN, nor infinite
		for end := len(whole) - 3; end > 0; end -= 3 {
			whole = whole[:end] + l.numbers.group + whole[end:]
		}
	}
	if broken {
		whole += l.numbers.decimal + rest
	}
	return sign + l.own(whole)
}

// own writes a text with the language's own digits.
func (l *Language) own(s string) string {
	if l.numbers.digits == nil {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return l.numbers.digits[r-'0']
		}
		return r
	}, s)
}

// figures writes a whole number without grouping, as days and years are.
func (l *Language) figures(n int) string { return l.own(strconv.Itoa(n)) }
