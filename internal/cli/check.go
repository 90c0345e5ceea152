package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/roster"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the config folder: every fault with its place, all at once",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.check(c.Context())
		},
	}
}

// checked is what `check --json` prints.
type checked struct {
	OK       bool         `json:"ok"`
	Releases int          `json:"releases"`
	Editions int          `json:"editions"`
	Faults   press.Faults `json:"faults"`
	checkedLists
}

func (a *app) check(ctx context.Context) error {
	result := checked{Faults: press.Faults{}, checkedLists: checkedLists{Empty: press.Faults{}}}
	c, err := a.loadConfig()
	if err == nil {
		faults := append(roster.CheckRequired(c.Contacts), (&desk.Desk{Config: c}).Check()...)
		faults.Sort()
		err = faults.OrNil()
	}
	if err != nil && !errors.As(err, &result.Faults) {
		return err
	}
	if err == nil {
		result.OK, result.Releases, result.checkedLists = true, len(c.Releases), checkLists(ctx, c)
		for _, r := range c.Releases {
			result.Editions += len(r.Editions)
		}
	}
	switch {
	case a.json:
		err = a.printJSON(result)
	case !result.OK:
		return result.Faults
	default:
		fmt.Fprintf(a.Out, "%s is in order: %s in %s, %s, %s.\n", a.config,
			count(result.Releases, "release"), count(result.Editions, "edition"), count(len(c.Lists), "list"), count(len(c.Relays), "relay"))
		a.sayLists(result.checkedLists)
	}
	if err == nil && !result.OK {
		return exitCode(exitFailed)
	}
	return err
}

// count gives a number with its noun, in the plural where it is one.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch {
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	case strings.HasSuffix(noun, "py"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
