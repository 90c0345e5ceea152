package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
)

func (a *app) holdCommand() *cobra.Command {
	return a.controlCommand("hold", "Keep what is unsent of a release from leaving", "is held: nothing of it leaves until it is resumed",
		func(ctx context.Context, d *desk.Desk, slug, why, by string) error {
			return d.Hold(ctx, slug, why, by, time.Now())
		})
}

func (a *app) resumeCommand() *cobra.Command {
	return a.controlCommand("resume", "End a hold", "goes on",
		func(ctx context.Context, d *desk.Desk, slug, _, by string) error {
			return d.Resume(ctx, slug, by, time.Now())
		})
}

func (a *app) killCommand() *cobra.Command {
	return a.controlCommand("kill", "End a release for good: nothing more of it leaves", "is killed: no copy leaves after this moment; `dateline log --release RELEASE` shows who has it (accepted) or may have (unknown)",
		func(ctx context.Context, d *desk.Desk, slug, why, by string) error {
			return d.Kill(ctx, slug, why, by, time.Now())
		})
}

func (a *app) controlCommand(name, short, done string, do func(ctx context.Context, d *desk.Desk, slug, why, by string) error) *cobra.Command {
	var why, by string
	c := &cobra.Command{
		Use:   name + " RELEASE --by NAME",
		Short: short,
		Args:  arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if by == "" {
				return misuse{fmt.Errorf("%s wants --by NAME: the trail keeps who said so", name), c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			if err := do(c.Context(), o.desk(), args[0], why, by); err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"release": args[0], "act": name, "by": by, "why": why})
			}
			fmt.Fprintf(a.Out, "Release %s %s.\n", args[0], done)
			return nil
		},
	}
	c.Flags().StringVar(&by, "by", "", "who says so")
	if name != "resume" {
		c.Flags().StringVar(&why, "why", "", "the reason, for the trail")
	}
	return c
}
