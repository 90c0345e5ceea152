package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"dateline/internal/contactfile"
	"dateline/internal/press"
	"dateline/internal/roster"
)

// importFlags say how a file is to be read, and what is to be done with it.
type importFlags struct {
	country, encoding, comma, sheet, languages, kind, basis, source, asOf string
	columns                                                               []string
	mapping, save                                                         string
	partial, dry, all                                                     bool
}

func (f *importFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.country, "country", "", "the country of rows that name none (UZ); a row that names another is refused")
	c.Flags().StringVar(&f.encoding, "encoding", "", "how the file writes its characters (windows-1251); without it, it is guessed and shown")
	c.Flags().StringVar(&f.comma, "comma", "", "what parts the cells: a comma, a semicolon, a bar or tab; without it the header tells")
	c.Flags().StringVar(&f.sheet, "sheet", "", "the sheet of a workbook; without it the first one")
	c.Flags().StringArrayVar(&f.columns, "map", nil, "what a column of the file means (\"Media Outlet=outlet\"), or that it is passed over (\"Circulation=-\"); as often as needed")
	c.Flags().StringVar(&f.mapping, "mapping", "", "a mapping that was saved under this name")
	c.Flags().StringVar(&f.save, "save-mapping", "", "save the mapping of this import under a name")
	c.Flags().StringVar(&f.languages, "languages", "", "the languages of rows that name none, in order (ru,en)")
	c.Flags().StringVar(&f.kind, "outlet-kind", "", "the kind of outlets that have none (wire)")
	c.Flags().StringVar(&f.basis, "legal-basis", "", "the legal basis of rows that name none")
	c.Flags().StringVar(&f.source, "source", "", "the source of rows that name none")
	c.Flags().StringVar(&f.asOf, "confirmed", "", "the day on which the data of rows that name none were true (2026-11-27)")
	c.Flags().BoolVar(&f.partial, "partial", false, "import the good rows although others are faulty")
	c.Flags().BoolVar(&f.dry, "dry-run", false, "only show what would be done")
	c.Flags().BoolVar(&f.all, "all", false, "of a dry run, show every change")
}

// options reads the flags; every fault of theirs is misuse.
func (f *importFlags) options() (contactfile.Options, error) {
	o := contactfile.Options{Encoding: f.encoding, Sheet: f.sheet, LegalBasis: f.basis, Source: f.source, Columns: map[string]string{}}
	var err error
	if f.country != "" {
		if o.Country, err = press.ParseCountry(f.country); err != nil {
			return o, fmt.Errorf("--country: %w", err)
		}
	}
	switch f.comma {
	case "":
	case "tab", `\t`:
		o.Comma = '\t'
	default:
		r, size := utf8.DecodeRuneInString(f.comma)
		if size != len(f.comma) {
			return o, fmt.Errorf("--comma: %q is no separator; one character is wanted, or tab", f.comma)
		}
		o.Comma = r
	}
	for _, l := range strings.FieldsFunc(f.languages, func(r rune) bool { return r == ',' || r == ' ' }) {
		lang, err := press.ParseLang(l)
		if err != nil {
			return o, fmt.Errorf("--languages: %w", err)
		}
		o.Languages = append(o.Languages, lang)
	}
	if f.kind != "" {
		if o.OutletKind = press.OutletKind(f.kind); !slices.Contains(press.OutletKinds(), o.OutletKind) {
			return o, fmt.Errorf("--outlet-kind: %q is no kind of outlet; the kinds are %v", f.kind, press.OutletKinds())
		}
	}
	if f.asOf != "" {
		if o.Confirmed, err = press.ParseDate(f.asOf); err != nil {
			return o, fmt.Errorf("--confirmed: %w", err)
		}
	}
	for _, m := range f.columns {
		theirs, ours, ok := strings.Cut(m, "=")
		if !ok || strings.TrimSpace(theirs) == "" {
			return o, fmt.Errorf("--map: %q is no mapping; \"THEIR COLUMN=ours\" is wanted, with one of %s, or -", m, strings.Join(contactfile.ColumnNames(), ", "))
		}
		o.Columns[strings.TrimSpace(theirs)] = strings.TrimSpace(ours)
	}
	return o, nil
}

// mapped puts the saved mapping below what the flags say.
func (f *importFlags) mapped(saved map[string]map[string]string, o *contactfile.Options) error {
	if f.mapping == "" {
		return nil
	}
	columns, ok := saved[f.mapping]
	if !ok {
		return fmt.Errorf("--mapping: none was saved as %q; there are: %s", f.mapping, strings.Join(slices.Sorted(maps.Keys(saved)), ", "))
	}
	for theirs, ours := range columns {
		if _, said := o.Columns[theirs]; !said {
			o.Columns[theirs] = ours
		}
	}
	return nil
}

