package cli

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dateline/internal/contactfile"
	"dateline/internal/press"
	"dateline/internal/roster"
)

func (a *app) contactsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "contacts",
		Short: "Import, list and export journalists and their outlets",
		Args:  arguments(0),
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.importCommand(), a.mappingsCommand(), a.listCommand(), a.exportCommand(), a.proposalsCommand(), a.staleCommand(), a.duplicatesCommand(), a.verifyCommand(), a.mergeCommand(), a.eraseCommand(), a.dossierCommand())
	return c
}

// pickFlags say which contacts are meant.
type pickFlags struct{ country, language, kind, list string }

func (p *pickFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&p.country, "country", "", "only in this country (UZ)")
	c.Flags().StringVar(&p.language, "lang", "", "only readers of this language (uz-Cyrl)")
	c.Flags().StringVar(&p.kind, "kind", "", "only at outlets of this kind (wire)")
	c.Flags().StringVar(&p.list, "list", "", "only in this list of lists.yaml")
}

func (p *pickFlags) pick(c *cobra.Command, o *office) (iter.Seq2[press.Contact, error], error) {
	var f press.Filter
	if p.country != "" {
		country, err := press.ParseCountry(p.country)
		if err != nil {
			return nil, misuse{err, c.CommandPath()}
		}
		f.Countries = []press.Country{country}
	}
	if p.language != "" {
		lang, err := press.ParseLang(p.language)
		if err != nil {
			return nil, misuse{err, c.CommandPath()}
		}
		f.Languages = []press.Lang{lang}
	}
	if p.kind != "" {
		if !slices.Contains(press.OutletKinds(), press.OutletKind(p.kind)) {
			return nil, misuse{fmt.Errorf("%q is no kind of outlet; the kinds are %v", p.kind, press.OutletKinds()), c.CommandPath()}
		}
		f.OutletKinds = []press.OutletKind{press.OutletKind(p.kind)}
	}
	if p.list == "" {
		return roster.List(c.Context(), o.store, f, nil, press.DateOf(time.Now().UTC())), nil
	}
	list, ok := o.config.Lists[p.list]
	if !ok {
		return nil, misuse{fmt.Errorf("lists.yaml has no list %q", p.list), c.CommandPath()}
	}
	return roster.List(c.Context(), o.store, f, &list, press.DateOf(time.Now().UTC())), nil
}

// withPicked opens the store for the contacts that the flags pick.
func (a *app) withPicked(c *cobra.Command, p *pickFlags, use func(iter.Seq2[press.Contact, error]) error) (err error) {
	o, err := a.open(c.Context())
	if err != nil {
		return err
	}
	defer func() { err = o.close(err) }()
	contacts, err := p.pick(c, o)
	if err != nil {
		return err
	}
	return use(contacts)
}

func (a *app) listCommand() *cobra.Command {
	var pick pickFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List contacts",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withPicked(c, &pick, a.showContacts)
		},
	}
	pick.add(c)
	return c
}

func (a *app) showContacts(contacts iter.Seq2[press.Contact, error]) error {
	var rows [][]string
	for c, err := range contacts {
		if err != nil {
			return err
		}
		if a.json {
			if err := a.printJSON(c); err != nil {
				return err
			}
			continue
		}
		langs, outlets := make([]string, len(c.Languages)), make([]string, len(c.Outlets))
		for i, l := range c.Languages {
			langs[i] = string(l)
		}
		for i, o := range c.Outlets {
			outlets[i] = fmt.Sprintf("%s (%s)", o.Name, o.Kind)
		}
		rows = append(rows, []string{string(c.Preferred()), c.Name, strings.Join(outlets, ", "), string(c.Country), strings.Join(langs, " "), c.Zone})
	}
	if a.json {
		return nil
	}
	if len(rows) == 0 {
		a.say(faint("No contact here. `dateline contacts import FILE` brings some."))
		return nil
	}
	a.grid([]string{"address", "name", "outlets", "country", "languages", "zone"}, nil, rows)
	a.say(faint(count(len(rows), "contact")))
	return nil
}

func (a *app) exportCommand() *cobra.Command {
	var pick pickFlags
	var out string
	c := &cobra.Command{
		Use:   "export",
		Short: "Export contacts as CSV, safe to open in a spreadsheet and to import again",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withPicked(c, &pick, func(contacts iter.Seq2[press.Contact, error]) error {
				return a.export(out, contacts)
			})
		},
	}
	pick.add(c)
	c.Flags().StringVar(&out, "out", "", "the file to write; it must not exist yet")
	return c
}

// export writes to a file that does not exist yet, or to standard output.
func (a *app) export(out string, contacts iter.Seq2[press.Contact, error]) error {
	if out == "" {
		return export(a.Out, contacts)
	}
	f, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("exporting contacts: %w", err)
	}
	return errors.Join(export(f, contacts), f.Close())
}

func export(w io.Writer, contacts iter.Seq2[press.Contact, error]) error {
	var failure error
	err := contactfile.WriteCSV(w, func(yield func(press.Contact) bool) {
		for c, err := range contacts {
			if err != nil {
				failure = err
				return
			}
			if !yield(c) {
				return
			}
		}
	})
	return errors.Join(err, failure)
}
