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
}

type monthForm struct {
	month   int
	name    string // in small letters
	stem    string
	capital bool // the language writes it with a capital letter
}

// monthsOf reads the months of a language; without one it finds none.
func monthsOf(l *locale.Language) months {
	if l == nil {
		return months{}
	}
	m := months{endings: monthEndings(l.Tag)}
	inDate, alone := l.Months()
	for i, name := range append(inDate, alone...) {
		if strings.ContainsFunc(name, isDigit) { // 3月; see figureForms
			continue
		}
		first, _ := utf8.DecodeRuneInString(name)
		lower := strings.ToLower(name)
		m.first = append(m.first, unicode.ToLower(first))
		m.forms = append(m.forms, monthForm{i%12 + 1, lower, stemOf(lower), unicode.IsUpper(first)})
	}
	long := l.LongDate(press.Date{Year: 2022, Month: 3, Day: 4})
	m.year = strings.Index(long, "2022") == 0
	return m
}

// stemOf takes off what a name's case puts at its end.
func stemOf(name string) string {
	runes := []rune(name)
	if last := len(runes) - 1; last >= 2 && strings.ContainsRune("аеиоуыэюяіьüuyi", runes[last]) {
		return string(runes[:last])
	}
	return name
}

// monthEndings are the endings of months in languages that inflect them. They
// are all written out: "3 marta" is three times in Uzbek, not the third of March.
func monthEndings(lang press.Lang) []string {
	base, _, _ := strings.Cut(string(lang), "-")
	switch base {
	case "ru", "uk", "be", "bg", "sr", "mk":
		return strings.Fields("а я у ю е і ь й ом ем ём ого")
	case "kk", "ky", "tt", "uz", "tk", "tr", "az":
		return turkicEndings()
	case "tg":
		return strings.Fields("и ро ба")
	}
	return nil
}

func turkicEndings() []string {
	return strings.Fields(`ы и у ү ь да де та те дан ден тан тен нан нен га ге ка ке ға ге қа ке гача ни ны ні ди ді ды нинг ның нің нын нин дын дин дун
		ында инде унда үндө ндо нда нде ындан инен унан ынан ынын инин унун үнүн ына ине уна үнө ындагы ундагы индеги ындағы дагы дағы дегі ындан даги ь да
		y i u ü da de ta te dan den tan ten ga ge ka ke gacha ni ning nyň niň dagi daky däki ynda inde unda ünde ında yndan inden undan ından
		yň iň uň yna ine una yny ini uny yndaky indäki undaky ynyň iniň unyň ıın ın in un ün ı a'da da'ki`)
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
	lower := strings.ToLower(word)
	best, length := 0, 0
	for _, f := range m.forms {
		if f.capital && !unicode.IsUpper(first) {
			continue
		}
		if lower == f.name {
			return f.month
		}
		for _, stem := range []string{f.name, f.stem} {
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
