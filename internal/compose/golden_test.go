package compose

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden files are the advance copies of the sample: they show all that a
// page can have. One general copy stands for what differs after the lift.
func TestGolden(t *testing.T) {
	k := newKit(t, sample(t))
	for _, e := range k.ordered() {
		r, err := k.Render(advance(e.Lang))
		must(t, err)
		golden(t, string(e.Lang)+".html", r.HTML)
		golden(t, string(e.Lang)+".txt", r.Subject+"\n\n"+r.Text)
	}
	r, err := k.Render(letter("en"))
	must(t, err)
	golden(t, "lifted.en.html", r.HTML)
	golden(t, "lifted.en.txt", r.Subject+"\n\n"+r.Text)
	m, err := k.Message(advance("ru"))
	must(t, err)
	golden(t, "ru.eml", string(m))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	if want := read(t, file); got != want {
		t.Errorf("%s differs from what is made now; see whether that is meant, then run the tests with -update", file)
	}
}
