package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	sampleconfig "dateline/config"
	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/templates"
)

// plainTemplates take the place of those that ship, whose pages have 20 KB and
// more: the messages that are measured have 7 to 8.
//
//go:embed templates
var plainTemplates embed.FS

const sampleRelease = "releases/tashkent-2022"

// house is one installation: a config folder made from the sample, a store that
// nobody has used before, and its keys.
type house struct {
	bench *bench
	kind  string // sqlite or postgres
	dir   string
	url   string // the store's
	look  look
	drop  func(context.Context) error
	keys  press.Keyring
}

// setting is what differs between houses.
type setting struct {
	kind    string
	port    string // of the relay
	prepare time.Duration
	slugs   []string // of its releases
	langs   []string // of its editions besides the English one
}

func (b *bench) newHouse(ctx context.Context, s setting) (h *house, err error) {
	dir, err := os.MkdirTemp(b.dir, "house-")
	if err != nil {
		return nil, fmt.Errorf("making a config folder: %w", err)
	}
	h = &house{bench: b, kind: s.kind, dir: dir, url: "sqlite://" + filepath.Join(dir, "state", "dateline.db"), drop: func(context.Context) error { return nil }}
	if s.kind == "postgres" {
		if h.url, h.drop, err = b.postgres.database(ctx); err != nil {
			return nil, err
		}
	}
	if err := h.writeConfig(s); err != nil {
		return nil, fmt.Errorf("writing a config folder: %w", err)
	}
	// The program itself makes the store and the keys.
	if _, err := b.crew.run("dateline-status", b.program, "--config", h.config(), "status"); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "state", "keys"))
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	if h.keys, err = press.ParseKeyring(string(text)); err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	h.look, err = openLook(h.url)
	return h, err
}

func (h *house) config() string { return filepath.Join(h.dir, "config") }

// close removes the house with all that is in it.
func (h *house) close(ctx context.Context) error {
	return errors.Join(h.look.close(), h.drop(context.WithoutCancel(ctx)), os.RemoveAll(h.dir))
}

// writeConfig writes the sample, with one edition, the plain templates, and the
// release once under each slug.
func (h *house) writeConfig(s setting) error {
	pages, err := fs.Sub(plainTemplates, "templates")
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(h.config(), "templates"), pages); err != nil {
		return err
	}
	if err := h.copySample("lists.yaml", "lists.yaml", nil); err != nil {
		return err
	}
	for _, slug := range s.slugs {
		// Without its longest paragraph the message has the size that is wanted.
		shorter := []edit{{`(?m)^The conference was organised by .*\n\n`, ""}}
		if err := h.copySample(sampleRelease+"/en.md", "releases/"+slug+"/en.md", shorter); err != nil {
			return err
		}
		for _, lang := range s.langs {
			if err := h.copySample(sampleRelease+"/"+lang+".md", "releases/"+slug+"/"+lang+".md", nil); err != nil {
				return err
			}
		}
		if err := h.setLift(slug, time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			return err
		}
	}
	return h.copySample("dateline.yaml", "dateline.yaml", []edit{
		{`(?m)^store: .*$`, "store: " + h.url},
		{`(?m)^    port: .*$`, "    port: " + s.port},
		{`(?m)^    tls: none$`, fmt.Sprintf("    tls: none\n    connections: %d", connections)},
		{`(?m)^  prepare: \S+`, "  prepare: " + s.prepare.String()},
	})
}

// setLift writes a release that is lifted at a whole second. The sample's
// advance copies would leave a day before that.
func (h *house) setLift(slug string, lift time.Time) error {
	const zone = "Asia/Tashkent"
	return h.copySample(sampleRelease+"/release.yaml", "releases/"+slug+"/release.yaml", []edit{
		{`(?m)^embargo: .*$`, "embargo: " + press.In(lift, zone).Format("2006-01-02 15:04:05 ") + zone},
		{`(?m)^  - name: advance\n(?:    .*\n)*`, ""},
	})
}

// load reads the config folder as the daemon will.
func (h *house) load() (*config.Config, error) { return loadConfig(h.config()) }

func loadConfig(dir string) (*config.Config, error) {
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		shipped[path] = string(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return config.Load(dir, shipped, os.LookupEnv)
}

// open opens the store, with so many made-up contacts in the place of its own.
func (h *house) open(ctx context.Context, contacts int) (crowded, error) {
	s, err := store.Open(ctx, h.url)
	return crowded{s, contacts}, err
}

// edit puts a text in the place of what a pattern finds, which must be there.
type edit struct{ pattern, text string }

// copySample writes a file of the sample into the config folder.
func (h *house) copySample(from, to string, edits []edit) error {
	text, err := sampleconfig.Files.ReadFile(from)
	if err != nil {
		return err
	}
	for _, e := range edits {
		re := regexp.MustCompile(e.pattern)
		if !re.Match(text) {
			return fmt.Errorf("the sample's %s: nothing in it looks like %s", from, e.pattern)
		}
		text = re.ReplaceAllLiteral(text, []byte(e.text))
	}
	path := filepath.Join(h.config(), filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
