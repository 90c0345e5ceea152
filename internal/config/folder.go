package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// maxFile bounds every file that is read as text.
const maxFile = 1 << 20

// maxCharacters bounds the faults told of one file's characters: a picture
// under a wrong name has a million of them.
const maxCharacters = 20

// reader reads one config folder and gathers every fault in it. All files are
// reached through root, so that no link leads out of the folder.
type reader struct {
	dir    string // as it was given
	abs    string // dir, absolute
	root   *os.Root
	getenv func(string) (string, bool)
	faults press.Faults    // of files as a whole and of their characters
	roots  []yamlfile.Node // of every YAML text, each with its own faults
}

// path is a file of the folder as the user would open it.
func (r *reader) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

// absolute is a path that was written in the config: relative to the folder.
func (r *reader) absolute(written string) string {
	if filepath.IsAbs(written) {
		return filepath.Clean(written)
	}
	return filepath.Join(r.abs, written)
}

// fileFault notes a fault of a file as a whole.
func (r *reader) fileFault(name, what, want string) {
	r.faults = append(r.faults, press.Fault{File: r.path(name), Line: 1, Column: 1, What: what, Want: want})
}

// exists tells whether the folder has a file of that name, readable or not.
func (r *reader) exists(name string) bool {
	_, err := r.root.Lstat(name)
	return err == nil
}

// list gives the entries of a folder, by name, without the hidden ones.
func (r *reader) list(name string) []fs.DirEntry {
	all, err := fs.ReadDir(r.root.FS(), name)
	if err != nil {
		r.fileFault(name, r.unreadable(name, err), "")
		return nil
	}
	var seen []fs.DirEntry
	for _, e := range all {
		if !strings.HasPrefix(e.Name(), ".") {
			seen = append(seen, e)
		}
	}
	return seen
}

// isFolder tells a folder, also behind a link within the config folder. A link
// out of it is a fault, and then not usable.
func (r *reader) isFolder(name string, e fs.DirEntry) (folder, usable bool) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir(), true
	}
	if info, err := r.root.Stat(name); err == nil {
		return info.IsDir(), true
	}
	target, err := os.Stat(filepath.Join(r.abs, filepath.FromSlash(name)))
	if err == nil && target.IsDir() {
		r.fileFault(name, "the link leads out of the config folder", "put the folder itself here")
		return true, false
	}
	return false, true // reading it says what is wrong
}

// read gives the bytes of a file, within the bound.
func (r *reader) read(name string) ([]byte, bool) {
	info, err := r.root.Stat(name)
	switch {
	case err != nil:
		r.fileFault(name, r.unreadable(name, err), "")
		return nil, false
	case !info.Mode().IsRegular():
		r.fileFault(name, "it is no regular file", "a text file is wanted")
		return nil, false
	}
	f, err := r.root.FS().Open(name)
	if err != nil {
		r.fileFault(name, r.unreadable(name, err), "")
		return nil, false
	}
	defer f.Close() // only read from: nothing can be lost by closing
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		r.fileFault(name, r.unreadable(name, err), "")
		return nil, false
	case len(raw) > maxFile:
		r.fileFault(name, "the file is larger than 1 MiB", "a text of at most 1 MiB is wanted")
		return nil, false
	}
	return raw, true
}

// unreadable says why a file could not be read. A path that can be opened from
// outside but not through root is a link that leads out.
func (r *reader) unreadable(name string, err error) string {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist) && !r.exists(name):
		return "there is no such file"
	case errors.Is(err, fs.ErrNotExist):
		return "the link leads to nothing"
	case errors.Is(err, fs.ErrPermission):
		return "the file may not be read by this user"
	}
	if info, err := r.root.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return "the link leads out of the config folder; put the file itself here"
	}
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Sprintf("the file cannot be read: %v", err)
}

// text gives a file's bytes, and its text with plain line ends. It refuses
// what is not UTF-8 and characters that a reader of the file would not see.
// A file that is refused for its characters still has its bytes.
func (r *reader) text(name string) (raw []byte, text string, ok bool) {
	raw, ok = r.read(name)
	if !ok {
		return nil, "", false
	}
	plain := bytes.ReplaceAll(bytes.TrimPrefix(raw, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
	found, clean, usable := characters(r.path(name), string(plain))
	r.faults = append(r.faults, found...)
	return raw, clean, usable
}

// characters finds what no text of ours may hold: bytes that are not UTF-8,
// control characters, and the bidirectional controls that show a text in an
// order it does not have. Where the rest is worth reading, clean is the text
// with U+FFFD in their places, so that every position stays.
func characters(file, text string) (found press.Faults, clean string, usable bool) {
	var b strings.Builder
	b.Grow(len(text))
	line, column := 1, 0
	for i, c := range text {
		column++
		at := press.Fault{File: file, Line: line, Column: column}
		switch {
		case c == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			at.What, at.Want = "not UTF-8", "save it as UTF-8"
			return append(found, at), "", false
		case c == 0:
			at.What, at.Want = "the file holds a NUL byte", "a text file is wanted"
			return append(found, at), "", false
		case hidden(c):
			at.What, at.Want = fmt.Sprintf("the character U+%04X is not allowed: %s", c, whyHidden(c)), "take it out"
			if found = append(found, at); len(found) == maxCharacters {
				return found, "", false
			}
			c = utf8.RuneError
		case c == '\n':
			line, column = line+1, 0
		}
		b.WriteRune(c)
	}
	return found, b.String(), true
}

// hidden tells the control characters, tab and line end excepted, and the
// bidirectional embeddings, overrides and isolates. The marks LRM, RLM and ALM
// are ordinary in Arabic and Hebrew and stay.
func hidden(c rune) bool {
	switch {
	case c == '\t', c == '\n':
		return false
	case c < ' ', c >= 0x7F && c <= 0x9F:
		return true
	}
	return press.TurnsText(c) || c == 0x2028 || c == 0x2029 || c == 0xFEFF
}

func whyHidden(c rune) string {
	if press.TurnsText(c) {
		return "it changes the order in which text is shown"
	}
	return "it is a control character"
}

// markup tells the files that somebody may take for a part of the config.
// A README may lie anywhere.
func markup(name string) bool {
	name = strings.ToLower(name)
	switch path.Ext(name) {
	case ".yaml", ".yml", ".md", ".markdown":
		return !strings.HasPrefix(name, "readme.")
	}
	return false
}
