package parity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// fault is one fault put into one edition of the sample.
type fault struct {
	file, old, new string
	rule           string // that finds it; "" for none
	at             string // the finding's place is where this begins in the faulty file
	what           string // part of what is said
}

// In the sample each fault is found by its rule, at its place, and by no other.
func TestEveryFaultIsFound(t *testing.T) {
	words := shippedWords(t)
	for _, some := range [][]fault{numberFaults(), dateFaults(), nameFaults(), linkFaults(), quoteFaults(), blockFaults(), timeFaults(), letterFaults(), spaceFaults()} {
		for _, f := range some {
			t.Run(f.rule+"/"+f.file+"/"+f.new, func(t *testing.T) {
				t.Parallel()
				seed(t, f, words)
			})
		}
	}
}

func seed(t *testing.T, f fault, words map[press.Lang]*locale.Language) {
	dir := sampleCopy(t)
	file := filepath.Join(dir, "releases", sampleSlug, f.file+".md")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(b), f.old) < 1 {
		t.Fatalf("%s does not have %q", f.file, f.old)
	}
	text := strings.Replace(string(b), f.old, f.new, 1)
	if strings.HasPrefix(f.new, "headline: '") {
		text = strings.Replace(text, "Central Asia\nsubject", "Central Asia'\nsubject", 1)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	found := Check(folderInput(t, dir, sampleSlug, words))
	if f.rule == "" {
		for _, x := range found {
			t.Error(x)
		}
		return
	}
	for len(found) > 1 && found[0].Rule == f.rule && found[len(found)-1].Rule == f.rule { // what is moved is missed in one place and too much in another
		found = found[:len(found)-1]
	}
	if len(found) != 1 || found[0].Rule != f.rule || !strings.Contains(found[0].What, f.what) || found[0].Want == "" {
		t.Fatalf("want one finding, %q [%s]; got %d:\n%s", f.what, f.rule, len(found), lines(found))
	}
	line, column := placeOf(t, text, f.at)
	if x := found[0]; x.File != "releases/"+sampleSlug+"/"+f.file+".md" || x.Line != line || x.Column != column {
		t.Errorf("want it at %d:%d: %v", line, column, x)
	}
}

func placeOf(t *testing.T, text, what string) (line, column int) {
	t.Helper()
	i := strings.Index(text, what)
	if i < 0 {
		t.Fatalf("%q is not there", what)
	}
	start := strings.LastIndex(text[:i], "\n") + 1
	return strings.Count(text[:i], "\n") + 1, utf8.RuneCountInString(text[start:i]) + 1
}

func lines(found []press.Finding) string {
	var b strings.Builder
	for _, f := range found {
		b.WriteString(f.Error() + "\n")
	}
	return b.String()
}

func numberFaults() []fault {
	return []fault{
		{"tk", "250-den", "260-den", "numbers", "260-den", "the number 260 stands here; 250 in its place in en, kk, ky, ru, tg, uz-Cyrl, uz-Latn"},
		{"en", "57 participating", "participating", "numbers", "The UN Regional Centre has", "the number 57 stands in kk, ky, ru, tg, tk, uz-Cyrl, uz-Latn; not in en"},
		{"ru", "250 человек", "2,50 человек", "numbers", "2,50", "the number 2,50 stands here; 250 in its place in"},
		{"ru", "250 человек", "250 человек из 35 стран", "numbers", "35", "the number 35 stands in ru; not in en"},
		{"kk", "57 қатысушы", "57 % қатысушы", "", "", ""},
		{"en", "rest on the same four", "rest on the same 4", "", "", ""},
		{"en", "Five Central Asian states", "More than 1,250,000 people", "numbers", "1,250,000", "1,250,000"},
		{"en", "headline: Tashkent Declaration sums up ten years", "headline: Tashkent Declaration sums up 15 years", "numbers", "15 years", "15 stands in en"},
		{"uz-Latn", "2011-yildan buyon", "2012-yildan buyon", "numbers", "2012", "2012 stands here; 2011"},
		{"uz-Latn", "250 dan", "250 000 dan", "numbers", "250 000", "250 000 stands here; 250"},
		{"en", "headline: Tashkent Declaration sums up ten years of", "headline: 'Tashkent Declaration sums up 15 years of", "numbers", "15 years", "15 stands in en"},
		{"en", "headline: Tashkent Declaration sums up ten years of", "headline: >-\n  Tashkent Declaration sums up 15\n  years of", "numbers", ">-", "15 stands in en"},
		{"tg", "беш аз 250", "беш аз ۲۵۰", "", "", ""},
	}
}

