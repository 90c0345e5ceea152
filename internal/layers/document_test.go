package layers

import (
	"flag"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the packages of docs/architecture.md and docs/pictures/layers.svg anew")

// The table of packages and the picture of the layers are made of the imports,
// of the table of this package, and of what each package says of itself.
func TestArchitectureIsCommitted(t *testing.T) {
	tree, err := readTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	hold(t, "docs/architecture.md", func(committed string) (string, error) { return between(committed, tree.markdown()) })
	hold(t, "docs/pictures/layers.svg", func(string) (string, error) { return tree.picture(), nil })
}

// hold fails where a file is not what is made of it.
func hold(t *testing.T, name string, remade func(committed string) (string, error)) {
	t.Helper()
	file := filepath.Join(root, name)
	committed, err := os.ReadFile(file)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	want, err := remade(string(committed))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if want == string(committed) {
		return
	}
	if !*update {
		t.Errorf("%s is not what the packages say of themselves; go test ./internal/layers -run TestArchitectureIsCommitted -update writes it", name)
		return
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a document, for all to read
		t.Fatal(err)
	}
}

// What stands between these lines of docs/architecture.md is made.
const (
	madeFrom = "<!-- Made of the imports and the package comments; go test ./internal/layers -run TestArchitectureIsCommitted -update writes it. -->\n"
	madeTo   = "<!-- Until here. -->\n"
)

func between(document, made string) (string, error) {
	before, rest, opens := strings.Cut(document, madeFrom)
	_, after, closes := strings.Cut(rest, madeTo)
	if !opens || !closes {
		return "", fmt.Errorf("the lines between which the table belongs are gone; wanted are %q and %q", madeFrom, madeTo)
	}
	return before + madeFrom + "\n" + made + "\n" + madeTo + after, nil
}

// tree is all packages: what they import, and the first sentence of each one's
// comment.
type tree struct {
	imports graph
	says    map[string]string
}

func readTree(files fs.FS) (tree, error) {
	imports, err := readGraph(files)
	if err != nil {
		return tree{}, err
	}
	tr := tree{imports, map[string]string{}}
	for pkg := range imports {
		if tr.says[pkg], err = firstSentence(files, pkg); err != nil {
			return tree{}, err
		}
	}
	return tr, nil
}

// firstSentence is that of a package's comment, without the package's name.
func firstSentence(files fs.FS, pkg string) (string, error) {
	names, err := fs.Glob(files, pkg+"/*.go")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path.Base(name), text, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		if strings.HasSuffix(name, "_test.go") || parsed.Doc == nil {
			continue
		}
		words := strings.SplitN(new(doc.Package).Synopsis(parsed.Doc.Text()), " ", 3)
		if len(words) == 3 && (words[0] == "Package" || words[0] == "Command") {
			return strings.TrimRight(words[2], ".:"), nil
		}
	}
	return "", fmt.Errorf("%s has no comment that begins with `Package NAME` or `Command NAME`", pkg)
}

// markdown is the table, by layers from the lowest up, then what does not ship.
func (tr tree) markdown() string {
	var b strings.Builder
	b.WriteString("| package | layer | what it says of itself |\n|---|---|---|\n")
	placed := map[string]bool{}
	row := func(pkg, layer string) {
		placed[pkg] = true
		fmt.Fprintf(&b, "| [`%s`](../%s) | %s | %s |\n", pkg, pkg, layer, strings.ReplaceAll(tr.says[pkg], "|", "\\|"))
	}
	for _, l := range layers() {
		for _, pkg := range l.packages {
			row(pkg, strings.TrimPrefix(fmt.Sprintf("%d %s", l.number, l.name), "0 "))
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(tr.says)) {
		switch {
		case placed[pkg]:
		case strings.HasPrefix(pkg, "packaging"):
			row(pkg, "release")
		default:
			row(pkg, "tests")
		}
	}
	return b.String()
}

func TestEachShippingPackageStandsInOneLayer(t *testing.T) {
	var placed []string
	for _, l := range layers() {
		placed = append(placed, l.packages...)
	}
	slices.Sort(placed)
	if ruled := slices.Sorted(maps.Keys(table())); !slices.Equal(placed, ruled) {
		t.Errorf("the layers hold %v; rules are there for %v", placed, ruled)
	}
}

func TestBetween(t *testing.T) {
	got, err := between("a\n"+madeFrom+"old\n"+madeTo+"b\n", "new\n")
	if want := "a\n" + madeFrom + "\nnew\n\n" + madeTo + "b\n"; err != nil || got != want {
		t.Errorf("got %q and %v; want %q", got, err, want)
	}
	for _, broken := range []string{"", madeFrom, madeTo, madeTo + madeFrom} {
		if got, err := between(broken, "new\n"); err == nil {
			t.Errorf("%q: got %q; want an error", broken, got)
		}
	}
}
