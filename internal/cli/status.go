package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [RELEASE]",
		Short: "Show how every release, daemon and relay stands",
		Args:  mayName,
		RunE: func(c *cobra.Command, args []string) (err error) {
			only := strings.Join(args, "")
			now, err := a.statusOf(c.Context(), only)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(now)
			}
			a.showStatus(now, only != "")
			return nil
		},
	}
}

// statusOf asks the daemon on another machine, or the store.
func (a *app) statusOf(ctx context.Context, only string) (now ledger.Status, err error) {
	far, err := a.far()
	if err != nil {
		return now, err
	}
	if far != nil {
		return farStatus(ctx, far, only)
	}
	o, err := a.openStore(ctx)
	if err != nil {
		return now, err
	}
	defer func() { err = o.close(err) }()
	return ledger.Now(ctx, o.store, only, time.Now())
}

func (a *app) showStatus(s ledger.Status, detail bool) {
	if len(s.Daemons) == 0 {
		a.say(warn("No daemon is running: nothing leaves until `dateline serve` does."))
	}
	for _, d := range s.Daemons {
		a.say(fmt.Sprintf("daemon on %s, pid %d, up since %s", d.Host, d.PID, d.Started.Format("2006-01-02 15:04:05 UTC")))
		if d.Config != "" {
			a.say(alarm("  the config folder's newest state was refused; the one before it is in use:"), alarm("  "+strings.ReplaceAll(d.Config, "\n", "\n  ")))
		}
		for _, m := range d.Mailboxes {
			if m.Trouble != "" {
				a.say(alarm(fmt.Sprintf("  mailbox %s not read since %s: %s", m.Name, m.Since.Format("2006-01-02 15:04:05 UTC"), m.Trouble)))
			}
		}
		for _, r := range d.Relays {
			if r.Trouble != "" {
				a.say(alarm(fmt.Sprintf("  relay %s put aside since %s: %s", r.Name, r.Since.Format("2006-01-02 15:04:05 UTC"), r.Trouble)))
			} else {
				a.say(fmt.Sprintf("  relay %s %s", r.Name, good("in order")))
			}
		}
	}
	if len(s.Releases) == 0 {
		a.say("No release was approved yet.")
	}
	for _, r := range s.Releases {
		a.showRelease(r)
		if detail {
			a.showCountries(r)
		}
	}
	a.showWaiting(s.Waiting)
}

func (a *app) showRelease(r ledger.Release) {
	head := bold(r.Approval.Release) + faint(fmt.Sprintf("  approved by %s at %s, digest %.12s", r.Approval.By, r.Approval.At.Format("2006-01-02 15:04 UTC"), r.Approval.Digest))
	a.say("", head, "  "+stateBar(r.States, 60))
	line := " "
	for _, s := range press.States() {
		if r.States[s] > 0 {
			line += " " + colourOf(s).Render(fmt.Sprintf("%s %s", thousands(r.States[s]), s)) + " "
		}
	}
	a.say(line)
	switch {
	case r.Control.Killed != "":
		a.say(alarm(fmt.Sprintf("  killed by %s at %s: %s", r.Control.KillBy, r.Control.KillAt.Format("2006-01-02 15:04:05 UTC"), r.Control.Killed)))
	case r.Control.Held != "":
		a.say(warn(fmt.Sprintf("  held by %s since %s: %s", r.Control.HeldBy, r.Control.HeldAt.Format("2006-01-02 15:04:05 UTC"), r.Control.Held)))
	case !r.FirstDue.IsZero():
		a.say("  next due " + r.FirstDue.Format("2006-01-02 15:04:05 UTC"))
	}
}

// showWaiting says what goes on only when a person does something.
func (a *app) showWaiting(waits []ledger.Wait) {
	if len(waits) == 0 {
		return
	}
	a.say("", bold("Waiting for a person:"))
	for _, w := range waits {
		what := w.What
		if w.Release != "" {
			what = w.Release + ": " + what
		}
		a.say(alarm("  "+what), "    "+w.Do)
	}
}

// showCountries breaks a release down by country, with a column per state.
func (a *app) showCountries(r ledger.Release) {
	var states []press.State
	for _, s := range press.States() {
		if r.States[s] > 0 {
			states = append(states, s)
		}
	}
	counts := map[string]map[press.State]int{}
	var keys []string
	for _, c := range r.Counts {
		key := c.Send + "\x00" + string(c.Country) + "\x00" + string(c.Edition)
		if counts[key] == nil {
			counts[key] = map[press.State]int{}
			keys = append(keys, key)
		}
		counts[key][c.State] += c.N
	}
	slices.Sort(keys)
	headers, numeric := []string{"send", "country", "edition"}, map[int]bool{}
	for i, s := range states {
		headers = append(headers, string(s))
		numeric[3+i] = true
	}
	rows := make([][]string, len(keys))
	for i, key := range keys {
		rows[i] = strings.Split(key, "\x00")
		for _, s := range states {
			cell := ""
			if n := counts[key][s]; n > 0 {
				cell = colourOf(s).Render(thousands(n))
			}
			rows[i] = append(rows[i], cell)
		}
	}
	a.grid(headers, numeric, rows)
}
