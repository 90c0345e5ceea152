package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// deliveriesFlags are how `deliveries` answers; what it is asked are words.
type deliveriesFlags struct {
	limit          int
	csv, addresses bool
}

// deliveryFilters are the words of a question that are flags, with what each says.
func deliveryFilters() [][2]string {
	return [][2]string{
		{"release", "only this release"},
		{"country", "only contacts in this country (UZ)"},
		{"edition", "only this edition (uz-Cyrl)"},
		{"outlet", "only this outlet, by its whole name"},
		{"state", "only what is in this state (bounced); may be given several times"},
		{"reason", "only what came back, or was refused, for this reason (userunknown), or as hard or soft"},
		{"address", "only copies to this address"},
		{"text", "only where the address, the person or the outlet has this within"},
		{"since", "only what something befell since then: 15m, 2h, 2027-03-04, or 2027-03-04T13:00:00Z"},
		{"until", "only what something befell before then"},
		{"after", "only what is older than the delivery with this id: where the last answer ended"},
	}
}

func (a *app) deliveriesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "deliveries",
		Short: "List and show deliveries: who got what, and what became of it",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.deliveryListCommand(), a.deliveryCommand())
	return c
}

func (a *app) deliveryListCommand() *cobra.Command {
	var f deliveriesFlags
	words := map[string]*[]string{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List deliveries, each with what became of it, newest first",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			asked := map[string][]string{}
			for word, values := range words {
				asked[word] = *values
			}
			if f.csv && a.json {
				return misuse{errors.New("--csv and --json are two ways to write; one is wanted"), c.CommandPath()}
			}
			far, err := a.far()
			if err != nil {
				return err
			}
			if far != nil {
				return a.deliveries(f, farDeliveries(c.Context(), far, asked))
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			q, err := ledger.Ask(asked, time.Now(), o.keys.AddressKey)
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			return a.deliveries(f, o.store.EachDelivery(c.Context(), q.Filter, q.After))
		},
	}
	for _, w := range deliveryFilters() {
		words[w[0]] = c.Flags().StringArray(w[0], nil, w[1])
	}
	c.Flags().IntVar(&f.limit, "limit", 200, "the newest so many; 0 for all")
	c.Flags().BoolVar(&f.csv, "csv", false, "write CSV for a spreadsheet; --json writes a line of JSON for each")
	c.Flags().BoolVar(&f.addresses, "addresses", false, "show addresses and names, not ids alone")
	return c
}

// deliveries writes the first rows, as many as the limit says, and tells where
// there are more.
func (a *app) deliveries(f deliveriesFlags, rows ledger.Deliveries) error {
	more := press.ID{} // the last that is written, where others follow
	first := func(yield func(press.DeliveryRow, error) bool) {
		n, last := 0, press.ID{}
		for r, err := range rows {
			if f.limit > 0 && n == f.limit && err == nil {
				more = last
				return
			}
			n, last = n+1, r.ID
			if !yield(r, err) {
				return
			}
		}
	}
	var err error
	switch {
	case a.json:
		_, err = ledger.WriteJSONL(a.Out, first, f.addresses)
	case f.csv:
		_, err = ledger.WriteCSV(a.Out, first, f.addresses)
	default:
		err = a.deliveryGrid(first, f.addresses)
	}
	if err == nil && !more.IsZero() {
		fmt.Fprintf(a.Err, "There are more: --after %s goes on, --limit 0 gives all.\n", more)
	}
	return err
}

func (a *app) deliveryGrid(all ledger.Deliveries, addresses bool) error {
	var rows [][]string
	for r, err := range all {
		if err != nil {
			return err
		}
		who := r.ID.String()
		if addresses {
			who += "  " + strings.TrimSpace(r.Name+" "+string(r.Address))
		}
		said := strings.TrimSpace(r.Last.Relay + " " + codeText(r.Last.Code) + " " + r.Last.Enhanced + " " + r.Last.Text)
		if r.Reason != "" {
			said = strings.TrimSpace(string(r.Reason) + "  " + said)
		}
		rows = append(rows, []string{
			r.Updated.Format("2006-01-02 15:04:05"), colourOf(r.State).Render(string(r.State)), r.Release + "/" + r.Send, string(r.Country), string(r.Edition), onOneLine(r.Outlet), onOneLine(who), onOneLine(said),
		})
	}
	if len(rows) == 0 {
		a.say(faint("There is no such delivery."))
		return nil
	}
	a.grid([]string{"UTC", "state", "release", "", "edition", "outlet", "delivery", "said last"}, nil, rows)
	return nil
}

