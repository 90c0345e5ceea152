package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/remote"
)

func (a *app) approveCommand() *cobra.Command {
	var yes desk.Yes
	c := &cobra.Command{
		Use:   "approve RELEASE --digest D --by NAME",
		Short: "Say yes to the plan with this digest: it is frozen, and sent as it is",
		Args:  arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			far, err := a.far()
			if err != nil {
				return err
			}
			if far != nil && yes.Digest != "" {
				yes.Release = args[0]
				return a.approveFar(c, far, yes)
			}
			if yes.Digest == "" || yes.By == "" {
				return misuse{fmt.Errorf("approve wants --digest D, as `dateline plan %s` shows it, and --by NAME", args[0]), c.CommandPath()}
			}
			yes.Release = args[0]
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			bar := a.progress("freezing")
			now := time.Now()
			approval, err := o.desk().Approve(c.Context(), yes, now, bar.add)
			bar.done()
			if err != nil {
				return a.notYet(err)
			}
			if a.json {
				return a.printJSON(approval)
			}
			a.say(good(fmt.Sprintf("Release %s is approved by %s: %s frozen.", approval.Release, approval.By, copies(approval.Recipients))),
				"A running `dateline serve` sends it; `dateline status` and `dateline log --follow` show it happen.")
			notices, err := o.desk().NoticesApproved(c.Context(), approval.Release, now)
			a.sayNotices(notices)
			return err
		},
	}
	c.Flags().StringVar(&yes.Digest, "digest", "", "the digest that the plan showed")
	c.Flags().StringVar(&yes.By, "by", "", "who says yes")
	c.Flags().BoolVar(&yes.ReleaseNow, "release-now", false, "as in plan: send what has passed at once")
	return c
}

// approveFar says yes by the daemon on another machine, in the name of the token's
// owner.
func (a *app) approveFar(c *cobra.Command, far *remote.Daemon, yes desk.Yes) error {
	if yes.By != "" {
		return misuse{errors.New("--by goes with no DATELINE_URL: there the token tells who says so"), c.CommandPath()}
	}
	approval, err := farApprove(c.Context(), far, yes)
	if err != nil {
		return a.notYet(err)
	}
	if a.json {
		return a.printJSON(approval)
	}
	a.say(good(fmt.Sprintf("Release %s is approved by %s: %s frozen.", approval.Release, approval.By, copies(approval.Recipients))))
	return nil
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return thousands(n) + " copies"
}
