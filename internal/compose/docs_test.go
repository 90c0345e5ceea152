package compose

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// docs/templates.md names each field that a template can print, and no other.
func TestDocsNameEveryField(t *testing.T) {
	doc := read(t, "../../docs/templates.md")
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\.[A-Za-z.]+)` \\|").FindAllStringSubmatch(doc, -1) {
		if documented[m[1]] {
			t.Errorf("docs/templates.md names %s twice", m[1])
		}
		documented[m[1]] = true
	}
	var fields []string
	collect(reflect.TypeFor[Data](), "", &fields)
	for _, f := range fields {
		if !documented[f] {
			t.Errorf("docs/templates.md lacks %s", f)
		}
		delete(documented, f)
	}
	for f := range documented {
		t.Errorf("docs/templates.md names %s, which does not exist", f)
	}
}

// collect lists what can be printed of a type: its fields, those of its own
// structs by their paths, and both a list and what its entries have.
func collect(of reflect.Type, path string, fields *[]string) {
	for f := range of.Fields() {
		at, kind := path+"."+f.Name, f.Type
		list := kind.Kind() == reflect.Slice
		if list {
			kind = kind.Elem()
		}
		own := kind.Kind() == reflect.Struct && kind.PkgPath() == of.PkgPath()
		if list || !own {
			*fields = append(*fields, at)
		}
		if own {
			collect(kind, at, fields)
		}
	}
}

func TestDocsNameEveryFunction(t *testing.T) {
	doc := read(t, "../../docs/templates.md")
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+) ").FindAllStringSubmatch(doc, -1) {
		documented = append(documented, m[1])
	}
	if !slices.Equal(documented, functionNames()) {
		t.Errorf("docs/templates.md has the functions %v; there are %v", documented, functionNames())
	}
}
