package ninjs_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/compose"
	"dateline/internal/config"
	"dateline/internal/ninjs"
	"dateline/internal/press"
	"dateline/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Templates that have nothing but the story, and the words for editors below it,
// stand in for those that ship: so the document says what the copies say.
const (
	storyPage = "{{.Story}}"
	storyText = `{{.Story}}
=====
{{phrase "embargo.until" "when" (index .Embargo.Tellings 0).When}}
=====
{{phrase "notice.kill.text"}}`
)

// sample is the release that ships, as the config folder has it.
func sample(t *testing.T) press.Frozen {
	t.Helper()
	files := map[string]string{}
	must(t, fs.WalkDir(templates.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		files[path] = string(text)
		return err
	}))
	c, err := config.Load("../../config", files, func(string) (string, bool) { return "", false })
	must(t, err)
	folder, ok := c.Folder("tashkent-2022")
	if !ok || len(folder.Editions) != 8 {
		t.Fatalf("the sample has %d editions, want 8", len(folder.Editions))
	}
	files["base.html.tmpl"], files["base.txt.tmpl"] = storyPage, storyText
	return press.Frozen{Release: folder.Release, Sender: c.Senders[folder.Sender], Files: files, Renderer: compose.Version}
}

// TestGolden shows what a newsroom's system gets: the advance document of each
// edition of the sample.
func TestGolden(t *testing.T) {
	f, s := sample(t), rules(t)
	kit, err := compose.Thaw(f)
	must(t, err)
	for _, e := range f.Release.Editions {
		in := advance(t, kit, f, e)
		in.Notes = in.Notes[:1]
		b := made(t, in)
		if err := obeys(s, b); err != nil {
			t.Errorf("%s: %v", e.Lang, err)
		}
		golden(t, string(e.Lang)+".json", b)
	}
}

// A kill takes back what went out.
func TestGoldenCanceled(t *testing.T) {
	f := sample(t)
	kit, err := compose.Thaw(f)
	must(t, err)
	e, _ := f.Release.Edition("ru")
	in := advance(t, kit, f, e)
	in.Status, in.Version, in.VersionCreated = ninjs.Canceled, 2, created.AddDate(0, 0, 1)
	in.Notes = in.Notes[1:]
	b := made(t, in)
	must(t, obeys(rules(t), b))
	golden(t, "canceled.ru.json", b)
}

// advance is what goes into an edition's document; its notes are the words of the
// embargo and those of a kill.
func advance(t *testing.T, kit *compose.Kit, f press.Frozen, e press.Edition) ninjs.Input {
	t.Helper()
	r, err := kit.Render(compose.Letter{
		Recipient: press.Recipient{Address: "desk@wire.example", Edition: e.Lang, Zone: f.Release.Dateline.Zone},
		SendKind:  press.Advance, MessageID: "id@conference.example", Date: created, Held: true,
	})
	must(t, err)
	parts := strings.Split(r.Text, "\n=====\n")
	_, html, _ := strings.Cut(r.HTML, "<body>")
	html, _, ok := strings.Cut(html, "</body>")
	if !ok || len(parts) != 3 {
		t.Fatalf("%s is rendered as\n%s\n%s", e.Lang, r.HTML, r.Text)
	}
	return ninjs.Input{
		Release: f.Release, Edition: e, Sender: f.Sender, Status: ninjs.Usable,
		Version: 1, FirstCreated: created, VersionCreated: created,
		Text: parts[0], HTML: html, Notes: parts[1:],
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is made now; see whether that is meant, then run the tests with -update", file)
	}
}
