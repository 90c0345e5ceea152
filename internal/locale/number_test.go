package locale

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		tag  string
		n    float64
		want string
	}{
		{"en", 1234567.5, "1,234,567.5"},
		{"en", 0, "0"},
		{"en", -0.5, "−0.5"},
		{"en", 1 << 53, "9,007,199,254,740,992"},
		{"en", 0.1, "0.1"},
		{"en", 1e21, "1,000,000,000,000,000,000,000"},
		{"en", math.Inf(-1), "−Inf"},
		{"en", math.Inf(1), "+Inf"},
		{"en", math.NaN(), "NaN"},
		{"ar", 40000, "40,000"},
		{"ar", -40, "\u200e−40"},
		{"de", 1234.5, "1.234,5"},
		{"es", 1234.5, "1234,5"},
		{"es", 12345, "12\u00a0345"},
		{"fa", 1234.5, "۱٬۲۳۴٫۵"},
		{"fa", -1, "\u200e−۱"},
		{"fr", 1234.5, "1\u202f234,5"},
		{"ru", 1234.5, "1\u00a0234,5"},
		{"zh", 1234.5, "1,234.5"},
	} {
		if got := load(t, c.tag).Number(c.n); got != c.want {
			t.Errorf("%v in %s is %q, want %q", c.n, c.tag, got, c.want)
		}
	}
}

// A number can be read back, and so means the same in every language.
func TestNumbersMeanWhatTheySay(t *testing.T) {
	for _, tag := range shipped() {
		l := load(t, tag)
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.OneOf(rapid.Float64Range(-1e18, 1e18), rapid.Map(rapid.Int64Range(-1<<53, 1<<53), func(n int64) float64 { return float64(n) })).Draw(t, "n")
			plain := strings.NewReplacer(l.numbers.group, "", l.numbers.decimal, ".", "−", "-", "\u200e", "").Replace(l.Number(n))
			for i, r := range l.numbers.digits {
				plain = strings.ReplaceAll(plain, string(r), strconv.Itoa(i))
			}
			if got, err := strconv.ParseFloat(plain, 64); err != nil || got != n {
				t.Errorf("%s: %v is written %q, which reads as %v, %v", tag, n, l.Number(n), got, err)
			}
		})
	}
}

// What a clock shows is in the language's digits, too.
func TestPersianTellsTimeInItsDigits(t *testing.T) {
	l := load(t, "fa")
	at := day(t, "2022-03-04").Time()
	if got := l.Clock(at) + " " + l.Offset(at) + " " + l.ordinal(12); got != "۰۰:۰۰ UTC ۱۲" {
		t.Errorf("got %s", got)
	}
}
