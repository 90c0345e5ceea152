package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/testenv"
)

func TestCommandGetsAServerAndGivesItsStatus(t *testing.T) {
	t.Setenv(testenv.PostgresVariable, "")
	told := filepath.Join(t.TempDir(), "url")
	status, err := run([]string{"sh", "-c", `printf %s "$` + testenv.PostgresVariable + `" >"$0"; exit 3`, told})
	if err != nil || status != 3 {
		t.Errorf("got status %d, %v, want 3", status, err)
	}
	url, err := os.ReadFile(told)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(url), "postgres://dateline:") {
		t.Errorf("the command saw the URL %q", url)
	}
}

func TestServerThatIsNamedAlreadyIsKept(t *testing.T) {
	t.Setenv(testenv.PostgresVariable, "postgres://elsewhere.example/postgres")
	for command, want := range map[string]int{
		`[ "$` + testenv.PostgresVariable + `" = postgres://elsewhere.example/postgres ]`: 0,
		`exit 7`:     7,
		`kill -9 $$`: 1,
	} {
		if status, err := run([]string{"sh", "-c", command}); err != nil || status != want {
			t.Errorf("%s: got status %d, %v, want %d", command, status, err, want)
		}
	}
}

func TestWrongUse(t *testing.T) {
	t.Setenv(testenv.PostgresVariable, "postgres://elsewhere.example/postgres")
	if status, err := run(nil); status != 2 || err == nil {
		t.Errorf("no command: got status %d, %v, want 2 and the usage", status, err)
	}
	if status, err := run([]string{"/absent/command"}); status != 1 || err == nil || !strings.Contains(err.Error(), "/absent/command") {
		t.Errorf("a command that is not there: got status %d, %v", status, err)
	}
}
