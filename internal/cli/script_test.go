package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	sampleconfig "dateline/config"
	"dateline/internal/cli"
	"dateline/internal/testenv"
)

// TestMain makes this test binary the program, with the race detector, where it
// is called `dateline-race`; the daemons of the scripts are. Their other
// commands are the program as it ships, `dateline`, since planning and checking
// take the race detector eight times as long.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dateline-race": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.LookupEnv)
		stop()
		os.Exit(code)
	}})
}

// The scripts of testdata/script run on both stores, those of its folders
// sqlite and postgres on the one alone.
func TestScripts(t *testing.T) {
	if _, err := buildOnce(); err != nil {
		t.Fatalf("building the program: %v", err)
	}
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			both, err := filepath.Glob("testdata/script/*.txtar")
			if err != nil {
				t.Fatal(err)
			}
			own, err := filepath.Glob("testdata/script/" + store + "/*.txtar")
			if err != nil {
				t.Fatal(err)
			}
			testscript.Run(t, testscript.Params{
				Files:               append(both, own...),
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"house": house, "sample": sample, "edit": edit, "lift": lift, "soon": soon, "passed": passed,
					"exits": exits, "waitfor": waitfor, "digest": digest, "agree": agree, "sink": sinkCommand, "report": reportCommand, "link": linkCommand, "strain": strainCommand, "dkim": dkimCommand, "world": worldCommand, "hook": hookCommand, "fetch": fetchCommand, "trap": trapCommand,
					"seal": seal, "tamper": tamper,
					"newstore": func(ts *testscript.TestScript, _ bool, _ []string) { newStore(ts, store) },
				},
				Setup: func(e *testscript.Env) error {
					// The race detector would wait a second at each process's end.
					e.Setenv("GORACE", "atexit_sleep_ms=0")
					e.Setenv("DATELINE_TEST_STORE", open(e.T().(testing.TB)))
					e.Values[hookKey{}] = &hook{}
					e.Values[trapKey{}] = &trap{}
					e.Values[worldKey{}] = &world{t: e.T().(testing.TB)}
					return newCatcher(e)
				},
			})
		})
	}
}

// stores give the URL of a fresh store for a test's config folder.
func stores() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "sqlite:../state/dateline.db" },
		"postgres": testenv.Postgres,
	}
}

// newStore is an empty store in the place of the script's, as on another machine.
//
//	newstore
func newStore(ts *testscript.TestScript, kind string) {
	address := "sqlite:../state/another.db"
	if kind == "postgres" {
		address = testenv.Postgres(ts.Value(worldKey{}).(*world).t)
	}
	ts.Setenv("DATELINE_TEST_STORE", address)
}

// patience bounds every wait; a machine that is busy needs some.
const patience = 2 * time.Minute

// wait looks again and again until it has seen what it waits for.
func wait(look func() bool, every time.Duration) bool {
	deadline := time.After(patience)
	for !look() {
		select {
		case <-deadline:
			return false
		case <-time.After(every):
		}
	}
	return true
}

// house makes the config folder of testdata/house.
//
//	house
func house(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(copyConfig(os.DirFS(filepath.Join(ts.Getenv("TESTDATA"), "house")), ts.MkAbs("config"), ts.Getenv("SINK_PORT")))
}

// sample makes the config folder that ships.
//
//	sample
func sample(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(copyConfig(sampleconfig.Files, ts.MkAbs("config"), ts.Getenv("SINK_PORT")))
}

// copyConfig copies a config folder whose relay is at the sample's port; its
// store will be the test's.
func copyConfig(from fs.FS, to, port string) error {
	if err := os.CopyFS(to, from); err != nil {
		return err
	}
	return change(filepath.Join(to, "dateline.yaml"), `(?m)^store: .*$`, "store: $${DATELINE_TEST_STORE}", `port: 2525\b`, "port: "+port)
}

// change puts texts in the place of what patterns find, which must be there.
func change(path string, pairs ...string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		re, err := regexp.Compile(pairs[i])
		if err != nil {
			return err
		}
		if !re.Match(text) {
			return fmt.Errorf("%s has nothing like %s", path, pairs[i])
		}
		text = re.ReplaceAll(text, []byte(pairs[i+1]))
	}
	return os.WriteFile(path, text, 0o600)
}

