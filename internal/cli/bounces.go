package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// bouncesFlags are the filters of `bounces` as they were typed.
type bouncesFlags struct {
	release, country, kind, class, reason, since string
	limit                                        int
	addresses                                    bool
}

func (a *app) bouncesCommand() *cobra.Command {
	var f bouncesFlags
	c := &cobra.Command{
		Use:   "bounces",
		Short: "Show what came back: bounces, complaints and replies, what relays refused, and what followed from each",
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
			all, err := o.store.Reports(c.Context(), filter)
			if err != nil {
				return err
			}
			if err := a.showReports(all, f.addresses); err != nil || a.json {
				return err
			}
			now, err := ledger.Now(c.Context(), o.store, "", time.Now())
			for _, w := range now.Waiting {
				if w.Cause == press.CauseBlocked {
					a.say(alarm(w.Release+": "+w.What), "  "+w.Do)
				}
			}
			return err
		},
	}
	c.Flags().StringVar(&f.release, "release", "", "only this release")
	c.Flags().StringVar(&f.country, "country", "", "only contacts in this country (UZ)")
	c.Flags().StringVar(&f.kind, "kind", "", "only this kind (bounce, delayed, delivered, complaint, auto-reply, other)")
	c.Flags().StringVar(&f.class, "class", "", "only hard or only soft bounces")
	c.Flags().StringVar(&f.reason, "reason", "", "only this reason (userunknown)")
	c.Flags().StringVar(&f.since, "since", "", "only since then: 15m, 2h, or 2027-03-04T13:00:00Z")
	c.Flags().IntVar(&f.limit, "limit", 200, "the newest so many; 0 for all")
	c.Flags().BoolVar(&f.addresses, "addresses", false, "show addresses, not ids alone")
	return c
}

func (f bouncesFlags) filter(now time.Time) (press.ReportFilter, error) {
	like, err := logFlags{release: f.release, country: f.country, since: f.since, limit: f.limit}.filter(now)
	filter := press.ReportFilter{
		Release: like.Release, Country: like.Country, Since: like.Since, Limit: like.Limit,
		Kind: press.ReportKind(f.kind), Class: press.Class(f.class), Reason: press.Reason(f.reason),
	}
	if err != nil {
		return filter, err
	}
	kinds := []press.ReportKind{press.ReportBounce, press.ReportDelayed, press.ReportDelivered, press.ReportComplaint, press.ReportAutoReply, press.ReportOptOut, press.ReportOther}
	for _, check := range []error{
		oneOfWords("--kind", filter.Kind, kinds), oneOfWords("--class", filter.Class, []press.Class{press.Hard, press.Soft}), oneOfWords("--reason", filter.Reason, press.Reasons()),
	} {
		if check != nil {
			return filter, check
		}
	}
	if filter.Class != "" && filter.Kind == "" {
		filter.Kind = press.ReportBounce
	}
	return filter, nil
}

func oneOfWords[T ~string](flag string, word T, words []T) error {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return fmt.Errorf("%s %q is none of: %s", flag, string(word), strings.Join(all, ", "))
}

func (a *app) showReports(all []press.ReportEntry, addresses bool) error {
	var rows [][]string
	for _, e := range all {
		if !addresses {
			e.Recipient = ""
		}
		if a.json {
			if err := a.printJSON(e); err != nil {
				return err
			}
			continue
		}
		who := e.Delivery.String()
		if e.Delivery.IsZero() {
			who = "no copy of ours"
		}
		if addresses {
			who = string(e.Recipient)
		}
		rows = append(rows, []string{
			e.At.Format("01-02 15:04"), string(e.Kind), classStyle(e.Class, e.Kind), string(e.Reason), strings.TrimSpace(codeText(e.Code) + " " + e.Status), e.Domain, e.Release, who, e.Did,
		})
	}
	switch {
	case a.json:
	case len(rows) == 0:
		a.say(faint("Nothing came back."))
	default:
		a.grid([]string{"UTC", "kind", "class", "reason", "said", "domain", "release", "copy", "did"}, nil, rows)
	}
	return nil
}
