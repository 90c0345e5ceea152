package store_test

import (
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/internal/testenv"
	"dateline/migrations"
)

func TestOpenRunsEachMigrationOnce(t *testing.T) {
	want, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil || len(want) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			for _, expected := range [][]string{want, nil} {
				s, ran, err := store.OpenAndMigrate(t.Context(), u)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(ran, expected) {
					t.Errorf("ran %v, want %v", ran, expected)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// So it is where the newer program did not say that ours can work beside it.
func TestOpenRefusesANewerSchema(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			h := openHouse(t, u)
			h.must(h.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`))
			h.must(h.exec(`DELETE FROM settings`))
			s, err := store.Open(t.Context(), u)
			if err == nil {
				s.Close()
				t.Fatal("a store with the schema of a newer program was opened")
			}
			if !strings.Contains(err.Error(), "the store's schema is version 99 and this program knows ") || !strings.Contains(err.Error(), "use the newer program") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Two daemons may meet an empty database at once: one migrates, the others wait.
func TestSeveralOpenAFreshStoreAtOnce(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			var all sync.WaitGroup
			var mu sync.Mutex
			var ran []string
			for range 3 {
				all.Go(func() {
					s, names, err := store.OpenAndMigrate(t.Context(), u)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					ran = append(ran, names...)
					mu.Unlock()
					if err := s.BindKeyring(t.Context(), ring); err != nil {
						t.Error(err)
					}
					s.Close()
				})
			}
			all.Wait()
			if len(ran) != len(slices.Compact(slices.Clone(ran))) || len(ran) == 0 {
				t.Errorf("ran %v, want each migration once", ran)
			}
		})
	}
}

func TestStoreIsBoundToItsFirstKeyring(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.BindKeyring(t.Context(), ring))
		h.must(h.BindKeyring(t.Context(), ring))
		other := keyring("another key, also of 32 bytes...")
		err := h.BindKeyring(t.Context(), other)
		if err == nil {
			t.Fatal("another keyring was taken")
		}
		for _, want := range []string{ring.Fingerprint(), other.Fingerprint(), "put the right one back"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
		h.must(h.BindKeyring(t.Context(), ring))
	})
}

func TestOpenSaysWhyAFileCannotBeTheStore(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("file", "")
	write("text.db", strings.Repeat("This is no database. ", 500))
	write("cut.db", "SQLite format 3\x00\x10\x00\x01\x01")
	for path, want := range map[string]string{
		"file/below/dateline.db": "not a directory",
		"file/dateline.db":       "not a directory",
		".":                      "is a directory",
		"text.db":                "not a database",
		"cut.db":                 "",
	} {
		s, err := store.Open(t.Context(), "sqlite://"+filepath.Join(dir, path))
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", path)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), filepath.Join(dir, path)) {
			t.Errorf("%s: got %v, want the path and %q", path, err, want)
		}
	}
}

func TestFileOfSQLite(t *testing.T) {
	// Each of these characters means something in a URL.
	path := filepath.Join(t.TempDir(), "new folder", "a b%20?mode=ro#é&_pragma=x.db")
	h := openHouse(t, "sqlite://"+path)
	if h.File() != path {
		t.Errorf("File is %q, want %q", h.File(), path)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v: others may read it", info.Mode())
	}
	if info.Size() == 0 {
		t.Error("the file is empty: the database is in another one")
	}
	if p := openHouse(t, testenv.Postgres(t)); p.File() != "" {
		t.Errorf("PostgreSQL has the file %q", p.File())
	}
}

func TestOpenNeverShowsThePassword(t *testing.T) {
	const secret = "s3cret"
	server, err := url.Parse(testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong := *server
	wrong.User = url.UserPassword("dateline", secret)
	closed := unusedPort(t)
	for _, u := range []string{
		"mysql://dateline:s3cret@db.example/dateline",
		"postgres://dateline:s3cret@ho st/dateline",
		"postgres://dateline:s3cret%zz@db.example/dateline",
		"dateline:s3cret@db.example",
		"postgres://dateline:s3cret@" + closed + "/dateline?sslmode=disable",
		"postgres://" + closed + "/dateline?sslmode=disable&user=dateline&password=s3cret",
		"postgres://dateline:s3cret@" + closed + "/dateline?sslmode=wrong",
		"postgres://dateline:s3cret@" + closed + "/dateline?connect_timeout=soon",
		wrong.String(),
	} {
		s, err := store.Open(t.Context(), u)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", u)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the message shows the password: %v", err)
		}
		if !strings.HasPrefix(err.Error(), "opening the store") {
			t.Errorf("%q does not say what was being done", err)
		}
	}
}

func TestUnreachablePostgresIsNamed(t *testing.T) {
	address := unusedPort(t)
	_, err := store.Open(t.Context(), "postgres://dateline@"+address+"/dateline?sslmode=disable")
	if err == nil || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}

// unusedPort is an address of the loopback interface at which nobody listens.
func unusedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestCreateSchemaGivesARoomOfItsOwn(t *testing.T) {
	u := testenv.Postgres(t)
	h := openHouse(t, u)
	h.approve("first", copyTo("a@paper.example"))
	if err := store.CreateSchema(t.Context(), u, `odd "name"`); err != nil {
		t.Fatal(err)
	}
	err := store.CreateSchema(t.Context(), u, `odd "name"`)
	if err == nil || !strings.Contains(err.Error(), `making the schema odd "name"`) {
		t.Errorf("making it again gave %v", err)
	}
	apart := openHouse(t, u+"&search_path="+url.QueryEscape(`"odd ""name"""`))
	states, err := apart.Releases(t.Context(), "")
	h.must(err)
	if len(states) != 0 {
		t.Errorf("the new schema has %d releases of the old one", len(states))
	}
}

func TestIDsOfOneProcessAscend(t *testing.T) {
	var last press.ID
	for range 10_000 {
		id := store.NewID()
		if string(id[:]) <= string(last[:]) {
			t.Fatalf("%s was made after %s", id, last)
		}
		last = id
	}
}

// A daemon that is stopped within a transaction holds rows that the others wait
// for. The server ends it; whoever has reasons says otherwise in the URL.
func TestAnIdleTransactionIsEnded(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	joint := "?"
	if strings.Contains(server, "?") {
		joint = "&"
	}
	for parameters, want := range map[string]string{"": "10s", joint + "idle_in_transaction_session_timeout=60000": "1min"} {
		h := openHouse(t, server+parameters)
		var got string
		h.must(h.db.GetContext(t.Context(), &got, "SHOW idle_in_transaction_session_timeout"))
		if got != want {
			t.Errorf("with %q an idle transaction is ended after %s, want %s", parameters, got, want)
		}
	}
}
