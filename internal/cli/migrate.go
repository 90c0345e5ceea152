package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"dateline/internal/config"
	"dateline/internal/store"
)

func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the store's schema up to date (every command does so when it must)",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := config.LoadStore(a.config, a.getenv)
			if err != nil {
				return err
			}
			s, ran, err := store.OpenAndMigrate(c.Context(), conf.Store)
			if err != nil {
				return err
			}
			if a.json {
				if ran == nil {
					ran = []string{}
				}
				err = a.printJSON(map[string][]string{"migrated": ran})
			} else if len(ran) == 0 {
				fmt.Fprintln(a.Out, "The store's schema is up to date.")
			}
			for _, name := range ran {
				if !a.json {
					fmt.Fprintln(a.Out, "ran", name)
				}
			}
			if closing := s.Close(); err == nil {
				err = closing
			}
			return err
		},
	}
}
