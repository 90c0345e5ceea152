package layers

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "dateline"
	root   = "../.."
)

// graph is what each package of this module imports in the files that ship;
// packages stand by their folder.
type graph map[string][]string

func TestEachPackageImportsOnlyWhatItsLayerMayKnow(t *testing.T) {
	read, err := readGraph(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(read["internal/press"]) == 0 {
		t.Fatal("no imports of internal/press were read: is the root right?")
	}
	for _, fault := range faults(read, table()) {
		t.Error(fault)
	}
}

// faults lists every import that the table does not allow, in order.
func faults(g graph, rules map[string]rule) []string {
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(g)) {
		if testOnly(pkg) {
			continue
		}
		r, placed := rules[pkg]
		if !placed {
			found = append(found, pkg+" stands in no layer; place it in the table of internal/layers")
			continue
		}
		for _, imported := range g[pkg] {
			if why := r.refuses(imported); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", pkg, imported, why))
			}
		}
	}
	return found
}

// refuses says why a package under this rule must not import another, or "".
func (r rule) refuses(imported string) string {
	if slices.ContainsFunc(r.mustNot, func(pattern string) bool { return matches(imported, pattern) }) {
		return "it must not know of that"
	}
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		switch {
		case testOnly(own):
			return "that is for tests alone"
		case !slices.Contains(r.may, own):
			return fmt.Sprintf("of this module it may import only %v", r.may)
		}
		return ""
	}
	if r.libraries != nil && isLibrary(imported) && !slices.Contains(r.libraries, imported) {
		return fmt.Sprintf("beside the standard library it may import only %v", r.libraries)
	}
	return ""
}

// isLibrary tells a module of others from the standard library: its first part
// is a domain.
func isLibrary(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

// matches tells whether an import is the pattern's, as the go command reads it:
// net is one package, net/... is it and all below.
func matches(imported, pattern string) bool {
	parent, below := strings.CutSuffix(pattern, "/...")
	return imported == parent || below && strings.HasPrefix(imported, parent+"/")
}

// readGraph reads the imports of every Go file that ships, under every build
// constraint. Folders that Go does not build are left out, as is tools, which
// is a module of its own.
func readGraph(files fs.FS) (graph, error) {
	g := graph{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "tools" || notBuilt(entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		imports, err := readImports(files, name)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		g[pkg] = append(g[pkg], imports...)
		return nil
	})
	for pkg, imports := range g {
		slices.Sort(imports)
		g[pkg] = slices.Compact(imports)
	}
	return g, err
}

func notBuilt(folder string) bool {
	return folder == "testdata" || folder == "vendor" || folder != "." && strings.ContainsAny(folder[:1], "._")
}

func readImports(files fs.FS, name string) ([]string, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Base(name), text, parser.ImportsOnly)
	if err != nil {
		return nil, fmt.Errorf("reading the imports of %s: %w", name, err)
	}
	var imports []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("reading the imports of %s: %w", name, err)
		}
		imports = append(imports, imported)
	}
	return imports, nil
}
