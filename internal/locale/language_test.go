package locale

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dateline/internal/press"
)

var update = flag.Bool("update", false, "write the golden files anew")

const phraseFolder = "../../templates/phrases"

// shipped are the tags of the phrase files that ship.
func shipped() []string {
	return []string{"ar", "de", "en", "es", "fa", "fr", "kk", "ky", "ru", "tg", "tk", "tr", "uk", "uz-Cyrl", "uz-Latn", "zh"}
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

// docs/templates.md tells translators which languages there are, and each key.
func TestDocsNameEveryLanguageAndKey(t *testing.T) {
	text, err := os.ReadFile("../../docs/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, doc, _ := strings.Cut(string(text), "\n## Languages\n")
	doc, _, _ = strings.Cut(doc, "\n## ")
	if list := "`" + strings.Join(shipped(), "`, `") + "`."; !strings.Contains(doc, list) {
		t.Errorf("docs/templates.md lacks the list %s", list)
	}
	for _, tag := range shipped() {
		for _, m := range regexp.MustCompile("(?m)^[a-z]+").FindAllString(source(t, tag), -1) {
			if !strings.Contains(doc, "`"+m+"`") {
				t.Errorf("docs/templates.md lacks the key %s, which %s.yaml has", m, tag)
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
		{`decimal: "."`, `decimal: ""`},
		{`group: ","`, "group: 0\n  group_from: 9\n  digits: \"٠١٢٣٤٥٦٧٨8\""},
		{"months:\n", "days: {32: 1st, 1: }\nmonths:\n"},
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
	want := `phrases/kk.yaml:3:6: the tag is "ru", but the file is named "kk.yaml"; the file of this language is ru.yaml`
	if got := faults.Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A translator finds each phrase where it stands in the other files.
func TestPhrasesStandInOneOrder(t *testing.T) {
	want := strings.Join(PhraseKeys(), " ")
	for _, tag := range shipped() {
		_, phrases, _ := strings.Cut(source(t, tag), "\nphrases:\n")
		var keys []string
		for line := range strings.Lines(phrases) {
			key, _, _ := strings.Cut(strings.TrimSpace(line), ":")
			keys = append(keys, key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s has the phrases\n%s\nin another order than\n%s", tag, got, want)
		}
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
