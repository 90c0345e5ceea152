package parity

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dateline/internal/press"
)

// week is how a language writes the days of the week, from Monday on: each in
// all its forms, small, the first of them as it stands alone.
type week struct {
	days   [7]string
	ending int // so many letters may follow, in languages that inflect by suffixes
}

// weekOf is the table of weekdays. Two names are left out that are something
// else more often: "душанбе" in Tajik, which is the city, and "anna" in Turkmen.
func weekOf(lang press.Lang) week {
	base, _, _ := strings.Cut(string(lang), "-")
	if string(lang) == "uz-Cyrl" {
		base = "uz-Cyrl"
	}
	switch base {
	case "en":
		return week{days: [7]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}}
	case "ru":
		return week{days: [7]string{"понедельник понедельника понедельнику понедельником", "вторник вторника вторнику вторником", "среда среды среде среду средой", "четверг четверга четвергу четвергом", "пятница пятницы пятнице пятницу пятницей", "суббота субботы субботе субботу субботой", "воскресенье воскресенья воскресенью воскресеньем"}}
	case "uk":
		return week{days: [7]string{"понеділок понеділка понеділку", "вівторок вівторка вівторку", "середа середи середі середу", "четвер четверга четвергу", "п'ятниця п'ятниці п'ятницю п’ятниця п’ятниці п’ятницю", "субота суботи суботі суботу", "неділя неділі неділю"}}
	case "kk":
		return week{days: [7]string{"дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"}, ending: 4}
	case "ky":
		return week{days: [7]string{"дүйшөмбү", "шейшемби", "шаршемби", "бейшемби", "жума", "ишемби", "жекшемби"}, ending: 4}
	case "tg":
		return week{days: [7]string{"", "сешанбе", "чоршанбе", "панҷшанбе", "ҷумъа", "шанбе", "якшанбе"}, ending: 2}
	case "tk":
		return week{days: [7]string{"duşenbe", "sişenbe", "çarşenbe", "penşenbe", "", "şenbe", "ýekşenbe"}, ending: 4}
	case "uz":
		return week{days: [7]string{"dushanba", "seshanba", "chorshanba", "payshanba", "juma", "shanba", "yakshanba"}, ending: 4}
	case "uz-Cyrl":
		return week{days: [7]string{"душанба", "сешанба", "чоршанба", "пайшанба", "жума", "шанба", "якшанба"}, ending: 4}
	}
	return weekFarther(base)
}

func weekFarther(base string) week {
	switch base {
	case "tr":
		return week{days: [7]string{"pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"}}
	case "de":
		return week{days: [7]string{"montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag sonnabend", "sonntag"}}
	case "fr":
		return week{days: [7]string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}}
	case "es":
		return week{days: [7]string{"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"}}
	case "ar":
		return week{days: [7]string{"الاثنين الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"}}
	case "fa":
		return week{days: [7]string{"دوشنبه", "سه\u200cشنبه سهشنبه", "چهارشنبه", "پنجشنبه پنج\u200cشنبه", "جمعه", "شنبه", "یکشنبه یک\u200cشنبه"}}
	case "zh":
		return week{days: [7]string{"星期一 周一", "星期二 周二", "星期三 周三", "星期四 周四", "星期五 周五", "星期六 周六", "星期日 星期天 周日"}}
	}
	return week{}
}

func (w week) known() bool { return w.days != [7]string{} }

// name is a day as it stands alone.
func (w week) name(d time.Weekday) string {
	own, _, _ := strings.Cut(w.days[(d+6)%7], " ")
	if own == "" {
		return d.String()
	}
	return own
}

