package cli

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"dateline/internal/press"
	"dateline/internal/store"
)

// A keys file from before token keys is completed once, and goes on naming the
// same mailboxes; one that is not the user's own is left as it is.
func TestAKeysFileFromBeforeTokenKeys(t *testing.T) {
	before := "# ours\naddress a1 " + base64.RawURLEncoding.EncodeToString(make([]byte, 32)) // no line end
	for _, c := range []struct {
		name      string
		mode      os.FileMode
		completed bool
	}{
		{"own", 0o600, true},
		{"read by a group", 0o640, false},
		{"read by the owner alone", 0o400, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "dateline.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			path := filepath.Join(dir, "keys")
			if err := os.WriteFile(path, []byte(before), c.mode); err != nil {
				t.Fatal(err)
			}
			first, err := keyringOf(t.Context(), s, path)
			if err != nil {
				t.Fatal(err)
			}
			once, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := before
			if c.completed {
				want += "\n" + first.Implied()
			}
			if string(once) != want || first.Implied() == "" {
				t.Errorf("the file became %q", once)
			}
			second, err := keyringOf(t.Context(), s, path)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := os.ReadFile(path); err != nil || string(twice) != want {
				t.Errorf("the second time the file became %q, %v", twice, err)
			}
			id := press.ID{1}
			if got, err := second.CheckEnvelopeToken(first.EnvelopeToken(id)); err != nil || got != id {
				t.Errorf("a token of before the file was completed gave %s, %v", got, err)
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".keys-*")); err != nil || len(left) > 0 {
				t.Errorf("%v was left behind, %v", left, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&^c.mode&0o077 != 0 {
				t.Errorf("the file's mode is %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestAFreshKeysFileHasBothKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "keys")
	text, err := newKeyring(path)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := press.ParseKeyring(string(text))
	if err != nil || ring.Implied() != "" || !isOwn(path) {
		t.Errorf("%v, %v; it lacks %q", ring, err, ring.Implied())
	}
	again, err := newKeyring(path) // the first one stays
	if err != nil || string(again) != string(text) {
		t.Errorf("a second start made another file, %v", err)
	}
}
