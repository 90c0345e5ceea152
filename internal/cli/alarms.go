package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	caller "dateline/internal/alarm" // the colour of one is called alarm here
	"dateline/internal/ledger"
	"dateline/internal/press"
	"dateline/internal/store"
)

func (a *app) alarmsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "alarms",
		Short: "Show the alarms that stand, since when, and who was told",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			all, err := o.alarms(c.Context(), time.Now())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(all)
			}
			a.showAlarms(all)
			return nil
		},
	}
	c.AddCommand(a.testAlarmsCommand())
	return c
}

// alarms are those that stand now, by what the store tells, with what daemons
// have told of them. Without a daemon they stand all the same.
func (o *office) alarms(ctx context.Context, now time.Time) ([]press.StandingAlarm, error) {
	status, err := ledger.Now(ctx, o.store, "", now)
	if err != nil {
		return nil, err
	}
	raised, err := o.store.StandingAlarms(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]press.StandingAlarm{}
	for _, r := range raised {
		known[r.Key()] = r
	}
	all := []press.StandingAlarm{}
	for _, w := range caller.Loud(status.Waiting, now) {
		standing := press.StandingAlarm{Alarm: w, Told: []press.ToldBy{}}
		if k, is := known[w.Key()]; is {
			standing.Since, standing.Told = k.Since, k.Told
		}
		all = append(all, standing)
	}
	return all, nil
}

func (a *app) showAlarms(all []press.StandingAlarm) {
	if len(all) == 0 {
		a.say(good("No alarm stands."))
	}
	for _, s := range all {
		what := s.What
		if s.Release != "" {
			what = s.Release + ": " + what
		}
		line := "    " + s.Do
		if !s.Since.IsZero() {
			line += faint("  since " + s.Since.Format("2006-01-02 15:04:05 UTC"))
		}
		var told []string
		for _, t := range s.Told {
			told = append(told, t.Way)
		}
		if len(told) > 0 {
			line += faint("  told: " + strings.Join(told, ", "))
		}
		a.say(alarm(what)+faint("  "+string(s.Cause)), line)
	}
}

func (a *app) testAlarmsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Send a test alarm by each way that dateline.yaml names",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := a.loadConfig()
			if err != nil {
				return err
			}
			ways := waysOut(config)
			if len(ways) == 0 {
				return errors.New("testing the alarms: dateline.yaml names no way; `watch: {alarms: {webhook: https://alarms.example.org/hook}}` would be one")
			}
			return a.testAlarms(c.Context(), ways)
		},
	}
}

// wayTried is what came of a test alarm.
type wayTried struct {
	Way   string `json:"way"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func (a *app) testAlarms(ctx context.Context, ways []caller.Way) error {
	telling := press.Telling{ID: store.NewID(), Alarm: press.Alarm{
		Cause: press.CauseTest, What: "this is a test, and nothing is wrong", Do: "nothing", Since: time.Now(),
	}}
	failed := false
	tried := make([]wayTried, len(ways))
	for i, way := range ways {
		bounded, cancel := context.WithTimeout(ctx, 20*time.Second)
		err := way.Tell(bounded, telling)
		cancel()
		tried[i] = wayTried{Way: way.Name, OK: err == nil}
		if err != nil {
			failed, tried[i].Error = true, err.Error()
		}
	}
	if a.json {
		if err := a.printJSON(tried); err != nil {
			return err
		}
	} else {
		for _, t := range tried {
			if t.OK {
				a.say(fmt.Sprintf("%s  %s", t.Way, good("told")))
			} else {
				a.say(fmt.Sprintf("%s  %s", t.Way, alarm(t.Error)))
			}
		}
	}
	if failed {
		return exitCode(exitFailed)
	}
	return nil
}
