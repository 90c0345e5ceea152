package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/backup"
)

func (a *app) backupCommand() *cobra.Command {
	var withKeys bool
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write all of the store into one file, also while it sends",
		Long: "Write all of the store into one file, as it is at one moment; a daemon that sends meanwhile goes on. Only its owner may read the file, and nothing is overwritten. " +
			"PostgreSQL's own pg_dump must be on the machine where the store is PostgreSQL. " +
			"`dateline restore` puts it back.\n\n" +
			"The keys file is in it with --with-keys alone: whoever has both can read who opted out. Without it, keep a copy of the keys file elsewhere: a store without its keys is of no use.",
		Args: arguments(1, "the file to write"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			m, err := o.backup(c.Context(), args[0], withKeys, time.Now())
			if err != nil {
				return err
			}
			return a.showBackup(o, args[0], m)
		},
	}
	c.Flags().BoolVar(&withKeys, "with-keys", false, "put the keys file into it, too")
	return c
}

// backup writes the file.
func (o *office) backup(ctx context.Context, path string, withKeys bool, now time.Time) (m backup.Manifest, err error) {
	if err := backup.Free(path); err != nil {
		return m, err
	}
	var keys []byte
	if withKeys {
		if keys, err = os.ReadFile(o.config.Keys); err != nil {
			return m, fmt.Errorf("reading the keys file: %w", err)
		}
	}
	scratch, err := backup.Scratch(path)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.Remove(scratch)) }()
	contents, err := o.store.Backup(ctx, scratch)
	if err != nil {
		return m, err
	}
	return backup.Write(path, backup.Manifest{Version: version(), Taken: now.UTC().Truncate(time.Second), Contents: contents}, scratch, keys)
}

// backupShown is what `--json` prints.
type backupShown struct {
	File string `json:"file"`
	backup.Manifest
}

func (a *app) showBackup(o *office, path string, m backup.Manifest) error {
	if a.json {
		return a.printJSON(backupShown{path, m})
	}
	rows := m.Contents.Rows
	fmt.Fprintf(a.Out, "%s has the store of %s: %d releases, %d copies (%d unsent or on their way), %d contacts, %d suppressions.\n", path, m.Taken.Format("2006-01-02 15:04:05 UTC"),
		rows["releases"], rows["deliveries"], rows["queue"], rows["contacts"], rows["suppressions"])
	if m.Keys == nil {
		fmt.Fprintf(a.Out, "The keys file is not in it; keep a copy of %s elsewhere: without it the store is of no use.\n", o.config.Keys)
	}
	return nil
}
