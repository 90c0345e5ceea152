package starter_test

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/starter"
	"dateline/templates"
)

// shipped are the templates and phrases within the program.
func shipped(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	phrases, err := templates.Files.ReadDir("phrases")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, p := range phrases {
		names = append(names, "phrases/"+p.Name())
	}
	entries, err := templates.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		text, err := templates.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// load writes a folder and reads it as the daemon would.
func load(t testing.TB, dir string, files, shipped map[string]string) (*config.Config, error) {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return config.Load(dir, shipped, func(string) (string, bool) { return "", false })
}

func answers() starter.Answers {
	return starter.Answers{
		Dir: "config", State: "../state", Organisation: "Verein", From: "press@example.org", Relay: starter.Relay{Host: "localhost", Port: 25},
		Place: starter.Place{Country: "AT", Zone: "Europe/Vienna"}, Languages: starter.Languages(),
	}
}

// A folder in every language at once has no fault, and every language with
// phrases has a sample text.
func TestTheFolderIsInOrder(t *testing.T) {
	a := answers()
	files, err := starter.Files(a, time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	c, err := load(t, t.TempDir(), files, shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Releases) != 1 || len(c.Releases[0].Editions) != len(a.Languages) {
		t.Errorf("%d releases", len(c.Releases))
	}
	phrases, err := templates.Files.ReadDir("phrases")
	if err != nil || len(phrases) != len(a.Languages) {
		t.Errorf("%d languages have phrases, %d a sample text (%v)", len(phrases), len(a.Languages), err)
	}
	// In Vienna it is the first of January by then.
	if got := files["releases/first-release/release.yaml"]; !strings.Contains(got, "\nembargo: 2027-01-02 10:00 Europe/Vienna\n") {
		t.Errorf("the release does not lift tomorrow:\n%s", got)
	}
	for name, text := range files {
		if unfinished.MatchString(text) {
			t.Errorf("%s is not finished:\n%s", name, text)
		}
	}
}

// unfinished is what a template leaves that nobody filled, or finished.
var unfinished = regexp.MustCompile(`\{\{|<no value>|(?i)\bto-?do\b`)

// Whatever an organisation is called, its folder has no fault, and the sender is
// called so.
func TestAnyNameGivesAFolderWithoutFaults(t *testing.T) {
	ships, dir := shipped(t), t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		a := answers()
		name, err := starter.ParseOrganisation(rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("'\"\\`*_{}[]<>()#+-.!|:;,&%$@~^ aЯ字é")), rapid.Rune().Filter(isText))).Draw(r, "name"))
		if err != nil {
			r.Skip("no name")
		}
		a.Organisation, a.Languages = name, []press.Lang{"en", "ru", "zh"}
		files, err := starter.Files(a, time.Now())
		if err != nil {
			r.Fatal(err)
		}
		c, err := load(t, dir, files, ships)
		if err != nil {
			r.Fatalf("%q: %v", name, err)
		}
		if got := c.Senders["press"].Organisation["en"]; got != name && got != "" {
			r.Fatalf("%q became %q", name, got)
		}
		rows, err := csv.NewReader(strings.NewReader(files["contacts/first.csv"])).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != name || len(rows[0]) != len(rows[1]) {
			r.Fatalf("%q: rows %q (%v)", name, rows, err)
		}
	})
}

// isText keeps out what no config file may hold, and what looks like nothing.
func isText(r rune) bool { return r > ' ' && r < 0x2000 && (r < 0x7f || r > 0xa0) && r != 0xad }

func TestParseRelay(t *testing.T) {
	for in, want := range map[string]starter.Relay{
		"smtp.example.org": {Host: "smtp.example.org", Port: 587}, "smtp.example.org:465": {Host: "smtp.example.org", Port: 465},
		"localhost": {Host: "localhost", Port: 587}, "relay:25": {Host: "relay", Port: 25}, "127.0.0.1:2525": {Host: "127.0.0.1", Port: 2525},
		"[::1]:25": {Host: "::1", Port: 25}, "::1": {Host: "::1", Port: 587}, "почта.рф:25": {Host: "xn--80a1acny.xn--p1ai", Port: 25},
	} {
		if got, err := starter.ParseRelay(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", ":25", "smtp.example.org:0", "smtp.example.org:65536", "smtp.example.org:smtp", "a b", "smtp://example.org", "user@example.org"} {
		if got, err := starter.ParseRelay(in); err == nil {
			t.Errorf("%q was taken for %v", in, got)
		}
	}
}

func TestParsePlace(t *testing.T) {
	for in, want := range map[string]starter.Place{
		"at": {Country: "AT", Zone: "Europe/Vienna"}, " KG ": {Country: "KG", Zone: "Asia/Bishkek"}, "US America/New_York": {Country: "US", Zone: "America/New_York"}, "AT Europe/Berlin": {Country: "AT", Zone: "Europe/Berlin"},
	} {
		if got, err := starter.ParsePlace(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"": "two letters", "Austria": "two letters", "XX": "two letters", "US": "several time zones", "US New_York": "IANA", "US Local": "IANA", "US America/Nowhere": "IANA", "US ../../etc/passwd": "IANA", "US a b": "two letters",
	} {
		if got, err := starter.ParsePlace(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", in, got, err, want)
		}
	}
}

func TestParseLanguages(t *testing.T) {
	if got, err := starter.ParseLanguages(" en, uz-cyrl ru,en "); err != nil || !slices.Equal(got, []press.Lang{"en", "uz-Cyrl", "ru"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, in := range []string{"", ",", "tlh", "english", "en,??"} {
		if got, err := starter.ParseLanguages(in); err == nil {
			t.Errorf("%q was taken for %v", in, got)
		}
	}
}

func TestParseOrganisation(t *testing.T) {
	if got, err := starter.ParseOrganisation("  Verein\t für\nPresse "); err != nil || got != "Verein für Presse" {
		t.Errorf("%q, %v", got, err)
	}
	for _, in := range []string{"", " \n", "a\x00b", "a\x1bb", strings.Repeat("x", 201)} {
		if got, err := starter.ParseOrganisation(in); err == nil {
			t.Errorf("%q was taken for %q", in, got)
		}
	}
}
