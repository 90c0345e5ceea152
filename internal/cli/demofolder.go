package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	sampleconfig "dateline/config"
	"dateline/internal/contactfile"
	"dateline/internal/press"
	"dateline/internal/store"
)

// demoFolder is the folder that a demo makes and leaves behind, in working
// order.
type demoFolder struct {
	dir   string
	store string // a URL; "": SQLite in the folder
}

// newDemoFolder makes the folder. One that holds something is left alone.
func newDemoFolder(f demoFlags) (*demoFolder, error) {
	dir := f.dir
	if dir == "" {
		made, err := os.MkdirTemp("", "dateline-demo-")
		if err != nil {
			return nil, fmt.Errorf("making the demo's folder: %w", err)
		}
		dir = made
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the demo's folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("making the demo's folder: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty; name a folder that does not exist yet", dir)
	}
	dir, err = filepath.Abs(dir)
	return &demoFolder{dir: dir, store: f.store}, err
}

func (d *demoFolder) config() string { return filepath.Join(d.dir, "config") }
func (d *demoFolder) mails() string  { return filepath.Join(d.dir, "mails") }
func (d *demoFolder) log() string    { return filepath.Join(d.dir, "daemon.log") }

// writeConfig writes the sample, with the store, the sink's port and where the console is put in.
func (d *demoFolder) writeConfig(ctx context.Context, port, console string) error {
	err := fs.WalkDir(sampleconfig.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := sampleconfig.Files.ReadFile(path)
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(d.config(), filepath.FromSlash(path)), text)
	})
	if err != nil {
		return fmt.Errorf("writing the demo's config folder: %w", err)
	}
	edits := []edit{{`(?m)^    port: .*$`, "    port: " + port}, {`(?m)^    tls: none$`, "    tls: none\n    connections: 10"}, {`(?m)^store: `, "console:\n  listen: " + console + "\n\nstore: "}}
	if d.store != "" {
		fresh, err := d.freshStore(ctx)
		if err != nil {
			return err
		}
		edits = append(edits, edit{`(?m)^store: .*$`, "store: " + fresh})
	}
	return rewrite(filepath.Join(d.config(), "dateline.yaml"), edits)
}

// freshStore gives the URL of a store that holds nothing yet: a SQLite file is
// taken as it is, in a PostgreSQL database a schema is made.
func (d *demoFolder) freshStore(ctx context.Context) (string, error) {
	if !strings.HasPrefix(d.store, "postgres") {
		return d.store, nil // config.Load says what is wrong with it, if anything is
	}
	u, err := url.Parse(d.store)
	if err != nil {
		return "", errors.New("--store is no URL of a PostgreSQL database; postgres://USER@HOST/DATABASE is wanted") // err would show the password
	}
	schema := "dateline_demo_" + strings.ToLower(rand.Text()[:10])
	if err := store.CreateSchema(ctx, d.store, schema); err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// writeRelease sets the embargo's lift. The sample's advance send is a day
// before it, which is no demo; without it everybody gets the general one.
func (d *demoFolder) writeRelease(lift time.Time) error {
	const zone = "Asia/Tashkent"
	whole := lift.Add(time.Second - 1).Truncate(time.Second)
	path := filepath.Join(d.config(), "releases", demoSlug, "release.yaml")
	return rewrite(path, []edit{
		{`(?m)^embargo: .*$`, "embargo: " + press.In(whole, zone).Format("2006-01-02 15:04:05 ") + zone},
		{`(?m)^(  - name: advance\n(?:    .*\n)*)?  - name: general$`, "  - name: general"},
	})
}

// edit puts a text in the place of what a pattern finds, which must be there.
type edit struct{ pattern, text string }

func rewrite(path string, edits []edit) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, e := range edits {
		re := regexp.MustCompile(e.pattern)
		if !re.Match(text) {
			return fmt.Errorf("%s: nothing in it looks like %s", path, e.pattern)
		}
		text = re.ReplaceAllLiteral(text, []byte(e.text))
	}
	return writeFile(path, text)
}

func writeFile(path string, text []byte) error {
	return cmp.Or(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, text, 0o600))
}

// contactFiles are the files to import: the sample's, or one that is made.
func (d *demoFolder) contactFiles(f demoFlags) ([]string, error) {
	if f.contacts == 0 {
		return filepath.Glob(filepath.Join(d.config(), "contacts", "*.csv"))
	}
	path := filepath.Join(d.dir, "contacts.csv")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making contacts: %w", err)
	}
	return []string{path}, errors.Join(contactfile.WriteCSV(out, contactfile.Generate(f.contacts, f.seed)), out.Close())
}
