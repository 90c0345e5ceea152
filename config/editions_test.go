package sampleconfig

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"
)

const releaseDir = "releases/tashkent-2022/"

// tongue is what an edition's language looks like in print.
type tongue struct {
	letters     string // of its alphabet, in lower case
	open, close string // its quotation marks
}

const (
	latin    = "abcdefghijklmnopqrstuvwxyz"
	cyrillic = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
)

// tongues are the languages that the sample has an edition in. An alphabet
// finds a letter of a neighbour's alphabet as well as one of another script.
func tongues() map[string]tongue {
	return map[string]tongue{
		"en":      {latin, "“", "”"},
		"ru":      {cyrillic, "«", "»"},
		"uz-Latn": {"abcdefghijklmnopqrstuvxyzʻʼ", "«", "»"},
		"uz-Cyrl": {"абвгдеёжзийклмнопрстуфхцчшъьэюяўқғҳ", "«", "»"},
		"kk":      {cyrillic + "әғқңөұүһі", "«", "»"},
		"ky":      {cyrillic + "ңөү", "«", "»"},
		"tg":      {"абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя", "«", "»"},
		"tk":      {"abçdeäfgžhijklmnňoöprsştuüwyýz", "«", "»"},
	}
}

// edition is one edition, taken apart.
type edition struct {
	head struct {
		Headline, Subject, Event string
		Cities                   []string
	}
	body   string
	blocks []block
}

// block is a paragraph, a heading or one item of a list.
type block struct {
	kind    string
	links   []string
	numbers []string // sorted: languages place them differently in a sentence
	quotes  int
}

var (
	link   = regexp.MustCompile(`\[[^\]]+\]\(([^)]+)\)`)
	number = regexp.MustCompile(`[0-9]+`)
	symbol = regexp.MustCompile(`\bA/RES/60/288\b`)
)

func readEdition(t *testing.T, lang string) edition {
	t.Helper()
	text := read(t, releaseDir+lang+".md")
	parts := strings.SplitN(text, "---\n", 3)
	if len(parts) != 3 || parts[0] != "" {
		t.Fatalf("%s.md has no front matter", lang)
	}
	var e edition
	if err := yaml.Unmarshal([]byte(parts[1]), &e.head); err != nil {
		t.Fatalf("the front matter of %s.md: %v", lang, err)
	}
	e.body = strings.Trim(parts[2], "\n")
	for part := range strings.SplitSeq(e.body, "\n\n") {
		for line := range strings.SplitSeq(part, "\n") {
			e.blocks = append(e.blocks, readBlock(line, tongues()[lang]))
		}
	}
	return e
}

func readBlock(line string, in tongue) block {
	b := block{kind: "paragraph"}
	switch {
	case strings.HasPrefix(line, "## "):
		b.kind = "heading"
	case strings.HasPrefix(line, "- "):
		b.kind = "item"
	}
	for _, found := range link.FindAllStringSubmatch(line, -1) {
		b.links = append(b.links, found[1])
	}
	b.numbers = number.FindAllString(unlinked(line), -1)
	slices.Sort(b.numbers)
	b.quotes = strings.Count(line, in.open)
	return b
}

// unlinked is a text without the addresses that its links lead to.
func unlinked(text string) string {
	return link.ReplaceAllStringFunc(text, func(s string) string { return s[:strings.LastIndex(s, "](")] + "]" })
}