func dateFaults() []fault {
	return []fault{
		{"en", "4 March 2022", "5 March 2022", "dates", "5 March", "the date 5 March 2022 stands here; 2022 жылғы 4 наурызда in its place in kk"},
		{"en", "4 March 2022", "March 4, 2022", "", "", ""},
		{"en", "4 March 2022", "2022-03-04", "", "", ""},
		{"ru", "4 марта 2022 года", "04.03.2022", "", "", ""},
		{"ru", "ноябре 2011 года", "декабре 2011 года", "dates", "декабре", "the date декабре 2011 stands here; November 2011 in its place in en"},
		{"ru", "4 марта 2022 года", "4 мая 2022 года", "dates", "4 мая", "4 мая 2022"},
		{"kk", "2022 жылғы 4 наурызда", "2022 жылғы 4 сәуірде", "dates", "2022 жылғы 4 сәуірде", "сәуірде"},
		{"ky", "2022-жылдын 4-мартында", "2022-жылдын 5-мартында", "dates", "2022-жылдын 5", "5-мартында"},
		{"tg", "4 марти соли 2022", "3 марти соли 2022", "dates", "3 марти", "3 марти соли 2022"},
		{"tk", "2022-nji ýylyň 4-nji martynda", "2021-nji ýylyň 4-nji martynda", "dates", "2021-nji ýylyň 4", "2021-nji"},
		{"uz-Cyrl", "2022 йил 4 март", "2022 йил 4 апрель", "dates", "2022 йил 4 апрель", "апрель"},
		{"uz-Latn", "2022-yil 4-mart kuni", "2022-yil 14-mart kuni", "dates", "2022-yil 14", "14-mart"},
		{"uz-Latn", "2006-yil sentabr oyida", "2006-yil", "dates", "Qoʻshma harakatlar rejasi 2011", "stands in en, kk, ky, ru, tg, tk, uz-Cyrl; not in uz-Latn"},
	}
}

func nameFaults() []fault {
	return []fault{
		{"ru", "(ИСМИ)", "(ISRS)", "names", "ISRS", "the name in Latin letters ISRS stands in ru; not in kk, ky, tg, uz-Cyrl"},
		{"en", "UN Regional Centre has worked", "UN Regional Centre (@UN_Centre) has worked", "names", "@UN_Centre", "@UN_Centre stands in en; not in kk"},
		{"tk", "Ol BMG-niň", "Ol (A/RES/60/288) BMG-niň", "names", "A/RES/60/288) ", "A/RES/60/288 stands in tk"},
		{"kk", "ЕҚЫҰ 57", "ЕҚЫҰ press@conference.example 57", "links", "press@conference", "mailto:press@conference.example stands in kk"},
		{"kk", "Екі құжат та", "Екі құжат та (XXI)", "", "", ""},
	}
}

func linkFaults() []fault {
	return []fault{
		{"ky", "https://www.osce.org", "https://www.osce.org/oscepa", "links", "[Европадагы", "the link to https://www.osce.org/oscepa stands here; https://www.osce.org in its place"},
		{"ky", "https://www.osce.org", "https://www.osce.org/ru", "", "", ""},
		{"tk", "https://undocs.org/", "https://undocs.org/en/", "", "", ""},
		{"ru", "https://www.osce.org", "https://www.osce.org?lang=ru&", "", "", ""},
		{"ru", "https://www.osce.org", "http://www.osce.org", "link-https", "[Организация по", "the link to http://www.osce.org is not https"},
		{"tk", "[Ýewropada Howpsuzlyk we Hyzmatdaşlyk Guramasy](https://www.osce.org)", "Ýewropada Howpsuzlyk we Hyzmatdaşlyk Guramasy", "links", "Maslahat Özbeg", "https://www.osce.org stands in en"},
	}
}

func quoteFaults() []fault {
	return []fault{
		{"ru", "«Об обновлённом", "„Об обновлённом", "quote-marks", "„Об", "is not that of ru"},
		{"en", "“The renewed plan will be judged by what changes at borders, in schools and in courts,” the", "\"The renewed plan will be judged by what changes at borders, in schools and in courts,\" the", "quote-marks", "\"The", "straight"},
		{"kk", "береді», – делінген", "береді, – делінген", "quote-marks", "«Жаһандық стратегия көршілер", "is not closed"},
		{"tg", "«Ба нақшаи", "Ба нақшаи", "quote-marks", "», — таъкид", "closes nothing"},
		{"uz-Cyrl", "«Янгиланган", "«“Янгиланган”", "", "", ""},
		{"tk", "«Täzelenen meýilnama serhetlerde, mekdeplerde we kazyýetlerde nämäniň üýtgejekdigine garap baha berler»", "Täzelenen meýilnama serhetlerde, mekdeplerde we kazyýetlerde nämäniň üýtgejekdigine garap baha berler", "quotes", "## Täzelenen", "quotation"},
	}
}

func blockFaults() []fault {
	return []fault{
		{"ru", "ООН.\n\nВ двухдневной", "ООН. В двухдневной", "paragraphs", "Пять государств", "paragraph"},
		{"ru", "Среди них —", "\n\nСреди них —", "paragraphs", "«Глобальная стратегия лучше", "4 paragraphs"},
		{"en", "- building states’ capacity and strengthening the role of the United Nations system;\n", "", "paragraphs", "## From Ashgabat", "3 list items"},
		{"en", "Both documents", "> Both documents", "paragraphs", "## From", "1 paragraph"},
		{"tg", "## Нақшаи таҷдидшуда\n\n", "", "paragraphs", "Панҷ", "heading"},
	}
}

