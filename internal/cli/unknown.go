package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

func (a *app) unknownCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "unknown",
		Short: "See who may or may not have a copy, and say what is to become of it",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.unknownListCommand(), a.unknownResendCommand(), a.unknownSettleCommand())
	return c
}

func (a *app) unknownListCommand() *cobra.Command {
	var addresses bool
	c := &cobra.Command{
		Use:   "list [RELEASE]",
		Short: "List the copies of which nobody knows whether they left, since when and why",
		Args:  mayName,
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			all, err := ledger.Unsure(c.Context(), o.store, strings.Join(args, ""), time.Now())
			if err != nil {
				return err
			}
			return a.showUnknown(all, addresses)
		},
	}
	c.Flags().BoolVar(&addresses, "addresses", false, "show addresses, not ids alone")
	return c
}

func (a *app) showUnknown(all []press.Unsure, addresses bool) error {
	for _, u := range all {
		if !addresses {
			u.Address = ""
		}
		if !a.json {
			a.showUnsure(u)
		} else if err := a.printJSON(u); err != nil {
			return err
		}
	}
	switch {
	case a.json:
	case len(all) == 0:
		a.say(faint("Nothing is unknown."))
	default:
		a.say("", fmt.Sprintf("%s: each may have arrived or not. Its id begins its Message-ID:", copies(len(all))),
			"look it up in the relay's own log, then `dateline unknown settle` or `resend`.")
	}
	return nil
}

// showUnsure takes a few lines for a copy, so that on a terminal the id is whole
// and what is cut, if anything, is the end of the reason.
func (a *app) showUnsure(u press.Unsure) {
	lines := []string{
		fmt.Sprintf("%s  %s/%s  %s %s  %s", u.Delivery, u.Release, u.Send, u.Country, u.Edition, u.Outlet),
		strings.TrimRight(fmt.Sprintf("    since %s  %s  %s", u.Since.Format("2006-01-02 15:04:05 UTC"), u.Relay, u.Why), " "),
	}
	if u.Address != "" {
		lines = append(lines, "    "+string(u.Address))
	}
	if u.Final != "" {
		lines = append(lines, "    cannot be sent again: "+u.Final)
	}
	style := lipgloss.NewStyle()
	if width, ok := a.width(); ok {
		style = style.MaxWidth(width)
	}
	for i, l := range lines {
		if i > 0 {
			l = faint(l)
		}
		a.say(style.Render(l))
	}
}

// wordFlags are what a person says of unknown copies, as it was typed.
type wordFlags struct {
	deliveries  []string
	all         bool
	as, by, why string
}

func (a *app) unknownResendCommand() *cobra.Command {
	f := wordFlags{as: string(press.Planned)}
	c := &cobra.Command{
		Use:   "resend [RELEASE] --delivery ID --by NAME --why REASON",
		Short: "Send unknown copies again, at once, with the same Message-ID",
		Long: "Send unknown copies again, at once, with the same Message-ID; a journalist who has the first one may get it twice. " +
			"Refused, copy by copy, is what may not leave: a killed release's, one under an earlier approval, one past its deadline or to a suppressed mailbox. " +
			"The rest is sent again, a held release's after its resume. The exit code is 1 where any was refused.",
		Args: mayName,
		RunE: func(c *cobra.Command, args []string) error { return a.heed(c, args, f, "To be sent again") },
	}
	f.addTo(c, "in place of --delivery: every unknown copy, of the release where one is named")
	return c
}

func (a *app) unknownSettleCommand() *cobra.Command {
	var f wordFlags
	c := &cobra.Command{
		Use:   "settle [RELEASE] --delivery ID --as accepted|cancelled --by NAME --why REASON",
		Short: "Write down what became of unknown copies, as a person knows it",
		Long: "Write down what became of unknown copies, as a person knows it: accepted, because the journalist or the relay's log says so, or cancelled, because it was lost for good. " +
			"Nothing is sent. The exit code is 1 where any copy was refused, because it is not unknown.",
		Args: mayName,
		RunE: func(c *cobra.Command, args []string) error {
			if f.as != string(press.Accepted) && f.as != string(press.Cancelled) {
				return misuse{errors.New("settle wants --as accepted, where the journalist or the relay has it, or --as cancelled, where it was lost"), c.CommandPath()}
			}
			if f.all && len(args) == 0 {
				return misuse{errors.New("settle --all wants the name of a release: what is known of one says nothing of others"), c.CommandPath()}
			}
			return a.heed(c, args, f, "Settled as "+f.as)
		},
	}
	f.addTo(c, "in place of --delivery: every unknown copy of the release")
	c.Flags().StringVar(&f.as, "as", "", "accepted: it arrived; cancelled: it never will")
	return c
}

func (f *wordFlags) addTo(c *cobra.Command, all string) {
	c.Flags().StringSliceVar(&f.deliveries, "delivery", nil, "the `ID` of a copy, as list shows it; may be given more than once")
	c.Flags().BoolVar(&f.all, "all", false, all)
	c.Flags().StringVar(&f.by, "by", "", "who says so")
	c.Flags().StringVar(&f.why, "why", "", "the reason, for the trail")
}

// pick tells which copies are meant.
func (f *wordFlags) pick(args []string) (press.Pick, error) {
	p := press.Pick{Release: strings.Join(args, "")}
	if f.all == (len(f.deliveries) > 0) {
		return p, errors.New("either --delivery ID, once or more, or --all is wanted; `dateline unknown list` shows the ids")
	}
	if f.by == "" || f.why == "" {
		return p, errors.New("--by NAME and --why REASON are wanted: the trail keeps who said so")
	}
	for _, text := range f.deliveries {
		id, err := press.ParseID(strings.TrimSpace(text))
		if err != nil {
			return p, fmt.Errorf("--delivery: %w", err)
		}
		p.IDs = append(p.IDs, id)
	}
	return p, nil
}

// heed does what was said, and tells what became of each copy.
func (a *app) heed(c *cobra.Command, args []string, f wordFlags, becomes string) (err error) {
	pick, err := f.pick(args)
	if err != nil {
		return misuse{err, c.CommandPath()}
	}
	o, err := a.openStore(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	done, err := o.desk().Heed(c.Context(), pick, press.Word{State: press.State(f.as), By: f.by, Why: f.why}, time.Now())
	if err != nil {
		return err
	}
	if a.json {
		if err := a.printJSON(done); err != nil {
			return err
		}
	} else {
		a.showHeeded(done, becomes)
	}
	if len(done.Refused) > 0 {
		return exitCode(exitFailed)
	}
	return nil
}

func (a *app) showHeeded(done press.Heeded, becomes string) {
	for _, r := range done.Refused {
		of := ""
		if r.Release != "" {
			of = " of " + r.Release
		}
		fmt.Fprintf(a.Err, "refused: delivery %s%s: %s\n", r.Delivery, of, r.Why)
	}
	n, refused := done.Total(), len(done.Refused)
	switch {
	case n+refused == 0:
		a.say("Nothing is unknown.")
	case refused == 0:
		a.say(becomes + ": " + copies(n) + ".")
	default:
		a.say(becomes + ": " + copies(n) + ". Refused: " + copies(refused) + ".")
	}
}