func TestEveryLanguageHasAnEdition(t *testing.T) {
	files, err := Files.ReadDir(strings.TrimSuffix(releaseDir, "/"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		if lang, ok := strings.CutSuffix(f.Name(), ".md"); ok {
			found = append(found, lang)
		}
	}
	want := slices.Sorted(maps.Keys(tongues()))
	if slices.Sort(found); !slices.Equal(found, want) {
		t.Errorf("editions in %v, want %v", found, want)
	}
}

func TestEditionsSayTheSame(t *testing.T) {
	en := readEdition(t, "en")
	if len(en.blocks) < 10 {
		t.Fatalf("the English edition has only %d blocks", len(en.blocks))
	}
	for lang := range tongues() {
		t.Run(lang, func(t *testing.T) {
			e := readEdition(t, lang)
			if len(e.blocks) != len(en.blocks) {
				t.Fatalf("%d paragraphs, headings and items, want %d", len(e.blocks), len(en.blocks))
			}
			for i, want := range en.blocks {
				got := e.blocks[i]
				if got.kind != want.kind || got.quotes != want.quotes ||
					!slices.Equal(got.links, want.links) || !slices.Equal(got.numbers, want.numbers) {
					t.Errorf("block %d is %+v, in English it is %+v", i+1, got, want)
				}
			}
			if len(e.head.Cities) != len(en.head.Cities) {
				t.Errorf("cities are %v, in English %v", e.head.Cities, en.head.Cities)
			}
			for what, text := range map[string]string{"headline": e.head.Headline, "subject": e.head.Subject, "event": e.head.Event} {
				if text == "" || len([]rune(text)) > 260 {
					t.Errorf("the %s has %d characters, want 1 to 260", what, len([]rune(text)))
				}
			}
			if title := quoted(e.head.Event, tongues()[lang]); !strings.Contains(e.body, title) {
				t.Errorf("the event's title %q does not stand in the body", title)
			}
		})
	}
}

// quoted is the first quoted passage of a text, with its quotation marks.
func quoted(text string, in tongue) string {
	_, after, _ := strings.Cut(text, in.open)
	inside, _, _ := strings.Cut(after, in.close)
	return in.open + inside + in.close
}

func TestEditionsAreSetCleanly(t *testing.T) {
	for lang := range tongues() {
		t.Run(lang, func(t *testing.T) {
			e := readEdition(t, lang)
			for _, text := range append([]string{e.body, e.head.Headline, e.head.Subject, e.head.Event}, e.head.Cities...) {
				checkText(t, lang, text)
			}
		})
	}
}

func TestTextsOfTheConfigAreInEveryLanguage(t *testing.T) {
	for _, file := range []string{"dateline.yaml", releaseDir + "release.yaml"} {
		var tree any
		if err := yaml.Unmarshal([]byte(read(t, file)), &tree); err != nil {
			t.Fatal(err)
		}
		if n := walkTexts(t, file, tree); n == 0 {
			t.Errorf("%s has no text in several languages", file)
		}
	}
}

// walkTexts checks every mapping by language below a node and counts them.
func walkTexts(t *testing.T, file string, node any) int {
	t.Helper()
	n := 0
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			n += walkTexts(t, file, child)
		}
	case map[string]any:
		if _, ok := node["en"].(string); !ok {
			for _, child := range node {
				n += walkTexts(t, file, child)
			}
			return n
		}
		n = 1
		got, want := slices.Sorted(maps.Keys(node)), slices.Sorted(maps.Keys(tongues()))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q is in %v, want %v", file, node["en"], got, want)
			return n
		}
		for lang, text := range node {
			checkText(t, lang, symbol.ReplaceAllString(text.(string), "60/288"))
		}
	}
	return n
}

// checkText holds a text against what its language looks like in print.
func checkText(t *testing.T, lang, text string) {
	t.Helper()
	in, bare := tongues()[lang], unlinked(text)
	for r := range strings.SplitSeq(bare, "") {
		if c := []rune(r)[0]; unicode.IsLetter(c) && !strings.ContainsRune(in.letters, unicode.ToLower(c)) {
			t.Errorf("%s: %q (U+%04X) is no letter of the alphabet: …%s…", lang, r, c, around(bare, r))
		}
	}
	marks := `"'` + "`" + `„‟‘‛‹›′″`
	if lang != "en" {
		marks += "“”’"
	}
	for _, bad := range append(strings.Split(marks, ""), "  ", " \n", "\u00a0", "\u00ad", "\u200b", "\r", "\t", "http://", "...", " ,", " .") {
		if strings.Contains(text, bad) {
			t.Errorf("%s: %q stands in …%s…", lang, bad, around(text, bad))
		}
	}
	depth := 0
	for _, r := range text {
		switch string(r) {
		case in.open:
			depth++
		case in.close:
			depth--
		}
		if depth < 0 || depth > 1 {
			t.Fatalf("%s: quotation marks do not pair in %.60q", lang, text)
		}
	}
	if depth != 0 {
		t.Errorf("%s: a quotation mark is not closed in %.60q", lang, text)
	}
	for i, r := range []rune(bare) {
		if r == 'ʻ' && (i == 0 || !strings.ContainsRune("oOgG", []rune(bare)[i-1])) {
			t.Errorf("%s: ʻ stands behind another letter than o and g: %q", lang, around(bare, "ʻ"))
		}
	}
}

// around is the neighbourhood of a passage in a text.
func around(text, passage string) string {
	before, after, _ := strings.Cut(text, passage)
	head, tail := []rune(before), []rune(after)
	return string(head[max(0, len(head)-20):]) + passage + string(tail[:min(20, len(tail))])
}