func (a *app) importCommand() *cobra.Command {
	var flags importFlags
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Import contacts from CSV, a workbook (XLSX) or vCards; one faulty row, and nothing is imported",
		Args:  arguments(1, "a file"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			options, err := flags.options()
			if err != nil {
				return misuse{err, c.CommandPath()}
			}
			o, err := a.open(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			saved, err := o.store.Mappings(c.Context())
			if err != nil {
				return err
			}
			if err := flags.mapped(saved, &options); err != nil {
				return misuse{err, c.CommandPath()}
			}
			options.Require = o.config.Contacts.Require
			bar := a.progress("importing")
			report, err := roster.Import(c.Context(), o.store, roster.Importing{
				File: onDisk(args[0]), Options: options, Beats: o.config.Beats, Zones: o.config.CountryZones, Key: o.keys.AddressKey, Partial: flags.partial, Dry: flags.dry, Now: time.Now(), Progress: bar.add,
			})
			bar.done()
			if err == nil && flags.save != "" && !flags.dry {
				err = o.store.SaveMapping(c.Context(), flags.save, options.Columns)
			}
			return a.showImport(report, flags.all, err)
		},
	}
	flags.add(c)
	return c
}

// onDisk is a contact file by its path.
func onDisk(path string) contactfile.File {
	return contactfile.File{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

func (a *app) showImport(r roster.Report, all bool, err error) error {
	var faults press.Faults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	if a.json {
		if printing := a.printJSON(r); printing != nil {
			return printing
		}
		if err != nil || r.Dry && r.Refused > 0 {
			return exitCode(exitFailed)
		}
		return nil
	}
	if r.Format.Kind != "" {
		fmt.Fprintln(a.Err, r.File+": "+r.Format.String())
	}
	for _, f := range r.Faults {
		fmt.Fprintln(a.Err, f.Error())
	}
	if err != nil {
		fmt.Fprintf(a.Err, "dateline: %s of %s refused: nothing was imported (--partial imports the good ones)\n", count(r.Refused, "row"), r.File)
		return exitCode(exitFailed)
	}
	if r.Dry {
		a.showChanges(r, all)
	}
	a.sayImported(r)
	if r.Dry && r.Refused > 0 {
		return exitCode(exitFailed)
	}
	return nil
}

func (a *app) sayImported(r roster.Report) {
	d := r.Done
	counts := []string{thousands(d.New) + " new", thousands(d.Changed) + " changed", thousands(d.Merged) + " merged", thousands(d.Unchanged) + " unchanged", thousands(r.Refused) + " refused"}
	if d.Withheld > 0 {
		counts = append(counts, thousands(d.Withheld)+" withheld, for they asked to be erased")
	}
	a.say(fmt.Sprintf("%s: %s; %s new", r.File, strings.Join(counts, ", "), count(d.Outlets, "outlet")))
	if d.Clashes > 0 {
		a.say(warn(count(d.Clashes, "row") + " have an address that another contact has; it stays there. `dateline contacts duplicates` shows who may be one person, `contacts merge` makes them one."))
	}
	for _, c := range slices.Sorted(maps.Keys(r.Zoneless)) {
		a.say(warn(fmt.Sprintf("%s in %s without a time zone, of which that country has several: fill the column zone, or set country_zones in dateline.yaml.", count(r.Zoneless[c], "contact"), c)))
	}
	if r.Dry {
		a.say(bold("A dry run: nothing was imported."))
	}
}

// fewChanges is how many changes a dry run shows without --all.
const fewChanges = 50

// showChanges shows what a dry run found, as a diff.
func (a *app) showChanges(r roster.Report, all bool) {
	shown := r.Changes
	if !all {
		shown = shown[:min(fewChanges, len(shown))]
	}
	for _, c := range shown {
		head := fmt.Sprintf("%s:%d  %s", r.File, c.Line, c.Verdict)
		if !c.Contact.IsZero() {
			head += faint("  " + c.Contact.String())
		}
		if c.Verdict == press.ImportNew {
			head = good(head)
		}
		a.say(head)
		for _, f := range c.Fields {
			if f.Old != "" {
				a.say(alarm("    - " + f.Field + ": " + f.Old))
			}
			a.say(good("    + " + f.Field + ": " + f.New))
		}
		for _, other := range c.Clash {
			a.say(warn("    an address stays with " + other.String() + ": dateline contacts merge " + c.Contact.String() + " " + other.String() + " --by NAME"))
		}
	}
	if left := r.Done.New + r.Done.Changed + r.Done.Merged + r.Done.Withheld - len(shown); left > 0 {
		a.say(faint(fmt.Sprintf("… and %s more", thousands(left))))
	}
}

func (a *app) mappingsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "mappings",
		Short: "List the mappings that imports saved",
		Args:  arguments(0),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			saved, err := o.store.Mappings(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(saved)
			}
			if len(saved) == 0 {
				a.say(faint("No mapping. `dateline contacts import FILE --map \"Media Outlet=outlet\" --save-mapping NAME` saves one."))
			}
			for _, name := range slices.Sorted(maps.Keys(saved)) {
				a.say(bold(name))
				for _, theirs := range slices.Sorted(maps.Keys(saved[name])) {
					a.say("    " + theirs + " = " + saved[name][theirs])
				}
			}
			return nil
		},
	}
	c.AddCommand(&cobra.Command{
		Use:   "remove NAME",
		Short: "Forget a mapping",
		Args:  arguments(1, "a mapping's name"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			o, err := a.openStore(c.Context())
			if err != nil {
				return err
			}
			defer func() { err = o.close(err) }()
			had, err := o.store.RemoveMapping(c.Context(), args[0])
			if err == nil && !had {
				err = fmt.Errorf("there is no mapping %q; `dateline contacts mappings` lists them", args[0])
			}
			return err
		},
	})
	return c
}
