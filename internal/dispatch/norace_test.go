//go:build !race

package dispatch_test

// raced: the race detector is off.
const raced = false
