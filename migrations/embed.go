// Package migrations holds the store's schema as the files that goose runs.
//
// Two versions of the program may be at work on one store while it is upgraded.
// So a migration first expands: it adds tables, indexes and columns that have a
// default, and the programs from before go on. What they have no use for any more
// is contracted in a later version, when nobody runs them. Decision 0028 has the
// whole of it.
package migrations

import (
	"embed"
	"strconv"
	"strings"
)

// Files are the migrations, in the order of their names.
//
//go:embed *.sql
var Files embed.FS

// Oldest is the version of the schema that the oldest program was made for which
// can work on a store that all of Files have been run on. A migration that
// contracts, or changes what rows mean, raises it to its own number at the least.
const Oldest = 11

// Newest is the version of the schema that this program was made for: the number
// of the last of Files, 0 where a file's name has none.
func Newest() int64 {
	files, err := Files.ReadDir(".")
	if err != nil || len(files) == 0 {
		return 0
	}
	number, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	newest, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	return newest
}
