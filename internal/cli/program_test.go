package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// buildOnce builds the program as it ships, once for all tests, and gives its
// path. It lies beside dateline-race, in the folder that testscript has put into
// PATH and takes away in the end.
var buildOnce = sync.OnceValues(func() (string, error) {
	beside, err := exec.LookPath("dateline-race")
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(beside), "dateline")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "dateline/cmd/dateline").CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(out)))
	}
	return path, nil
})

// installation is the program in a folder of its own, with a store.
type installation struct {
	t       *testing.T
	dir     string
	program string
	env     []string
}

// install makes a folder with the config of testdata/house, on a store, for a
// relay at a port.
func install(t *testing.T, store string, port int) *installation {
	t.Helper()
	program, err := buildOnce()
	if err != nil {
		t.Fatalf("building the program: %v", err)
	}
	in := &installation{t: t, dir: t.TempDir(), program: program, env: append(os.Environ(), "DATELINE_TEST_STORE="+store)}
	in.must(copyConfig(os.DirFS("testdata/house"), in.path("config"), strconv.Itoa(port)))
	return in
}

func (in *installation) path(parts ...string) string {
	return filepath.Join(append([]string{in.dir}, parts...)...)
}

func (in *installation) must(err error) {
	in.t.Helper()
	if err != nil {
		in.t.Fatal(err)
	}
}

func (in *installation) command(args ...string) *exec.Cmd {
	c := exec.Command(in.program, args...)
	c.Dir, c.Env = in.dir, in.env
	return c
}

// run runs a command that must end with one of these codes (0 where none is
// named), and gives its standard output.
func (in *installation) run(codes []int, args ...string) string {
	in.t.Helper()
	var out, errs bytes.Buffer
	c := in.command(args...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		in.t.Fatalf("dateline %v: %v", args, err)
	}
	if len(codes) == 0 {
		codes = []int{0}
	}
	for _, code := range codes {
		if c.ProcessState.ExitCode() == code {
			return out.String()
		}
	}
	in.t.Fatalf("dateline %v ended with %d; want %v; it said:\n%s%s", args, c.ProcessState.ExitCode(), codes, out.String(), errs.String())
	return ""
}

// serve starts a daemon; its log is added to a file.
func (in *installation) serve(flags ...string) *exec.Cmd {
	in.t.Helper()
	log, err := os.OpenFile(in.path("serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	in.must(err)
	defer log.Close()
	c := in.command(append([]string{"serve"}, flags...)...)
	c.Stderr = log
	in.must(c.Start())
	in.t.Cleanup(func() {
		_ = c.Process.Kill() // it has ended, as a rule
		_ = c.Wait()         // likewise
	})
	return c
}

func (in *installation) log() string {
	in.t.Helper()
	text, err := os.ReadFile(in.path("serve.log"))
	in.must(err)
	return string(text)
}

// states are how a release's deliveries stand.
func (in *installation) states(release string) map[string]int {
	in.t.Helper()
	var status struct {
		Releases []struct {
			States map[string]int `json:"states"`
		} `json:"releases"`
	}
	in.must(json.Unmarshal([]byte(in.run(nil, "status", release, "--json")), &status))
	return status.Releases[0].States
}

// settled waits until nothing of a release is on its way any more.
func (in *installation) settled(release string) map[string]int {
	in.t.Helper()
	var states map[string]int
	if !wait(func() bool {
		states = in.states(release)
		return states["planned"]+states["claimed"]+states["sending"]+states["deferred"] == 0
	}, pollEvery) {
		in.t.Fatalf("not settled: %v; the daemon's log:\n%s", states, in.log())
	}
	return states
}

// planned is what `plan --json` tells, as far as the tests look at it.
type planned struct {
	Digest     string `json:"digest"`
	Recipients int    `json:"recipients"`
	Sends      []struct {
		Recipients []struct {
			Address string `json:"address"`
			Edition string `json:"edition"`
		} `json:"recipients"`
	} `json:"sends"`
}

// approve plans a release, and approves the plan.
func (in *installation) approve(release string, flags ...string) planned {
	in.t.Helper()
	var p planned
	in.must(json.Unmarshal([]byte(in.run([]int{3}, append([]string{"plan", release, "--json"}, flags...)...)), &p))
	in.run(nil, append([]string{"approve", release, "--by", "Anna", "--digest", p.Digest}, flags...)...)
	return p
}
