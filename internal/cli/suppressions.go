package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

func (a *app) suppressionsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "suppressions",
		Short: "Keep a journalist's word: who is not to be written to",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	add := a.suppressionCommand("add ADDRESS --why REASON --by NAME", "Send nothing more to an address, from the next copy on",
		func(ctx context.Context, o *office, s suppression) (string, error) {
			return fmt.Sprintf("%s is suppressed (scope %s).", s.address, s.scope), o.store.Suppress(ctx, o.keys.AddressKey(s.address), s.scope, s.why, s.by, time.Now())
		})
	lift := a.suppressionCommand("lift ADDRESS --why REASON --by NAME", "Write to an address again, because its owner asked for it",
		func(ctx context.Context, o *office, s suppression) (string, error) {
			done, err := o.store.Lift(ctx, press.Lifting{Address: s.address, Key: o.keys.AddressKey(s.address), Scope: s.scope, Why: s.why, By: s.by, At: time.Now()})
			if err != nil {
				return "", err
			}
			return lifted(done, s)
		})
	c.AddCommand(add, lift, a.suppressionListCommand())
	return c
}

// lifted tells what a lift did. The journalist's own word is not the team's to
// take back.
func lifted(done press.Lifted, s suppression) (string, error) {
	const theirs = "the journalist's own word stays, and only they take it back, by the link in any mail that they have"
	switch {
	case done.Lifted && done.Stays:
		return fmt.Sprintf("What the desk or a bounce said against %s is lifted (scope %s); %s.", s.address, s.scope, theirs), nil
	case done.Lifted:
		return fmt.Sprintf("%s is written to again (scope %s).", s.address, s.scope), nil
	case done.Stays:
		return "", fmt.Errorf("%s opted out by themselves (scope %s): %s", s.address, s.scope, theirs)
	default:
		return "", fmt.Errorf("%s is not suppressed in the scope %s; `dateline suppressions list --address %s` shows where it is", s.address, s.scope, s.address)
	}
}

// suppression is what `add` and `lift` were asked.
type suppression struct {
	address        press.Address
	scope, why, by string
}

func (a *app) suppressionCommand(use, short string, do func(context.Context, *office, suppression) (string, error)) *cobra.Command {
	var s suppression
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(1, "an address"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if s.address, err = press.ParseAddress(args[0]); err != nil {
				return misuse{err, c.CommandPath()}
			}
			if s.why == "" || s.by == "" {
				return misuse{fmt.Errorf("%s wants --why REASON and --by NAME", c.CommandPath()), c.CommandPath()}
			}
			if _, err := press.ParseScope(s.scope); err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			said, err := do(c.Context(), o, s)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"address": string(s.address), "scope": s.scope, "why": s.why, "by": s.by, "done": said})
			}
			a.say(said)
			return nil
		},
	}
	c.Flags().StringVar(&s.scope, "scope", "all", "all, sender:ID or topic:NAME")
	c.Flags().StringVar(&s.why, "why", "", "the reason")
	c.Flags().StringVar(&s.by, "by", "", "who says so")
	return c
}

func (a *app) suppressionListCommand() *cobra.Command {
	var address string
	c := &cobra.Command{
		Use:   "list",
		Short: "List suppressions; the store holds no address with them, so ask for one to find it",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			all, err := o.store.AllSuppressions(c.Context())
			if err != nil {
				return err
			}
			if address != "" {
				key := o.keys.AddressKey(press.Address(strings.TrimSpace(address)))
				all = slices.DeleteFunc(all, func(s press.Suppression) bool { return s.AddressKey != key })
			}
			return a.showSuppressions(all)
		},
	}
	c.Flags().StringVar(&address, "address", "", "only those of this address")
	return c
}

func (a *app) showSuppressions(all []press.Suppression) error {
	if a.json {
		return a.printJSON(all)
	}
	if len(all) == 0 {
		a.say(faint("No suppression."))
		return nil
	}
	rows := make([][]string, len(all))
	for i, s := range all {
		rows[i] = []string{s.AddressKey.String(), s.Scope, s.Reason, string(s.Author), s.By, s.At.Format("2006-01-02 15:04 UTC")}
	}
	a.grid([]string{"address key", "scope", "why", "whose word", "by", "since"}, nil, rows)
	return nil
}
