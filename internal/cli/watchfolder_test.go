package cli

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// locked is a writer for several.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Releases that are archived are news, and no trouble: their folders are moved
// away, and gone before what the system tells of that was read.
func TestFoldersThatGoAreNoTrouble(t *testing.T) {
	dir, log := t.TempDir(), &locked{}
	releases := filepath.Join(dir, "config", "releases")
	name := func(n int) string { return filepath.Join(releases, strconv.Itoa(n)) }
	const many = 300
	for n := range many {
		if err := os.MkdirAll(name(n), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := watchFolder(t.Context(), filepath.Join(dir, "config"), slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range many {
		away := filepath.Join(dir, "away")
		if err := errors.Join(os.Rename(name(n), away), os.Remove(away)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-changes:
	case <-time.After(30 * time.Second):
		t.Fatal("that folders are gone is not told")
	}
	if log.String() != "" {
		t.Errorf("it is said:\n%s", log)
	}
}
