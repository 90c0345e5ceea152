// Package torture gives the real daemon its bad days: killed at random moments,
// stopped and woken, without its store, its disk or its relay. What counts in
// the end is what an SMTP server in another process got, address by address.
//
// It promises to find, and to fail for: a copy that is lost, a copy too many, a
// copy before the lift, more unknown ones than there were open connections, and
// a daemon that ends by itself. The moments are random; the seed is printed, and
// SEED=… in `make torture` chooses it. The same seed gives the same waits, but
// not the same run: the machine has its part in it.
//
// Without DATELINE_TORTURE=full only a small version of the first ordeal runs.
// DATELINE_SOAK=30m, which `make soak` sets, lets two daemons live so long under
// everything at once, and finds, too, what they do not give back: memory,
// goroutines, descriptors, connections. Its last line is JSON. The package has no other files than tests: nothing may import it.
package torture

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"dateline/internal/testenv"
)

// program is the daemon as it ships, built once; seed is what all chance comes
// from. Both are set before the first test.
var (
	program string
	seed    uint64
)

// soakLine is what a soak came to, for machines: the last line of the output.
var soakLine string

// TestMain builds the program, and prints the table in the end. Where the
// process is called as a relay, it is one.
func TestMain(m *testing.M) {
	if addr := os.Getenv(relayVariable); addr != "" {
		os.Exit(relayMain(addr))
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	seed = uint64(time.Now().UnixNano())
	if given := os.Getenv("DATELINE_TORTURE_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			return 1, fmt.Errorf("DATELINE_TORTURE_SEED is %q; a whole number is wanted", given)
		}
	}
	dir, err := os.MkdirTemp("", "dateline-torture-")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what stays behind is the system's to sweep
	program = filepath.Join(dir, "dateline")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "dateline/cmd/dateline").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building the program: %w\n%s", err, out)
	}
	code := m.Run()
	printTable(os.Stdout)
	if soakLine != "" {
		fmt.Fprintln(os.Stdout, soakLine)
	}
	return code, nil
}

// full tells whether the whole torture is wanted.
func full() bool { return os.Getenv("DATELINE_TORTURE") == "full" }

// chance is an ordeal's own source of random moments.
func chance(t *testing.T) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.Name())) // it never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// stores open a fresh store for an ordeal in a folder.
func stores() map[string]func(t *testing.T, dir string) string {
	return map[string]func(*testing.T, string) string{
		"sqlite":   func(_ *testing.T, dir string) string { return "sqlite://" + sqliteFile(dir) },
		"postgres": func(t *testing.T, _ string) string { return testenv.Postgres(t) },
	}
}

func sqliteFile(dir string) string { return filepath.Join(dir, "store", "dateline.db") }

// onBothStores runs an ordeal on each, beside others.
func onBothStores(t *testing.T, ordeal func(t *testing.T, o ordeal)) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			ordeal(t, newOrdeal(t, store, dir, open(t, dir)))
		})
	}
}

// onlyInFull leaves an ordeal out of `make test`, which has no time for it.
func onlyInFull(t *testing.T) {
	if !full() {
		t.Skip("`make torture` runs this one")
	}
	t.Parallel()
}
