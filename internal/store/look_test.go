package store_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// Whoever looks sees what is there, and can change nothing.
func TestOpenToLook(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			refuses := func(want string) {
				t.Helper()
				s, err := store.OpenToLook(t.Context(), u)
				if err == nil {
					s.Close()
				}
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			refuses(map[string]string{"sqlite": "there is no store at ", "postgres": "reading the store's schema version"}[kind.name])
			h := openHouse(t, u)
			h.imports(dilnoza())
			s, err := store.OpenToLook(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for c, err := range s.Contacts(t.Context()) {
				h.must(err)
				names = append(names, c.Name)
			}
			if !slices.Equal(names, []string{dilnoza().Name}) {
				t.Errorf("saw %q", names)
			}
			if err := s.Suppress(t.Context(), press.AddressKey{1}, "all", "left", "Olim", noon); err == nil {
				t.Error("wrote to a store that was opened to look")
			}
			h.must(s.Close())
			h.must(h.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`))
			h.must(h.exec(`DELETE FROM settings`))
			refuses("the store's schema is version 99 and this program knows ")
		})
	}
}

// A look at an SQLite store that no daemon has open leaves the folder as it was,
// and a file that is none is told.
func TestOpenToLookLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	u := "sqlite://" + filepath.Join(dir, "dateline.db")
	listing := func() string {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return strings.Join(all, " ")
	}
	s, err := store.Open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := listing()
	s, err = store.OpenToLook(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Contacts(t.Context()) {
		t.Errorf("there is somebody, or %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if after := listing(); after != before {
		t.Errorf("the folder had %s and has %s", before, after)
	}
}

// A server that takes the call and says nothing is not waited for.
func TestOpenToLookIsNotKept(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	s, err := store.OpenToLook(ctx, "postgres://press:secret@"+silent.Addr().String()+"/dateline?sslmode=disable")
	if err == nil {
		s.Close()
		t.Fatal("a silent server was opened")
	}
	if took := time.Since(begun); took > 5*time.Second || strings.Contains(err.Error(), "secret") {
		t.Errorf("after %s: %v", took, err)
	}
}
