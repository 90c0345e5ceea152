package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
	"dateline/internal/resolve"
	"dateline/internal/roster"
)

// Commands that keep the contacts true.

func (a *app) staleCommand() *cobra.Command {
	var olderThan string
	c := &cobra.Command{
		Use:   "stale",
		Short: "Show contacts whose data nobody has confirmed for long",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			before, err := roster.DayBefore(olderThan, today())
			if err != nil {
				return misuse{fmt.Errorf("--older-than: %w", err), c.CommandPath()}
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			old, err := roster.Stale(c.Context(), o.store, before)
			if err != nil {
				return err
			}
			return a.showStale(old, before)
		},
	}
	c.Flags().StringVar(&olderThan, "older-than", "18mo", "how long ago: days, weeks, months or years (90d, 6w, 18mo, 2y)")
	return c
}

func (a *app) showStale(old []roster.Old, before press.Date) error {
	rows := make([][]string, len(old))
	for i, x := range old {
		if a.json {
			if err := a.printJSON(x); err != nil {
				return err
			}
		}
		rows[i] = []string{x.Since.String(), string(x.Contact.Preferred()), x.Contact.Name, string(x.Contact.Country), x.Contact.Source}
	}
	switch {
	case a.json:
	case len(rows) == 0:
		a.say(good("Everybody was confirmed since " + before.String() + "."))
	default:
		a.grid([]string{"since", "address", "name", "country", "source"}, nil, rows)
		a.say(faint(count(len(rows), "contact") + " older than " + before.String() + "; an import with a column `confirmed`, or with --confirmed, says that they are true"))
	}
	return nil
}

func (a *app) duplicatesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "duplicates",
		Short: "Show contacts that may be one person, and why; a person decides",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			pairs, err := roster.Duplicates(c.Context(), o.store)
			if err != nil {
				return err
			}
			for _, p := range pairs {
				if a.json {
					if err := a.printJSON(p); err != nil {
						return err
					}
					continue
				}
				a.say(bold(p.Why), "    "+describe(p.Keep), "    "+describe(p.Other),
					faint(fmt.Sprintf("    dateline contacts merge %s %s --by NAME", p.Keep.Preferred(), p.Other.Preferred())))
			}
			switch {
			case a.json:
			case len(pairs) == 0:
				a.say(good("No two contacts look like one person."))
			default:
				a.say(faint(count(len(pairs), "pair")))
			}
			return nil
		},
	}
}

// describe is a contact in a line.
func describe(c press.Contact) string {
	outlets := make([]string, len(c.Outlets))
	for i, o := range c.Outlets {
		outlets[i] = o.Name
	}
	addresses := make([]string, len(c.Addresses))
	for i, x := range c.Addresses {
		addresses[i] = string(x)
	}
	return fmt.Sprintf("%s  %s  %s  %s", c.Name, strings.Join(addresses, ", "), strings.Join(outlets, ", "), c.Country)
}

func (a *app) verifyCommand() *cobra.Command {
	var country, olderThan, dns string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Look up in DNS whether the contacts' domains take mail; nothing is sent",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			v := roster.Verifying{Now: time.Now(), Lookup: resolve.New(dns).Mail}
			if country != "" {
				if v.Country, err = press.ParseCountry(country); err != nil {
					return misuse{fmt.Errorf("--country: %w", err), c.CommandPath()}
				}
			}
			since, err := roster.DayBefore(olderThan, today())
			if err != nil {
				return misuse{fmt.Errorf("--older-than: %w", err), c.CommandPath()}
			}
			v.Since = since.Time()
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			bar := a.progress("looking up")
			v.Progress = bar.add
			found, err := roster.Verify(c.Context(), o.store, v)
			bar.done()
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(found)
			}
			a.showVerified(found)
			return nil
		},
	}
	c.Flags().StringVar(&country, "country", "", "only contacts in this country (UZ)")
	c.Flags().StringVar(&olderThan, "older-than", "30d", "ask again what was looked up longer ago")
	c.Flags().StringVar(&dns, "dns", "", "the DNS server to ask (127.0.0.1:53); without it those of this machine")
	return c
}

func (a *app) showVerified(v roster.Verified) {
	var rows [][]string
	for _, d := range v.Bad {
		what, detail := alarm(string(d.Found)), d.Detail
		if d.Trouble != "" {
			what, detail = warn("not known"), d.Trouble
		}
		countries := make([]string, 0, len(d.Countries))
		for _, c := range slices.Sorted(maps.Keys(d.Countries)) {
			countries = append(countries, fmt.Sprintf("%s %d", c, d.Countries[c]))
		}
		rows = append(rows, []string{d.Domain, thousands(d.Contacts), strings.Join(countries, ", "), what, detail})
	}
	if len(rows) > 0 {
		a.grid([]string{"domain", "addresses", "by country", "mail", "why"}, map[int]bool{1: true}, rows)
	}
	a.say(fmt.Sprintf("%s at %s, %s of them asked now; %s take no mail, or it is not known. %s with the address of a role, not of a person.",
		count(v.Contacts, "contact"), count(v.Domains, "domain"), thousands(v.Asked), thousands(len(v.Bad)), thousands(v.Roles)))
}
