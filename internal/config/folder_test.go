package config

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dateline/internal/press"
)

// shipped stands in for what ships in templates/.
func shipped() map[string]string {
	return map[string]string{
		"base.html.tmpl":  "html",
		"base.txt.tmpl":   "txt",
		"phrases/en.yaml": "en",
		"phrases/ru.yaml": "ru",
	}
}

// environment is the one that the good folder needs.
func environment(name string) (string, bool) {
	v, ok := map[string]string{"PGPASSWORD": "p@ss/w:rd", "RELAY_PASSWORD": "relay secret", "EMPTY": "", "LINES": "a\nb"}[name]
	return v, ok
}

// section is one file of an archive in the txtar form: a line `-- NAME --`,
// then the text.
type section struct{ name, text string }

// readArchive reads a txtar file: a comment, then sections.
func readArchive(t testing.TB, path string) (comment string, sections []section) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitAfterSeq(string(raw), "\n") {
		name, ok := strings.CutPrefix(strings.TrimSuffix(line, " --\n"), "-- ")
		switch {
		case ok && strings.HasSuffix(line, " --\n"):
			sections = append(sections, section{name: name})
		case len(sections) == 0:
			comment += line
		default:
			sections[len(sections)-1].text += line
		}
	}
	return comment, sections
}

func formatArchive(comment string, sections []section) string {
	for _, s := range sections {
		comment += "-- " + s.name + " --\n" + s.text
	}
	return comment
}

// good gives the files of the folder that has no fault.
func good(t testing.TB) map[string]string {
	t.Helper()
	_, archive := readArchive(t, "testdata/good.txtar")
	files := map[string]string{}
	for _, f := range archive {
		files[f.name] = f.text
	}
	return files
}

// write makes a folder of files.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "conf")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		put(t, dir, name, text)
	}
	return dir
}

// place is where a file of a folder lies.
func place(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	path := place(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// faultLines loads a folder and gives its faults, a line each, with paths from
// the folder on.
func faultLines(t testing.TB, dir string) []string {
	t.Helper()
	_, err := Load(dir, shipped(), environment)
	if err == nil {
		return nil
	}
	var faults press.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Load gave %v, which is no press.Faults", err)
	}
	var lines []string
	for _, f := range faults {
		if f.Line < 1 || f.Column < 1 {
			t.Errorf("a fault has no place: %+v", f)
		}
		lines = append(lines, strings.TrimPrefix(f.Error(), dir+string(filepath.Separator)))
	}
	return lines
}

// apply makes the changes of one case in testdata/faults.txtar: a line that
// names a file, then `<` and the line to replace and `>` and the lines instead;
// `>` alone replaces the whole file, `x` removes it. What stands in double
// quotes behind `>q` is read as Go reads it. `=` lines are the faults.
func apply(t testing.TB, files map[string]string, text string) (want []string) {
	t.Helper()
	var file, old string
	var fresh []string
	finish := func() {
		instead := strings.Join(fresh, "\n")
		switch {
		case old != "" && strings.Count(files[file], old) != 1:
			t.Fatalf("%q stands in %s %d times", old, file, strings.Count(files[file], old))
		case old != "":
			files[file] = strings.Replace(files[file], old, instead, 1)
		case fresh != nil:
			files[file] = instead
		}
		old, fresh = "", nil
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "<":
			finish()
			old = rest
		case ">":
			fresh = append(fresh, rest)
		case ">q":
			plain, err := strconv.Unquote(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			fresh = append(fresh, plain)
		case "x":
			delete(files, file)
		case "=":
			want = append(want, rest)
		default:
			finish()
			file = line
		}
	}
	finish()
	return want
}
