package parity

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/config"
	"dateline/internal/locale"
	"dateline/internal/press"
	"dateline/templates"
)

const (
	sampleFolder = "../../config"
	sampleSlug   = "tashkent-2022"
)

// folderInput reads a release of a config folder as the desk hands it over.
func folderInput(t testing.TB, dir, slug string, words map[press.Lang]*locale.Language) Input {
	t.Helper()
	c, err := config.Load(dir, nil, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Releases {
		if f.Slug == slug {
			return Input{Release: f.Release, Words: words, Fronts: f.Fronts, Sources: f.Sources, Levels: c.Lint}
		}
	}
	t.Fatalf("%s has no release %s", dir, slug)
	return Input{}
}

// shipped reads the templates that ship.
func shipped(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := templates.Files.ReadFile(path)
		files[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func shippedWords(t testing.TB) map[press.Lang]*locale.Language {
	t.Helper()
	words := map[press.Lang]*locale.Language{}
	for name, text := range shipped(t) {
		if strings.HasPrefix(name, "phrases/") {
			l, faults := locale.ParseLanguage(name, text)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			words[l.Tag] = l
		}
	}
	return words
}

// sampleCopy copies the config folder that ships.
func sampleCopy(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "config")
	if err := os.CopyFS(dir, os.DirFS(sampleFolder)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheSampleIsClean(t *testing.T) {
	for _, f := range Check(folderInput(t, sampleFolder, sampleSlug, shippedWords(t))) {
		t.Error(f)
	}
}