// onOneLine keeps what others have written from steering the terminal.
func onOneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, s)
}

func (a *app) deliveryCommand() *cobra.Command {
	var addresses, mails bool
	c := &cobra.Command{
		Use:   "show DELIVERY",
		Short: "Show one delivery: all that befell it, what relays said, and what came back",
		Args:  arguments(1, "the id of a delivery"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			id, err := press.ParseID(args[0])
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			far, err := a.far()
			if err != nil {
				return err
			}
			if far != nil {
				t, err := farDelivery(c.Context(), far, id)
				if err != nil {
					return err
				}
				return a.showTrail(t, addresses, mails)
			}
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			t, ok, err := o.store.Delivery(c.Context(), id)
			if err == nil && !ok {
				err = fmt.Errorf("there is no delivery %s; `dateline deliveries list` has those that there are", id)
			}
			if err != nil {
				return err
			}
			return a.showTrail(t, addresses, mails)
		},
	}
	c.Flags().BoolVar(&addresses, "addresses", false, "show the address and the name, too")
	c.Flags().BoolVar(&mails, "mails", false, "show the mails that came back, as they came; they name people")
	return c
}

func (a *app) showTrail(t press.DeliveryTrail, addresses, mails bool) error {
	if !addresses {
		t.Delivery.Address, t.Delivery.Name = "", ""
	}
	for i := range t.Reports {
		r := &t.Reports[i]
		if !addresses {
			r.Recipient, r.Diagnostic = "", ""
		}
		if !mails {
			r.Raw = nil
		}
	}
	if a.json {
		return a.printJSON(t)
	}
	d := t.Delivery
	a.say(bold(d.ID.String()) + "  " + colourOf(d.State).Render(string(d.State)))
	lines := [][2]string{
		{"release", d.Release + "/" + d.Send},
		{"edition", fmt.Sprintf("%s, for %s", d.Edition, d.Why)},
		{"country", string(d.Country)},
		{"outlet", d.Outlet},
		{"contact", d.Contact.String()},
		{"name", d.Name},
		{"address", string(d.Address)},
		{"due", shownAt(d.Due)},
		{"tries", fmt.Sprint(d.Attempts)},
	}
	for _, l := range lines {
		if l[1] != "" {
			a.say(fmt.Sprintf("  %-8s %s", l[0], onOneLine(l[1])))
		}
	}
	for _, e := range t.Events {
		a.say(fmt.Sprintf("%s  %s  %s", e.At.Format("2006-01-02 15:04:05.000Z"), colourOf(e.State).Render(fmt.Sprintf("%-9s", e.State)),
			faint(onOneLine(strings.Join(strings.Fields(e.Relay+" "+e.Verb+" "+codeText(e.Code)+" "+e.Enhanced+" "+e.Text+" by "+e.By), " ")))))
	}
	for _, r := range t.Reports {
		a.say(fmt.Sprintf("%s  %-9s  %s", r.At.Format("2006-01-02 15:04:05.000Z"), r.Kind,
			faint(onOneLine(strings.Join(strings.Fields(string(r.Class)+" "+string(r.Reason)+" "+codeText(r.Code)+" "+r.Status+" "+r.Diagnostic+" "+r.Did), " ")))))
		for line := range strings.Lines(string(r.Raw)) {
			a.say("    " + onOneLine(strings.TrimRight(line, "\r\n")))
		}
	}
	return nil
}

func shownAt(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format("2006-01-02 15:04:05.000Z")
}
