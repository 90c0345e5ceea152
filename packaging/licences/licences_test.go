package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of linked modules in docs/dependencies.md anew")

const dependencies = "../../docs/dependencies.md"

// allowed are the licences that let Dateline ship as one binary under its own.
func allowed() []string {
	return []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "public domain"}
}

// main licence of a module: of its LICENSE or COPYING, not of what it quotes. One
// that has only a LICENSE-BSD and a LICENSE-MIT, say, is under both.
func mainKind(m module) string {
	for _, l := range m.Licences {
		upper := strings.ToUpper(l.Name)
		for _, name := range []string{"LICENSE", "LICENCE", "COPYING"} {
			if upper == name || upper == name+".MD" || upper == name+".TXT" {
				return kindOf(l.Text)
			}
		}
	}
	var all []string
	for _, l := range m.Licences {
		if kind := kindOf(l.Text); strings.HasPrefix(strings.ToUpper(l.Name), "LICENSE-") && kind != "" {
			all = append(all, kind)
		}
	}
	return strings.Join(all, " and ")
}

func TestWhatShipsIsUnderAnAllowedLicence(t *testing.T) {
	modules, err := linked(t.Context(), "dateline/cmd/dateline")
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) < 30 {
		t.Fatalf("%d modules were found; more are linked", len(modules))
	}
	for _, m := range modules {
		for kind := range strings.SplitSeq(mainKind(m), " and ") {
			if !slices.Contains(allowed(), kind) {
				t.Errorf("%s %s is under %q; allowed are %v", m.Path, m.Version, kind, allowed())
			}
		}
	}
	t.Run("and its table is current", func(t *testing.T) { checkTable(t, modules) })
	t.Run("and the reasons name the right one", func(t *testing.T) { checkReasons(t, modules) })
}

// checkTable holds the table at the document's end against what is linked.
func checkTable(t *testing.T, modules []module) {
	text, err := os.ReadFile(dependencies)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(text), tableHead)
	if !found && !*update {
		t.Fatalf("%s has no part %q", dependencies, tableHead)
	}
	var b strings.Builder
	b.WriteString(tableHead)
	for _, m := range modules {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Path, m.Version, m.Released.UTC().Format("2006-01-02"), mainKind(m))
	}
	if *update {
		if err := os.WriteFile(dependencies, []byte(before+b.String()), 0o644); err != nil { //nolint:gosec // a document, for all to read
			t.Fatal(err)
		}
		return
	}
	if string(text) != before+b.String() {
		t.Errorf("the last part of %s is not what is linked; go test ./packaging/licences -update writes it", dependencies)
	}
}

const tableHead = "## All that is linked\n\n" +
	"<!-- Made of the module cache; go test ./packaging/licences -update writes it. -->\n\n" +
	"With the day on which the version in use was released, so that what has fallen asleep shows.\n\n" +
	"| Linked module | Version | Released | Licence |\n|---|---|---|---|\n"

// checkReasons holds the licences that stand beside the reasons against the
// modules' own files.
func checkReasons(t *testing.T, modules []module) {
	text, err := os.ReadFile(dependencies)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range modules {
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(strings.TrimSpace(line), "|")
			if len(cells) == 5 && strings.Trim(cells[1], " `") == m.Path && strings.TrimSpace(cells[3]) != mainKind(m) {
				t.Errorf("docs/dependencies.md says that %s is under %s; its own file says %s", m.Path, strings.TrimSpace(cells[3]), mainKind(m))
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no licences to read: %v", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(filepath.Base(path), ".txt")
		if want == "unknown" {
			want = ""
		}
		if got := kindOf(string(text)); got != want {
			t.Errorf("%s is taken for %q", path, got)
		}
	}
	for _, text := range []string{"", "All rights reserved.", "GNU AFFERO GENERAL PUBLIC LICENSE Version 3. Redistribution and use in source and binary forms"} {
		if got := kindOf(text); got != "" {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestAFolderWithoutALicence(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "license.go"), []byte("package x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := licencesIn(dir); err == nil {
		t.Errorf("found %v", found)
	}
}

func TestEveryTextIsWritten(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modernc.org/sqlite v", "LICENSE-SQLITE", "github.com/spf13/cobra v", "Go go1.", "Copyright"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is nowhere in what ships", want)
		}
	}
}
