package contactfile

import (
	"slices"

	"dateline/internal/press"
)

// place is a country as Generate peoples it.
type place struct {
	country press.Country
	weight  int
	cities  []city
	firsts  []share[press.Lang] // languages that come first
	also    []share[press.Lang] // what is read besides; the weight is a percentage
}

type city struct{ name, zone string }

func places() []place {
	type langs = []share[press.Lang]
	return []place{
		{
			"UZ", 26,
			[]city{{"Tashkent", "Asia/Tashkent"}, {"Samarkand", "Asia/Samarkand"}, {"Fergana", "Asia/Tashkent"}},
			langs{{"uz-Latn", 50}, {"ru", 30}, {"uz-Cyrl", 15}, {"en", 5}},
			langs{{"ru", 60}, {"en", 30}},
		},
		{
			"KZ", 24,
			[]city{{"Almaty", "Asia/Almaty"}, {"Astana", "Asia/Almaty"}, {"Aktobe", "Asia/Aqtobe"}},
			langs{{"ru", 50}, {"kk", 45}, {"en", 5}},
			langs{{"ru", 75}, {"kk", 20}, {"en", 30}},
		},
		{
			"KG", 14,
			[]city{{"Bishkek", "Asia/Bishkek"}, {"Osh", "Asia/Bishkek"}},
			langs{{"ky", 48}, {"ru", 45}, {"en", 7}},
			langs{{"ru", 80}, {"en", 25}},
		},
		{
			"TJ", 12,
			[]city{{"Dushanbe", "Asia/Dushanbe"}, {"Khujand", "Asia/Dushanbe"}},
			langs{{"tg", 60}, {"ru", 35}, {"en", 5}},
			langs{{"ru", 70}, {"en", 20}},
		},
		{
			"TM", 8,
			[]city{{"Ashgabat", "Asia/Ashgabat"}, {"Mary", "Asia/Ashgabat"}},
			langs{{"tk", 65}, {"ru", 30}, {"en", 5}},
			langs{{"ru", 60}, {"en", 15}},
		},
		{
			"US", 9,
			[]city{{"New York", "America/New_York"}, {"Washington", "America/New_York"}, {"Chicago", "America/Chicago"}},
			langs{{"en", 96}, {"ru", 4}},
			langs{{"en", 90}, {"ru", 6}},
		},
		{
			"AT", 7,
			[]city{{"Vienna", "Europe/Vienna"}, {"Graz", "Europe/Vienna"}},
			langs{{"en", 93}, {"ru", 7}},
			langs{{"en", 90}, {"ru", 12}},
		},
	}
}

// outletForm is a sort of outlet that every city has.
type outletForm struct {
	name, label string
	kind        press.OutletKind
}

func outletForms() []outletForm {
	return []outletForm{
		{"%s Wire", "wire", press.Wire},
		{"Agency %s", "agency", press.Wire},
		{"The %s Daily", "daily", press.Newspaper},
		{"%s Evening Post", "evening", press.Newspaper},
		{"%s Weekly", "weekly", press.Newspaper},
		{"Channel %s", "channel", press.TV},
		{"%s TV News", "tv", press.TV},
		{"Radio %s", "radio", press.Radio},
		{"%s Morning FM", "fm", press.Radio},
		{"%s Online", "online", press.Online},
		{"Today in %s", "today", press.Online},
		{"%s Free Reporters", "reporters", press.Freelance},
	}
}

// personName is a name in the two scripts that contacts are written in.
type personName struct{ latin, cyrillic string }

// in writes the name as readers of a language write it.
func (n personName) in(l press.Lang) string {
	if slices.Contains([]press.Lang{"ru", "uz-Cyrl", "kk", "ky", "tg"}, l) {
		return n.cyrillic
	}
	return n.latin
}

func givenNames() []personName {
	return []personName{
		{"Aziza", "Азиза"},
		{"Timur", "Тимур"},
		{"Dilnoza", "Дилноза"},
		{"Rustam", "Рустам"},
		{"Aigul", "Айгуль"},
		{"Daniyar", "Данияр"},
		{"Madina", "Мадина"},
		{"Nurlan", "Нурлан"},
		{"Cholpon", "Чолпон"},
		{"Azamat", "Азамат"},
		{"Zarina", "Зарина"},
		{"Farhod", "Фарҳод"},
		{"Jahan", "Джахан"},
		{"Merdan", "Мердан"},
		{"Olga", "Ольга"},
		{"Sergei", "Сергей"},
		{"Emily", "Эмили"},
		{"Martin", "Мартин"},
		{"Helene", "Хелене"},
		{"Lukas", "Лукас"},
	}
}

func familyNames() []personName {
	return []personName{
		{"Karimzoda", "Каримзода"},
		{"Yuldasheva", "Юлдашева"},
		{"Tursun", "Турсун"},
		{"Saidov", "Саидов"},
		{"Abenova", "Абенова"},
		{"Omarbek", "Омарбек"},
		{"Toktogul", "Токтогул"},
		{"Asanova", "Асанова"},
		{"Mirzo", "Мирзо"},
		{"Davlat", "Давлат"},
		{"Orazova", "Оразова"},
		{"Geldi", "Гельды"},
		{"Belova", "Белова"},
		{"Lesnoi", "Лесной"},
		{"Harper", "Харпер"},
		{"Whitfield", "Уитфилд"},
		{"Gruber", "Грубер"},
		{"Lindner", "Линднер"},
		{"Novak", "Новак"},
		{"Ashford", "Эшфорд"},
	}
}
