package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/press"
	"dateline/internal/roster"
)

func today() press.Date { return press.DateOf(time.Now().UTC()) }

func (a *app) listsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lists",
		Short: "Show the lists of lists.yaml, with how many contacts each holds today",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			counts, err := a.countLists(c, o, o.config.Lists)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(counts)
			}
			rows := make([][]string, len(counts))
			for i, n := range counts {
				total := thousands(n.Contacts)
				if n.Contacts == 0 {
					total = alarm("0")
				}
				rows[i] = []string{n.Name, total, thousands(n.Suppressed), inLine(n.Countries), inLine(n.Languages)}
			}
			if len(rows) == 0 {
				a.say(faint("lists.yaml has no list."))
				return nil
			}
			a.grid([]string{"list", "contacts", "suppressed", "countries", "first languages"}, map[int]bool{1: true, 2: true}, rows)
			return nil
		},
	}
	c.AddCommand(a.showListCommand())
	return c
}

func (a *app) countLists(c *cobra.Command, o *office, lists map[string]press.List) ([]roster.ListCount, error) {
	all, err := o.store.AllSuppressions(c.Context())
	if err != nil {
		return nil, err
	}
	barred := map[press.AddressKey]bool{}
	for _, s := range all {
		barred[s.AddressKey] = barred[s.AddressKey] || press.Scope(s.Scope) == press.ScopeAll
	}
	return roster.CountLists(c.Context(), o.store, lists, today(), func(at press.Address) bool {
		return len(barred) > 0 && barred[o.keys.AddressKey(at)]
	})
}

// byCount are the keys of counts, the highest count first.
func byCount[K ~string](counts map[K]int) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
}

// inLine shows counts in one line.
func inLine[K ~string](counts map[K]int) string {
	var parts []string
	for _, k := range byCount(counts) {
		parts = append(parts, fmt.Sprintf("%s %s", k, thousands(counts[k])))
	}
	return strings.Join(parts, ", ")
}

// listShown is what `lists show` tells machines.
type listShown struct {
	roster.ListCount
	List press.List `json:"list"`
}

func (a *app) showListCommand() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   "show LIST",
		Short: "Show whom a list holds today: by country, language and kind of outlet; or why it holds somebody",
		Args:  arguments(1, "a list's name"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			list, ok := o.config.Lists[args[0]]
			if !ok {
				return misuse{fmt.Errorf("lists.yaml has no list %q; it has: %s", args[0], strings.Join(slices.Sorted(maps.Keys(o.config.Lists)), ", ")), c.CommandPath()}
			}
			if why != "" {
				return a.showWhy(c, o, list, why)
			}
			counts, err := a.countLists(c, o, map[string]press.List{list.Name: list})
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(listShown{counts[0], list})
			}
			a.showList(counts[0])
			return nil
		},
	}
	c.Flags().StringVar(&why, "why", "", "an address: tell why the list holds that contact, or not")
	return c
}

func (a *app) showList(n roster.ListCount) {
	a.say(bold(n.Name) + ": " + count(n.Contacts, "contact"))
	if n.Suppressed > 0 {
		a.say(warn(fmt.Sprintf("%s of them suppressed: nothing is sent to them.", thousands(n.Suppressed))))
	}
	if n.Contacts == 0 {
		a.say(alarm("A release with this list cannot be planned. `dateline lists show " + n.Name + " --why ADDRESS` tells what somebody lacks."))
		return
	}
	bars(a, "country", n.Countries, n.Contacts)
	bars(a, "first language", n.Languages, n.Contacts)
	bars(a, "outlet kind", n.Kinds, n.Contacts)
}

// bars draws counts.
func bars[K ~string](a *app, name string, counts map[K]int, total int) {
	if len(counts) == 0 {
		return
	}
	const width = 30
	var rows [][]string
	for _, k := range byCount(counts) {
		rows = append(rows, []string{string(k), thousands(counts[k]), strings.Repeat("█", max(1, min(width, counts[k]*width/max(total, 1))))})
	}
	a.say("")
	a.grid([]string{name, "contacts", ""}, map[int]bool{1: true}, rows)
}

// reasonShown is why a contact is in a list, or not.
type reasonShown struct {
	List    string   `json:"list"`
	Contact press.ID `json:"contact"`
	In      bool     `json:"in"`
	Why     string   `json:"why"`
}

func (a *app) showWhy(c *cobra.Command, o *office, list press.List, address string) error {
	at, err := press.ParseAddress(address)
	if err != nil {
		return misuse{fmt.Errorf("--why: %w", err), c.CommandPath()}
	}
	contact, ok, err := o.store.ContactOf(c.Context(), at)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("no contact has the address %s", at)
	}
	in, why := list.Why(contact.Contact, today())
	if a.json {
		return a.printJSON(reasonShown{list.Name, contact.ID, in, why})
	}
	if in {
		a.say(good(string(at)+" is in "+list.Name) + ": " + why)
	} else {
		a.say(warn(string(at)+" is not in "+list.Name) + ": " + why)
	}
	return nil
}
