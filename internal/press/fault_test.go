package press

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestFaultText(t *testing.T) {
	for want, f := range map[string]Fault{
		"lists.yaml:3:7: the country \"UK\" is unknown; GB is wanted": {File: "lists.yaml", Line: 3, Column: 7, What: `the country "UK" is unknown`, Want: "GB is wanted"},
		"lists.yaml:3:7: it is empty":                                 {File: "lists.yaml", Line: 3, Column: 7, What: "it is empty"},
		"lists.yaml:1:1: it is missing; write it":                     {File: "lists.yaml", What: "it is missing", Want: "write it"}, // the whole file
	} {
		if got := f.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	fs := Faults{
		{File: "b.yaml", Line: 1, Column: 1, What: "sixth"},
		{File: "a.yaml", Line: 10, Column: 1, What: "fourth"},
		{File: "a.yaml", Line: 2, Column: 11, What: "third"},
		{File: "a.yaml", Line: 2, Column: 3, What: "first"},
		{File: "a.yaml", Line: 2, Column: 3, What: "second"}, // of one place: as they were found
		{File: "a.yaml", Line: 10, Column: 2, What: "fifth"},
	}
	fs.Sort()
	const want = "a.yaml:2:3: first\na.yaml:2:3: second\na.yaml:2:11: third\na.yaml:10:1: fourth\na.yaml:10:2: fifth\nb.yaml:1:1: sixth"
	if got := fs.Error(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestNoFaultsAreNoError(t *testing.T) {
	for _, none := range []Faults{nil, {}} {
		if err := none.OrNil(); err != nil {
			t.Errorf("no fault gives the error %v", err)
		}
	}
	var fs Faults
	if err := (Faults{{File: "a"}}).OrNil(); !errors.As(err, &fs) || len(fs) != 1 {
		t.Errorf("a fault gives %v", err)
	}
}

func TestFaultsSortedAlike(t *testing.T) {
	one := rapid.Custom(func(t *rapid.T) Fault {
		return Fault{File: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "file"), Line: rapid.IntRange(0, 3).Draw(t, "line"), Column: rapid.IntRange(0, 3).Draw(t, "column")}
	})
	rapid.Check(t, func(t *rapid.T) {
		fs := Faults(rapid.SliceOf(one).Draw(t, "faults"))
		shuffled := rapid.Permutation(fs).Draw(t, "shuffled")
		shuffled.Sort()
		fs.Sort()
		if !slices.Equal(fs, shuffled) {
			t.Fatalf("%v\nand\n%v", fs, shuffled)
		}
	})
}
