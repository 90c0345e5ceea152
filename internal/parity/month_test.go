package parity

import (
	"strings"
	"testing"

	"dateline/internal/press"
)

// The months in the cases in which texts have them.
func TestMonthsInTheirCases(t *testing.T) {
	words := shippedWords(t)
	for lang, forms := range map[press.Lang]map[int]string{
		"en":      {3: "March", 5: "May", 9: "September"},
		"ru":      {1: "январь января январю январём январе", 3: "март марта марту мартом марте", 5: "май мая маю маем мае", 6: "июнь июня июню июне", 7: "июль июля июле", 8: "август августа августе", 12: "декабрь декабря декабре Декабрь"},
		"kk":      {1: "қаңтар қаңтарда қаңтардың", 3: "наурыз наурызда наурызында наурыздан наурыздағы", 7: "шілде шілдеде шілдесінде шілденің", 9: "қыркүйек қыркүйекте қыркүйегінде", 11: "қараша қарашада қарашасында қарашасынан", 12: "желтоқсан желтоқсанның желтоқсанға"},
		"ky":      {1: "январь январы январында январга", 3: "март мартта мартында марты мартынан мартындагы", 6: "июнь июнда июнунда июнуна", 8: "август августта августунда августтан", 10: "октябрь октябрда октябрында"},
		"tg":      {3: "март марти мартро", 11: "ноябр ноябри"},
		"tk":      {1: "ýanwar ýanwarda ýanwarynda", 3: "mart marty martynda martda marta martyndaky", 5: "maý maýda maýynda", 9: "sentýabrynda sentýabrynyň"},
		"uz-Latn": {3: "mart martda martdan martga martdagi martida", 5: "may maydan", 9: "sentabr sentabrda sentabrning sentabrgacha"},
		"uz-Cyrl": {3: "март мартда мартдан мартдаги мартида", 9: "сентябрь сентябрда сентябрдан"},
		"ar":      {3: "مارس", 9: "سبتمبر وسبتمبر"},
	} {
		m := monthsOf(words[lang])
		for month, names := range forms {
			for name := range strings.FieldsSeq(names) {
				if got := m.of(name); got != month {
					t.Errorf("%s: %s is month %d, want %d", lang, name, got, month)
				}
			}
		}
	}
	for lang, others := range map[press.Lang]string{
		"en":      "may march Marching Mayor Augustus",
		"ru":      "мартовский маяк майор Августин июньский",
		"kk":      "қазандық тамызық",
		"ky":      "мартабак",
		"tk":      "martaba",
		"uz-Latn": "marta martaba mayiz mayor",
		"uz-Cyrl": "марта мартаба майиз",
	} {
		m := monthsOf(words[lang])
		for name := range strings.FieldsSeq(others) {
			if got := m.of(name); got != 0 {
				t.Errorf("%s: %s is no month, and not %d", lang, name, got)
			}
		}
	}
}
