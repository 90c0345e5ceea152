package parity

import (
	"fmt"
	"slices"
	"testing"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// written is an edition: its language, its headline, its body.
type written struct {
	lang           press.Lang
	headline, body string
}

// differences gives what the comparing rules say of editions, in their order.
func differences(words map[press.Lang]*locale.Language, texts []written) []string {
	in := Input{Words: words, Levels: press.DefaultLint(), Release: press.Release{Slug: "made-up", Dateline: press.Dateline{Date: press.Date{Year: 2022, Month: 3, Day: 4}, Zone: "UTC"}}}
	in.Release.Embargo.None = true
	for i, x := range texts {
		in.Release.Editions = append(in.Release.Editions, press.Edition{
			Lang: x.lang, File: fmt.Sprintf("%d-%s.md", i, x.lang), Headline: x.headline, Subject: x.headline, Body: x.body, BodyLine: 6,
		})
	}
	var found []string
	for _, f := range Check(in) {
		found = append(found, fmt.Sprintf("%s:%d:%d %s: %s", f.File[len("releases/made-up/"):], f.Line, f.Column, f.Rule, f.What))
	}
	return found
}

func TestInWhatEditionsDiffer(t *testing.T) {
	words := shippedWords(t)
	for _, c := range []struct {
		name  string
		texts []written
		want  []string
	}{
		{"one edition alone", []written{{"en", "In 2021", "5,000 came on 4 March 2022 to https://example.org"}}, nil},
		{"split evenly, told at the first", []written{{"en", "", "It cost 4,000."}, {"ru", "", "Это стоило 5000."}}, []string{
			"0-en.md:6:9 numbers: the number 4,000 stands here; 5000 in its place in ru",
		}},
		{"footnotes", []written{{"en", "", "It cost a lot.[^1]\n\nMore.[^why]\n\n[^1]: 4,000 in all.\n[^why]: By 17."}, {"ru", "", "Дорого.[^a]\n\nЕщё.[^b]\n\n[^b]: На 17.\n[^a]: Всего 4000."}, {"kk", "", "Қымбат.[^1]\n\nТағы.[^2]\n\n[^1]: Барлығы 5000.\n[^2]: Тағы 17."}}, []string{
			"2-kk.md:10:15 numbers: the number 5000 stands here; 4,000 in its place in en, ru",
		}},
		{"two against one", []written{{"en", "", "It cost 4,000."}, {"ru", "", "Это стоило 5 000."}, {"kk", "", "5000 болды."}}, []string{
			"0-en.md:6:9 numbers: the number 4,000 stands here; 5 000 in its place in ru, kk",
		}},
		{"missing in one", []written{{"en", "", "It cost 4,000.\n\nAnd 17 more."}, {"ru", "", "Это стоило 4000.\n\nИ ещё."}, {"kk", "", "4000 болды.\n\nТағы 17."}}, []string{
			"1-ru.md:8:1 numbers: the number 17 stands in en, kk; not in ru",
		}},
		{"in two of four", []written{{"en", "", "It cost 4,000."}, {"ru", "", "Это стоило 4000."}, {"kk", "", "Қымбат болды."}, {"ky", "", "Кымбат болду."}}, []string{
			"0-en.md:6:9 numbers: the number 4,000 stands in en, ru; not in kk, ky",
		}},
		{"missing in two", []written{{"en", "", "It cost 4,000."}, {"ru", "", "Это стоило 4000."}, {"kk", "", "4000 болды."}, {"ky", "", "Кымбат болду."}, {"tg", "", "Гарон шуд."}}, []string{
			"3-ky.md:6:1 numbers: the number 4,000 stands in en, ru, kk; not in ky, tg",
			"4-tg.md:6:1 numbers: the number 4,000 stands in en, ru, kk; not in ky, tg",
		}},
		{"more often in one", []written{{"en", "", "20 of 20"}, {"ru", "", "20 из"}, {"kk", "", "20"}}, []string{
			"0-en.md:6:7 numbers: the number 20 stands twice in en; once in ru, kk",
		}},
		{"in a headline", []written{{"en", "In 2021", "A."}, {"ru", "В 2022", "A."}, {"kk", "2022 жылы", "A."}}, []string{
			"0-en.md:1:1 numbers: the number 2021 stands here; 2022 in its place in ru, kk",
		}},
		{"grouped and broken as each language does", []written{
			{"en", "", "1,250,500.50 and 0.75 and 12.5% and 3,5 and 20,000"},
			{"ru", "", "1 250 500,5 и 0,75 и 12,5 % и 3,5 и 20 000"},
			{"tk", "", "1.250.500,50 we 0,750 we 12,5% we 3,5 we 20.000"},
			{"fr", "", "1 250 500,5 et 0,75 et 12,5 % et 3,5 et 20 000"},
			{"ar", "", "١٬٢٥٠٬٥٠٠٫٥ و ٠٫٧٥ و ١٢٫٥٪ و ٣٫٥ و ٢٠٬٠٠٠"},
		}, nil},
		{"with endings", []written{
			{"en", "", "the 21st of 250 in the 1990s, COVID-19, G20"},
			{"tk", "", "21-nji 250-den 1990-njy, COVID-19, G20"},
			{"ky", "", "21-чи 250дөн 1990-жылдары"},
			{"uz-Latn", "", "21-chi 250 dan 1990-yillar"},
			{"ru", "", "21-й из 250 в 1990-х годах, КОВИД-19"},
		}, nil},
		{"a small number may be a word", []written{{"en", "", "All five came, 12 of 13."}, {"ru", "", "Все 5 приехали, 12 из 13."}}, nil},
		{"another small number is none", []written{{"en", "", "All 6 came."}, {"ru", "", "Все 5 приехали."}, {"kk", "", "5 адам"}}, []string{
			"0-en.md:6:5 numbers: the number 6 stands here; 5 in its place in ru, kk",
		}},
		{"times of day", []written{{"en", "", "At 6 p.m., 9:30 a.m. and 18:05."}, {"ru", "", "В 18 часов, 09:30 и 18.05."}, {"fr", "", "À 18 h, 9h30 et 18:05."}}, nil},
		{"another time of day", []written{{"en", "", "At 6 p.m."}, {"ru", "", "В 18:00"}, {"kk", "", "сағат 19:00-де"}}, []string{
			"2-kk.md:6:7 numbers: the number 19:00 stands here; 6 p.m. in its place in en, ru",
		}},
		{"dates in all forms", []written{
			{"en", "", "4 March 2022, March 5, 2022, 6th of May 2023, November 2011, 3–4 June 2021, 7 July"},
			{"ru", "", "4 марта 2022 г., 05.03.2022, 6 мая 2023 года, ноябрь 2011 г., 3–4 июня 2021 года, к 7 июля"},
			{"kk", "", "2022 жылғы 4 наурыз, 2022 жылғы 5 наурызда, 2023 жылғы 6 мамырдан, 2011 жылғы қараша, 2021 жылғы 3–4 маусымда, 7 шілдеге"},
			{"ky", "", "2022-жылдын 4-марты, 2022-жылдын 5-мартында, 2023-жылдын 6-майынан, 2011-жылдын ноябры, 2021-жылдын 3–4-июнунда, 7-июлга"},
			{"tg", "", "4 марти соли 2022, 5 марти соли 2022, 6 майи соли 2023, ноябри соли 2011, 3–4 июни соли 2021, 7 июл"},
			{"tk", "", "2022-nji ýylyň 4-nji marty, 2022-nji ýylyň 5-nji martynda, 2023-nji ýylyň 6-njy maýyndan, 2011-nji ýylyň noýabry, 2021-nji ýylyň 3–4-nji iýuny, 7-nji iýulda"},
			{"uz-Latn", "", "2022-yil 4-mart, 2022-yil 5-martda, 2023-yil 6-maydan, 2011-yil noyabr, 2021-yil 3–4-iyun, 7-iyulga"},
			{"uz-Cyrl", "", "2022 йил 4 март, 2022 йил 5 мартда, 2023 йил 6 майдан, 2011 йил ноябрь, 2021 йил 3–4 июнь, 7 июлга"},
			{"ar", "", "4 مارس 2022 و5 مارس 2022 و6 مايو 2023 ونوفمبر 2011 و3–4 يونيو 2021، 7 يوليو"},
		}, nil},
		{"spans of dates", []written{
			{"en", "", "March 3–4, 2022; 30 March – 2 April 2022; from 5 May to 6 June 2023; 18:00-19:30"},
			{"ru", "", "3–4 марта 2022 года; 30 марта — 2 апреля 2022 года; с 5 мая по 6 июня 2023 года; 18.00–19.30"},
			{"kk", "", "2022 жылғы 3–4 наурыз; 2022 жылғы 30 наурыз – 2 сәуір; 2023 жылғы 5 мамырдан 6 маусымға дейін; 18:00–19:30"},
		}, nil},
		{"two days of a month", []written{
			{"en", "", "14 and 15 March 2022"},
			{"ru", "", "14 и 15 марта 2022 года"},
			{"kk", "", "2022 жылғы 14 және 15 наурыз"},
			{"tk", "", "2022-nji ýylyň 14-nji we 15-nji marty"},
			{"uz-Latn", "", "2022-yil 14 va 15-mart"},
			{"zh", "", "2022年3月14至15日"},
		}, nil},
		{"a date and its parts are told once", []written{{"en", "", "On 4 March 2022."}, {"ru", "", "В 2022 году."}, {"kk", "", "2022 жылғы 4 наурыз"}}, []string{
			"1-ru.md:6:1 dates: the date 4 March 2022 stands in en, kk; not in ru",
		}},
		{"names in Latin letters", []written{{"en", "", "UN and NATO"}, {"ru", "", "ООН и NATO"}, {"kk", "", "БҰҰ"}, {"ky", "", "БУУ"}}, []string{
			"1-ru.md:6:7 names: the name in Latin letters NATO stands in ru; not in kk, ky",
		}},
		{"the one edition in another script", []written{{"en", "", "by Acme Ltd"}, {"ru", "", "Это Acme и Akme вместе"}}, []string{
			"1-ru.md:6:12 names: the name in Latin letters Akme stands in ru; not in en",
		}},
		{"symbols and handles", []written{{"en", "", "A/RES/60/288, @press, #peace"}, {"ru", "", "A/RES/60/289, @press, #peace"}, {"tk", "", "A/RES/60/288, @press, #peace"}}, []string{
			"1-ru.md:6:1 names: the name A/RES/60/289 stands here; A/RES/60/288 in its place in en, tk",
		}},
		{"quotations", []written{{"en", "“A” b", "“A” “b “c””"}, {"ru", "«A» b", "«А «в»» б"}, {"kk", "«A» b", "«А» «б»"}}, []string{
			"1-ru.md:6:1 quotes: the text has 1 quotation in ru; 2 in en, kk",
		}},
		{"sections", []written{{"en", "", "A.\n\n# B\n\nC.\n\nD."}, {"ru", "", "А.\n\n# Б\n\nВ."}, {"kk", "", "А.\n\n# Б\n\nВ.\n\nГ."}}, []string{
			"1-ru.md:8:1 paragraphs: the section `Б` has 1 paragraph in ru; 2 in en, kk",
		}},
		{"a table", []written{{"en", "", "|a|\n|-|\n|1|"}, {"ru", "", "а"}, {"kk", "", "|a|\n|-|\n|1|"}}, []string{
			"1-ru.md:6:1 paragraphs: the text has 1 paragraph in ru; none in en, kk", "1-ru.md:6:1 paragraphs: the text has no tables in ru; 1 in en, kk",
		}},
		{"what no reader sees", []written{{"en", "", "A. <!-- 4000 -->"}, {"ru", "", "А.\n\n```\n5000 «\n```"}, {"kk", "", "А. `6000`"}}, nil},
	} {
		if got := differences(words, c.texts); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// The same sentences in every language that ships, as each writes its dates,
// numbers, times, quotations and weekdays: nothing differs, and nothing is wrong.
func TestTheSameInEveryLanguage(t *testing.T) {
	words := shippedWords(t)
	texts := slices.DeleteFunc([]written{
		{"en", "", "On Friday, 4 March 2022, 1,250.5 km; “yes: it is!” in November 2011 at 18:00, from January 2011 to May 2012, 5–6 September 2020"},
		{"ru", "", "В пятницу, 4 марта 2022 года, 1 250,5 км; «да: это так!» в ноябре 2011 года в 18:00, с января 2011 года по май 2012 года, 5–6 сентября 2020 года"},
		{"kk", "", "2022 жылғы 4 наурызда, жұма күні, 1 250,5 км; «иә: солай!» 2011 жылғы қарашада сағат 18:00-де, 2011 жылғы қаңтардан 2012 жылғы мамырға дейін, 2020 жылғы 5–6 қыркүйек"},
		{"ky", "", "2022-жылдын 4-мартында, жума күнү, 1 250,5 км; «ооба: ошондой!» 2011-жылдын ноябрында саат 18:00дө, 2011-жылдын январынан 2012-жылдын майына чейин, 2020-жылдын 5–6-сентябры"},
		{"tg", "", "Рӯзи ҷумъа, 4 марти соли 2022, 1250,5 км; «бале: ҳамин тавр!» ноябри соли 2011 соати 18:00, аз январи соли 2011 то майи соли 2012, 5–6 сентябри соли 2020"},
		{"tk", "", "2022-nji ýylyň 4-nji martynda 1 250,5 km; «hawa: şeýle!» 2011-nji ýylyň noýabrynda sagat 18:00-da, 2011-nji ýylyň ýanwaryndan 2012-nji ýylyň maýyna çenli, 2020-nji ýylyň 5–6-njy sentýabry"},
		{"uz-Latn", "", "2022-yil 4-mart, juma kuni 1 250,5 km; «ha: shunday!» 2011-yil noyabr oyida soat 18:00 da, 2011-yil yanvaridan 2012-yil mayigacha, 2020-yil 5–6-sentabr"},
		{"uz-Cyrl", "", "2022 йил 4 март, жума куни 1 250,5 км; «ҳа: шундай!» 2011 йил ноябрь ойида соат 18:00 да, 2011 йил январидан 2012 йил майигача, 2020 йил 5–6 сентябрь"},
		{"fr", "", "Le vendredi 4 mars 2022, 1 250,5 km\u00a0; «\u00a0oui\u00a0: c’est ça\u202f!\u00a0» en novembre 2011 à 18 h, de janvier 2011 à mai 2012, les 5 et 6 septembre 2020"},
		{"de", "", "Am Freitag, dem 4. März 2022, 1.250,5 km; „ja: so ist es!“ im November 2011 um 18 Uhr, von Januar 2011 bis Mai 2012, 5.–6. September 2020"},
		{"es", "", "El viernes 4 de marzo de 2022, 1.250,5 km; «sí: ¡eso es!» en noviembre de 2011 a las 18:00, de enero de 2011 a mayo de 2012, 5-6 de septiembre de 2020"},
		{"uk", "", "У п’ятницю, 4 березня 2022 року, 1250,5 км; «так: це воно!» у листопаді 2011 року о 18:00, із січня 2011 року до травня 2012 року, 5–6 вересня 2020 року"},
		{"tr", "", "4 Mart 2022 Cuma günü 1.250,5 km; “evet: öyle!” Kasım 2011'de saat 18.00'de, Ocak 2011'den Mayıs 2012'ye, 5-6 Eylül 2020"},
		{"fa", "", "جمعه ۴ مارس ۲۰۲۲، ۱۲۵۰٫۵ کیلومتر؛ «بله: همین!» در نوامبر ۲۰۱۱ ساعت ۱۸:۰۰، از ژانویهٔ ۲۰۱۱ تا مهٔ ۲۰۱۲، ۵–۶ سپتامبر ۲۰۲۰"},
		{"ar", "", "يوم الجمعة 4 مارس 2022، 1250.5 كم؛ «نعم: هو!» في نوفمبر 2011 الساعة 18:00، من يناير 2011 إلى مايو 2012، 5–6 سبتمبر 2020"},
		{"zh", "", "2022年3月4日星期五，1250.5公里；“是的：就是！”2011年11月，18:00，2011年1月至2012年5月，2020年9月5–6日"},
	}, func(w written) bool { return words[w.lang] == nil })
	if len(texts) != len(words) {
		t.Errorf("%d languages ship, and %d of them are tried", len(words), len(texts))
	}
	for _, x := range differences(words, texts) {
		t.Error(x)
	}
}
