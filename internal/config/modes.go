package config

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// othersWrite tells whether everybody on the machine can change a file, or put
// another one in a folder's place. Where only its owner may move a file (the
// sticky bit, as /tmp has it), a folder is no way to do that.
func othersWrite(info fs.FileInfo) bool {
	mode := info.Mode()
	switch {
	case mode.IsDir():
		return mode.Perm()&0o002 != 0 && mode&fs.ModeSticky == 0
	case mode.IsRegular():
		return mode.Perm()&0o002 != 0
	}
	return false // a link has no mode of its own, and what it leads to is looked at by itself
}

// writableByOthers refuses what everybody on the machine can write: it says who
// gets what, and when, or whose opt-outs are true. A group may, since somebody has put people into it.
func (r *reader) writableByOthers(c *Config) {
	const want = "only its owner and a group may; `chmod -R o-w %s` mends it"
	err := fs.WalkDir(r.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // whoever reads it says why it cannot be read
		}
		if name != "." && strings.HasPrefix(e.Name(), ".") {
			return skip(e)
		}
		if info, err := r.root.Stat(name); err == nil && othersWrite(info) {
			r.fileFault(name, fmt.Sprintf("everybody on this machine can write it (its mode is %04o)", info.Mode().Perm()), fmt.Sprintf(want, r.dir))
			return skip(e) // one line for a whole folder
		}
		return nil
	})
	if err != nil {
		r.fileFault(".", r.unreadable(".", err), "")
	}
	if info, err := os.Stat(c.Keys); err == nil && othersWrite(info) {
		r.fileFault(mainFile, fmt.Sprintf("everybody on this machine can write the keys file %s (its mode is %04o)", c.Keys, info.Mode().Perm()), "`chmod o= "+c.Keys+"` mends it")
	}
	for above := filepath.Dir(r.abs); ; above = filepath.Dir(above) {
		if info, err := os.Stat(above); err == nil && othersWrite(info) {
			r.fileFault(".", fmt.Sprintf("everybody on this machine can put another folder in its place, since all can write %s", above), fmt.Sprintf("`chmod o-w %s`, or another place for it", above))
		}
		if above == filepath.Dir(above) {
			return
		}
	}
}

func skip(e fs.DirEntry) error {
	if e.IsDir() {
		return fs.SkipDir
	}
	return nil
}
