//go:build race

package model

// usualWalks are fewer where the race detector watches the SQL: a walk has one
// goroutine.
const usualWalks = 100
