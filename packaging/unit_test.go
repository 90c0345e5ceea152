package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dateline/internal/cli"
)

const unitFile = "dateline.service"

// unit gives the last value of each key of the unit; those that stand several
// times are joined.
func unit(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(key, "#") {
			values[key] = strings.TrimSpace(values[key] + " " + value)
		}
	}
	return values
}

// judged runs systemd's own judge, which scripts/setup installs: a test that
// skips itself would look like one that passed.
func judged(t *testing.T, args ...string) (string, error) {
	t.Helper()
	help, err := exec.Command("systemd-analyze", "--help").Output()
	if err != nil || !strings.Contains(string(help), "--offline") {
		t.Fatalf("nobody can tell how hardened the unit is: a systemd-analyze of 250 or later is wanted (Debian: apt-get install systemd): %v", err)
	}
	out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
	return string(out), err
}

// What a daemon of this unit could do to its machine is below 2.0 by systemd's
// own measure.
func TestTheUnitIsHardened(t *testing.T) {
	if said, err := judged(t, "security", "--offline=true", "--no-pager", "--threshold=19", unitFile); err != nil {
		t.Errorf("the unit is not hardened enough: %v\n%s", err, said)
	}
}

// systemd reads the unit and knows every key of it.
func TestTheUnitIsRead(t *testing.T) {
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("true") // what it starts must exist
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), unitFile)
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "/usr/bin/dateline", program)), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := judged(t, "verify", "--man=no", path)
	if err != nil || strings.Contains(said, unitFile) {
		t.Errorf("%v\n%s", err, said)
	}
}

// The unit calls the program as it wants to be called, and waits for it for as
// long as it may take.
func TestTheUnitFitsTheProgram(t *testing.T) {
	u := unit(t)
	words := strings.Fields(u["ExecStart"])
	command, rest, err := cli.Command().Find(words[1:])
	if err != nil || command.Name() != "serve" {
		t.Fatalf("ExecStart=%s calls %v: %v", u["ExecStart"], command, err)
	}
	if err := command.ParseFlags(rest); err != nil {
		t.Errorf("ExecStart=%s: %v", u["ExecStart"], err)
	}
	if config := command.Flag("config").Value.String(); u["ConditionPathExists"] != config+"/dateline.yaml" {
		t.Errorf("it is started for %s, and reads %s", u["ConditionPathExists"], config)
	}
	if stop := span(t, u["TimeoutStopSec"]); stop < 11*time.Second {
		t.Errorf("it is killed after %s; a stop may take ten seconds", stop)
	}
	if u["Type"] != "notify" || span(t, u["WatchdogSec"]) < 100*time.Second {
		t.Errorf("Type=%s, WatchdogSec=%s: a part of the daemon may take 90 seconds before it is taken to hang", u["Type"], u["WatchdogSec"])
	}
	if u["ProcSubset"] != "" {
		t.Error("with ProcSubset=pid the journal cannot tell whether the machine was restarted")
	}
	for file, want := range map[string]string{"sysusers.conf": "u " + u["User"] + " ", "tmpfiles.conf": "d /etc/dateline 0750 root " + u["Group"] + " "} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "\n"+want) {
			t.Errorf("%s lacks %q: %v", file, want, err)
		}
	}
}

// span reads what systemd takes for a time: 15s, 2min.
func span(t *testing.T, text string) time.Duration {
	t.Helper()
	for unit, one := range map[string]time.Duration{"min": time.Minute, "s": time.Second} {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, unit)); err == nil {
			return time.Duration(n) * one
		}
	}
	t.Fatalf("%q is no time", text)
	return 0
}