// asWritten gives a word a capital letter where another has one.
func asWritten(word, other string) string {
	if r, _ := utf8.DecodeRuneInString(other); !unicode.IsUpper(r) {
		return word
	}
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

// of tells which day a word names.
func (w week) of(word string) (time.Weekday, bool) {
	lower := strings.ToLower(word)
	for i, forms := range w.days {
		for form := range strings.FieldsSeq(forms) {
			rest, ok := strings.CutPrefix(lower, form)
			if ok && utf8.RuneCountInString(rest) <= w.ending {
				return time.Weekday((i + 1) % 7), true
			}
		}
	}
	return 0, false
}

// checkWeekdays finds weekdays beside dates that do not fall on them.
func (c *checker) checkWeekdays(e *edition, p *passage, days week) {
	if len(p.dates) == 0 || !days.known() {
		return
	}
	for _, w := range p.lettered() {
		near := p.datesBeside(w)
		if len(near) == 0 {
			continue
		}
		day, wrong := days.of(p.text[w.from:w.to])
		for _, d := range near {
			wrong = wrong && c.onDay(d).Time().Weekday() != day
		}
		if !wrong {
			continue
		}
		date := c.onDay(near[0])
		c.report("weekday", e, p.place(w.from), fmt.Sprintf("%s stands beside %s, which is a %s", p.text[w.from:w.to], date, date.Time().Weekday()),
			asWritten(days.name(date.Time().Weekday()), p.text[w.from:w.to])+" is wanted, or another date")
	}
}

// lettered gives the words of a passage. Chinese writes no spaces between them:
// there, each weekday is one.
func (p *passage) lettered() []word {
	var found []word
	for _, w := range p.words() {
		if !w.number {
			found = append(found, w)
		}
	}
	if base, _, _ := strings.Cut(string(p.edition.Lang), "-"); base != "zh" {
		return found
	}
	found = nil
	for _, forms := range weekOf("zh").days {
		for form := range strings.FieldsSeq(forms) {
			for from := 0; ; {
				i := strings.Index(p.text[from:], form)
				if i < 0 {
					break
				}
				found = append(found, word{from: from + i, to: from + i + len(form), value: -1})
				from += i + len(form)
			}
		}
	}
	return found
}

// widestGap is how many bytes may stand between a weekday and its date.
const widestGap = 24

// datesBeside gives the date that a word stands beside, or the days of a span of
// them; a day of no month is none.
func (p *passage) datesBeside(w word) []dateSpan {
	var near []dateSpan
	best := len(p.text) + 1
	first := sort.Search(len(p.dates), func(i int) bool { return p.dates[i].to+widestGap >= w.from })
	for _, d := range p.dates[first:] {
		if d.from > w.to+widestGap {
			break
		}
		gap, distance := "", 0
		switch {
		case w.to <= d.from:
			gap, distance = p.text[w.to:d.from], d.from-w.to
		case w.from >= d.to:
			gap, distance = p.text[d.to:w.from], w.from-d.to
		}
		if distance > min(best, widestGap) || d.day == 0 || d.day > daysIn(d) || !thin(gap) {
			continue
		}
		if distance < best {
			best, near = distance, nil
		}
		near = append(near, d)
	}
	return near
}

func daysIn(d dateSpan) int {
	year := d.year
	if year == 0 {
		year = 2024 // a leap year: the day may be one
	}
	return time.Date(year, time.Month(d.month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// thin tells whether between a weekday and a date stands nothing that parts
// them: marks, and the words that the languages put between.
func thin(gap string) bool {
	if strings.ContainsAny(gap, ";!?") {
		return false
	}
	between := []string{"the", "on", "в", "во", "года", "году", "г", "год", "року", "күні", "күнү", "куни", "kuni", "рӯзи", "соли", "günü", "gün", "den", "der", "dem", "le", "el", "del", "يوم", "روز"}
	for _, w := range strings.FieldsFunc(gap, func(r rune) bool { return !isLetter(r) && !isDigit(r) }) {
		if !slices.Contains(between, strings.ToLower(w)) {
			return false
		}
	}
	return true
}

// onDay is the day that a date names. One without a year is the nearest to the
// dateline's.
func (c *checker) onDay(d dateSpan) press.Date {
	if d.year != 0 {
		return press.Date{Year: d.year, Month: time.Month(d.month), Day: d.day}
	}
	filed := c.Release.Dateline.Date
	best, distance := press.Date{}, time.Duration(-1)
	for year := filed.Year - 1; year <= filed.Year+1; year++ {
		on := press.DateOf(time.Date(year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC))
		if away := on.Time().Sub(filed.Time()).Abs(); on.Day == d.day && (distance < 0 || away < distance) {
			best, distance = on, away
		}
	}
	if best.IsZero() {
		return press.Date{Year: filed.Year, Month: time.Month(d.month), Day: d.day}
	}
	return best
}
