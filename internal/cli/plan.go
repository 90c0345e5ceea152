package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/plan"
	"dateline/internal/press"
)

func (a *app) planCommand() *cobra.Command {
	var releaseNow, people bool
	c := &cobra.Command{
		Use:   "plan RELEASE",
		Short: "Show what a release would send: to whom, which edition and why, when, and who is skipped",
		Long: "Show what a release would send: to whom, which edition and why, when, and who is skipped.\n" +
			"It changes nothing. Exit code 3 says that there is something to approve.",
		Args: arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			p, err := a.planOf(c.Context(), args[0], releaseNow)
			if err != nil {
				return err
			}
			if a.json {
				err = a.printJSON(desk.NewView(p))
			} else {
				a.showPlan(p, people)
				a.showSaidYes(p)
			}
			return cmp.Or(err, planExit(p))
		},
	}
	c.Flags().BoolVar(&releaseNow, "release-now", false, "send what has passed at once, on approval")
	c.Flags().BoolVar(&people, "all", false, "list every recipient, however many")
	return c
}

// planOf asks the daemon on another machine, or plans by the folder and the store.
func (a *app) planOf(ctx context.Context, slug string, releaseNow bool) (p desk.Planned, err error) {
	far, err := a.far()
	if err != nil {
		return p, err
	}
	if far != nil {
		return farPlan(ctx, far, slug, releaseNow)
	}
	o, err := a.open(ctx)
	if err != nil {
		return p, err
	}
	defer func() { err = o.close(err) }()
	return o.desk().Plan(ctx, slug, time.Now(), releaseNow)
}

// planExit is 3 where there is something to approve, 1 where the plan has errors.
func planExit(p desk.Planned) error {
	switch {
	case len(p.Errors) > 0:
		return exitCode(exitFailed)
	case p.ToApprove():
		return exitCode(exitToApprove)
	default:
		return nil
	}
}

// fewEnough recipients are listed one by one without --all.
const fewEnough = 60

func (a *app) showPlan(p desk.Planned, people bool) {
	a.say(bold("Plan of "+p.Release), "")
	if p.Lift.IsZero() {
		a.say("  no embargo: sent on approval")
	} else {
		a.say(fmt.Sprintf("  lift  %s %s  =  %s", p.Lift.Local().Format("Mon 2 Jan 2006 15:04:05"), p.Lift.Zone, p.Lift.At.UTC().Format("15:04:05 UTC, 2006-01-02")))
	}
	for _, s := range p.Sends {
		a.showSend(s, people)
	}
	a.showSkips(p.Skips)
	for _, n := range p.Notices {
		a.showNotice(n, people)
	}
	for _, w := range p.Warnings {
		a.say(warn("  warning: " + w))
	}
	for _, e := range p.Errors {
		a.say(alarm("  error: " + e))
	}
	a.say("", "  digest  "+bold(p.Digest))
	a.say(verdict(p))
}

// showSaidYes tells who has said yes already, where several must.
func (a *app) showSaidYes(p desk.Planned) {
	for _, y := range p.Said {
		a.say(fmt.Sprintf("  %s has said yes to it at %s", y.By, y.At.Format(time.RFC3339)))
	}
	if p.Wanted > 1 {
		a.say(fmt.Sprintf("  %d more must say yes", p.Wanted-len(p.Said)))
	}
}

func verdict(p desk.Planned) string {
	switch {
	case len(p.Errors) > 0:
		return alarm("  This plan cannot be approved; see its errors.")
	case p.Control.Killed != "":
		return alarm(fmt.Sprintf("  This release was killed by %s: %s. Nothing more of it is sent.", p.Control.KillBy, p.Control.Killed))
	case p.InForce && len(p.Notices) > 0:
		return warn(fmt.Sprintf("  Approved by %s; not everybody was told yet that the embargo has moved. To tell them:  dateline approve %s --by NAME --digest %s", p.Approved.By, p.Release, p.Digest))
	case p.InForce && p.Control.Held != "":
		return warn(fmt.Sprintf("  Approved by %s, and held by %s: %s. It goes on once it is resumed.", p.Approved.By, p.Control.HeldBy, p.Control.Held))
	case p.InForce:
		return good(fmt.Sprintf("  Approved by %s at %s; it is sent as it stands.", p.Approved.By, p.Approved.At.Format(time.RFC3339)))
	case !p.ToApprove():
		return "  Nobody is left to send to; there is nothing to approve."
	case p.Approved != nil:
		return warn(fmt.Sprintf("  In force is another plan, %.12s, approved by %s; approve this one to replace what is unsent of it.", p.Approved.Digest, p.Approved.By))
	default:
		return fmt.Sprintf("  To approve it:  dateline approve %s --by NAME --digest %s", p.Release, p.Digest)
	}
}

func (a *app) showSend(s plan.Send, people bool) {
	due := "on approval"
	if !s.Due.IsZero() {
		due = s.Due.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	a.say("", fmt.Sprintf("  %s (%s)  %s  %s, late after %s", bold(s.Name), s.Kind, due, count(len(s.Recipients), "recipient"), s.LateAfter))
	if people || len(s.Recipients) <= fewEnough {
		rows := make([][]string, len(s.Recipients))
		for i, r := range s.Recipients {
			rows[i] = []string{string(r.Address), r.Outlet, string(r.Country), string(r.Edition), r.Why, ownTime(r)}
		}
		a.grid([]string{"address", "outlet", "country", "edition", "why", "their time"}, nil, rows)
	}
	t := desk.TotalsOf(s)
	a.say(tally("by country", t.Country), tally("by language", t.Language), tally("by outlet", t.OutletKind))
}

// ownTime is the instant on the contact's own clock.
func ownTime(r press.Recipient) string {
	if r.Due.IsZero() {
		return "on approval"
	}
	if r.Zone == "" {
		return "zone unknown"
	}
	return press.In(r.Due, r.Zone).Format("2 Jan 15:04 ") + r.Zone
}

func tally[K ~string](what string, counts map[K]int) string {
	line := fmt.Sprintf("    %-12s", what)
	for _, k := range byCount(counts) {
		line += fmt.Sprintf(" %s %s  ", k, bold(thousands(counts[k])))
	}
	return line
}

// showSkips lists who is skipped, or counts the reasons where they are many.
func (a *app) showSkips(skips []plan.Skip) {
	if len(skips) == 0 {
		return
	}
	a.say("", fmt.Sprintf("  %s skipped", bold(count(len(skips), "contact"))))
	var rows [][]string
	if len(skips) <= fewEnough {
		for _, s := range skips {
			rows = append(rows, []string{s.Send, string(s.Address), string(s.Country), s.Why})
		}
		a.grid([]string{"send", "address", "country", "why"}, nil, rows)
		return
	}
	why := map[[2]string]int{}
	for _, s := range skips {
		why[[2]string{s.Send, s.Why}]++
	}
	for _, k := range slices.SortedFunc(maps.Keys(why), func(x, y [2]string) int { return why[y] - why[x] }) {
		rows = append(rows, []string{k[0], thousands(why[k]), k[1]})
	}
	a.grid([]string{"send", "contacts", "why"}, map[int]bool{1: true}, rows)
}
