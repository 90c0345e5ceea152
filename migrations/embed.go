// Package migrations holds the store's schema as the files that goose runs.
package migrations

import "embed"

// Files are the migrations, in the order of their names.
//
//go:embed *.sql
var Files embed.FS
