package testenv

import (
	"os/exec"
	"testing"
)

// Chromium is the path of the browser that tests look at mails and pages with.
func Chromium(t testing.TB) string {
	t.Helper()
	path, ok := firstProgram("chromium", "chromium-browser", "google-chrome")
	if !ok {
		t.Fatal("no Chromium in PATH; `make setup` installs it (Debian: apt-get install chromium)")
	}
	return path
}

// firstProgram finds the first of the programs that is in the PATH.
func firstProgram(names ...string) (string, bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}
