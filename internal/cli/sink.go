package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dateline/internal/sink"
)

func (a *app) sinkCommand() *cobra.Command {
	opts := sink.Options{SaveMax: 10_000}
	c := &cobra.Command{
		Use:   "sink",
		Short: "Be a mail server on this machine that keeps what it gets and sends nothing on, to try things out with",
		Long: "Take every mail at 127.0.0.1 until it is stopped, print a line for each, and save it where --save says so. Nothing is\n" +
			"sent on. With a relay of `host: 127.0.0.1`, `port: 2525` and `tls: none` in dateline.yaml a whole release can be tried out.",
		Args: arguments(0),
		RunE: func(c *cobra.Command, _ []string) error { return a.sink(c.Context(), opts) },
	}
	c.Flags().IntVar(&opts.Port, "port", 2525, "the `port` to listen on; 0: any that is free")
	c.Flags().StringVar(&opts.SaveDir, "save", "", "the `folder` for the mails, the first 10,000 of them; without it they are counted and forgotten")
	return c
}

// sink catches mail until the context ends.
func (a *app) sink(ctx context.Context, opts sink.Options) (err error) {
	// Receipts come from several connections at once; one goroutine prints.
	came := make(chan sink.Receipt)
	opts.OnReceipt = func(r sink.Receipt) {
		select {
		case came <- r:
		case <-ctx.Done():
		}
	}
	s, err := sink.Start(opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Fprintf(a.Err, "Mail is taken at %s, and goes nowhere from there; Ctrl-C ends it.\n", s.Addr())
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-came:
			if err := a.showCaught(r); err != nil {
				return err
			}
		}
	}
}

func (a *app) showCaught(r sink.Receipt) error {
	if a.json {
		return a.printJSON(r)
	}
	language := r.Language
	if language == "" {
		language = "-"
	}
	_, err := fmt.Fprintf(a.Out, "%s  %-7s  %7.1f KB  %s\n", r.Ended.Format("2006-01-02 15:04:05.000Z"), language, float64(r.Size)/1024, strings.Join(r.To, ", "))
	return err
}
