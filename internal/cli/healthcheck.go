package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

func (a *app) healthcheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck",
		Short: "Tell by the exit code whether this machine's daemon lives, for whoever starts it anew where not",
		Long: "Tell by the exit code whether the daemon of this config's state folder lives: it serves, reaches its\n" +
			"store, and none of its parts hangs. What only a person can mend, such as a relay that is down, is for\n" +
			"`dateline status`, and no reason to start it anew.",
		Args: arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			path := filepath.Join(o.config.State, "daemon-id")
			text, err := os.ReadFile(path)
			if errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("no daemon has ever served with %s", o.config.State)
			}
			if err != nil {
				return fmt.Errorf("reading the daemon's id: %w", err)
			}
			id, err := press.ParseID(strings.TrimSpace(string(text)))
			if err != nil {
				return fmt.Errorf("reading the daemon's id: %s: %w", path, err)
			}
			daemons, err := o.store.Daemons(c.Context(), time.Now().Add(-ledger.DaemonGone))
			if err != nil {
				return err
			}
			for _, d := range daemons {
				if d.ID == id {
					return nil
				}
			}
			return fmt.Errorf("daemon %s has given no sign of life for %s", id, ledger.DaemonGone)
		},
	}
}
