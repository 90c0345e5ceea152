package layers

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The checker must find what it is there for: each made-up import is one that
// somebody could write on a bad day.
func TestCheckerFinds(t *testing.T) {
	for _, c := range []struct{ pkg, imported, why string }{
		{"internal/press", "dateline/internal/config", "may import only []"},
		{"internal/press", "github.com/google/uuid", "beside the standard library"},
		{"internal/press", "golang.org/x/text/collate", "beside the standard library"},
		{"internal/press", "net/http", "must not know"},
		{"internal/press", "os/exec", "must not know"},
		{"internal/yamlfile", "dateline/internal/locale", "may import only"},
		{"internal/locale", "dateline/internal/config", "may import only"},
		{"internal/config", "dateline/internal/plan", "may import only"},
		{"internal/plan", "dateline/internal/config", "may import only"},
		{"internal/plan", "os", "must not know"},
		{"internal/compose", "dateline/internal/store", "may import only"},
		{"internal/dsn", "database/sql", "must not know"},
		{"internal/store", "dateline/internal/relay", "may import only"},
		{"internal/store", "dateline/internal/config", "may import only"},
		{"internal/store", "net/smtp", "must not know"},
		{"internal/relay", "github.com/jmoiron/sqlx", "must not know"},
		{"internal/relay", "dateline/migrations", "may import only"},
		{"internal/journal", "dateline/internal/store", "may import only"},
		{"internal/mailbox", "dateline/internal/dsn", "may import only"},
		{"internal/sink", "dateline/internal/store", "may import only"},
		{"internal/desk", "dateline/internal/store", "may import only"},
		{"internal/desk", "dateline/internal/dispatch", "may import only"},
		{"internal/dispatch", "github.com/lib/pq", "must not know"},
		{"internal/ledger", "dateline/internal/access", "may import only"},
		{"internal/bounce", "dateline/internal/cli", "may import only"},
		{"internal/console", "dateline/internal/store", "may import only"},
		{"internal/console", "dateline/internal/cli", "may import only"},
		{"internal/cli", "dateline/cmd/dateline", "may import only"},
		{"cmd/dateline", "dateline/internal/store", "may import only"},
		{"cmd/dateline", "github.com/spf13/cobra", "beside the standard library"},
		{"templates", "dateline/internal/press", "may import only"},
		{"internal/cli", "dateline/internal/testenv", "for tests alone"},
		{"internal/store", "dateline/internal/relaytest", "for tests alone"},
		{"internal/util", "strings", "stands in no layer"},
		{"internal/store/postgres", "strings", "stands in no layer"},
		{"helpers", "strings", "stands in no layer"},
	} {
		found := faults(graph{c.pkg: {"fmt", c.imported}}, table())
		if len(found) != 1 || !strings.Contains(found[0], c.pkg) || !strings.Contains(found[0], c.why) {
			t.Errorf("%s imports %s: got %q, want one fault: …%s…", c.pkg, c.imported, found, c.why)
		}
	}
}

func TestCheckerAllows(t *testing.T) {
	allowed := graph{
		"internal/press":                {"fmt", "database/sql/driver", "golang.org/x/net/idna", "golang.org/x/text/language"},
		"internal/yamlfile":             {"dateline/internal/press", "github.com/goccy/go-yaml"},
		"internal/locale":               {"dateline/internal/press", "dateline/internal/yamlfile"},
		"internal/config":               {"os", "dateline/internal/locale", "dateline/internal/yamlfile", "dateline/templates"},
		"internal/compose":              {"github.com/wneessen/go-mail", "dateline/internal/locale"},
		"internal/store":                {"database/sql", "dateline/internal/press", "dateline/migrations", "github.com/lib/pq"},
		"internal/relay":                {"net/smtp", "github.com/wneessen/go-mail", "dateline/internal/press"},
		"internal/journal":              {"os", "dateline/internal/press"},
		"internal/sink":                 {"github.com/emersion/go-smtp", "dateline/internal/press"},
		"internal/desk":                 {"dateline/internal/config", "dateline/internal/plan", "dateline/internal/press"},
		"internal/console":              {"net/http", "dateline/internal/desk"},
		"internal/cli":                  {"dateline/internal/store", "dateline/internal/desk", "dateline/internal/console", "dateline/config"},
		"cmd/dateline":                  {"os", "dateline/internal/cli"},
		"internal/testenv":              {"github.com/lib/pq", "dateline/internal/store"},
		"internal/testenv/withpostgres": {"dateline/internal/testenv"},
		"bench":                         {"dateline/internal/store", "dateline/internal/testenv", "github.com/lib/pq"},
		"internal/relaytest":            {"dateline/internal/relay", "dateline/internal/testenv"},
	}
	for _, fault := range faults(allowed, table()) {
		t.Error(fault)
	}
}

func TestCheckerListsEveryFault(t *testing.T) {
	g := graph{
		"internal/util":  {"strings"},
		"internal/desk":  {"dateline/internal/relay", "dateline/internal/store"},
		"internal/press": {"fmt"},
	}
	if found := faults(g, table()); len(found) != 3 {
		t.Errorf("got %q, want three faults", found)
	}
}

// Every package that a rule names has a rule itself: a slip of the pen would
// otherwise allow nothing and say nothing.
func TestTableNamesOnlyItsOwnPackages(t *testing.T) {
	rules := table()
	for pkg, r := range rules {
		for _, may := range r.may {
			if _, ok := rules[may]; !ok {
				t.Errorf("%s may import %s, which is not in the table", pkg, may)
			}
		}
	}
}

func TestReadGraph(t *testing.T) {
	files := fstest.MapFS{
		"internal/a/a.go":               {Data: []byte("package a\nimport (\n\"fmt\"\nx \"dateline/internal/b\"\n)\n")},
		"internal/a/a_windows.go":       {Data: []byte("package a\nimport \"os\"\nimport \"fmt\"\n")},
		"internal/a/a_test.go":          {Data: []byte("package a\nimport \"testing\"\n")},
		"internal/a/testdata/bad.go":    {Data: []byte("no Go at all")},
		"internal/only_tests/t_test.go": {Data: []byte("package t\n")},
		"tools/tool.go":                 {Data: []byte("no Go at all")},
		".build/x.go":                   {Data: []byte("no Go at all")},
		"_old/x.go":                     {Data: []byte("no Go at all")},
	}
	got, err := readGraph(files)
	if err != nil {
		t.Fatal(err)
	}
	want := graph{"internal/a": {"dateline/internal/b", "fmt", "os"}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := readGraph(fstest.MapFS{"a/a.go": {Data: []byte("package")}}); err == nil || !strings.Contains(err.Error(), "a/a.go") {
		t.Errorf("a file that is no Go gave %v, want its name", err)
	}
}
