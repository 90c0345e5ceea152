package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"

	"github.com/fsnotify/fsnotify"
)

// Maildir is a folder that a mail server delivers to, with new, cur and tmp in
// it. Messages are read where they are.
type Maildir struct {
	Settings
	Dir    string
	MoveTo string        // another Maildir, for what was handled; "": it is deleted
	Poll   time.Duration // how often it is looked at without a sign: a minute where it is zero
}

// Run reads the Maildir until the context ends.
func (d Maildir) Run(ctx context.Context, h Handler) error {
	if d.Dir == "" {
		return fmt.Errorf("reading mailbox %s: no Maildir is named", d.Name)
	}
	if d.MoveTo != "" && filepath.Clean(d.MoveTo) == filepath.Clean(d.Dir) {
		return fmt.Errorf("reading mailbox %s: what was handled cannot be moved to the same Maildir", d.Name)
	}
	if d.Poll <= 0 {
		d.Poll = time.Minute
	}
	w := newWatch(d.Settings)
	d.Settings = w.Settings
	known := newLater(w)
	w.again(ctx, func(ctx context.Context, well func()) error { return d.session(ctx, h, known, well) })
	return ctx.Err()
}

// session watches the folder until it cannot be read. Where it cannot be
// watched (too many watches, a network's file system) the poll does alone.
func (d Maildir) session(ctx context.Context, h Handler, known *later, well func()) error {
	wake := make(chan struct{}, 1)
	signs, err := fsnotify.NewWatcher()
	if err == nil {
		done := make(chan struct{})
		go func() {
			defer close(done)
			forward(signs, wake)
		}()
		defer func() {
			_ = signs.Close() // nothing of it is needed any more
			<-done
		}()
		for _, sub := range []string{"new", "cur"} {
			if err := signs.Add(filepath.Join(d.Dir, sub)); err != nil {
				known.watch.Log.Debug("the Maildir cannot be watched, only polled", "error", err)
			}
		}
	}
	for ctx.Err() == nil {
		handling, removing, err := d.round(ctx, h, known)
		if err != nil {
			return fmt.Errorf("reading the Maildir: %w", err)
		}
		if ctx.Err() != nil {
			break // what broke off at the end is no trouble
		}
		well()
		known.watch.tell(known.outcome(handling, removing))
		poll := d.Poll
		if removing != nil {
			poll = min(poll, d.MaxRetry)
		}
		pause(ctx, known.wait(poll, time.Now()), wake)
	}
	return nil
}

// forward makes one wake-up of many signs.
func forward(signs *fsnotify.Watcher, wake chan<- struct{}) {
	for {
		select {
		case e, ok := <-signs.Events:
			if !ok {
				return
			}
			if !e.Has(fsnotify.Create) {
				continue // what we remove ourselves is no news
			}
		case _, ok := <-signs.Errors:
			if !ok {
				return
			}
		}
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// round handles everything that is there now.
func (d Maildir) round(ctx context.Context, h Handler, known *later) (handling, removing, err error) {
	files, err := d.files()
	if err != nil {
		return nil, nil, err
	}
	refs := map[string]bool{}
	for _, file := range files {
		refs[key(filepath.Base(file))] = true
	}
	known.keep(refs)
	now := time.Now()
	files = slices.DeleteFunc(files, func(file string) bool { return !known.due(key(filepath.Base(file)), now) })
	for part := range slices.Chunk(files, batch) {
		if ctx.Err() != nil {
			break
		}
		remove, err := d.handle(ctx, h, known, part)
		if err != nil {
			handling = err
		}
		for i, file := range part {
			if !remove[i] {
				continue
			}
			if err := d.remove(file); err != nil {
				removing = err
			}
		}
	}
	return handling, removing, nil
}

// files are the messages that are there, the oldest first.
func (d Maildir) files() ([]string, error) {
	var files []string
	for _, sub := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(d.Dir, sub))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			// A pipe would hang the reader, and a link could lead anywhere.
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(d.Dir, sub, e.Name()))
			}
		}
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(key(filepath.Base(a)), key(filepath.Base(b))) })
	return files, nil
}

// handle hands a few messages on, and tells which may be removed.
func (d Maildir) handle(ctx context.Context, h Handler, known *later, files []string) ([]bool, error) {
	mails, of := make([]press.Mail, len(files)), make(map[string]string, len(files))
	for i, file := range files {
		ref := key(filepath.Base(file))
		mails[i], of[ref] = press.Mail{Mailbox: d.Name, Ref: ref, Format: press.FormatMessage}, file
	}
	return known.handle(ctx, func(ctx context.Context, m press.Mail) error {
		var err error
		m.Raw, m.At, err = readFile(of[m.Ref], d.MaxBytes)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a mail program has taken it, or changed its flags: then it comes by its new name
		}
		if err != nil {
			return fmt.Errorf("reading a message: %w", err)
		}
		return h(ctx, m)
	}, mails...)
}

func readFile(name string, most int64) (raw []byte, at time.Time, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	raw, err = io.ReadAll(io.LimitReader(f, most))
	return raw, info.ModTime().UTC(), err
}

// key is a message's name without its flags, which mail programs change.
func key(name string) string {
	name, _, _ = strings.Cut(name, ":")
	return name
}

// remove takes a message that was handled away.
func (d Maildir) remove(file string) error {
	var err error
	if d.MoveTo == "" {
		err = os.Remove(file)
	} else {
		err = d.move(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Lstat(file); errors.Is(gone, fs.ErrNotExist) {
			return nil
		}
	}
	return err
}

// move puts a message into the other Maildir, as one that was seen.
func (d Maildir) move(file string) error {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(d.MoveTo, sub), 0o700); err != nil {
			return err
		}
	}
	name := key(filepath.Base(file))
	target := filepath.Join(d.MoveTo, "cur", name+":2,S")
	if os.Rename(file, target) == nil {
		return nil
	}
	// Another file system: a whole copy first, then the name.
	part := filepath.Join(d.MoveTo, "tmp", name)
	if err := copyFile(file, part); err != nil {
		_ = os.Remove(part) // half a copy is worth nothing
		return err
	}
	if err := os.Rename(part, target); err != nil {
		return err
	}
	return os.Remove(file)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
