package store_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/migrations"
)

// next are the migrations of programs to come: one that adds to every table that
// a daemon writes, and one that takes that away.
func next(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	var add, drop strings.Builder
	for _, table := range []string{"settings", "contacts", "outlets", "approvals", "releases", "deliveries", "queue", "events", "acts", "suppressions", "daemons", "relays"} {
		add.WriteString("ALTER TABLE " + table + " ADD COLUMN of_later TEXT NOT NULL DEFAULT 'x';\n")
		drop.WriteString("ALTER TABLE " + table + " DROP COLUMN of_later;\n")
	}
	add.WriteString("CREATE TABLE later (id BYTEA PRIMARY KEY);\nCREATE INDEX deliveries_later ON deliveries (of_later);\n")
	drop.WriteString("DROP TABLE later;\n")
	file := func(up, down string) *fstest.MapFile {
		const begin, end = "-- +goose StatementBegin\n", "-- +goose StatementEnd\n"
		return &fstest.MapFile{Data: []byte("-- +goose Up\n" + begin + up + end + "-- +goose Down\n" + begin + down + end)}
	}
	files["90001_expand.sql"] = file(add.String(), drop.String())
	files["90002_contract.sql"] = file("DROP INDEX deliveries_later;\nALTER TABLE deliveries DROP COLUMN of_later;\n", "SELECT 1;\n")
	return files
}

// A newer program adds to the schema while ours is at work: ours goes on, and
// even starts anew. When the newer one takes something away, ours is refused.
func TestTwoVersionsSideBySide(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			u := kind.url(t)
			h := openHouse(t, u)
			h.must(h.RecordDaemon(t.Context(), berta, "host", 1, noon, h.now(), ""))
			h.approve("tashkent", copyTo("a@paper.example"), copyTo("b@paper.example"))
			claimed := h.claim(berta, 1)[0].ID

			expands := next(t)
			delete(expands, "90002_contract.sql")
			newer, ran, err := store.OpenAsProgram(t.Context(), u, expands, migrations.Oldest)
			if err != nil || len(ran) != 1 {
				t.Fatalf("the newer program ran %v: %v", ran, err)
			}
			defer newer.Close()
			// What was at work goes on: it finishes its copy, claims, and approves.
			h.record(berta, nil, claimed)
			h.record(berta, []press.Result{result(claimed, press.Accepted)})
			h.approve("astana", copyTo("c@paper.example"))
			if got := h.claim(berta, 10); len(got) != 2 {
				t.Errorf("the older program claims %d copies, want 2", len(got))
			}
			again, ran, err := store.OpenAndMigrate(t.Context(), u)
			if err != nil || len(ran) > 0 {
				t.Fatalf("our program starts anew on the newer schema: ran %v, %v", ran, err)
			}
			again.Close()
			look, err := store.OpenToLook(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			look.Close()

			// While a daemon of ours is at work nothing is taken away.
			h.must(h.RecordDaemon(t.Context(), berta, "host", 1, noon, time.Now(), ""))
			_, _, err = store.OpenAsProgram(t.Context(), u, next(t), 90001)
			if err == nil || !strings.Contains(err.Error(), "was made for version") || !strings.Contains(err.Error(), "stop it first") {
				t.Fatalf("the schema was contracted under a daemon at work: %v", err)
			}
			if again, err := store.Open(t.Context(), u); err != nil {
				t.Fatalf("after the refusal: %v", err)
			} else {
				again.Close()
			}
			h.must(h.RecordDaemon(t.Context(), berta, "host", 1, noon, time.Time{}, ""))
			contracted, ran, err := store.OpenAsProgram(t.Context(), u, next(t), 90001)
			if err != nil || len(ran) != 1 {
				t.Fatalf("the schema was not contracted: ran %v, %v", ran, err)
			}
			contracted.Close()
			for name, open := range map[string]func() (*store.Store, error){
				"Open":       func() (*store.Store, error) { return store.Open(t.Context(), u) },
				"OpenToLook": func() (*store.Store, error) { return store.OpenToLook(t.Context(), u) },
			} {
				s, err := open()
				if err == nil {
					s.Close()
					t.Errorf("%s takes a schema that does without what our program needs", name)
				} else if !strings.Contains(err.Error(), "works for programs made for version 90001 and later") || !strings.Contains(err.Error(), "use the newer program") {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}
