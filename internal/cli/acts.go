package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

func (a *app) actsCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "acts [RELEASE]",
		Short: "Show what people, and the program, did to releases, and why",
		Long: "Show what people, and the program, did to releases, and why: approvals, test copies, holds, resumes, kills, and the words about unknown copies. " +
			"The newest stands last. `dateline` is the program itself, as where it holds a release for drift.",
		Args: mayName,
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			acts, err := ledger.Acts(c.Context(), o.store, strings.Join(args, ""), limit)
			if err != nil {
				return err
			}
			return a.showActs(acts)
		},
	}
	c.Flags().IntVar(&limit, "limit", 200, "the newest so many; 0 for all")
	return c
}

func (a *app) showActs(acts []press.Act) error {
	if len(acts) == 0 && !a.json {
		a.say(faint("Nothing was done to any release yet."))
	}
	for _, act := range acts {
		if a.json {
			if err := a.printJSON(act); err != nil {
				return err
			}
			continue
		}
		said := act.Detail
		if act.Act == "approve" || act.Act == "yes" {
			said = fmt.Sprintf("digest %.12s", act.Detail)
		}
		if act.By != "" {
			said = strings.TrimSuffix("by "+act.By+": "+said, ": ")
		}
		a.say(fmt.Sprintf("%s  %s  %-24s %s", act.At.Format("2006-01-02 15:04:05 UTC"), styleOf(act.Act)(fmt.Sprintf("%-7s", act.Act)), act.Release, said))
	}
	return nil
}

// styleOf marks what stops a release, and what lets it go on.
func styleOf(act string) func(string) string {
	switch act {
	case "kill":
		return alarm
	case "hold":
		return warn
	case "approve", "resume":
		return good
	default:
		return func(s string) string { return s }
	}
}

// mayName takes the name of a release, or nothing.
func mayName(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return arguments(1)(c, args)
	}
	return nil
}
