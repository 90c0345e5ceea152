package store

import (
	"context"

	"dateline/internal/press"
)

// write puts what changed into the tables.
func (im *importer) write(ctx context.Context) error {
	if err := im.writeOutlets(ctx); err != nil {
		return err
	}
	if err := im.writeContacts(ctx); err != nil {
		return err
	}
	if err := im.spread(ctx); err != nil {
		return err
	}
	if im.batch.Import.IsZero() {
		return nil
	}
	if err := im.store.run(ctx, im.tx, `UPDATE imports SET written = written + ?, seen_us = ? WHERE id = ?`, []any{int64(len(im.batch.Rows)), im.now, im.batch.Import[:]}); err != nil {
		return err
	}
	var written []int
	if err := im.store.read(ctx, im.tx, &written, `SELECT written FROM imports WHERE id = ?`, im.batch.Import[:]); err != nil || len(written) == 0 {
		return err
	}
	im.much = false
	for _, step := range []int{10_000, 100_000} {
		im.much = im.much || written[0] >= step && written[0]-len(im.batch.Rows) < step
	}
	return nil
}

func (im *importer) writeOutlets(ctx context.Context) error {
	fresh := map[press.ID]bool{}
	rows := make([][]any, len(im.made))
	for i, o := range im.made {
		fresh[o.ID] = true
		rows[i] = []any{
			o.ID[:], o.Name, keyOfOutlet(o.outlet()).name, o.Country, o.Kind, o.Website, o.Zone, o.AgreementOn, o.AgreementBy, o.Scope, o.Until, o.Document, im.now,
		}
	}
	if len(rows) > 0 {
		err := im.store.insertAll(ctx, im.tx, "outlets", []string{
			"id", "name", "name_key", "country", "kind", "website", "zone", "agreement_on", "agreement_by", "agreement_scope", "agreement_until", "agreement_document", "updated_us",
		}, rows)
		if err != nil {
			return err
		}
	}
	for _, o := range im.outlets {
		if !o.changed || fresh[o.ID] {
			continue
		}
		if err := im.store.run(ctx, im.tx, `UPDATE outlets SET kind = ?, website = ?, zone = ?, agreement_on = ?, agreement_by = ?, agreement_scope = ?, agreement_until = ?, agreement_document = ?, agreement_ended = ?, agreement_ended_by = ?, updated_us = ? WHERE id = ?`,
			[]any{o.Kind, o.Website, o.Zone, o.AgreementOn, o.AgreementBy, o.Scope, o.Until, o.Document, o.EndedOn, o.EndedBy, im.now, o.ID[:]}); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) writeContacts(ctx context.Context) error {
	var contacts, updates, addresses, affiliations [][]any
	for _, c := range im.all {
		switch {
		case c.isNew:
			contacts = append(contacts, []any{
				c.ID[:], c.Name, c.Country, c.Zone, c.Languages, c.Beats, c.Tags, c.LegalBasis, c.Source, c.Notes, c.Confirmed, im.now, im.now,
			})
		case c.changed || len(c.added)+len(c.joined) > 0:
			updates = append(updates, []any{
				c.Name, c.Country, c.Zone, c.Languages, c.Beats, c.Tags, c.LegalBasis, c.Source, c.Notes, c.Confirmed, im.now, c.ID[:],
			})
		}
		for _, a := range c.added {
			addresses = append(addresses, []any{a.norm, string(a.text), c.ID[:], a.preference})
		}
		for _, f := range c.joined {
			affiliations = append(affiliations, []any{c.ID[:], f.outlet[:], f.preference})
		}
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"contacts", []string{"id", "name", "country", "zone", "languages", "beats", "tags", "legal_basis", "source", "notes", "confirmed", "created_us", "updated_us"}, contacts},
		{"addresses", []string{"address_norm", "address", "contact_id", "preference"}, addresses},
		{"affiliations", []string{"contact_id", "outlet_id", "preference"}, affiliations},
	} {
		if len(t.rows) == 0 {
			continue
		}
		if err := im.store.insertAll(ctx, im.tx, t.table, t.columns, t.rows); err != nil {
			return err
		}
	}
	if len(updates) == 0 {
		return nil
	}
	return im.store.run(ctx, im.tx, `UPDATE contacts SET name = ?, country = ?, zone = ?, languages = ?, beats = ?, tags = ?, legal_basis = ?, source = ?, notes = ?, confirmed = ?, updated_us = ? WHERE id = ?`, updates...)
}

// spread makes what a contact said of one address hold for those that came.
func (im *importer) spread(ctx context.Context) error {
	if len(im.words) == 0 {
		return nil
	}
	for _, c := range im.all {
		if len(c.added) == 0 {
			continue
		}
		keys := make([]press.AddressKey, len(c.addresses))
		var said []press.Suppression
		for i, a := range c.addresses {
			keys[i] = im.batch.Key(a.text)
			said = append(said, im.words[keys[i]]...)
		}
		for _, word := range said {
			if err := im.store.bar(ctx, im.tx, keys, word); err != nil {
				return err
			}
		}
	}
	return nil
}
