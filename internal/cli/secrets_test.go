package cli_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"dateline/internal/sink"
)

// A daemon that dies leaves no image of its memory, in which keys, passwords and
// releases under embargo would lie; not even where it was started with leave to.
// What it says when it dies has none of them either.
func TestADyingDaemonLeavesNoSecrets(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/limits"); err != nil {
		t.Skip("limits can be read on Linux alone")
	}
	const secret = "correct-horse-battery-staple"
	catcher, err := sink.Start(sink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer catcher.Close()
	in := install(t, "sqlite:../state/dateline.db", portOf(t, catcher))
	in.must(change(in.path("config", "dateline.yaml"), `    tls: none`, "    tls: none\n    username: dateline\n    password: $${RELAY_PASSWORD}"))
	in.env = append(in.env, "RELAY_PASSWORD="+secret, "GOTRACEBACK=all")
	daemon := in.serve()
	if !wait(func() bool { return strings.Contains(in.log(), "dateline serves") }, pollEvery) {
		t.Fatalf("it does not serve:\n%s", in.log())
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", daemon.Process.Pid))
	in.must(err)
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("it may leave an image of its memory:\n%s", limits)
	}
	in.must(daemon.Process.Signal(syscall.SIGQUIT)) // what Go's runtime takes for a bug: it tells all goroutines
	if err := daemon.Wait(); err == nil {
		t.Error("it ended well")
	}
	said := in.log()
	keys, err := os.ReadFile(in.path("state", "keys"))
	in.must(err)
	if !strings.Contains(said, "goroutine ") {
		t.Errorf("it did not die as a bug has it:\n%s", said)
	}
	for _, line := range append(strings.Fields(string(keys)), secret) {
		if len(line) >= 20 && strings.Contains(said, line) {
			t.Errorf("what it says when it dies has a secret, %.4s…", line)
		}
	}
}
