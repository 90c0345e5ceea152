package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/backup"
	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/store"
)

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a store back that `dateline backup` wrote, into an empty one",
		Long: "Put a store back that `dateline backup` wrote, into the one that dateline.yaml names, which must be empty and not in use.\n\n" +
			"Nothing that was due since the backup is sent again by itself: each copy that may have been sent becomes unknown, with an event that says so, " +
			"and each release of which something is unknown or unsent is held, for a hold or a kill since is not in the store. " +
			"What a person must decide is printed.",
		Args: arguments(1, "the file of a backup"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			conf, err := config.LoadStore(a.config, a.getenv)
			if err != nil {
				return err
			}
			b, err := backup.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, b.Close()) }()
			done, err := restore(c.Context(), conf, b, time.Now())
			if err != nil {
				return err
			}
			return a.showRestored(b.Manifest, done)
		},
	}
}

// restore keeps every daemon out while it works.
func restore(ctx context.Context, c *config.Config, b *backup.Archive, now time.Time) (done press.Restored, err error) {
	file, sqlite := store.SQLiteFile(c.Store)
	locks, folder := []string{filepath.Join(c.State, "serve.lock")}, os.TempDir()
	if sqlite {
		locks, folder = append(locks, file+".lock"), filepath.Dir(file)
	}
	unlock, err := lockAll(locks)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := keysFit(c.Keys, b.Manifest); err != nil {
		return done, err
	}
	scratch, err := backup.Scratch(filepath.Join(folder, "store"))
	if err != nil {
		return done, err
	}
	defer func() { // a SQLite store has moved from there
		if e := os.Remove(scratch); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	keys, err := b.Extract(scratch)
	if err != nil {
		return done, err
	}
	if err := putKeys(c.Keys, keys, b.Contents.Keyring); err != nil {
		return done, err
	}
	return store.Restore(ctx, c.Store, scratch, b.Contents, b.Taken, now)
}

// lockAll takes all of these or none; the function gives them back.
func lockAll(paths []string) (func() error, error) {
	var held []*os.File
	unlock := func() error {
		var faults []error
		for _, f := range held {
			faults = append(faults, f.Close())
		}
		return errors.Join(faults...)
	}
	for _, path := range paths {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			var f *os.File
			if f, err = lock(path); err == nil {
				held = append(held, f)
			}
		}
		if err != nil {
			return nil, errors.Join(err, unlock())
		}
	}
	return unlock, nil
}

// keysFit says why the keys that are there, or are not, do not go with the
// store. A keys file is never overwritten.
func keysFit(path string, m backup.Manifest) error {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (m.Keys != nil || m.Contents.Keyring == ""):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the backup has no keys, and there is no keys file %s: put your copy of it there first (its fingerprint is %s)", path, m.Contents.Keyring)
	case err != nil:
		return fmt.Errorf("reading the keys file: %w", err)
	}
	return fits(path, text, m.Contents.Keyring)
}

// fits holds a keys file against the fingerprint that the store is held to.
func fits(name string, text []byte, want string) error {
	ring, err := press.ParseKeyring(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if want != "" && ring.Fingerprint() != want {
		return fmt.Errorf("the keys in %s (%s) are not those that the backup's store is held to (%s); move them away, and put the right ones there", name, ring.Fingerprint(), want)
	}
	return nil
}

// putKeys writes the backup's keys where there are none.
func putKeys(path string, keys []byte, want string) error {
	if keys == nil {
		return nil
	}
	if err := fits("the backup", keys, want); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	beside, err := writeBeside(path, string(keys))
	if err != nil {
		return err
	}
	err = os.Link(beside, path)
	if errors.Is(err, fs.ErrExist) { // and fits, as was seen
		err = nil
	}
	return errors.Join(err, os.Remove(beside))
}

// showRestored tells what a person must decide.
func (a *app) showRestored(m backup.Manifest, done press.Restored) error {
	if a.json {
		return a.printJSON(done)
	}
	taken := m.Taken.Format("2006-01-02 15:04:05 UTC")
	fmt.Fprintf(a.Out, "The store of %s is back: %d releases, %d copies, %d contacts.\n", taken, m.Contents.Rows["releases"], m.Contents.Rows["deliveries"], m.Contents.Rows["contacts"])
	if len(done.Unknown) > 0 {
		fmt.Fprintln(a.Out, "\nThese may have been sent since, and are unknown. Look for them in the relays' logs; then settle them, or send them again:")
		for _, release := range slices.Sorted(maps.Keys(done.Unknown)) {
			fmt.Fprintf(a.Out, "  %s: %d (dateline unknown list %s)\n", release, done.Unknown[release], release)
		}
	}
	if len(done.Held) > 0 {
		fmt.Fprintln(a.Out, "\nThese are held, for a hold, a kill or another approval since is not in the store:")
		for _, release := range done.Held {
			fmt.Fprintf(a.Out, "  %s (dateline resume %s --by NAME, or dateline kill)\n", release, release)
		}
	}
	fmt.Fprintf(a.Out, "\nWhat was done since %s must be done again: approvals, imports, corrections of addresses, accounts and tokens taken away, and above all the wishes of those who opted out. A release that was approved since may have been sent; the store knows nothing of it.\n", taken)
	return nil
}
