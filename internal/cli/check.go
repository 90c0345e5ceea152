package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"

	"dateline/internal/config"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/roster"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the config folder: every fault with its place, all at once, and in what the editions of a release differ",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.check(c.Context())
		},
	}
}

// checked is what `check --json` prints.
type checked struct {
	OK       bool            `json:"ok"`
	Releases int             `json:"releases"`
	Editions int             `json:"editions"`
	Faults   press.Faults    `json:"faults"`
	Findings []press.Finding `json:"findings"`
	checkedLists
}

func (a *app) check(ctx context.Context) error {
	result := checked{Faults: press.Faults{}, Findings: []press.Finding{}, checkedLists: checkedLists{Empty: press.Faults{}}}
	c, err := a.loadConfig()
	if err == nil {
		d := &desk.Desk{Config: c}
		result.Findings = append(result.Findings, d.Lint()...)
		faults := append(roster.CheckRequired(c.Contacts), d.Check()...)
		faults.Sort()
		err = faults.OrNil()
	}
	if err != nil && !errors.As(err, &result.Faults) {
		return err
	}
	warnings := 0
	for _, f := range result.Findings {
		if f.Level == press.LintWarning {
			warnings++
		}
	}
	if err == nil && warnings == len(result.Findings) {
		result.OK, result.Releases, result.checkedLists = true, len(c.Releases), checkLists(ctx, c)
		for _, r := range c.Releases {
			result.Editions += len(r.Editions)
		}
	}
	if !a.json {
		a.showChecked(result, c, warnings)
	} else if err := a.printJSON(result); err != nil {
		return err
	}
	if !result.OK {
		return exitCode(exitFailed)
	}
	return nil
}

// showChecked writes what is wrong to the one stream, and what is only to be
// weighed to the other.
func (a *app) showChecked(result checked, c *config.Config, warnings int) {
	if len(result.Faults) > 0 {
		fmt.Fprintln(a.Err, result.Faults.Error())
	}
	for _, f := range result.Findings {
		if f.Level == press.LintWarning {
			a.say(warn(f.Error()))
		} else {
			_, _ = lipgloss.Fprintln(a.Err, alarm(f.Error()))
		}
	}
	if !result.OK {
		return
	}
	order := fmt.Sprintf("%s is in order: %s in %s, %s, %s", a.config,
		count(result.Releases, "release"), count(result.Editions, "edition"), count(len(c.Lists), "list"), count(len(c.Relays), "relay"))
	if warnings > 0 {
		order += "; " + count(warnings, "warning") + " to weigh"
	}
	a.say(order + ".")
	a.sayLists(result.checkedLists)
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
