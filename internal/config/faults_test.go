package config

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata and docs/config.md anew")

// TestFaults holds every case of testdata/faults.txtar, a change to the good
// folder, to the exact faults that are told of it.
func TestFaults(t *testing.T) {
	const path = "testdata/faults.txtar"
	comment, cases := readArchive(t, path)
	if len(cases) < 60 {
		t.Errorf("there are %d cases; at least 60 are wanted", len(cases))
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := good(t)
			want := apply(t, files, c.text)
			got := faultLines(t, write(t, files))
			if *update {
				cases[i].text = withFaults(c.text, got)
				return
			}
			if len(want) == 0 {
				t.Error("the case wants no fault")
			}
			if !slices.Equal(got, want) {
				t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
	if *update {
		if err := os.WriteFile(path, []byte(formatArchive(comment, cases)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func withFaults(text string, faults []string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(text, "\n") {
		if !strings.HasPrefix(line, "= ") {
			b.WriteString(line)
		}
	}
	for _, f := range faults {
		b.WriteString("= " + f + "\n")
	}
	return b.String()
}
