package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the folder must be quiet before it is read: editors and
// checkouts write several files, in several steps.
const settle = 200 * time.Millisecond

// watchFolder tells, once things are quiet again, that something in a folder
// has changed, until the context ends.
func watchFolder(ctx context.Context, dir string, log *slog.Logger) (<-chan struct{}, error) {
	// Behind a link: a walk does not follow one at its root.
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("watching the config folder: %w", err)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching the config folder: %w", err)
	}
	if err := addFolders(w, dir); err != nil {
		return nil, errors.Join(fmt.Errorf("watching the config folder: %w", err), w.Close())
	}
	changes := make(chan struct{}, 1)
	go func() {
		defer func() { _ = w.Close() }() // nothing is watched any more
		quiet := time.NewTimer(time.Hour)
		defer quiet.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case err := <-w.Errors:
				if !errors.Is(err, syscall.EINVAL) { // else the watch of a folder that is gone was taken back twice
					log.Error("watching the config folder", "error", err)
				}
				quiet.Reset(settle) // something may have been missed
			case <-w.Events:
				quiet.Reset(settle)
			case <-quiet.C:
				// New folders are watched from now on; what they hold already is read now.
				if err := addFolders(w, dir); err != nil {
					log.Error("watching the config folder", "error", err)
				}
				select {
				case changes <- struct{}{}:
				default:
				}
			}
		}
	}()
	return changes, nil
}

func addFolders(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we walked
		}
		if err != nil || !entry.IsDir() {
			return err
		}
		if err := w.Add(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}
