package contactfile

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/press"
)

var update = flag.Bool("update", false, "write what the samples read as anew")

func onDisk(path string) File {
	return File{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// told is what a file reads as: its format, then a line per contact or fault.
func told(f File, opts Options) string {
	var b strings.Builder
	format, err := Inspect(f, opts)
	fmt.Fprintln(&b, format)
	var faults press.Faults
	if err != nil && !errors.As(err, &faults) {
		fmt.Fprintln(&b, err)
	}
	for row, faults := range Read(f, opts) {
		for _, fault := range faults {
			fmt.Fprintln(&b, fault)
		}
		if len(faults) == 0 {
			line, _ := json.Marshal(row.Contact) // texts, always
			fmt.Fprintf(&b, "%d %s\n", row.Line, line)
		}
	}
	return b.String()
}

func TestSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, ".md") {
			continue
		}
		opts := Options{}
		if strings.Contains(path, "media-database") {
			opts.Columns = map[string]string{"Preferred Language": "languages", "Circulation": "-"}
			opts.LegalBasis, opts.Source = "legitimate interest", "a media database"
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, golden := told(onDisk(path), opts), "testdata/read/"+filepath.Base(path)+".txt"
			if *update {
				if err := errors.Join(os.MkdirAll("testdata/read", 0o755), os.WriteFile(golden, []byte(got), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%v; it reads as\n%s\nwant\n%s", err, got, want)
			}
		})
	}
}
