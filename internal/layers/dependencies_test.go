package layers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const dependenciesFile = root + "/docs/dependencies.md"

// listed is one line of docs/dependencies.md.
type listed struct{ name, why, licence string }

func TestDependenciesAreListed(t *testing.T) {
	lines := readListed(t)
	var modules, tools []string
	for _, line := range lines["Module"] {
		modules = append(modules, line.name)
	}
	for _, line := range lines["Tool"] {
		tools = append(tools, line.name)
	}
	direct, _ := readModule(t, "go.mod")
	_, toolsWanted := readModule(t, "tools/go.mod")
	for _, difference := range append(differences(modules, direct), differences(tools, toolsWanted)...) {
		t.Error(difference)
	}
	for _, line := range slices.Concat(lines["Module"], lines["Tool"]) {
		if line.why == "" || line.licence == "" {
			t.Errorf("docs/dependencies.md: %s lacks its reason or its licence", line.name)
		}
	}
}

// differences tells what only one of the two lists has.
func differences(inDocs, inModule []string) []string {
	var found []string
	for _, name := range inModule {
		if !slices.Contains(inDocs, name) {
			found = append(found, name+" is required directly, but docs/dependencies.md has no line for it: say why it is needed")
		}
	}
	for i, name := range inDocs {
		switch {
		case slices.Contains(inDocs[:i], name):
			found = append(found, "docs/dependencies.md lists "+name+" twice")
		case !slices.Contains(inModule, name):
			found = append(found, "docs/dependencies.md lists "+name+", which is not required directly")
		}
	}
	return found
}

// parseListed reads the tables, by the name of their first column.
func parseListed(text string) map[string][]listed {
	tables := map[string][]listed{}
	kind := ""
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 {
			kind = ""
			continue
		}
		row := listed{strings.Trim(cells[1], " `"), strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])}
		switch {
		case kind == "":
			kind = row.name
		case strings.Trim(row.name, "-") != "":
			tables[kind] = append(tables[kind], row)
		}
	}
	return tables
}

func readListed(t *testing.T) map[string][]listed {
	t.Helper()
	text, err := os.ReadFile(dependenciesFile)
	if err != nil {
		t.Fatal(err)
	}
	return parseListed(string(text))
}

// readModule gives the direct requirements and the tools of a module file.
func readModule(t *testing.T, file string) (direct, tools []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", filepath.Join(root, file)).Output()
	if err != nil {
		t.Fatalf("go mod edit -json %s: %v", file, err)
	}
	var parsed struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Tool []struct{ Path string }
	}
	if err := json.Unmarshal(out, &parsed); err != nil {
		t.Fatal(err)
	}
	for _, r := range parsed.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	for _, tool := range parsed.Tool {
		tools = append(tools, tool.Path)
	}
	return direct, tools
}

func TestDifferences(t *testing.T) {
	got := differences([]string{"a", "b", "b", "gone"}, []string{"a", "b", "new"})
	want := []string{"new is required", "lists b twice", "lists gone"}
	if len(got) != len(want) {
		t.Fatalf("got %q, want %d differences", got, len(want))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("got %q, want …%s…", got[i], want[i])
		}
	}
}

func TestParseListed(t *testing.T) {
	got := parseListed("# Title\n\n| Module | Why | Licence |\n|---|---|---|\n| `a/b` | to read | MIT |\n| `c` |  | MIT |\n\ntext | with bars\n\n| Tool | Why | Licence |\n|---|---|---|\n| `d` | to lint | BSD |\n")
	if want := []listed{{"a/b", "to read", "MIT"}, {"c", "", "MIT"}}; !slices.Equal(got["Module"], want) {
		t.Errorf("modules: got %v, want %v", got["Module"], want)
	}
	if want := []listed{{"d", "to lint", "BSD"}}; !slices.Equal(got["Tool"], want) {
		t.Errorf("tools: got %v, want %v", got["Tool"], want)
	}
}
