package history_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dateline/internal/history"
	"dateline/internal/press"
)

// tree is a git work tree with two releases.
type tree struct {
	t   *testing.T
	dir string
}

func newTree(t *testing.T) tree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is not installed (Debian: apt-get install git)")
	}
	t.Setenv("HOME", t.TempDir())
	w := tree{t, t.TempDir()}
	w.git("Nobody", "init", "-q")
	w.put("releases/water/en.md", "water")
	w.put("releases/peace/en.md", "peace")
	return w
}

func (w tree) put(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		w.t.Fatal(err)
	}
}

func (w tree) git(name string, args ...string) {
	w.t.Helper()
	c := exec.CommandContext(w.t.Context(), "git", append([]string{"-C", w.dir, "-c", "commit.gpgsign=false", "-c", "user.name=" + name, "-c", "user.email=" + strings.ToLower(name) + "@uza.example"}, args...)...)
	if out, err := c.CombinedOutput(); err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func (w tree) commit(name string) {
	w.t.Helper()
	w.git(name, "add", "-A")
	w.git(name, "commit", "-q", "-m", "change")
}

func (w tree) last(release string) press.LastChange {
	w.t.Helper()
	got, err := history.LastChange(w.t.Context(), filepath.Join(w.dir, "releases", release))
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestLastChange(t *testing.T) {
	w := newTree(t)
	open := press.LastChange{Kept: true, Uncommitted: true}
	if got := w.last("water"); got != open {
		t.Errorf("before any commit: %+v", got)
	}
	w.commit("Olim")
	w.put("releases/water/en.md", "more water")
	if got := w.last("water"); got != open {
		t.Errorf("with a change that is not committed: %+v", got)
	}
	if got := w.last("peace"); got.Name != "Olim" || got.Email != "olim@uza.example" || time.Since(got.At) > time.Hour || got.Uncommitted {
		t.Errorf("the other release: %+v", got)
	}
	w.commit("Дилноза")
	if got := w.last("water"); got.Name != "Дилноза" || got.Email != "дилноза@uza.example" {
		t.Errorf("after Dilnoza's commit: %+v", got)
	}
	if got := w.last("peace"); got.Name != "Olim" {
		t.Errorf("the other release is %+v", got)
	}
	w.put("releases/water/new.md", "a file that git does not know")
	if got := w.last("water"); got != open {
		t.Errorf("with a new file: %+v", got)
	}
	w.put(".gitignore", "/releases/hidden\n")
	w.put("releases/hidden/en.md", "left out of git")
	if got := w.last("hidden"); got != (press.LastChange{}) {
		t.Errorf("a folder that git leaves out: %+v", got)
	}
}

func TestFolderWithoutHistory(t *testing.T) {
	if got, err := history.LastChange(t.Context(), t.TempDir()); err != nil || got != (press.LastChange{}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := history.LastChange(t.Context(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that does not exist has a history")
	}
	// Without git there is no answer where one is due, and one where none is.
	w := newTree(t)
	t.Setenv("PATH", t.TempDir())
	if _, err := history.LastChange(t.Context(), w.dir); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("without git: %v", err)
	}
	if _, err := history.LastChange(t.Context(), t.TempDir()); err != nil {
		t.Errorf("without git, where it is not needed: %v", err)
	}
}

// What a repository brings with it is not run, and what the environment says to
// git is not heard.
func TestNothingOfTheRepositoryIsRun(t *testing.T) {
	w := newTree(t)
	w.commit("Olim")
	ran := filepath.Join(t.TempDir(), "ran")
	w.put("evil", "#!/bin/sh\ntouch '"+ran+"'\n")
	w.put(".git/hooks/post-index-change", "#!/bin/sh\ntouch '"+ran+"'\n")
	for _, name := range []string{"core.fsmonitor", "core.pager", "pager.log", "gpg.program", "core.sshCommand"} {
		w.git("Olim", "config", name, filepath.Join(w.dir, "evil"))
	}
	w.git("Olim", "config", "log.showSignature", "true")
	elsewhere := newTree(t)
	t.Setenv("GIT_DIR", filepath.Join(elsewhere.dir, ".git"))
	t.Setenv("GIT_WORK_TREE", elsewhere.dir)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(w.dir, "releases", "water", "en.md"), later, later); err != nil {
		t.Fatal(err)
	}
	if got := w.last("water"); got.Name != "Olim" {
		t.Errorf("got %+v", got)
	}
	if _, err := os.Stat(ran); !errors.Is(err, os.ErrNotExist) {
		t.Error("something of the repository was run")
	}
}

func TestItDoesNotWaitForGit(t *testing.T) {
	w := newTree(t)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := history.LastChange(ctx, w.dir); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("got %v", err)
	}
}

// A repository of another user's is not looked into: git's own rule is kept.
func TestAnothersRepository(t *testing.T) {
	w := newTree(t)
	w.commit("Olim")
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder to another user")
	}
	if err := errors.Join(os.Chown(w.dir, 12345, 12345), os.Chown(filepath.Join(w.dir, ".git"), 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	_, err := history.LastChange(t.Context(), w.dir)
	if err == nil || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("got %v", err)
	}
}
