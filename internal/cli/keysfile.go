package cli

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"dateline/internal/press"
)

// completeKeyring adds the token key to a keys file from before there were any,
// so that it stays when another one is added. A file that is not this user's
// alone stays as it is, and so does one that cannot be written: the same key is
// derived at each start, and a full disk must not keep anybody from a kill.
func completeKeyring(path string, text []byte, ring press.Keyring) {
	line := ring.Implied()
	if line == "" || !isOwn(path) {
		return
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		line = "\n" + line
	}
	beside, err := writeBeside(path, string(text)+line)
	if err != nil {
		return
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside) // it is of no use
	}
}

// isOwn tells whether a file is this user's, and nobody else may read it.
func isOwn(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Geteuid()
}

// writeBeside writes a new file in the folder of another one, whole and on
// disk, for its owner alone, and gives its path.
func writeBeside(path, text string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
