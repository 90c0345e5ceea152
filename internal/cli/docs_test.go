package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
)

// documents are those at the root and everything below docs/, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} {
		found[name] = read(t, name)
	}
	err := fs.WalkDir(os.DirFS("../.."), "docs", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ".md" {
			found[name] = read(t, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDocsCallWhatExists: every command line in the documents is one that the
// program would take.
func TestDocsCallWhatExists(t *testing.T) {
	lines := 0
	for name, text := range documents(t) {
		for _, c := range calls(text) {
			lines++
			if err := c.check(); err != nil {
				t.Errorf("%s:%d: `dateline %s`: %v", name, c.line, c.args, err)
			}
		}
	}
	if lines < 60 {
		t.Errorf("only %d command lines were found in the documents: are they looked for in the right way?", lines)
	}
}

// The check itself finds what is wrong.
func TestDocsCheckFinds(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"    $ dateline --config x log --release a --limit 3 | head -1  # so", true},
		{"```\ndateline approve a --by 'Anna Leitner' --digest D && ls\n```", true},
		{"say `dateline hold` then", true},
		{"    go run ./cmd/dateline demo --lift-in 1m", true},
		{"    $ dateline hold", false}, // of which release?
		{"    $ dateline sned a", false},
		{"    $ dateline contacts improt a.csv", false},
		{"    $ dateline plan a --everybody", false},
		{"    $ dateline log --limit many", false},
		{"    $ dateline log --release", false},
		{"    $ dateline plan a b", false},
		{"say `dateline hodl` then", false},
		{"say `dateline log --stat accepted` then", false},
	} {
		found := calls(c.text)
		if len(found) != 1 {
			t.Errorf("%q: %d command lines were found; want 1", c.text, len(found))
			continue
		}
		if err := found[0].check(); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

// call is one command line of a document.
type call struct {
	line  int
	args  string // behind `dateline`
	whole bool   // a line of its own, that a reader may copy; not a mention in the text
}

var (
	inCode    = regexp.MustCompile(`^(?:\$ )?(?:go run \./cmd/|\./)?dateline( .*)?$`)
	inText    = regexp.MustCompile("`(?:go run \\./cmd/)?dateline( [^`]*)`")
	shellEnd  = regexp.MustCompile(`\s(?:[|<>;&#]|&&|2>).*$`)
	shellWord = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)
)

func calls(text string) []call {
	var found []call
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "```") {
			fenced = !fenced
			continue
		}
		if fenced || strings.HasPrefix(line, "    ") {
			if m := inCode.FindStringSubmatch(bare); m != nil {
				found = append(found, call{i + 1, strings.TrimSpace(shellEnd.ReplaceAllString(m[1], "")), true})
			}
			continue
		}
		for _, m := range inText.FindAllStringSubmatch(line, -1) {
			found = append(found, call{i + 1, strings.TrimSpace(m[1]), false})
		}
	}
	return found
}

func (c call) check() error {
	words := shellWord.FindAllString(c.args, -1)
	for i, w := range words {
		words[i] = strings.Trim(w, `'"`)
	}
	root := (&app{}).root()
	command, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	command.InitDefaultHelpFlag()
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	if !c.whole {
		return mentioned(command)
	}
	return command.ValidateArgs(command.Flags().Args())
}

// mentioned judges a command that the text speaks of, without its arguments;
// what is no command stands there as an argument of its parent.
func mentioned(c *cobra.Command) error {
	if words := c.Flags().Args(); c.HasAvailableSubCommands() && len(words) > 0 && words[0] != "COMMAND" {
		return fmt.Errorf("there is no command %q", words[0])
	}
	return nil
}

var (
	code   = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	target = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"`)
)

// TestDocsLinkToWhatExists: every relative link of the documents leads to a
// file, and to a heading in it where it names one.
func TestDocsLinkToWhatExists(t *testing.T) {
	docs, links := documents(t), 0
	for name, text := range docs {
		for _, m := range target.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			to := m[1] + m[2]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			links++
			file, heading, _ := strings.Cut(to, "#")
			whole := name
			if file != "" {
				whole = path.Join(path.Dir(name), file)
			}
			if _, err := fs.Stat(os.DirFS("../.."), whole); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, to)
			}
			if heading != "" && !slices.Contains(anchors(docs[whole]), heading) {
				t.Errorf("%s links to %s; %s has no such heading", name, to, whole)
			}
		}
	}
	if links < 30 {
		t.Errorf("only %d links were found in the documents: are they looked for in the right way?", links)
	}
}

