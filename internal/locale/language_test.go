package locale

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

var update = flag.Bool("update", false, "write the golden files anew")

const phraseFolder = "../../templates/phrases"

// shipped are the tags of the phrase files that ship.
func shipped() []string {
	return []string{"ar", "en", "kk", "ky", "ru", "tg", "tk", "uz-Cyrl", "uz-Latn"}
}

func source(t testing.TB, tag string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(phraseFolder, tag+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func load(t testing.TB, tag string) *Language {
	t.Helper()
	l, faults := ParseLanguage("phrases/"+tag+".yaml", source(t, tag))
	if err := faults.OrNil(); err != nil {
		t.Fatal(err)
	}
	return l
}

func day(t testing.TB, s string) press.Date {
	t.Helper()
	d, err := press.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAllPhraseFilesShip(t *testing.T) {
	files, err := filepath.Glob(phraseFolder + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tags []string
	for _, f := range files {
		tags = append(tags, strings.TrimSuffix(filepath.Base(f), ".yaml"))
	}
	if got, want := strings.Join(tags, " "), strings.Join(shipped(), " "); got != want {
		t.Errorf("phrase files for %s, want %s", got, want)
	}
}

// The golden files show everything that a language says, for people to read.
func TestWhatEachLanguageSays(t *testing.T) {
	for _, tag := range shipped() {
		t.Run(tag, func(t *testing.T) {
			got := said(t, load(t, tag))
			file := filepath.Join("testdata", "said", tag+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; go test -update writes it anew. Got\n%s", file, got)
			}
		})
	}
}

// said is a sample of all that a language says.
func said(t *testing.T, l *Language) string {
	t.Helper()
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, " ") + "\n") }
	line(string(l.Tag), l.Name, l.Dir, l.Quotes[0]+"…"+l.Quotes[1])
	line("\n# days")
	for _, d := range []string{
		"2022-01-01", "2022-02-02", "2022-03-04", "2023-04-05", "2024-05-06", "2025-06-07", "2026-07-08",
		"2027-08-09", "2028-09-10", "2029-10-11", "2030-11-20", "2000-12-30", "1900-12-31",
	} {
		line(d, "=", l.LongDate(day(t, d)))
	}
	line("\n# spans")
	for _, span := range [][2]string{
		{"2022-03-04", "2022-03-04"},
		{"2022-03-03", "2022-03-04"},
		{"2022-03-09", "2022-03-10"},
		{"2022-03-30", "2022-04-02"},
		{"2022-12-30", "2023-01-02"},
		{"2025-03-03", "2026-03-03"},
	} {
		line(span[0], span[1], "=", l.DateRange(day(t, span[0]), day(t, span[1])))
	}
	line("\n# zones")
	at := time.Date(2022, 3, 4, 13, 5, 0, 0, time.UTC)
	var when string
	for _, zone := range knownZones() {
		here := press.In(at, zone)
		text, err := l.Phrase("when", "date", l.LongDate(press.DateOf(here)), "time", l.Clock(here), "city", l.ZoneCity(zone), "offset", l.Offset(here))
		if err != nil {
			t.Fatal(err)
		}
		if zone == "Asia/Tashkent" {
			when = text
		}
		line(zone, "=", text)
	}
	line("\n# phrases")
	cities := []string{l.ZoneCity("Asia/Tashkent"), l.ZoneCity("America/New_York"), l.ZoneCity("Europe/Vienna")}
	values := map[string]string{
		"when": when, "outlet": "Gazeta", "name": "A. B.", "organisation": "UNOCT",
		"sent": when, "until": when, "before": when, "reason": "…",
		"cities": l.List(cities), "date": l.LongDate(day(t, "2022-03-04")),
	}
	for _, k := range phraseKeys() {
		if k.key == "when" {
			continue
		}
		var args []string
		for _, name := range k.placeholders {
			args = append(args, name, values[name])
		}
		text, err := l.Phrase(k.key, args...)
		if err != nil {
			t.Fatal(err)
		}
		line(k.key, "=", text)
	}
	return b.String()
}

// knownZones are those that every language names: all of Central Asia's, and
// those of the headquarters.
func knownZones() []string {
	zones := []string{"America/New_York", "Europe/Berlin", "Europe/London", "Europe/Moscow", "Europe/Vienna"}
	for _, c := range []press.Country{"KZ", "KG", "TJ", "TM", "UZ"} {
		zones = append(zones, zonesOf(c)...)
	}
	return zones
}

func TestEveryLanguageNamesItsZones(t *testing.T) {
	for _, tag := range shipped() {
		l := load(t, tag)
		for _, zone := range knownZones() {
			if l.zones[zone] == "" {
				t.Errorf("%s has no name for %s", tag, zone)
			}
		}
	}
}

// A text in the wrong alphabet is a letter from a keyboard in the wrong
// layout, or a line that nobody translated.
func TestEveryLanguageKeepsToItsAlphabet(t *testing.T) {
	const (
		latin    = "abcdefghijklmnopqrstuvwxyz"
		cyrillic = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
	)
	letters := map[string]string{
		"ar":      "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة،؛؟",
		"en":      latin,
		"uz-Latn": latin + "ʻʼ",
		"tk":      "abcçdeäfghijžklmnňoöprsştuüwyýz",
		"ru":      cyrillic,
		"uz-Cyrl": cyrillic + "ўқғҳ",
		"kk":      cyrillic + "әіңғүұқөһ",
		"ky":      cyrillic + "ңөү",
		"tg":      cyrillic + "ғӣқӯҳҷ",
	}
	for _, tag := range shipped() {
		l := load(t, tag)
		texts := append([]string{l.Name, l.last}, append(l.months, l.monthsAlone...)...)
		for _, city := range l.zones {
			texts = append(texts, city)
		}
		for _, p := range l.phrases {
			for _, x := range p {
				texts = append(texts, x.text)
			}
		}
		for _, p := range l.dates {
			for _, x := range p {
				texts = append(texts, x.text)
			}
		}
		for _, text := range texts {
			for _, r := range strings.ToLower(text) {
				if !strings.ContainsRune(letters[tag]+" .,:;!?–—-()", r) {
					t.Errorf("%s: %q (%U) stands in %q", tag, r, r, text)
				}
			}
		}
	}
}

func TestParseLanguageNotesEveryFault(t *testing.T) {
	text := source(t, "en")
	for _, change := range [][2]string{
		{"tag: en", "tag: EN"},
		{"direction: ltr", "direction: up"},
		{`quotes: ["“", "”"]`, `quotes: ["“"]`},
		{"    - December\n", ""},
		{`long: "{day} {month} {year}"`, `long: "{day_ordinal} {month} {yaer}"`},
		{`same_month: "{from_day}–{day} {month} {year}"`, `same_month: "{from_day}–{day} {month_alone} {year}"`},
		{`time: "{hour}:{minute}"`, `time: "{hour}:{minute"`},
		{"Asia/Almaty: Almaty", "Asia/Alma-Ata: Almaty"},
		{`embargo.until: "Embargoed until {when}"`, `embargo.until: "Embargoed"`},
		{`greeting.none: "Dear colleague,"`, `greeting.none: "Dear {name},"`},
		{"  immediate: \"FOR IMMEDIATE RELEASE\"\n", ""},
		{`website.title: "Website"`, `site.title: "Website"`},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("en.yaml has no %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	l, faults := ParseLanguage("en.yaml", text)
	if l != nil {
		t.Error("a language came with the faults")
	}
	var got strings.Builder
	for _, f := range faults {
		if len(f.Want) > 100 {
			f.Want = f.Want[:100] + "…"
		}
		got.WriteString(f.Error() + "\n")
	}
	want, err := os.ReadFile("testdata/faults.txt")
	if *update {
		err = os.WriteFile("testdata/faults.txt", []byte(got.String()), 0o644)
		want = []byte(got.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestParseLanguageRefusesAnIncompleteOrdinalTable(t *testing.T) {
	text := strings.Replace(source(t, "tk"), `  30: "-njy"`+"\n", "", 1)
	_, faults := ParseLanguage("tk.yaml", text)
	if len(faults) != 1 || faults[0].What != `the key "30" is missing` {
		t.Errorf("got %v", faults)
	}
}

func TestParseLanguageWantsTheFileToBeNamedAfterTheTag(t *testing.T) {
	_, faults := ParseLanguage("phrases/kk.yaml", source(t, "ru"))
	want := `phrases/kk.yaml:1:6: the tag is "ru", but the file is named "kk.yaml"; the file of this language is ru.yaml`
	if got := faults.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzParseLanguage holds that any text is refused with places, or gives a
// language that can say everything.
func FuzzParseLanguage(f *testing.F) {
	for _, tag := range shipped() {
		f.Add(source(f, tag))
	}
	for _, s := range []string{"", "\x00", "tag: ru\n", "tag: [ru]\nzones: x\n", "phrases: {when: \"{\"}\n", "months: {long: [a]}\n", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := "en.yaml"
		for _, tag := range shipped() {
			if strings.Contains(text, "tag: "+tag+"\n") {
				file = tag + ".yaml"
			}
		}
		l, faults := ParseLanguage(file, text)
		if (l == nil) != (len(faults) > 0) {
			t.Fatalf("language %v with faults %v", l, faults)
		}
		for _, fault := range faults {
			if fault.File != file || fault.Line < 1 || fault.Column < 1 || fault.What == "" {
				t.Errorf("the fault %+v has no place or says nothing", fault)
			}
		}
		if l != nil {
			said(t, l)
		}
	})
}
