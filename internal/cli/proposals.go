package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

func (a *app) proposalsCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "proposals",
		Short: "See the new addresses that replies and bounces named, and say which are taken",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			found, err := o.store.Proposals(c.Context(), all)
			if err != nil {
				return err
			}
			return a.showProposals(found)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "those that were decided, too")
	c.AddCommand(
		a.decideCommand("accept ID --by NAME", "Write to the new address from the next plan on; the old one stays behind it",
			func(ctx context.Context, o *office, id press.ID, by string) (press.Proposal, error) {
				return o.store.AcceptProposal(ctx, id, o.keys.AddressKey, by, time.Now())
			}),
		a.decideCommand("dismiss ID --by NAME", "Leave the contact as it is",
			func(ctx context.Context, o *office, id press.ID, by string) (press.Proposal, error) {
				return o.store.DismissProposal(ctx, id, by, time.Now())
			}),
	)
	return c
}

func (a *app) showProposals(found []press.Proposal) error {
	for _, p := range found {
		if a.json {
			if err := a.printJSON(p); err != nil {
				return err
			}
			continue
		}
		a.say(fmt.Sprintf("%s  %s  %s %s", p.ID, p.At.Format("2006-01-02"), p.Person, faint(p.Decision)), fmt.Sprintf("    %s -> %s  (%s)", p.Old, bold(string(p.Address)), p.Reason))
		if p.Said != "" {
			a.say("    " + faint(p.Said))
		}
	}
	switch {
	case a.json:
	case len(found) == 0:
		a.say(faint("Nobody proposed another address."))
	default:
		a.say("", "Whoever writes to us chose these words. Look a new address up before `dateline contacts proposals accept`.")
	}
	return nil
}

func (a *app) decideCommand(use, short string, do func(context.Context, *office, press.ID, string) (press.Proposal, error)) *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(1, "the id of a proposal"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			id, err := press.ParseID(args[0])
			if err == nil && by == "" {
				err = errors.New(c.CommandPath() + " wants --by NAME")
			}
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			p, err := do(c.Context(), o, id, by)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(p)
			}
			a.say(fmt.Sprintf("%s was %s.", p.Address, p.Decision))
			return nil
		},
	}
	c.Flags().StringVar(&by, "by", "", "who says so")
	return c
}
