package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
	"dateline/internal/relay"
)

func (a *app) testCommand() *cobra.Command {
	var to, lang string
	c := &cobra.Command{
		Use:   "test RELEASE --to ADDRESS",
		Short: "Send the editions, marked as tests, to one of the config's test addresses",
		Args:  arguments(1, "the name of a release"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			address, err := press.ParseAddress(to)
			if err != nil {
				return misuse{fmt.Errorf("test wants --to ADDRESS: %w", err), c.CommandPath()}
			}
			var only press.Lang
			if lang != "" {
				if only, err = press.ParseLang(lang); err != nil {
					return misuse{err, c.CommandPath()}
				}
			}
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			outcomes, err := o.desk().Test(c.Context(), args[0], address, only, time.Now(), o.handOver)
			if err != nil {
				return err
			}
			return a.showTest(outcomes)
		},
	}
	c.Flags().StringVar(&to, "to", "", "one of test_addresses in dateline.yaml")
	c.Flags().StringVar(&lang, "lang", "", "only the edition in this language")
	return c
}

// handOver gives one message to the first relay that can be reached.
func (o *office) handOver(ctx context.Context, e press.Envelope, message []byte) (press.Outcome, error) {
	var failures []error
	for _, r := range o.config.Relays {
		options, err := relayOptions(r)
		if err == nil {
			var s *relay.Session
			if s, err = relay.Dial(ctx, options); err == nil {
				outcome := s.Send(e, message, nil)
				return outcome, s.Close()
			}
		}
		failures = append(failures, err)
	}
	return press.Outcome{}, errors.Join(failures...)
}

func (a *app) showTest(outcomes []press.Outcome) error {
	failed := false
	rows := make([][]string, len(outcomes))
	for i, o := range outcomes {
		failed = failed || o.State != press.Accepted
		rows[i] = []string{colourOf(o.State).Render(string(o.State)), o.Relay, strconv.Itoa(o.Code), o.Text}
	}
	if a.json {
		if err := a.printJSON(outcomes); err != nil {
			return err
		}
	} else {
		a.grid([]string{"state", "relay", "code", "reply"}, map[int]bool{2: true}, rows)
	}
	if failed {
		return exitCode(exitFailed)
	}
	return nil
}
