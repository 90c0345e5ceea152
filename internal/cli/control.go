package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/remote"
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
	return a.controlCommand("kill", "End a release for good: nothing more of it leaves", "is killed: no copy leaves after this moment",
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
			far, err := a.far()
			if err != nil {
				return err
			}
			if far != nil {
				return a.actFar(c, far, said{name, by, args[0], why, nil}, done)
			}
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
			return a.sayDone(c.Context(), o.desk(), said{name, by, args[0], why, nil}, done)
		},
	}
	c.Flags().StringVar(&by, "by", "", "who says so")
	if name != "resume" {
		c.Flags().StringVar(&why, "why", "", "the reason, for the trail")
	}
	return c
}

// actFar has the daemon on another machine do it, in the name of the token's owner.
func (a *app) actFar(c *cobra.Command, far *remote.Daemon, s said, done string) error {
	if s.By != "" {
		return misuse{errors.New("--by goes with no DATELINE_URL: there the token tells who says so"), c.CommandPath()}
	}
	r, err := farAct(c.Context(), far, s.Act, s.Release, s.Why)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.Out, "Release %s %s.\n", s.Release, done)
	return nil
}

// said is what a person said of a release, as `--json` prints it.
type said struct {
	Act     string `json:"act"`
	By      string `json:"by"`
	Release string `json:"release"`
	Why     string `json:"why"`
	Out     *int   `json:"out,omitempty"` // of a kill: copies that are with their recipients, or may be
}

func (a *app) sayDone(ctx context.Context, d *desk.Desk, s said, done string) error {
	_, _, _, notice := press.SplitNotice(s.Release)
	if s.Act == "kill" && !notice {
		out, err := d.Out(ctx, s.Release)
		if err != nil {
			return err
		}
		s.Out = &out
	}
	if a.json {
		return a.printJSON(s)
	}
	fmt.Fprintf(a.Out, "Release %s %s.\n", s.Release, done)
	if s.Out != nil {
		a.tellHolders(s.Release, *s.Out)
	}
	return nil
}
