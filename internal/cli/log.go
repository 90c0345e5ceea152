package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// logFlags are the log's filters as they were typed.
type logFlags struct {
	release, country, state, since string
	follow, addresses              bool
	limit                          int
}

func (a *app) logCommand() *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use:   "log",
		Short: "Show the delivery log: what became of each copy, and what the relay said",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			filter, err := f.filter(time.Now())
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			return a.log(c, o, f, filter)
		},
	}
	c.Flags().StringVar(&f.release, "release", "", "only this release")
	c.Flags().StringVar(&f.country, "country", "", "only contacts in this country (UZ)")
	c.Flags().StringVar(&f.state, "state", "", "only what came into this state (accepted)")
	c.Flags().StringVar(&f.since, "since", "", "only since then: 15m, 2h, or 2027-03-04T13:00:00Z")
	c.Flags().IntVar(&f.limit, "limit", 200, "the newest so many; 0 for all")
	c.Flags().BoolVar(&f.follow, "follow", false, "go on as things happen")
	c.Flags().BoolVar(&f.addresses, "addresses", false, "show addresses, not ids alone")
	return c
}

func (f logFlags) filter(now time.Time) (press.LogFilter, error) {
	filter := press.LogFilter{Release: f.release, State: press.State(f.state), Limit: max(f.limit, 0)}
	var err error
	if f.country != "" {
		if filter.Country, err = press.ParseCountry(f.country); err != nil {
			return filter, err
		}
	}
	if f.state != "" && !known(filter.State) {
		return filter, fmt.Errorf("%q is no state; the states are: %s", f.state, stateNames())
	}
	filter.Since, err = sinceWhen(f.since, now)
	return filter, err
}

// sinceWhen reads how long ago, or an instant; the zero time where neither is said.
func sinceWhen(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := ledger.ParseWhen(text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("--since %w", err)
	}
	return at, nil
}

func known(s press.State) bool { return strings.Contains(" "+stateNames()+" ", " "+string(s)+" ") }

func stateNames() string {
	names := make([]string, 0, len(press.States()))
	for _, s := range press.States() {
		names = append(names, string(s))
	}
	return strings.Join(names, " ")
}

func (a *app) log(c *cobra.Command, o *office, f logFlags, filter press.LogFilter) error {
	entries, err := o.store.Log(c.Context(), filter)
	if err != nil {
		return err
	}
	show := func(e press.LogEntry) { a.showEntry(e, f.addresses) }
	for _, e := range entries {
		show(e)
	}
	if !f.follow {
		if len(entries) == 0 && !a.json {
			a.say(faint("The log has no such entry."))
		}
		return nil
	}
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	start := time.Now()
	if n := len(entries); n > 0 {
		filter.After = entries[n-1].ID
	}
	return ledger.Follow(c.Context(), o.store, filter, start, tick.C, show)
}

func (a *app) showEntry(e press.LogEntry, addresses bool) {
	if !addresses {
		e.Address = ""
	}
	if a.json {
		_ = a.printJSON(e) // a line that cannot be written has nobody to read it
		return
	}
	who := e.Delivery.String()
	if addresses {
		who = string(e.Address)
	}
	reply := e.Reply
	if e.Code > 0 {
		reply = strings.TrimSpace(fmt.Sprintf("%d %s %s", e.Code, e.Enhanced, e.Reply))
	}
	a.say(fmt.Sprintf("%s  %s  %-24s %-2s %-7s  %s  %s", e.At.Format("2006-01-02 15:04:05.000Z"), colourOf(e.State).Render(fmt.Sprintf("%-9s", e.State)),
		e.Release+"/"+e.Send, e.Country, e.Edition, who, faint(strings.TrimSpace(e.Relay+" "+reply))))
}
