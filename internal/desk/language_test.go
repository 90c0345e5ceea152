package desk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/templates"
)

// italian is a language that does not ship: English under another tag.
func italian(t *testing.T) string {
	t.Helper()
	text, err := templates.Files.ReadFile("phrases/en.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(string(text), "tag: en\n", "tag: it\n", 1)
}

// A team's own language is checked as those that ship are: before a release has
// an edition in it, since the pages behind the links speak it at once; and each
// fault is told once when one has.
func TestCheckReadsTheTeamsOwnLanguages(t *testing.T) {
	whole := italian(t)
	broken := strings.Replace(whole, "  links.title: \"Links\"\n", "", 1)
	if broken == whole {
		t.Fatal("en.yaml has no line of links.title")
	}
	const lacks = `/templates/phrases/it.yaml:52:3: the key "links.title" is missing`
	for name, x := range map[string]struct {
		file, text string
		want       []string
	}{
		"whole":              {"it", whole, nil},
		"lacks a key":        {"it", broken, []string{lacks}},
		"instead of Turkish": {"tr", broken, []string{`/tr.yaml:3:6: the tag is "it", but the file is named "tr.yaml"`, `/tr.yaml:52:3: the key "links.title"`}},
		"empty":              {"it", "", []string{"/it.yaml:1:1: "}},
	} {
		for _, edition := range []bool{false, true} {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("../../config")); err != nil {
				t.Fatal(err)
			}
			phrases := filepath.Join(dir, "templates", "phrases")
			if err := os.MkdirAll(phrases, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(phrases, x.file+".yaml"), []byte(x.text), 0o644); err != nil {
				t.Fatal(err)
			}
			c := read(t, dir)
			if edition {
				e := c.Releases[0].Editions[0]
				e.Lang = press.Lang(x.file)
				c.Releases[0].Editions = append(c.Releases[0].Editions, e)
			}
			faults := (&desk.Desk{Config: c}).Check()
			if len(faults) != len(x.want) {
				t.Errorf("%s, edition %v: the faults are\n%v\nwant %d", name, edition, faults, len(x.want))
				continue
			}
			for i, f := range faults {
				if !strings.Contains(f.Error(), x.want[i]) || !strings.HasPrefix(f.File, dir) {
					t.Errorf("%s, edition %v: the fault is\n%v\nwhich lacks\n%s", name, edition, f, x.want[i])
				}
			}
		}
	}
}
