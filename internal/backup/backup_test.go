package backup_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dateline/internal/backup"
	"dateline/internal/press"
)

var noon = time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC)

func manifest() backup.Manifest {
	return backup.Manifest{Version: "v1.2.3", Taken: noon, Contents: press.Contents{Kind: "sqlite", Schema: 5, Rows: map[string]int64{"releases": 2}, Keyring: "f00d"}}
}

// write makes a backup of a store's text, and gives its path.
func write(t *testing.T, store string, keys []byte) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "night.backup")
	scratch, err := backup.Scratch(path)
	must(t, err)
	must(t, os.WriteFile(scratch, []byte(store), 0o600))
	_, err = backup.Write(path, manifest(), scratch, keys)
	must(t, err)
	must(t, os.Remove(scratch))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// extract reads a backup to its end.
func extract(t *testing.T, path string) (store string, keys []byte, m backup.Manifest, err error) {
	t.Helper()
	a, err := backup.Open(path)
	if err != nil {
		return "", nil, m, err
	}
	defer a.Close()
	to, err := backup.Scratch(filepath.Join(t.TempDir(), "x"))
	must(t, err)
	if keys, err = a.Extract(to); err != nil {
		return "", nil, m, err
	}
	text, err := os.ReadFile(to)
	must(t, err)
	return string(text), keys, a.Manifest, nil
}

func TestABackupIsReadAsItWasWritten(t *testing.T) {
	for name, keys := range map[string][]byte{"without keys": nil, "with keys": []byte("address 1 …\n")} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "all that the store has", keys)
			store, gotKeys, m, err := extract(t, path)
			must(t, err)
			if store != "all that the store has" || !bytes.Equal(gotKeys, keys) {
				t.Errorf("read %q and %q", store, gotKeys)
			}
			if want := manifest(); m.Version != want.Version || !m.Taken.Equal(want.Taken) || m.Contents.Schema != 5 || m.Contents.Rows["releases"] != 2 || m.Contents.Keyring != "f00d" {
				t.Errorf("its manifest is %+v", m)
			}
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("others may read it: %v", info.Mode())
			}
			left, err := os.ReadDir(filepath.Dir(path))
			if must(t, err); len(left) != 1 {
				t.Errorf("beside it lie %v", left)
			}
		})
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	path := write(t, "x", nil)
	for _, err := range []error{
		backup.Free(path),
		func() error { _, err := backup.Write(path, manifest(), path, nil); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("over another backup: %v", err)
		}
	}
	if _, err := backup.Write(filepath.Join(t.TempDir(), "no", "folder"), manifest(), path, nil); err == nil {
		t.Error("a folder that is missing was no fault")
	}
}

// Whatever single byte is changed, and wherever the file breaks off: what is
// read is what was written, or nothing.
func TestADamagedBackupIsRefused(t *testing.T) {
	const store = "all that the store has"
	whole, err := os.ReadFile(write(t, store, []byte("keys")))
	must(t, err)
	path := filepath.Join(t.TempDir(), "damaged")
	try := func(what string, at int, text []byte) {
		must(t, os.WriteFile(path, text, 0o600))
		got, keys, _, err := extract(t, path)
		if err == nil && (got != store || string(keys) != "keys") {
			t.Errorf("%s at %d: read %q and %q", what, at, got, keys)
		}
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s at %d: the error does not name the file: %v", what, at, err)
		}
	}
	for at := 0; at < len(whole); at += 31 {
		try("cut", at, whole[:at])
		changed := bytes.Clone(whole)
		changed[at] ^= 0x55
		try("changed", at, changed)
	}
}

func TestWhatIsNoBackupIsToldAsThat(t *testing.T) {
	archive := func(name, text string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		must(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}))
		_, err := w.Write([]byte(text))
		must(t, err)
		must(t, w.Close())
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":            {nil, "breaks off before its manifest.json"},
		"a picture":          {bytes.Repeat([]byte("\x89PNG"), 400), "no file that `dateline backup` wrote"},
		"another archive":    {archive("etc/passwd", "root"), `it has "etc/passwd" of 4 bytes where its manifest.json should be`},
		"no JSON":            {archive("manifest.json", "{"), "its manifest is damaged"},
		"an empty one":       {archive("manifest.json", "{}"), "lacks what every manifest has"},
		"of a newer program": {archive("manifest.json", `{"format": 2, "version": "v9"}`), "dateline v9 wrote it in format 2, and this program reads up to 1; use the newer program"},
		"huge keys":          {archive("manifest.json", `{"format":1,"taken":"2027-01-01T00:00:00Z","contents":{"kind":"sqlite"},"store":{"sha256":"x"},"keys":{"size":99999999}}`), "lacks what every manifest has"},
		"without a store":    {archive("manifest.json", `{"format":1,"taken":"2027-01-01T00:00:00Z","contents":{"kind":"sqlite"},"store":{"sha256":"x"}}`), "breaks off before its store"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			must(t, os.WriteFile(path, c.text, 0o600))
			if _, _, _, err := extract(t, path); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
		})
	}
	if _, err := backup.Open(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing file was no fault")
	}
}
