package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

func (a *app) quarantineCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "quarantine",
		Short: "See the messages that could not be read, and say what is to become of them",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.quarantineListCommand(),
		a.quarantinedCommand("show ID", "Print a message as it came", func(_ context.Context, _ *office, id press.ID, m press.Mail) error {
			_, err := a.Out.Write(m.Raw)
			return err
		}),
		a.quarantinedCommand("retry ID", "Read a message once more, as after an upgrade", func(ctx context.Context, o *office, id press.ID, m press.Mail) error {
			intake := o.intake(slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelError})))
			if err := intake.Take(ctx, m); err != nil {
				return err
			}
			if _, still, err := o.store.QuarantinedMail(ctx, id); err != nil || still {
				if err == nil {
					err = fmt.Errorf("the message %s still cannot be read; `dateline bounce quarantine show` prints it, `drop` lets go of it", id)
				}
				return err
			}
			return a.done("The message was read; `dateline bounces` shows what it says.", id)
		}),
		a.quarantinedCommand("drop ID", "Let go of a message that nobody needs; its content is erased", func(ctx context.Context, o *office, id press.ID, _ press.Mail) error {
			if _, err := o.store.DropQuarantined(ctx, id); err != nil {
				return err
			}
			return a.done("The message is gone.", id)
		}),
	)
	return c
}

// done says that something was done to what has this id.
func (a *app) done(said string, id press.ID) error {
	if a.json {
		return a.printJSON(map[string]string{"id": id.String()})
	}
	a.say(said)
	return nil
}

func (a *app) quarantinedCommand(use, short string, do func(context.Context, *office, press.ID, press.Mail) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(1, "the id of a message"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			id, err := press.ParseID(args[0])
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			m, ok, err := o.store.QuarantinedMail(c.Context(), id)
			if err == nil && !ok {
				err = fmt.Errorf("there is no message %s in quarantine; `dateline bounce quarantine list` shows which there are", id)
			}
			if err != nil {
				return err
			}
			return do(c.Context(), o, id, m)
		},
	}
}

func (a *app) quarantineListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the messages that could not be read, and why",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			all, err := o.store.Quarantine(c.Context())
			if err != nil {
				return err
			}
			var rows [][]string
			for _, q := range all {
				if a.json {
					if err := a.printJSON(q); err != nil {
						return err
					}
					continue
				}
				rows = append(rows, []string{q.ID.String(), q.At.Format("2006-01-02 15:04 UTC"), q.Mailbox, fmt.Sprint(q.Size), q.Trouble})
			}
			switch {
			case a.json:
			case len(rows) == 0:
				a.say(faint("The quarantine is empty."))
			default:
				a.grid([]string{"id", "came", "mailbox", "bytes", "why"}, map[int]bool{3: true}, rows)
			}
			return nil
		},
	}
}
