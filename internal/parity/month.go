package parity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// months finds the months of a language in its words.
type months struct {
	forms   []monthForm
	endings []string // that may follow a stem; nil where names are not inflected
	year    bool     // the year stands before the day
	first   []rune   // the letters that a month begins with, small
	// apostrophe tells that an ending stands behind one
	apostrophe bool
}

type monthForm struct {
	month   int
	name    string // in small letters
	stems   []string
	capital bool // the language writes it with a capital letter
}

// monthsOf reads the months of a language; without one it finds none.
func monthsOf(l *locale.Language) months {
	if l == nil {
		return months{}
	}
	base, _, _ := strings.Cut(string(l.Tag), "-")
	m := months{endings: monthEndings(l.Tag), apostrophe: base == "tr"}
	inDate, alone := l.Months()
	for i, name := range append(inDate, alone...) {
		if strings.ContainsFunc(name, isDigit) { // 3月; see figureForms
			continue
		}
		first, _ := utf8.DecodeRuneInString(name)
		lower := strings.ToLower(name)
		m.first = append(m.first, unicode.ToLower(first))
		m.forms = append(m.forms, monthForm{i%12 + 1, lower, stemsOf(base, lower), unicode.IsUpper(first)})
	}
	long := l.LongDate(press.Date{Year: 2022, Month: 3, Day: 4})
	m.year = strings.Index(long, "2022") == 0
	return m
}

// stemsOf are what a name's endings follow: the name without what the case of a
// date puts at its end, and how the language changes its last letter.
func stemsOf(lang, name string) []string {
	stem := stemOf(name)
	stems := []string{name, stem}
	change := func(end, other string) {
		if rest, ok := strings.CutSuffix(stem, end); ok {
			stems = append(stems, rest+other)
		}
	}
	switch lang {
	case "kk":
		change("к", "г")
		change("қ", "ғ")
	case "tr":
		change("k", "ğ")
	case "uk":
		change("н", "ен")
		change("ого", "")
	}
	return stems
}

// stemOf takes off what a name's case puts at its end.
func stemOf(name string) string {
	runes := []rune(name)
	if last := len(runes) - 1; last >= 2 && strings.ContainsRune("аеиоуыэюяіьüuyi", runes[last]) && !strings.HasSuffix(name, "ого") {
		return string(runes[:last])
	}
	return name
}

// monthEndings are the endings of months in languages that inflect them. They
// are known one by one: "3 marta" is three times in Uzbek, not the third of
// March.
func monthEndings(lang press.Lang) []string {
	base, _, _ := strings.Cut(string(lang), "-")
	switch base {
	case "ru":
		return strings.Fields("а я у ю е ь й ом ем ём")
	case "uk":
		return strings.Fields("а я у ю і ь й ом ем ий ого ому им")
	case "tg":
		return strings.Fields("и ро ба у")
	case "kk":
		return inflected("ь ға ге қа ке да де та те дан ден тан тен нан нен ды ді ты ті ны ні дың дің тың тің ның нің", "ы і сы сі", "н нда нде нан нен на не ның нің", "да де та те", "ғы гі")
	case "ky":
		return inflected("ь га ге го гө ка ке ко кө да де до дө та те то тө дан ден дон дөн тан тен тон төн ды ди ду дү ты ти ту тү дын дин дун дүн тын тин тун түн", "ы и у ү", "н нда нде ндо ндө нан нен нон нөн на не но нө нын нин нун нүн", "да де до дө та те", "гы ги гу гү")
	case "tk":
		return inflected("a e y i u ü yň iň uň üň da de dan den", "y i u ü", "nda nde ndan nden na ne ny ni nyň niň", "da dä nda ndä", "ky ki")
	case "tr":
		return inflected("a e ı i u ü ın in un ün da de ta te dan den tan ten", "ı i u ü", "nda nde ndan nden na ne nı ni nın nin nun nün", "da de ta te", "ki")
	case "uz":
		return append(
			inflected("da dan ga ka qa ni ning gacha", "i", "da dan ga ni ning gacha", "da", "gi"),
			inflected("ь да дан га ка қа ни нинг гача", "и", "да дан га ни нинг гача", "да", "ги")...)
	}
	return nil
}

// inflected puts endings together: those of cases, those of possession with the
// cases behind them, and behind some of both that of what is there.
func inflected(cases, possessive, behind, places, there string) []string {
	all := strings.Fields(cases)
	for p := range strings.FieldsSeq(possessive) {
		all = append(all, p)
		for c := range strings.FieldsSeq(behind) {
			all = append(all, p+c)
		}
	}
	for _, ending := range slices.Clone(all) {
		for place := range strings.FieldsSeq(places) {
			for t := range strings.FieldsSeq(there) {
				if strings.HasSuffix(ending, place) {
					all = append(all, ending+t)
				}
			}
		}
	}
	return all
}

// of tells which month a word names; 0 for none. Arabic writes "and", "in" and
// "to" as a letter in front of it.
func (m months) of(word string) int {
	month := m.named(word)
	if first, size := utf8.DecodeRuneInString(word); month == 0 && strings.ContainsRune("وبل", first) {
		return m.named(word[size:])
	}
	return month
}

func (m months) named(word string) int {
	first, _ := utf8.DecodeRuneInString(word)
	if !slices.Contains(m.first, unicode.ToLower(first)) {
		return 0
	}
	if i := strings.IndexAny(word, "'’"); m.apostrophe && i > 0 {
		word = word[:i]
	}
	lower := strings.ToLower(word)
	best, length := 0, 0
	for _, f := range m.forms {
		if f.capital && !unicode.IsUpper(first) {
			continue
		}
		if lower == f.name {
			return f.month
		}
		for _, stem := range f.stems {
			if len(stem) > length && m.inflects(stem, f.name, lower) {
				best, length = f.month, len(stem)
			}
		}
	}
	return best
}

// inflects tells whether a word is a stem of a name with an ending.
func (m months) inflects(stem, name, word string) bool {
	rest, ok := strings.CutPrefix(word, stem)
	if !ok || m.endings == nil {
		return false
	}
	bare := rest == "" && stem != name && utf8.RuneCountInString(stem) > 2
	return bare || slices.Contains(m.endings, rest)
}
