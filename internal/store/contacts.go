package store

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"dateline/internal/press"
)

type outletRow struct {
	ID          press.ID `db:"id"`
	Name        string   `db:"name"`
	Country     string   `db:"country"`
	Kind        string   `db:"kind"`
	Website     string   `db:"website"`
	Zone        string   `db:"zone"`
	AgreementOn string   `db:"agreement_on"`
	AgreementBy string   `db:"agreement_by"`
	Scope       string   `db:"agreement_scope"`
	Until       string   `db:"agreement_until"`
	Document    string   `db:"agreement_document"`
	EndedOn     string   `db:"agreement_ended"`
	EndedBy     string   `db:"agreement_ended_by"`
}

// outletColumns are a row's columns, of the table called o.
const outletColumns = `o.id, o.name, o.country, o.kind, o.website, o.zone, o.agreement_on, o.agreement_by, o.agreement_scope, o.agreement_until, o.agreement_document, o.agreement_ended, o.agreement_ended_by`

func rowOfOutlet(o press.Outlet) outletRow {
	r := outletRow{ID: o.ID, Name: o.Name, Country: string(o.Country), Kind: string(o.Kind), Website: o.Website, Zone: o.Zone}
	r.agree(o.Agreement, o.Ended)
	return r
}

// agree puts an agreement into a row, or that there is none any more.
func (r *outletRow) agree(a press.Agreement, e press.Ended) {
	r.AgreementOn, r.AgreementBy, r.Scope, r.Until, r.Document = dayText(a.On), a.By, a.Scope, dayText(a.Until), a.Document
	r.EndedOn, r.EndedBy = dayText(e.On), e.By
}

// dayText is a day as a column has it: "" for none.
func dayText(d press.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// day reads what dayText wrote.
func day(s string) press.Date {
	d, _ := press.ParseDate(s) // "" and what was never written: none
	return d
}

func (r outletRow) outlet() press.Outlet {
	return press.Outlet{
		ID: r.ID, Name: r.Name, Country: press.Country(r.Country), Kind: press.OutletKind(r.Kind),
		Website: r.Website, Zone: r.Zone, Agreement: press.Agreement{On: day(r.AgreementOn), By: r.AgreementBy, Scope: r.Scope, Until: day(r.Until), Document: r.Document},
		Ended: press.Ended{On: day(r.EndedOn), By: r.EndedBy},
	}
}

type contactRow struct {
	ID         press.ID `db:"id"`
	Name       string   `db:"name"`
	Country    string   `db:"country"`
	Zone       string   `db:"zone"`
	Languages  string   `db:"languages"`
	Beats      string   `db:"beats"`
	Tags       string   `db:"tags"`
	LegalBasis string   `db:"legal_basis"`
	Source     string   `db:"source"`
	Notes      string   `db:"notes"`
	Confirmed  string   `db:"confirmed"`
}

const contactColumns = `id, name, country, zone, languages, beats, tags, legal_basis, source, notes, confirmed`

func rowOf(c press.Contact) contactRow {
	langs := make([]string, len(c.Languages))
	for i, l := range c.Languages {
		langs[i] = string(l)
	}
	return contactRow{
		ID: c.ID, Name: c.Name, Country: string(c.Country), Zone: c.Zone, Languages: strings.Join(langs, " "),
		Beats: strings.Join(c.Beats, "\n"), Tags: strings.Join(c.Tags, "\n"), LegalBasis: c.LegalBasis, Source: c.Source,
		Notes: c.Notes, Confirmed: dayText(c.Confirmed),
	}
}

func (r contactRow) contact() press.Contact {
	c := press.Contact{
		ID: r.ID, Name: r.Name, Country: press.Country(r.Country), Zone: r.Zone,
		Beats: lines(r.Beats), Tags: lines(r.Tags), LegalBasis: r.LegalBasis, Source: r.Source,
		Notes: r.Notes, Confirmed: day(r.Confirmed),
	}
	for _, l := range strings.Fields(r.Languages) {
		c.Languages = append(c.Languages, press.Lang(l))
	}
	return c
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// Contacts reads every contact with its addresses and outlets, by ascending
// id, at constant memory but for the outlets. The last error ends the sequence.
func (s *Store) Contacts(ctx context.Context) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		if err := s.eachContact(ctx, func(c press.Contact) bool { return yield(c, nil) }); err != nil {
			yield(press.Contact{}, fmt.Errorf("reading contacts: %w", err))
		}
	}
}

func (s *Store) eachContact(ctx context.Context, yield func(press.Contact) bool) error {
	var all []outletRow
	if err := s.db.SelectContext(ctx, &all, `SELECT `+outletColumns+` FROM outlets o`); err != nil {
		return err
	}
	outlets := make(map[press.ID]press.Outlet, len(all))
	for _, o := range all {
		outlets[o.ID] = o.outlet()
	}
	// One statement, so that it reads one state of the store: a row per
	// address, and per affiliation, in the order of the contact's id.
	cursor, err := s.db.QueryxContext(ctx, `
		SELECT c.id, c.name, c.country, c.zone, c.languages, c.beats, c.tags, c.legal_basis, c.source, c.notes, c.confirmed, a.address, NULL AS outlet_id, 0 AS part, a.preference
		FROM contacts c JOIN addresses a ON a.contact_id = c.id
		UNION ALL
		SELECT c.id, '', '', '', '', '', '', '', '', '', '', '', f.outlet_id, 1 AS part, f.preference
		FROM contacts c JOIN affiliations f ON f.contact_id = c.id
		ORDER BY 1, 14, 15`)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close() }() // cursor.Err is asked below
	var current press.Contact
	for cursor.Next() {
		var r struct {
			contactRow
			Address    string   `db:"address"`
			OutletID   press.ID `db:"outlet_id"`
			Part       int      `db:"part"`
			Preference int      `db:"preference"`
		}
		if err := cursor.StructScan(&r); err != nil {
			return err
		}
		if r.ID != current.ID {
			if !current.ID.IsZero() && !yield(current) {
				return nil
			}
			current = r.contact()
		}
		if r.Part == 0 {
			current.Addresses = append(current.Addresses, press.Address(r.Address))
		} else {
			current.Outlets = append(current.Outlets, outlets[r.OutletID])
		}
	}
	if err := cursor.Err(); err != nil {
		return err
	}
	if !current.ID.IsZero() {
		yield(current)
	}
	return nil
}
