package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Whoever can write the config folder says who gets what and when: what everybody
// on the machine can write is refused, what a group can write is not.
func TestConfigThatOthersCanWrite(t *testing.T) {
	const mends = "; only its owner and a group may; `chmod -R o-w "
	for name, c := range map[string]struct {
		path string // within the folder; "" for the folder above it
		mode fs.FileMode
		want string
	}{
		"the main file":           {mainFile, 0o666, "dateline.yaml:1:1: everybody on this machine can write it (its mode is 0666)" + mends},
		"write alone":             {mainFile, 0o602, "dateline.yaml:1:1: everybody on this machine can write it (its mode is 0602)" + mends},
		"an edition":              {"releases/tashkent-2022/ru.md", 0o646, "releases/tashkent-2022/ru.md:1:1: everybody on this machine can write it (its mode is 0646)" + mends},
		"a release's folder":      {"releases/tashkent-2022", 0o777, "releases/tashkent-2022:1:1: everybody on this machine can write it (its mode is 0777)" + mends},
		"the folder":              {".", 0o757, ":1:1: everybody on this machine can write it (its mode is 0757)" + mends},
		"the folder above":        {"", 0o777, ":1:1: everybody on this machine can put another folder in its place, since all can write "},
		"a group's file":          {mainFile, 0o664, ""},
		"a group's folder":        {"releases", 0o775 | fs.ModeSetgid, ""},
		"read by all":             {listsFile, 0o444, ""},
		"a folder above, as /tmp": {"", 0o777 | fs.ModeSticky, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, good(t))
			path := filepath.Dir(dir)
			if c.path != "" {
				path = place(dir, c.path)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			got := faultLines(t, dir)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("faults:\n%s\nwant one with %q", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

// What a team keeps beside the config, hidden, is no part of it. Whoever holds or
// kills is not kept from it by a mode.
func TestModesThatStopNobody(t *testing.T) {
	dir := write(t, good(t))
	put(t, dir, ".git/index", "x")
	if err := os.Chmod(place(dir, ".git/index"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := faultLines(t, dir); len(got) > 0 {
		t.Errorf("faults: %q", got)
	}
	if err := os.Chmod(place(dir, mainFile), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadStore(dir, environment); err != nil {
		t.Errorf("the store alone: %v", err)
	}
}

// A file with a secret that everybody could put another one into is refused; so
// is a certificate.
func TestSecretsThatOthersCanWrite(t *testing.T) {
	files := good(t)
	dir := write(t, files)
	secret := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, 0o622); err != nil {
		t.Fatal(err)
	}
	_, why := outside(secret)
	if want := "everybody on this machine can write it (its mode is 0622; `chmod o-w` mends that)"; why != want {
		t.Errorf("got %q, want %q", why, want)
	}
	if err := os.Chmod(secret, 0o640); err != nil {
		t.Fatal(err)
	}
	if raw, why := outside(secret); why != "" || !slices.Equal(raw, []byte("s3cret\n")) {
		t.Errorf("a group's secret: %q, %q", raw, why)
	}
}

func TestKeysThatOthersCanWrite(t *testing.T) {
	dir := write(t, good(t))
	keys := filepath.Join(filepath.Dir(dir), "state", "keys")
	if err := os.MkdirAll(filepath.Dir(keys), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keys, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := faultLines(t, dir); len(got) > 0 {
		t.Errorf("faults: %q", got)
	}
	if err := os.Chmod(keys, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := faultLines(t, dir); len(got) != 1 || !strings.HasPrefix(got[0], "dateline.yaml:1:1: everybody on this machine can write the keys file ") {
		t.Errorf("faults: %q", got)
	}
}
