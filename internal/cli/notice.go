package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/plan"
	"dateline/internal/press"
)

func (a *app) noticeCommand() *cobra.Command {
	var yes desk.Yes
	var people bool
	c := &cobra.Command{
		Use:   "notice RELEASE",
		Short: "Tell those who have a killed release, or may have it, that it was withdrawn",
		Long: "Tell those who have a copy of a killed release, or may have one, that it was withdrawn: in the\n" +
			"language of their copy, in the words of the phrase files, never with the release's own text.\n" +
			"Without --digest it shows whom the notice goes to and changes nothing; exit code 3 says that there\n" +
			"is something to approve. With --digest and --by the notice is approved, and goes at once. A notice\n" +
			"of a moved embargo needs no command: it is planned and approved together with the release.",
		Args: arguments(1, "the name of a release that was killed"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if (yes.Digest == "") != (yes.By == "") {
				return misuse{fmt.Errorf("notice wants both --digest D, as `dateline notice %s` shows it, and --by NAME, or neither", args[0]), c.CommandPath()}
			}
			about := args[0]
			if of, kind, _, ok := press.SplitNotice(about); ok && kind == press.KillNotice {
				about = of
			}
			yes.Release = press.KillSlug(about)
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			if yes.Digest != "" {
				return a.approveNotice(c.Context(), o.desk(), yes)
			}
			return a.planNotice(c.Context(), o.desk(), about, yes.Reason, people)
		},
	}
	c.Flags().StringVar(&yes.Digest, "digest", "", "the digest that the notice showed: approve it")
	c.Flags().StringVar(&yes.By, "by", "", "who says yes")
	c.Flags().StringVar(&yes.Reason, "reason", "", "a reason to give, as it stands, in every language (default: none)")
	c.Flags().BoolVar(&people, "all", false, "list every recipient, however many")
	return c
}

func (a *app) planNotice(ctx context.Context, d *desk.Desk, about, reason string, people bool) error {
	p, err := d.Notice(ctx, about, reason, time.Now())
	if err != nil {
		return err
	}
	if a.json {
		return cmp.Or(a.printJSON(desk.NewView(p)), planExit(p))
	}
	a.say(bold("Notice that "+about+" was withdrawn"), "")
	for _, e := range p.Frozen.Release.Editions {
		a.say(fmt.Sprintf("  %-8s %s", e.Lang, e.Headline))
	}
	for _, s := range p.Sends {
		a.showSend(s, people)
	}
	a.showSkips(p.Skips)
	if p.Tests > 0 {
		a.say("", fmt.Sprintf("  A test copy went to %s; they are your own people, and get no notice.", addresses(p.Tests)))
	}
	for _, e := range p.Errors {
		a.say("", alarm("  error: "+e))
	}
	a.say("", "  digest  "+bold(p.Digest))
	if p.ToApprove() {
		with := ""
		if reason != "" {
			with = " --reason " + strconv.Quote(reason)
		}
		a.say(fmt.Sprintf("  To send it:  dateline notice %s --by NAME --digest %s%s", about, p.Digest, with))
	} else {
		a.say(verdict(p))
	}
	return planExit(p)
}

func (a *app) approveNotice(ctx context.Context, d *desk.Desk, yes desk.Yes) error {
	bar := a.progress("freezing")
	approval, err := d.Approve(ctx, yes, time.Now(), bar.add)
	bar.done()
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(approval)
	}
	a.say(good(fmt.Sprintf("The notice %s is approved by %s: %s, due now.", approval.Release, approval.By, copies(approval.Recipients))),
		"A running `dateline serve` sends it; `dateline status "+approval.Release+"` shows it happen.")
	return nil
}

// tellHolders says after a kill how many copies are out, and how their holders
// are told.
func (a *app) tellHolders(slug string, out int) {
	if out == 0 {
		a.say("No copy of it is out.")
		return
	}
	a.say(warn(fmt.Sprintf("At most %s of it are with somebody. To tell those who have one:  dateline notice %s", copies(out), slug)))
}

func addresses(n int) string {
	if n == 1 {
		return "1 address"
	}
	return thousands(n) + " addresses"
}

// showNotice shows a notice that is approved together with its release.
func (a *app) showNotice(n plan.Notice, people bool) {
	now := press.Embargo{Lift: n.Lift, None: n.Lift.IsZero()}
	a.say("", fmt.Sprintf("  %s  the embargo is %s; before: %s", bold("notice "+n.Release), now, press.Embargo{Lift: n.Before}))
	for _, s := range n.Sends {
		a.showSend(s, people)
	}
	a.showSkips(n.Skips)
}

// sayNotices tells which notices were approved together with a release.
func (a *app) sayNotices(notices []press.Approval) {
	for _, n := range notices {
		a.say(good(fmt.Sprintf("The notice %s goes to %s of the old embargo, at once.", n.Release, count(n.Recipients, "holder"))))
	}
}
