package cli

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
)

func (a *app) outletsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "outlets",
		Short: "Show the outlets, and keep their embargo agreements",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withOutlets(c, "", func(all []press.Outlet) error {
				rows := make([][]string, len(all))
				for i, o := range all {
					rows[i] = []string{o.Name, string(o.Country), string(o.Kind), o.Zone, o.Website, cmp.Or(day(o.Agreement.On), o.Ended.Text())}
				}
				return a.outletTable(all, []string{"outlet", "country", "kind", "zone", "website", "agreement"}, rows)
			})
		},
	}
	c.AddCommand(a.agreementsCommand(), a.agreeCommand(), a.endAgreementCommand())
	return c
}

func day(d press.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// withOutlets reads the outlets, of one country if it is named.
func (a *app) withOutlets(c *cobra.Command, country string, use func([]press.Outlet) error) (err error) {
	var of press.Country
	if country != "" {
		if of, err = press.ParseCountry(country); err != nil {
			return misuse{err, c.CommandPath()}
		}
	}
	o, err := a.openStore(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	all, err := o.store.Outlets(c.Context())
	if err != nil {
		return err
	}
	kept := make([]press.Outlet, 0, len(all))
	for _, x := range all {
		if of == "" || x.Country == of {
			kept = append(kept, x)
		}
	}
	return use(kept)
}

func (a *app) outletTable(all []press.Outlet, headers []string, rows [][]string) error {
	if a.json {
		return a.printJSON(all)
	}
	if len(all) == 0 {
		a.say(faint("No outlet here."))
		return nil
	}
	a.grid(headers, nil, rows)
	a.say(faint(count(len(all), "outlet")))
	return nil
}

// soon is how long before its end an agreement is coloured.
const soonDays = 30

func (a *app) agreementsCommand() *cobra.Command {
	var country, expiring string
	c := &cobra.Command{
		Use:   "agreements",
		Short: "Show the embargo agreements: since when, who gave them, what they cover, when they end",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			until, err := endsBy(expiring)
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			return a.withOutlets(c, country, func(all []press.Outlet) error {
				var agreed []press.Outlet
				var rows [][]string
				for _, o := range all {
					g := o.Agreement
					if !g.OnFile() || !until.IsZero() && (g.Until.IsZero() || until.Before(g.Until)) {
						continue
					}
					agreed = append(agreed, o)
					rows = append(rows, []string{o.Name, string(o.Country), string(o.Kind), day(g.On), g.By, g.Scope, ends(g), g.Document})
				}
				return a.outletTable(agreed, []string{"outlet", "country", "kind", "since", "given by", "scope", "until", "document"}, rows)
			})
		},
	}
	c.Flags().StringVar(&country, "country", "", "only outlets in this country (UZ)")
	c.Flags().StringVar(&expiring, "expiring", "", "only those that end within so many days (30d), or have ended")
	return c
}

// ends shows an agreement's last day as what it means.
func ends(g press.Agreement) string {
	now := today()
	switch {
	case g.Until.IsZero():
		return ""
	case g.Until.Before(now):
		return alarm(g.Until.String() + ", ended")
	case g.Until.Before(press.DateOf(now.Time().AddDate(0, 0, soonDays))):
		return warn(g.Until.String() + ", soon")
	}
	return g.Until.String()
}

// endsBy is the day that lies a number of days ahead; zero where none is asked.
func endsBy(expiring string) (press.Date, error) {
	if expiring == "" {
		return press.Date{}, nil
	}
	n, err := daysIn(expiring, 3650)
	if err != nil {
		return press.Date{}, fmt.Errorf("--expiring: %w", err)
	}
	return press.DateOf(today().Time().AddDate(0, 0, n)), nil
}

// daysIn reads a number of days, as in 30d.
func daysIn(text string, most int) (int, error) {
	var n int
	if _, err := fmt.Sscanf(text+"\n", "%dd\n", &n); err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is no number of days; one such as 30d is wanted, at most %dd", text, most)
	}
	return n, nil
}

// agreementFlags are what is put on file.
type agreementFlags struct{ country, on, with, scope, until, document string }

func (a *app) agreeCommand() *cobra.Command {
	var f agreementFlags
	c := &cobra.Command{
		Use:   "agree OUTLET",
		Short: "Put an outlet's embargo agreement on file",
		Args:  arguments(1, "an outlet's name"),
		RunE: func(c *cobra.Command, args []string) error {
			g := press.Agreement{By: f.with, Scope: f.scope, Document: f.document, On: today()}
			var faults []error
			if f.on != "" {
				on, err := press.ParseDate(f.on)
				g.On, faults = on, append(faults, err)
			}
			if f.until != "" {
				until, err := press.ParseDate(f.until)
				g.Until, faults = until, append(faults, err)
			}
			if err := errors.Join(faults...); err != nil {
				return misuse{err, c.CommandPath()}
			}
			if g.By == "" {
				return misuse{errors.New(c.CommandPath() + " wants --with NAME, who gave the agreement"), c.CommandPath()}
			}
			if !g.Until.IsZero() && g.Until.Before(g.On) {
				return misuse{fmt.Errorf("the agreement would end on %s, before it begins on %s", g.Until, g.On), c.CommandPath()}
			}
			return a.setAgreement(c, args[0], f.country, press.Outlet{Agreement: g})
		},
	}
	c.Flags().StringVar(&f.country, "country", "", "the outlet's country (UZ)")
	c.Flags().StringVar(&f.on, "on", "", "its first day (2027-01-05); today without it")
	c.Flags().StringVar(&f.with, "with", "", "who gave it, at the outlet")
	c.Flags().StringVar(&f.scope, "scope", "", "what it covers, if not everything")
	c.Flags().StringVar(&f.until, "until", "", "its last day, if it ends")
	c.Flags().StringVar(&f.document, "document", "", "where the paper lies")
	return c
}

func (a *app) endAgreementCommand() *cobra.Command {
	var country, by string
	c := &cobra.Command{
		Use:   "end-agreement OUTLET --by NAME",
		Short: "Take an outlet's embargo agreement off file: no advance copy goes there any more",
		Args:  arguments(1, "an outlet's name"),
		RunE: func(c *cobra.Command, args []string) error {
			if by == "" {
				return misuse{errors.New(c.CommandPath() + " wants --by NAME"), c.CommandPath()}
			}
			return a.setAgreement(c, args[0], country, press.Outlet{Ended: press.Ended{On: today(), By: by}})
		},
	}
	c.Flags().StringVar(&country, "country", "", "the outlet's country (UZ)")
	c.Flags().StringVar(&by, "by", "", "who says so")
	return c
}

func (a *app) setAgreement(c *cobra.Command, name, country string, of press.Outlet) (err error) {
	of.Name = name
	of.Country, err = press.ParseCountry(country)
	if err != nil {
		return misuse{fmt.Errorf("--country: %w", err), c.CommandPath()}
	}
	o, err := a.openStore(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	set, err := o.store.SetAgreement(c.Context(), of, time.Now())
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(set)
	}
	if g := of.Agreement; g.OnFile() {
		a.say(fmt.Sprintf("The agreement of %s (%s) is on file, from %s on.", set.Name, set.Country, g.On))
	} else {
		a.say(fmt.Sprintf("%s (%s) has no agreement on file any more. An import brings it back only with a later date. What was approved already is checked again when it is planned anew.", set.Name, set.Country))
	}
	return nil
}
