package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"dateline/migrations"
)

// expanding are the statements under which the programs from before go on: they
// neither read nor write what is new, and where they add a row, its new columns
// have a default or may be empty.
var expanding = regexp.MustCompile(`(?is)^(create table \w+ |create index |alter table \w+ add column [^,]*$)`)

var (
	notNull    = regexp.MustCompile(`(?i)\bnot null\b`)
	hasDefault = regexp.MustCompile(`(?i)\bdefault\b`)
	refers     = regexp.MustCompile(`(?i)\b(references|unique|check)\b`)
	added      = regexp.MustCompile(`(?i)^alter table \w+ add column`)
	comments   = regexp.MustCompile(`(?m)--.*$`)
)

// contracts tells why older programs could not go on after a statement; "" where
// they could.
func contracts(statement string) string {
	statement = strings.TrimSpace(statement)
	switch {
	case !expanding.MatchString(statement):
		return "it does more than to add a table, an index or a column"
	case !added.MatchString(statement):
		return ""
	case notNull.MatchString(statement) && !hasDefault.MatchString(statement):
		return "an older program could not add a row: the column must not be empty and has no default"
	case refers.MatchString(statement):
		return "an older program might write what the column's rule refuses"
	}
	return ""
}

// Every migration after the version that the oldest program was made for only
// adds. One that does more raises Oldest.
func TestMigrationsExpandOnly(t *testing.T) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		var version int64
		if _, err := fmt.Sscanf(name, "%d_", &version); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if version <= migrations.Oldest {
			continue
		}
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for statement := range strings.SplitSeq(comments.ReplaceAllString(up, ""), ";") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if why := contracts(statement); why != "" {
				t.Errorf("%s: %s:\n%s\nprograms made for less than version %d could not work beside it; raise Oldest to %d, in a release after the one that needs it no more", name, why, strings.TrimSpace(statement), version, version)
			}
		}
	}
	if migrations.Oldest > migrations.Newest() || len(files) == 0 || !strings.HasPrefix(files[len(files)-1], fmt.Sprintf("%05d_", migrations.Newest())) {
		t.Errorf("Oldest is %d and Newest %d, with %d files up to %s", migrations.Oldest, migrations.Newest(), len(files), files[len(files)-1])
	}
}

func TestContracts(t *testing.T) {
	for statement, expands := range map[string]bool{
		"CREATE TABLE x (a TEXT NOT NULL)":                               true,
		"CREATE INDEX x_a ON x (a)":                                      true,
		"ALTER TABLE x ADD COLUMN a TEXT NOT NULL DEFAULT ''":            true,
		"ALTER TABLE x ADD COLUMN a BIGINT":                              true,
		"ALTER TABLE x ADD COLUMN a BIGINT NOT NULL":                     false,
		"ALTER TABLE x ADD COLUMN a BIGINT DEFAULT 1 CHECK (a > 0)":      false,
		"ALTER TABLE x ADD COLUMN a BYTEA DEFAULT NULL REFERENCES y (b)": false,
		"CREATE UNIQUE INDEX x_a ON x (a)":                               false,
		"ALTER TABLE x DROP COLUMN a":                                    false,
		"ALTER TABLE x RENAME COLUMN a TO b":                             false,
		"UPDATE x SET a = 1":                                             false,
		"DROP TABLE x":                                                   false,
		"CREATE TRIGGER t BEFORE INSERT ON x BEGIN SELECT 1":             false,
	} {
		if why := contracts(statement); (why == "") != expands {
			t.Errorf("%s: got %q", statement, why)
		}
	}
}