// anchors are a document's headings as links name them.
func anchors(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line {
			found = append(found, strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
					return unicode.ToLower(r)
				default:
					return -1
				}
			}, strings.TrimSpace(title)))
		}
	}
	return found
}

// docs/architecture.md is held against the migrations. Its packages are made, by
// internal/layers.

func TestArchitectureListsTheTables(t *testing.T) {
	files, err := fs.Glob(os.DirFS("../.."), "migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no migration was found (%v)", err)
	}
	var have []string
	for _, name := range files {
		for _, m := range regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`).FindAllStringSubmatch(read(t, name), -1) {
			if name := "table " + m[1]; !slices.Contains(have, name) {
				have = append(have, name)
			}
		}
	}
	compare(t, "tables", have, firstCells(t, "table "))
}

// TestDecisionsAreListed: each decision stands in the list of them by its heading.
func TestDecisionsAreListed(t *testing.T) {
	const list = "docs/decisions/README.md"
	docs, decisions := documents(t), 0
	for name, text := range docs {
		if path.Dir(name) != path.Dir(list) || name == list {
			continue
		}
		decisions++
		number, title, _ := strings.Cut(strings.TrimPrefix(strings.SplitN(text, "\n", 2)[0], "# "), " ")
		if line := fmt.Sprintf("- [%s](%s) %s\n", number, path.Base(name), title); !strings.Contains(docs[list], line) {
			t.Errorf("%s lacks the line %q", list, line)
		}
	}
	if decisions < 20 {
		t.Errorf("only %d decisions were found: are they looked for in the right way?", decisions)
	}
}

// TestDocsNameTestsThatExist: a test that a document names is there to be read.
func TestDocsNameTestsThatExist(t *testing.T) {
	have := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	walkGo(t, func(name string) {
		for _, m := range declared.FindAllStringSubmatch(read(t, name), -1) {
			have[m[1]] = true
		}
	})
	test := regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w+)`")
	script := regexp.MustCompile("`((?:[a-z]+/)?[a-z-]+\\.txtar)`")
	named := 0
	for name, text := range documents(t) {
		for _, m := range test.FindAllStringSubmatch(text, -1) {
			if named++; !have[m[1]] {
				t.Errorf("%s names the test %s, which does not exist", name, m[1])
			}
		}
		for _, m := range script.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(path.Join("testdata/script", m[1])); err != nil {
				t.Errorf("%s names the script %s: %v", name, m[1], err)
			}
		}
	}
	if named < 60 {
		t.Errorf("only %d tests are named in the documents: are they looked for in the right way?", named)
	}
}

// firstCells are the code in the first cells of the table rows of
// docs/architecture.md that begin with a prefix.
func firstCells(t *testing.T, prefix string) []string {
	t.Helper()
	var cells []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(read(t, "docs/architecture.md"), -1) {
		if strings.HasPrefix(m[1], prefix) {
			cells = append(cells, m[1])
		}
	}
	return cells
}

func compare(t *testing.T, what string, have, listed []string) {
	t.Helper()
	if len(have) == 0 {
		t.Fatalf("no %s were found in the tree", what)
	}
	for _, h := range have {
		if !slices.Contains(listed, h) {
			t.Errorf("docs/architecture.md lacks %s among the %s", h, what)
		}
	}
	for i, l := range listed {
		if !slices.Contains(have, l) {
			t.Errorf("docs/architecture.md lists %s among the %s, which does not exist", l, what)
		}
		if slices.Contains(listed[:i], l) {
			t.Errorf("docs/architecture.md lists %s twice", l)
		}
	}
}

// walkGo tells every Go file of the module, by its path from the root.
func walkGo(t *testing.T, tell func(name string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "tools" || entry.Name() == "testdata" || len(name) > 1 && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case path.Ext(name) == ".go":
			tell(name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := fs.ReadFile(os.DirFS("../.."), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
