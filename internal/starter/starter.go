// Package starter makes a first config folder out of five answers: a sender, a
// relay, a list, and a sample release in the team's languages that lifts on the
// next day and goes to nobody but the team itself.
//
// It promises files in which `check` finds no fault, whatever the answers are; a
// test holds it to that for every language and for names that mean something to
// YAML, Markdown or CSV. Answers that cannot be used are refused by the Parse
// functions, with what would be right. Files fails only where the machine does not
// know a zone, or a language has no sample text, which the Parse functions refuse.
package starter

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"dateline/internal/press"
)

// Slug is the sample release's name.
const Slug = "first-release"

//go:embed files/* texts/*.md
var embedded embed.FS

// Answers are what a team says of itself.
type Answers struct {
	Dir          string // the folder's name, as commands call it
	State        string // where the store and the keys will be, as dateline.yaml names it
	Organisation string
	From         press.Address
	Relay        Relay
	Place        Place
	Languages    []press.Lang
}

// Files gives the folder's files, by their paths in it.
func Files(a Answers, now time.Time) (map[string]string, error) {
	v, err := newView(a, now)
	if err != nil {
		return nil, err
	}
	from := map[string]string{
		"dateline.yaml": "files/dateline.yaml", "lists.yaml": "files/lists.yaml", "README.md": "files/README.md", ".gitignore": "files/gitignore",
		"contacts/first.csv": "files/first.csv", path.Join("releases", Slug, "release.yaml"): "files/release.yaml",
	}
	for _, lang := range a.Languages {
		from[path.Join("releases", Slug, string(lang)+".md")] = textFile(lang)
	}
	made := map[string]string{}
	for name, source := range from {
		t, err := template.New(path.Base(source)).Funcs(template.FuncMap{"yaml": quoteYAML, "md": escapeMarkdown, "csv": quoteCSV}).ParseFS(embedded, source)
		if err != nil {
			return nil, fmt.Errorf("making %s: %w", name, err)
		}
		var b strings.Builder
		if err := t.Execute(&b, v); err != nil {
			return nil, fmt.Errorf("making %s: %w", name, err)
		}
		made[name] = b.String()
	}
	return made, nil
}

func textFile(lang press.Lang) string { return "texts/" + string(lang) + ".md" }

// Languages are those that have a sample text.
func Languages() []press.Lang {
	found, err := fs.Glob(embedded, "texts/*.md")
	if err != nil {
		return nil // the pattern is a good one
	}
	var langs []press.Lang
	for _, name := range found {
		langs = append(langs, press.Lang(strings.TrimSuffix(path.Base(name), ".md")))
	}
	return langs
}

// view is what the files are filled with.
type view struct {
	Answers
	Host, TLS     string
	Port          int
	Store, ListID string
	Country       press.Country
	Zone, City    string
	CountryZone   bool // the country's zone has to be said
	Date          string
	LanguageWords string
	Fallbacks     []fallback
}

type fallback struct{ Of, To string }

func newView(a Answers, now time.Time) (view, error) {
	zone, err := time.LoadLocation(a.Place.Zone)
	if err != nil {
		return view{}, fmt.Errorf("reading the clocks of %s: %w", a.Place.Zone, err)
	}
	v := view{
		Answers: a, Host: a.Relay.Host, Port: a.Relay.Port, TLS: a.Relay.tls(),
		Store: "sqlite:" + path.Join(a.State, "dateline.db"), ListID: "releases." + a.From.Domain(),
		Country: a.Place.Country, Zone: a.Place.Zone, City: city(a.Place.Zone), CountryZone: !a.Place.sole(),
		Date: now.In(zone).AddDate(0, 0, 1).Format("2006-01-02"),
	}
	var words []string
	for _, lang := range a.Languages {
		words = append(words, string(lang))
	}
	v.LanguageWords = strings.Join(words, " ")
	for i, of := range words {
		if others := slices.Concat(words[:i], words[i+1:]); len(others) > 0 {
			v.Fallbacks = append(v.Fallbacks, fallback{of, strings.Join(others, ", ")})
		}
	}
	return v, nil
}

// city is the one that a zone is named after.
func city(zone string) string { return strings.ReplaceAll(path.Base(zone), "_", " ") }

// quoteYAML writes a string as YAML, which takes JSON's.
func quoteYAML(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(b.String()), err
}

// escapeMarkdown takes the meaning from what Markdown would read as markup.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>()#+!|~^&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func quoteCSV(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