// edit changes a file; \n in the text is a line's end.
//
//	edit FILE PATTERN TEXT
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE PATTERN TEXT")
	}
	ts.Check(change(ts.MkAbs(args[0]), "(?m)"+args[1], strings.ReplaceAll(args[2], `\n`, "\n")))
}

// lift sets the embargo of a release of the config folder to so long from now,
// or before now, and tells the instant in $LIFT.
//
//	lift RELEASE DURATION
func lift(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lift RELEASE DURATION")
	}
	d, err := time.ParseDuration(args[1])
	ts.Check(err)
	liftIn(ts, args[0], d)
}

func liftIn(ts *testscript.TestScript, release string, d time.Duration) {
	at := time.Now().Add(d + time.Second - 1).Truncate(time.Second).UTC()
	ts.Setenv("LIFT", at.Format(time.RFC3339))
	ts.Check(change(ts.MkAbs(filepath.Join("config", "releases", release, "release.yaml")), `(?m)^embargo: .*$`, at.Format("embargo: 2006-01-02 15:04:05 UTC")))
}

// soon approves a release that lifts a few seconds later: as few as the machine
// can do, which may be busy with other things.
//
//	soon RELEASE
func soon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: soon RELEASE")
	}
	for d := 3 * time.Second; d < patience; d *= 2 {
		liftIn(ts, args[0], d)
		if ts.Exec("dateline", "plan", "--json", args[0]) == nil {
			ts.Fatalf("there is nothing to approve")
		}
		found := digestForm.FindStringSubmatch(ts.ReadFile("stdout"))
		if len(found) > 1 && ts.Exec("dateline", "approve", "--by", "Anna", "--digest", found[1], args[0]) == nil {
			return
		}
	}
	ts.Fatalf("in vain: the lift passes before the approval, however far it lies")
}

// passed waits until $LIFT lies in the past.
//
//	passed
func passed(ts *testscript.TestScript, _ bool, _ []string) {
	at, err := time.Parse(time.RFC3339, ts.Getenv("LIFT"))
	ts.Check(err)
	<-time.After(time.Until(at))
}

// exits runs a program that must end with this code.
//
//	exits CODE PROGRAM [ARGUMENT…]
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d; want %d", code, want)
	}
}

// waitfor runs a program again and again until its standard output is like the
// pattern; with `!`, until it no longer is. What it said then can be looked at
// with stdout.
//
//	[!] waitfor PATTERN PROGRAM [ARGUMENT…]
func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: waitfor PATTERN PROGRAM [ARGUMENT…]")
	}
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	var out []byte
	seen := wait(func() bool {
		c := exec.Command(args[1], args[2:]...)
		c.Dir = ts.MkAbs(".")
		c.Env = append(os.Environ(), "GORACE="+ts.Getenv("GORACE"), "DATELINE_TEST_STORE="+ts.Getenv("DATELINE_TEST_STORE"), "SSL_CERT_FILE="+ts.Getenv("SSL_CERT_FILE"))
		out, _ = c.Output() // it may fail while what it asks for is not there yet
		return re.Match(out) != neg
	}, 100*time.Millisecond)
	if !seen {
		ts.Fatalf("in vain; the last output:\n%s", out)
	}
	_, err = ts.Stdout().Write(out)
	ts.Check(err)
}

var digestForm = regexp.MustCompile(`"digest":"([0-9a-f]{64})"`)

// digest plans a release that is to be approved, and tells the digest in
// $DIGEST.
//
//	digest RELEASE [FLAG…]
func digest(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: digest RELEASE [FLAG…]")
	}
	exits(ts, false, append([]string{"3", "dateline", "plan", "--json"}, args...))
	found := digestForm.FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("the plan tells no digest")
	}
	ts.Setenv("DIGEST", found[1])
}

// agree plans a release and approves the plan.
//
//	agree RELEASE [FLAG…]
func agree(ts *testscript.TestScript, neg bool, args []string) {
	digest(ts, neg, args)
	ts.Check(ts.Exec("dateline", append([]string{"approve", "--by", "Anna", "--digest", ts.Getenv("DIGEST")}, args...)...))
}
