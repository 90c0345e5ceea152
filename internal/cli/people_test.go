package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"dateline/internal/store"
)

// A store that does not answer is a failure of the command, and no slip of
// whoever called it.
func TestAStoreThatFailsIsNoMisuse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "dateline.db")
	if err := os.WriteFile(filepath.Join(dir, "dateline.yaml"), []byte("store: sqlite:dateline.db\nstate: state\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite://"+file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlx.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`ALTER TABLE addresses RENAME TO gone`); err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]int{
		"contacts dossier anna@x.example":                       exitFailed,
		"contacts erase anna@x.example --by Olim":               exitFailed,
		"contacts merge anna@x.example ben@x.example --by Olim": exitFailed,
		"contacts dossier 018f2b3c-0000-7000-8000-000000000001": exitFailed,
		"contacts dossier Anna":                                 exitMisuse,
	} {
		var said bytes.Buffer
		got := Run(t.Context(), append(strings.Fields(command), "--config", dir), Streams{In: &said, Out: &said, Err: &said}, os.LookupEnv)
		if got != want {
			t.Errorf("%s ends with %d, want %d:\n%s", command, got, want, said.String())
		}
	}
}
