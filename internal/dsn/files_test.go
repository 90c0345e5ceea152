package dsn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

// token stands in the envelope sender of every test message.
const token = "a01abcdefghijklmnopqrstuvwxyz2345672345abcdef"

func TestEveryFileReadsAsExpected(t *testing.T) {
	table, err := os.ReadFile("testdata/expected.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(table), "\n"), "\n")[1:]
	autos := 0
	for _, line := range lines {
		c := strings.Split(line, "\t")
		if strings.HasPrefix(c[0], "auto/") {
			autos++
		}
		t.Run(c[0], func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", c[0]))
			if err != nil {
				t.Fatal(err)
			}
			reports, err := dsn.Read(press.Mail{Raw: raw})
			if err != nil {
				t.Fatal(err)
			}
			recipients := strings.Split(c[2], ",")
			if len(reports) != len(recipients) {
				t.Fatalf("%d reports, want %d: %+v", len(reports), len(recipients), reports)
			}
			for i, r := range reports {
				check(t, "kind", string(r.Kind), nth(c[1], i))
				check(t, "recipient", string(r.Recipient), recipients[i])
				check(t, "reason", string(r.Reason), nth(c[3], i))
				check(t, "class", string(r.Class), nth(c[4], i))
				check(t, "proposed", join(r.Proposed), c[5])
				if c[0] != "report/person.eml" {
					check(t, "token", r.Token, token)
				}
			}
		})
	}
	if autos < 60 {
		t.Errorf("%d automatic answers are tested; at least 60 are wanted", autos)
	}
}

func nth(list string, i int) string {
	all := strings.Split(list, ",")
	return all[min(i, len(all)-1)]
}

func join(list []press.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, string(a))
	}
	return strings.Join(out, ",")
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %q, want %q", what, got, want)
	}
}

func TestThePhrasesAreWrittenAsTheyAreLookedFor(t *testing.T) {
	files, err := filepath.Glob("phrases/*.txt")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files of phrases, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case strings.HasPrefix(line, "#"):
			case line != strings.ToLower(line), strings.Contains(line, "  "), strings.ContainsAny(line, "’`“”ё"), strings.TrimSpace(line) == "":
				t.Errorf("%s: %q is not in the form that texts are brought to: lower case, single spaces, plain quotes, no ё", file, line)
			case seen[line]:
				t.Errorf("%s: %q stands there twice", file, line)
			}
			seen[line] = true
		}
	}
}
