package testenv_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/lib/pq"

	"dateline/internal/testenv"
)

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestEachTestGetsAnEmptyDatabaseOfItsOwn(t *testing.T) {
	first, second := testenv.Postgres(t), testenv.Postgres(t)
	if first == second {
		t.Fatalf("two tests share the database %s", first)
	}
	if _, err := open(t, first).ExecContext(t.Context(), "CREATE TABLE release (slug text)"); err != nil {
		t.Fatal(err)
	}
	var tables int
	query := "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	if err := open(t, second).QueryRowContext(t.Context(), query).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("the second database has %d tables, want none", tables)
	}
}

func TestDatabaseStoresEveryAlphabet(t *testing.T) {
	var got string
	want := "Тошкент, Алматы, دوشنبه"
	if err := open(t, testenv.Postgres(t)).QueryRowContext(t.Context(), "SELECT $1::text", want).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDatabaseIsDroppedWithItsTest(t *testing.T) {
	var url string
	t.Run("user", func(t *testing.T) {
		url = testenv.Postgres(t)
		// A connection that the test forgot must not keep the database.
		db, err := sql.Open("postgres", url)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	err := open(t, url).PingContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("after its test the database answers %v, want: does not exist", err)
	}
}

func TestChromium(t *testing.T) {
	if path := testenv.Chromium(t); path == "" {
		t.Error("got no path")
	}
}
