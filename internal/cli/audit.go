package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/access"
	"dateline/internal/press"
)

func (a *app) auditCommand() *cobra.Command {
	q := press.PersonActs{Limit: 200}
	var since string
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show the trail of what people did, by whatever way in",
		Long: "Show the trail of what people did in the console, through the API and to the accounts: who, when, by which way in, and to what. The newest stands last.\n" +
			"What was done to releases, by whatever hand, is in `dateline acts`.",
		Args: arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.door(c, "", func(ctx context.Context, d *access.Door, _ access.Person, now time.Time) (err error) {
				if q.Since, err = sinceWhen(since, now); err != nil {
					return misuse{err, c.CommandPath()}
				}
				acts, err := d.Trail(ctx, q)
				if err != nil {
					return err
				}
				return a.showAudit(acts)
			})
		},
	}
	c.Flags().StringVar(&since, "since", "", "only since then: 15m, 2h, or 2027-03-04T13:00:00Z")
	c.Flags().StringVar(&q.By, "by", "", "only by people whose name has this in it")
	c.Flags().IntVar(&q.Limit, "limit", q.Limit, "the newest so many; 0 for all")
	return c
}

func (a *app) showAudit(acts []press.PersonAct) error {
	if len(acts) == 0 && !a.json {
		a.say(faint("Nobody did anything that is in the trail."))
	}
	for _, act := range slices.Backward(acts) {
		if a.json {
			if err := a.printJSON(act); err != nil {
				return err
			}
			continue
		}
		line := fmt.Sprintf("%s  %-20s %s", act.At.Format("2006-01-02 15:04:05 UTC"), act.Name, bold(act.Act))
		if act.Target != "" {
			line += "  " + act.Target
		}
		if act.Detail != "" {
			line += "  " + act.Detail
		}
		from := act.Via
		if act.Network != "" {
			from += ", " + act.Network
		}
		a.say(line + faint("  ("+from+")"))
	}
	return nil
}
