//go:build race

package dispatch_test

// raced: the race detector makes SQLite some ten times slower.
const raced = true
