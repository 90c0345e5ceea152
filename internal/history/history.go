// Package history tells who last changed a folder, by git.
//
// It promises that nothing is changed and nothing of the repository's own is run:
// no hook, no pager, no file-system monitor, and no shell. It answers within ten
// seconds. What the environment says to git (GIT_*) is left out.
//
// A folder that is in no git work tree, or that .gitignore leaves out, has no
// history, which is no failure. It
// fails when it is in one and git is not installed, does not answer in time, or
// refuses because the repository belongs to somebody else: that rule of git's
// (safe.directory) is kept, since a repository's config may name programs.
package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

const patience = 10 * time.Second

// LastChange tells who last changed what is in a folder.
func LastChange(ctx context.Context, dir string) (press.LastChange, error) {
	doing := "asking git who last changed " + dir
	kept, err := withinRepository(dir)
	if err != nil {
		return press.LastChange{}, fmt.Errorf("%s: %w", doing, err)
	}
	if !kept {
		return press.LastChange{}, nil
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	inside, err := git(ctx, dir, "rev-parse", "--is-inside-work-tree")
	switch {
	case errors.Is(err, errNoRepository), err == nil && strings.TrimSpace(inside) != "true":
		return press.LastChange{}, nil
	case err != nil:
		return press.LastChange{}, fmt.Errorf("%s: %w", doing, err)
	}
	open, err := git(ctx, dir, "status", "--porcelain", "--untracked-files=all", "--ignore-submodules=all", "--", ".")
	if err != nil {
		return press.LastChange{}, fmt.Errorf("%s: %w", doing, err)
	}
	if open != "" {
		return press.LastChange{Kept: true, Uncommitted: true}, nil
	}
	last, err := git(ctx, dir, "log", "-1", "--no-show-signature", "--format=%an%x00%ae%x00%at", "--", ".")
	if err != nil && !errors.Is(err, errNoCommit) {
		return press.LastChange{}, fmt.Errorf("%s: %w", doing, err)
	}
	fields := strings.Split(strings.TrimSpace(last), "\x00")
	if len(fields) != 3 { // no commit has it and none is missing: .gitignore leaves it out
		return press.LastChange{}, nil
	}
	at, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return press.LastChange{}, fmt.Errorf("%s: its answer %q has no time", doing, last)
	}
	return press.LastChange{Kept: true, Name: fields[0], Email: fields[1], At: time.Unix(at, 0).UTC()}, nil
}

// withinRepository tells whether a folder, or one above it, has a `.git`: where
// there is none, git need not be there either.
func withinRepository(dir string) (bool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return false, err
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return false, nil
		}
		dir = above
	}
}

var (
	errNoRepository = errors.New("it is in no git repository")
	errNoCommit     = errors.New("the git repository has no commit")
)

// git runs one command that only looks.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return "", errors.New("the folder is kept with git, and git is not installed here; install it, or set `approve_own: true` in `policies`")
	}
	quiet := []string{"--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-C", dir}
	c := exec.CommandContext(ctx, program, append(quiet, args...)...) //nolint:gosec // nothing of it comes from outside
	c.Env = environment(os.Environ())
	c.WaitDelay = time.Second
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &limited{w: &said, left: 4096}
	err = c.Run()
	text := strings.TrimSpace(said.String())
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("git did not answer in time: %w", ctx.Err())
	case strings.Contains(text, "not a git repository"):
		return "", errNoRepository
	case strings.Contains(text, "does not have any commits yet"):
		return "", errNoCommit
	case strings.Contains(text, "dubious ownership"):
		return "", errors.New("the repository belongs to another user, and git does not trust it; for the user that runs Dateline, say `git config --global --add safe.directory FOLDER`")
	default:
		line, _, _ := strings.Cut(text, "\n")
		return "", fmt.Errorf("git failed (%w): %s", err, line)
	}
}

// environment leaves out what was meant for other calls of git, and has it speak
// plainly and ask nothing.
func environment(own []string) []string {
	var env []string
	for _, e := range own {
		if !strings.HasPrefix(e, "GIT_") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANGUAGE=") {
			env = append(env, e)
		}
	}
	return append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
}

// limited drops what is more than anybody reads.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}