func timeFaults() []fault {
	return []fault{
		{"en", "on 4 March 2022", "on Thursday, 4 March 2022", "weekday", "Thursday", "Thursday stands beside 2022-03-04, which is a Friday"},
		{"en", "on 4 March 2022", "on Friday, 4 March 2022", "", "", ""},
		{"ru", "в Ташкенте 4 марта 2022 года", "в Ташкенте в четверг, 4 марта 2022 года", "weekday", "четверг", "четверг"},
		{"ru", "в Ташкенте 4 марта 2022 года", "в Ташкенте 4 марта 2022 года, в субботу", "weekday", "субботу", "субботу"},
		{"kk", "2022 жылғы 4 наурызда", "2022 жылғы 4 наурызда, бейсенбі күні,", "weekday", "бейсенбі", "бейсенбі"},
		{"ky", "2022-жылдын 4-мартында", "2022-жылдын 4-мартында, бейшемби күнү,", "weekday", "бейшемби", ""},
		{"tg", "4 марти соли 2022", "панҷшанбе, 4 марти соли 2022", "weekday", "панҷшанбе", ""},
		{"tg", "Конфронс 4 марти соли 2022 дар Тошканд", "Конфронс дар Душанбе 4 марти соли 2022", "", "", ""},
		{"tk", "2022-nji ýylyň 4-nji martynda", "2022-nji ýylyň 4-nji martynda, penşenbe güni,", "weekday", "penşenbe", ""},
		{"uz-Cyrl", "2022 йил 4 март", "2022 йил 4 март, пайшанба", "weekday", "пайшанба", ""},
		{"uz-Latn", "2022-yil 4-mart kuni", "2022-yil 4-mart, payshanba kuni", "weekday", "payshanba", ""},
		{"en", "on 4 March 2022", "on 4 March 2022 (Saturday)", "weekday", "Saturday", ""},
		{"en", "Five Central Asian states", "EMBARGOED until 6 p.m. Tashkent time on 5 March 2027. Five Central Asian states", "embargo-typed", "6 p.m.", "the embargo is typed as 6 p.m. Tashkent time on 5 March 2027; the release's is 2027-03-04 18:00 Asia/Tashkent"},
		{"en", "Five Central Asian states", "Embargo: 4 March 2027, 13:00 Tashkent. Five Central Asian states", "embargo-typed", "4 March 2027", "13:00"},
		{"ru", "Пять государств", "Эмбарго до 18:00 по московскому времени. Пять государств", "embargo-typed", "18:00", "typed as 18:00"},
		{"ru", "Пять государств", "Пресс-конференция пройдёт 4 марта 2027 года в 18:00 UTC. Пять государств", "embargo-typed", "4 марта 2027", "looks like the embargo's lift"},
		{"en", "Five Central Asian states", "Doors open at 18:00 on 4 March 2026. Five Central Asian states", "embargo-typed", "18:00", "looks like"},
		{"en", "Five Central", "TASHKENT/NEW YORK/VIENNA — Five Central", "dateline", "TASHKENT", "repeats"},
		{"ru", "Пять государств", "Ташкент, Вена — Пять государств", "dateline", "Ташкент, Вена", "contradicts"},
		{"en", "Five Central", "SAMARKAND — Five Central", "dateline", "SAMARKAND", "contradicts"},
		{"ru", "Пять государств", "Ташкент — столица Узбекистана. Пять государств", "", "", ""},
		{"en", "event: High-level", "event: EMBARGO until 5 March 2027, High-level", "embargo-typed", "5 March", ""},
	}
}

func letterFaults() []fault {
	return []fault{
		{"ru", "Пять государств", "Пять гоcударств", "look-alikes", "cударств", "the word гоcударств has Latin and Cyrillic letters in it: c is Latin"},
		{"en", "Five Central", "Five Сentral", "look-alikes", "Сentral", "С is Cyrillic"},
		{"kk", "Орталық Азияның бес", "Oрталық Азияның бес", "look-alikes", "Oрталық", "O is Latin"},
		{"uz-Latn", "oʻz aksini", "o'z aksini", "", "", ""},
		{"uz-Cyrl", "БМТнинг Глобал", "UNнинг Глобал", "look-alikes", "UNнинг", "UNнинг"},
		{"ru", "работает в Ашхабаде с", "работает в Ашхабаде c", "look-alikes", "c 2007", "the letter c is Latin"},
		{"tk", "Ol BMG-niň", "Ol BMG-ниň", "look-alikes", "ň Baş", "ниň"},
		{"kk", "БҰҰ-ның өңірлік", "COVID-тің UN-ның өңірлік", "names", "COVID", ""},
	}
}

func spaceFaults() []fault {
	return []fault{
		{"ru", "Пять государств", "Пять  государств", "spaces", "  государств", "2 spaces"},
		{"en", "in Tashkent on 4", "in Tashkent , on 4", "spaces", " , on", "a space stands before ,"},
		{"uz-Latn", "yakunlangan yuqori", "yakunlangan : yuqori", "spaces", " : yuqori", ""},
		{"tk", "aýdylýar.", "aýdylýar .", "spaces", " .", ""},
	}
}
