package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// Erase takes a person out of the store, in one transaction: the contact with
// all that belongs to it, their name and addresses in the ledger, and what came
// back for their copies. What is left is the keyed hash of each mailbox among
// the suppressions, so that nothing is ever sent there, and the ledger's copies,
// without the person. Copies that have not begun to leave are skipped; those of
// an approval that is being staged are once it is there, since a claim skips what
// is for nobody.
//
// Also gives mailboxes that are theirs besides, such as that of an old copy.
func (s *Store) Erase(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, by string, now time.Time) (press.Erased, error) {
	done := press.Erased{Contact: contact}
	err := s.txBeside(ctx, "erasing a contact", func(tx *sqlx.Tx) error {
		e := eraser{store: s, tx: tx, now: now, done: press.Erased{Contact: contact}}
		err := e.erase(ctx, contact, also, key, by)
		done = e.done
		return err
	})
	return done, err
}

type eraser struct {
	store *Store
	tx    *sqlx.Tx
	now   time.Time
	done  press.Erased
}

func (e *eraser) erase(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, by string) error {
	s, tx := e.store, e.tx
	if err := s.lockContacts(ctx, tx); err != nil {
		return err
	}
	keys, err := s.mailboxes(ctx, tx, contact, key)
	if err != nil {
		return err
	}
	e.done.Addresses = len(keys)
	for _, k := range also {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	word := press.Suppression{Scope: string(press.ScopeAll), Author: press.AuthorErasure, Reason: press.ReasonErased, By: by, At: e.now}
	if err := s.bar(ctx, tx, keys, word); err != nil {
		return err
	}
	copies, err := s.copiesFor(ctx, tx, keys)
	if err != nil {
		return err
	}
	e.done.Copies = len(copies)
	if err := s.holdCopies(ctx, tx, copies); err != nil {
		return err
	}
	for batch := range slices.Chunk(copies, batchRows) {
		if err := e.copies(ctx, batch); err != nil {
			return err
		}
	}
	// A freelancer's outlet is the freelancer.
	var own []press.ID
	if err := tx.SelectContext(ctx, &own, tx.Rebind(`SELECT o.id FROM affiliations f JOIN outlets o ON o.id = f.outlet_id WHERE f.contact_id = ? AND o.kind = ?
		AND NOT EXISTS (SELECT 1 FROM affiliations x WHERE x.outlet_id = o.id AND x.contact_id <> ?)`), contact, string(press.Freelance), contact); err != nil {
		return err
	}
	these, set := s.among("address_key", keys)
	if err := s.run(ctx, tx, `DELETE FROM strikes WHERE `+these, set); err != nil {
		return err
	}
	// Why the desk does not write to them may name them.
	if err := s.run(ctx, tx, `UPDATE suppressions SET reason = '' WHERE author = '`+string(press.AuthorDesk)+`' AND `+these, set); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM proposals WHERE address IN (SELECT address FROM addresses WHERE contact_id = ?)`, // others' mail may name them
		`DELETE FROM affiliations WHERE contact_id = ?`, `DELETE FROM addresses WHERE contact_id = ?`, `DELETE FROM proposals WHERE contact_id = ?`,
		`DELETE FROM contacts WHERE id = ?`, `UPDATE contact_acts SET detail = '' WHERE contact_id = ?`,
	} {
		if err := s.run(ctx, tx, query, []any{contact[:]}); err != nil {
			return err
		}
	}
	for _, outlet := range own {
		if err := s.run(ctx, tx, `DELETE FROM outlets WHERE id = ?`, []any{outlet[:]}); err != nil {
			return err
		}
	}
	return contactAct(ctx, tx, contact, "erased", by, e.now, "")
}

// copies takes the person out of a batch of the ledger, and ends those that have
// not begun to leave.
func (e *eraser) copies(ctx context.Context, ids []press.ID) error {
	if err := e.stop(ctx, ids); err != nil {
		return err
	}
	mails, err := e.reports(ctx, ids)
	if err != nil {
		return err
	}
	if err := e.mails(ctx, mails); err != nil {
		return err
	}
	return e.store.blank(ctx, e.tx, ids)
}

// stop skips what nobody has begun to send. What a daemon has claimed it may
// have composed; it finds out when it asks to begin.
func (e *eraser) stop(ctx context.Context, ids []press.ID) error {
	these, set := e.store.among("d.id", ids)
	var found []struct {
		ID    press.ID    `db:"id"`
		State press.State `db:"state"`
		By    press.ID    `db:"claimed_by"`
	}
	err := e.store.read(ctx, e.tx, &found, `SELECT d.id, d.state, COALESCE(q.claimed_by, ?) AS claimed_by FROM deliveries d JOIN queue q ON q.delivery_id = d.id
		JOIN approvals a ON a.id = d.approval_id AND a.state <> 'staging' WHERE d.state IN ('planned', 'claimed', 'deferred') AND `+these, append([]any{press.ID{}}, set...)...)
	if err != nil {
		return err
	}
	type hand struct {
		from press.State
		of   press.ID
	}
	ended := map[hand][]press.Result{}
	for _, f := range found {
		h := hand{f.State, f.By}
		ended[h] = append(ended[h], press.Result{Delivery: f.ID, Outcome: press.Outcome{State: press.Skipped, At: e.now, Text: "erased at the contact's wish"}})
	}
	for h, results := range ended {
		moved, err := e.store.settle(ctx, e.tx, h.from, results, h.of)
		if err != nil {
			return err
		}
		e.done.Stopped += len(moved)
	}
	return nil
}

// reports empties what came back for these copies, and gives the mails it was in.
func (e *eraser) reports(ctx context.Context, ids []press.ID) ([]press.ID, error) {
	these, set := e.store.among("delivery_id", ids)
	var mails []press.ID
	err := e.store.read(ctx, e.tx, &mails, `SELECT DISTINCT mail_id FROM reports WHERE mail_id IS NOT NULL AND `+these, set...)
	if err != nil {
		return nil, err
	}
	res, err := e.tx.ExecContext(ctx, e.tx.Rebind(`UPDATE reports SET recipient = '', diagnostic = '' WHERE `+these), set...)
	if err != nil {
		return nil, err
	}
	n, err := res.RowsAffected()
	e.done.Reports += int(n)
	return mails, err
}

// mails empties mails that came in. Their keys stay, so that one that comes
// again counts once.
func (e *eraser) mails(ctx context.Context, ids []press.ID) error {
	if len(ids) == 0 {
		return nil
	}
	these, set := e.store.among("id", ids)
	return e.store.run(ctx, e.tx, `UPDATE report_mails SET raw = ?, to_address = '' WHERE `+these, append([]any{[]byte{}}, set...))
}

// blank takes the person out of deliveries, and out of what relays said of them.
// An outlet stays, but for that of a freelancer, who is one.
func (s *Store) blank(ctx context.Context, tx *sqlx.Tx, ids []press.ID) error {
	these, set := s.among("id", ids)
	if err := s.run(ctx, tx, `UPDATE deliveries SET address = '', person = '', outlet = CASE WHEN outlet_kind = 'freelance' THEN '' ELSE outlet END WHERE `+these, set); err != nil {
		return err
	}
	these, set = s.among("delivery_id", ids)
	if err := s.run(ctx, tx, `UPDATE events SET reply = '' WHERE said_by = '`+press.ByReport+`' AND `+these, set); err != nil {
		return err
	}
	var said []struct {
		ID    press.ID `db:"id"`
		Reply string   `db:"reply"`
	}
	if err := s.read(ctx, tx, &said, `SELECT id, reply FROM events WHERE reply LIKE '%@%' AND `+these, set...); err != nil {
		return err
	}
	var each [][]any
	for _, e := range said {
		each = append(each, []any{withoutAddresses(e.Reply), e.ID[:]})
	}
	if len(each) == 0 {
		return nil
	}
	return s.run(ctx, tx, `UPDATE events SET reply = ? WHERE id = ?`, each...)
}

// forgetErased takes whoever was erased out of an approval that is about to take
// effect: its plan may have been made before, and its copies staged since. Who is
// being erased meanwhile is so by the time that the contacts are locked.
func (s *Store) forgetErased(ctx context.Context, tx *sqlx.Tx, a press.Approval) error {
	var keys []press.AddressKey
	if err := s.read(ctx, tx, &keys, `SELECT DISTINCT address_key FROM suppressions WHERE author = 'erasure'`); err != nil || len(keys) == 0 {
		return err
	}
	sends, err := s.sendsOf(ctx, tx, a.Release)
	if err != nil {
		return err
	}
	for _, p := range sends {
		for batch := range slices.Chunk(keys, batchRows) {
			these, set := s.among("address_key", batch)
			var ids []press.ID
			if err := s.read(ctx, tx, &ids, `SELECT id FROM deliveries WHERE release = ? AND send = ? AND approval_id = ? AND `+these, append([]any{p.release, p.send, a.ID}, set...)...); err != nil {
				return err
			}
			if len(ids) == 0 {
				continue
			}
			if err := s.blank(ctx, tx, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// withoutAddresses leaves out every word of a reply that has an @ in it.
func withoutAddresses(reply string) string {
	words := strings.Fields(reply)
	for i, w := range words {
		if strings.Contains(w, "@") {
			words[i] = "(erased)"
		}
	}
	return strings.Join(words, " ")
}

// Dossier gathers everything that is held on one person: on the contact, and on
// the mailboxes of theirs that are known besides.
func (s *Store) Dossier(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, now time.Time) (press.Dossier, error) {
	d := press.Dossier{At: now, Suppressions: []press.Suppression{}, Copies: []press.CopySent{}, Reports: []press.ReportHeld{}}
	fail := func(err error) (press.Dossier, error) {
		return press.Dossier{}, fmt.Errorf("gathering what is held on a contact: %w", err)
	}
	c, ok, err := s.contactByID(ctx, s.db, contact)
	if err != nil {
		return fail(err)
	}
	if ok {
		d.Contact, d.Created, d.Updated = &c.Contact, c.Created, c.Updated
	}
	keys, err := s.mailboxes(ctx, s.db, contact, key)
	if err != nil {
		return fail(err)
	}
	for _, k := range also {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	these, set := s.among("address_key", keys)
	if d.Suppressions, err = s.suppressions(ctx, s.db, `WHERE `+these, set...); err != nil {
		return fail(err)
	}
	if err := s.traces(ctx, keys, &d); err != nil {
		return fail(err)
	}
	if d.Acts, err = s.contactActs(ctx, contact); err != nil {
		return fail(err)
	}
	return d, nil
}

// traces reads what the ledger and the reports hold for mailboxes.
func (s *Store) traces(ctx context.Context, keys []press.AddressKey, d *press.Dossier) error {
	ids, err := s.copiesFor(ctx, s.db, keys)
	if err != nil || len(ids) == 0 {
		return err
	}
	these, set := s.among("id", ids)
	var copies []struct {
		deliveryRow
		UpdatedUS int64 `db:"updated_us"`
	}
	if err := s.db.SelectContext(ctx, &copies, s.db.Rebind(`SELECT `+deliveryColumns+`, updated_us FROM deliveries WHERE `+these+` ORDER BY id`), set...); err != nil {
		return err
	}
	for i := range copies {
		c := &copies[i]
		d.Copies = append(d.Copies, press.CopySent{
			Delivery: c.ID, Release: c.Release, Send: c.Send, Edition: press.Lang(c.Edition), Address: press.Address(c.Address),
			Due: instant(c.DueUS), State: press.State(c.State), Updated: instant(c.UpdatedUS),
		})
	}
	these, set = s.among("delivery_id", ids)
	var reports []struct {
		Delivery   press.ID         `db:"delivery_id"`
		Kind       press.ReportKind `db:"kind"`
		Recipient  press.Address    `db:"recipient"`
		Diagnostic string           `db:"diagnostic"`
		AtUS       int64            `db:"at_us"`
	}
	err = s.db.SelectContext(ctx, &reports, s.db.Rebind(`SELECT delivery_id, kind, recipient, diagnostic, at_us FROM reports WHERE `+these+` ORDER BY id`), set...)
	for _, r := range reports {
		d.Reports = append(d.Reports, press.ReportHeld{Delivery: r.Delivery, Kind: r.Kind, Recipient: r.Recipient, Diagnostic: r.Diagnostic, At: instant(r.AtUS)})
	}
	return err
}
