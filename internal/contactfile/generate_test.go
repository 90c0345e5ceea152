package contactfile

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"
)

func TestGenerateIsTheSameForASeed(t *testing.T) {
	one, two := slices.Collect(Generate(500, 7)), slices.Collect(Generate(500, 7))
	if !reflect.DeepEqual(one, two) {
		t.Error("the same seed gave other contacts")
	}
	if reflect.DeepEqual(one, slices.Collect(Generate(500, 8))) {
		t.Error("another seed gave the same contacts")
	}
	if n := len(slices.Collect(Generate(0, 1))); n != 0 {
		t.Errorf("none were wanted, %d came", n)
	}
	for range Generate(10, 1) {
		break // it must not go on
	}
}

func TestGenerateCoversCountriesLanguagesAndKinds(t *testing.T) {
	for seed := range uint64(20) {
		countries, langs, kinds := map[press.Country]int{}, map[press.Lang]int{}, map[press.OutletKind]int{}
		security, tagged := 0, 0
		for c := range Generate(100, seed) {
			countries[c.Country]++
			langs[c.Languages[0]]++
			for _, o := range c.Outlets {
				kinds[o.Kind]++
				if o.Kind == press.Wire && !o.Agreement.OnFile() {
					t.Errorf("the wire %s has no agreement", o.Name)
				}
			}
			if slices.Contains(c.Beats, "security") {
				security++
			}
			if len(c.Tags) > 0 {
				tagged++
			}
		}
		if len(countries) != 7 || len(langs) != 8 || len(kinds) != 6 || security < 10 || tagged < 10 {
			t.Errorf("seed %d: %v %v %v, %d on security, %d tagged", seed, countries, langs, kinds, security, tagged)
		}
	}
}

func TestGeneratedContactsAreReadBackTheSame(t *testing.T) {
	var file bytes.Buffer
	if err := WriteCSV(&file, Generate(20_000, 3)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	rows, faults := readAll(file.String(), Options{})
	if len(faults) > 0 {
		t.Fatal(faults[0])
	}
	i := 0
	for want := range Generate(20_000, 3) {
		if i >= len(rows) || !reflect.DeepEqual(rows[i].Contact, want) {
			t.Fatalf("contact %d is not read back: %+v", i, want)
		}
		for _, a := range want.Addresses {
			if seen[a.Key()] || !strings.HasSuffix(a.Domain(), ".example") {
				t.Fatalf("%s comes twice or is no reserved address", a)
			}
			seen[a.Key()] = true
		}
		if !want.ID.IsZero() {
			t.Fatal("an id was made")
		}
		i++
	}
	if i != len(rows) {
		t.Errorf("%d contacts became %d", i, len(rows))
	}
}
