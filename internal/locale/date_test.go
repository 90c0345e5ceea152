package locale

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestDates(t *testing.T) {
	for _, c := range []struct{ tag, from, to, want string }{
		{"en", "2022-03-04", "", "4 March 2022"},
		{"ru", "2022-03-04", "", "4 марта 2022 года"},
		{"kk", "2022-03-04", "", "2022 жылғы 4 наурыз"},
		{"ky", "2022-03-04", "", "2022-жылдын 4-марты"},
		{"uz-Latn", "2022-03-04", "", "2022-yil 4-mart"},
		{"uz-Cyrl", "2022-03-04", "", "2022 йил 4 март"},
		{"tg", "2022-03-04", "", "4 марти соли 2022"},
		{"tk", "2022-03-04", "", "2022-nji ýylyň 4-nji marty"},
		{"ar", "2022-03-04", "", "4 مارس 2022"},
		{"de", "2022-03-04", "", "4. März 2022"},
		{"es", "2022-03-04", "", "4 de marzo de 2022"},
		{"fa", "2022-03-04", "", "۴ مارس ۲۰۲۲"},
		{"fr", "2022-03-04", "", "4 mars 2022"},
		{"tr", "2022-03-04", "", "4 Mart 2022"},
		{"uk", "2022-03-04", "", "4 березня 2022 року"},
		{"zh", "2022-03-04", "", "2022年3月4日"},
		{"fr", "2022-03-01", "", "1er mars 2022"},
		{"fr", "2022-03-11", "", "11 mars 2022"},
		{"fr", "2022-03-01", "2022-04-01", "1er mars – 1er avril 2022"},
		{"fa", "2022-01-31", "", "۳۱ ژانویهٔ ۲۰۲۲"},
		{"fa", "2022-01-31", "2022-02-01", "۳۱ ژانویه تا ۱ فوریهٔ ۲۰۲۲"},
		{"zh", "2022-03-31", "2022-04-01", "2022年3月31日至4月1日"},

		{"en", "2022-03-03", "2022-03-04", "3–4 March 2022"},
		{"ru", "2022-03-03", "2022-03-04", "3–4 марта 2022 года"},
		{"kk", "2022-03-03", "2022-03-04", "2022 жылғы 3–4 наурыз"},
		{"ky", "2022-03-03", "2022-03-04", "2022-жылдын 3–4-марты"},
		{"uz-Latn", "2022-03-03", "2022-03-04", "2022-yil 3–4-mart"},
		{"uz-Cyrl", "2022-03-03", "2022-03-04", "2022 йил 3–4 март"},
		{"tg", "2022-03-03", "2022-03-04", "3–4 марти соли 2022"},
		{"tk", "2022-03-03", "2022-03-04", "2022-nji ýylyň 3–4-nji marty"},

		{"en", "2022-03-30", "2022-04-02", "30 March – 2 April 2022"},
		{"ru", "2022-03-30", "2022-04-02", "30 марта — 2 апреля 2022 года"},
		{"tg", "2022-03-30", "2022-04-02", "30 март — 2 апрели соли 2022"},
		{"tk", "2029-03-30", "2029-04-06", "2029-njy ýylyň 30-njy marty – 6-njy apreli"},

		{"ru", "2022-12-30", "2023-01-02", "30 декабря 2022 года — 2 января 2023 года"},
		{"tk", "2022-12-30", "2023-01-09", "2022-nji ýylyň 30-njy dekabry – 2023-nji ýylyň 9-njy ýanwary"},

		{"ru", "2022-03-04", "2022-03-04", "4 марта 2022 года"},
		{"ru", "2022-03-04", "2022-03-03", "3–4 марта 2022 года"},
	} {
		var to press.Date
		if c.to != "" {
			to = day(t, c.to)
		}
		if got := load(t, c.tag).DateRange(day(t, c.from), to); got != c.want {
			t.Errorf("%s, %s to %q: %q, want %q", c.tag, c.from, c.to, got, c.want)
		}
	}
}

func TestZeroDates(t *testing.T) {
	l := load(t, "en")
	if got := l.LongDate(press.Date{}); got != "" {
		t.Errorf("the zero date is %q", got)
	}
	if got := l.DateRange(press.Date{}, press.Date{}); got != "" {
		t.Errorf("the zero span is %q", got)
	}
	if got := l.DateRange(press.Date{}, day(t, "2022-03-04")); got != "4 March 2022" {
		t.Errorf("a span without a beginning is %q", got)
	}
}

// Turkmen's ending follows the last word that is spoken, whatever the number.
func TestTurkmenOrdinals(t *testing.T) {
	l := load(t, "tk")
	for n, want := range map[int]string{
		1: "1-nji", 4: "4-nji", 6: "6-njy", 9: "9-njy", 10: "10-njy", 16: "16-njy", 20: "20-nji", 29: "29-njy",
		30: "30-njy", 31: "31-nji", 1900: "1900-nji", 1991: "1991-nji", 2000: "2000-nji", 2006: "2006-njy",
		2010: "2010-njy", 2022: "2022-nji", 2040: "2040-njy", 2050: "2050-nji",
	} {
		if got := l.ordinal(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// Every day reads with its year and its number, and not like the next day.
func TestEveryDayIsTold(t *testing.T) {
	first, last := day(t, "1900-01-01"), day(t, "2100-12-31")
	days := int(last.Time().Sub(first.Time()).Hours()) / 24
	for _, tag := range shipped() {
		l := load(t, tag)
		rapid.Check(t, func(t *rapid.T) {
			d := press.DateOf(first.Time().AddDate(0, 0, rapid.IntRange(0, days).Draw(t, "day")))
			next := press.DateOf(d.Time().AddDate(0, 0, 1))
			text, year := l.LongDate(d), l.figures(d.Year)
			rest := strings.Replace(text, year, "", 1)
			if rest == text || !strings.Contains(rest, l.day(d.Day)) || !strings.Contains(rest, l.months[d.Month-1]) || text == l.LongDate(next) {
				t.Errorf("%s: %v is %q, and the next day %q", tag, d, text, l.LongDate(next))
			}
		})
	}
}

// Two different days never read the same, nor do two different spans.
func TestDatesTellDaysApart(t *testing.T) {
	for _, tag := range shipped() {
		l := load(t, tag)
		rapid.Check(t, func(t *rapid.T) {
			start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
			draw := func(name string, from press.Date) press.Date {
				return press.DateOf(from.Time().AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, name)))
			}
			first := draw("first", press.DateOf(start))
			a, b := draw("a", first), draw("b", first)
			if (l.LongDate(a) == l.LongDate(b)) != (a == b) {
				t.Errorf("%s: %v and %v read the same: %s", tag, a, b, l.LongDate(a))
			}
			if (l.DateRange(first, a) == l.DateRange(first, b)) != (a == b) {
				t.Errorf("%s: %v to %v and to %v read the same: %s", tag, first, a, b, l.DateRange(first, a))
			}
			if l.DateRange(first, a) != l.DateRange(a, first) {
				t.Errorf("%s: %v to %v reads otherwise when turned round", tag, first, a)
			}
		})
	}
}
