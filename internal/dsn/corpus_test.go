package dsn_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dateline/internal/dsn"
	"dateline/internal/dsn/dsntest"
	"dateline/internal/press"
)

// corpusFolder is where labelled real bounces are; they do not ship.
func corpusFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("DATELINE_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus/bounces"
	}
	if _, err := os.Stat(filepath.Join(dir, "labels.tsv")); err != nil {
		t.Skipf("no corpus of bounces at %s; DATELINE_CORPUS names another folder", dir)
	}
	return dir
}

func TestCorpusReachesItsFigures(t *testing.T) {
	f, err := dsntest.Measure(corpusFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range f.Wrong {
		t.Log(line)
	}
	f.Wrong = nil
	line, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", line)
	for _, c := range []struct {
		what string
		ok   bool
	}{
		{"class agrees for 95 % of the bounces", f.ClassAgrees >= 0.95},
		{"at most 2 % of the soft ones are called hard", f.SoftCalledHard <= 0.02},
		{"98 % of the complaints are found", f.Complaints >= 0.98},
		{"no automatic answer is called a bounce", f.AutoAsBounce == 0},
		{"a recipient is found in 97 %", f.Recipient >= 0.97},
		{"a key is found in 85 %", f.Key >= 0.85},
		{"every file can be read", f.Unreadable == 0},
	} {
		if !c.ok {
			t.Errorf("not so: %s: %s", c.what, line)
		}
	}
}

func TestCorpusCutAnywhereDoesNotPanic(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpusFolder(t), "eml", "*"))
	if err != nil {
		t.Fatal(err)
	}
	step := 25 // of 100 places, other ones in each file
	if os.Getenv("DATELINE_CORPUS") != "" {
		step = 1
	}
	var each sync.WaitGroup
	defer each.Wait()
	for half := range 2 {
		each.Go(func() {
			for i := half; i < len(files); i += 2 {
				cutAtPlaces(t, files[i], press.FormatMessage, i%step, step)
			}
		})
	}
}

func TestOwnFilesCutAnywhereDoNotPanic(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		cutAtPlaces(t, file, press.FormatMessage, 0, 1)
	}
	events, err := filepath.Glob("testdata/event/*.json")
	if err != nil || len(events) < 20 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for _, file := range events {
		provider, _, _ := strings.Cut(filepath.Base(file), "-")
		cutAtPlaces(t, file, press.MailFormat(provider), 0, 1)
	}
}

// cutAtPlaces cuts a file at every step-th of 100 places.
func cutAtPlaces(t *testing.T, file string, format press.MailFormat, first, step int) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := first; i < 100; i += step {
		reports, err := dsn.Read(press.Mail{Format: format, Raw: raw[:len(raw)*i/100]})
		if err == nil {
			holdsPromises(t, reports)
		}
	}
}

// BenchmarkRead reads the corpus, or else the package's own messages, on every
// core.
func BenchmarkRead(b *testing.B) {
	pattern := "testdata/*/*.eml"
	if dir := os.Getenv("DATELINE_CORPUS"); dir != "" {
		pattern = filepath.Join(dir, "eml", "*")
	}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		b.Fatalf("no messages at %s: %v", pattern, err)
	}
	var raws [][]byte
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		raws = append(raws, raw)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := dsn.Read(press.Mail{Raw: raws[i%len(raws)]}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
}
