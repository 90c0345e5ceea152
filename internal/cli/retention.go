package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

// Rhythms of the retention: it is no hurry, and every step is short.
const (
	retentionEvery = time.Hour
	retentionPause = 100 * time.Millisecond
)

// keepRetention takes away what is older than the policy keeps, while a person
// has agreed to exactly that policy.
func (d *daemon) keepRetention(ctx context.Context, r press.Retention) {
	if r.IsZero() {
		return
	}
	timer := time.NewTimer(time.Minute) // not while everything starts
	defer timer.Stop()
	for told := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		more, err := d.age(ctx, r, &told)
		if err != nil && ctx.Err() == nil {
			d.log.Error("what is old could not be taken away; it is tried again", "error", err)
		}
		if more && err == nil {
			timer.Reset(retentionPause)
		} else {
			timer.Reset(retentionEvery)
		}
	}
}

// age takes one batch away, and tells whether there may be more.
func (d *daemon) age(ctx context.Context, r press.Retention, told *bool) (bool, error) {
	agreed, _, err := d.office.store.AgreedRetention(ctx)
	if err != nil {
		return false, err
	}
	if agreed != r {
		if !*told {
			*told = true
			d.log.Warn("the retention in dateline.yaml waits for a person: `dateline retention` shows what it would take away, `dateline retention agree` begins it")
		}
		return false, nil
	}
	done, err := d.office.store.Age(ctx, r, time.Now())
	if done != (press.Aged{}) {
		d.log.Info("what is old was taken away", "mails", done.Mails, "persons_of_copies", done.Copies)
	}
	return done != (press.Aged{}), err
}

// retentionShown is what `dateline retention` tells.
type retentionShown struct {
	Policy press.Retention `json:"policy"`
	Agreed bool            `json:"agreed"`
	By     string          `json:"by,omitempty"`
	Aged   press.Aged      `json:"aged"` // what is older by now
}

func (a *app) retentionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retention",
		Short: "Show what the retention in dateline.yaml takes away, and whether it was agreed to",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			shown, err := a.retention(c.Context(), o)
			if err != nil {
				return err
			}
			return a.showRetention(shown)
		},
	}
	c.AddCommand(a.agreeRetentionCommand())
	return c
}

func (a *app) retention(ctx context.Context, o *office) (retentionShown, error) {
	shown := retentionShown{Policy: o.config.Policies.Retention}
	agreed, by, err := o.store.AgreedRetention(ctx)
	if err != nil {
		return shown, err
	}
	if agreed == shown.Policy && !agreed.IsZero() {
		shown.Agreed, shown.By = true, by
	}
	shown.Aged, err = o.store.Aged(ctx, shown.Policy, time.Now())
	return shown, err
}

func (a *app) showRetention(s retentionShown) error {
	if a.json {
		return a.printJSON(s)
	}
	if s.Policy.IsZero() {
		a.say(faint("dateline.yaml has no `policies: retention`: everything is kept."))
		return nil
	}
	kept := func(d time.Duration) string {
		if d == 0 {
			return "for ever"
		}
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
	a.grid([]string{"what", "kept", "older now"}, map[int]bool{2: true}, [][]string{
		{"mail that came in", kept(s.Policy.Mails), thousands(s.Aged.Mails)},
		{"persons in the delivery log", kept(s.Policy.Ledger), thousands(s.Aged.Copies)},
	})
	if s.Agreed {
		a.say(good("Agreed to by " + s.By + ": a running `dateline serve` takes away what is older, every hour."))
	} else {
		a.say(warn("Nobody has agreed to this yet, so nothing goes: `dateline retention agree --by NAME` begins it, for good."))
	}
	return nil
}

func (a *app) agreeRetentionCommand() *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:   "agree",
		Short: "Let the daemons take away what is older than dateline.yaml keeps",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if by == "" {
				return misuse{errors.New(c.CommandPath() + " wants --by NAME"), c.CommandPath()}
			}
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			if o.config.Policies.Retention.IsZero() {
				return errors.New("agreeing to a retention: dateline.yaml has none; `policies: {retention: {mails: 6mo}}` would be one")
			}
			if err := o.store.AgreeRetention(c.Context(), o.config.Policies.Retention, by, time.Now()); err != nil {
				return err
			}
			shown, err := a.retention(c.Context(), o)
			if err != nil {
				return err
			}
			return a.showRetention(shown)
		},
	}
	c.Flags().StringVar(&by, "by", "", "who says so")
	return c
}
