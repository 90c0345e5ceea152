package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// TakeMails writes down mails that came in, with what they report, in one
// transaction: each report with its delivery, the event, the delivery's new
// state, and what follows for the mailbox. A mail that was taken before counts
// once. One that speaks of a delivery whose own result is not in the ledger yet
// is left out, and is Early.
func (s *Store) TakeMails(ctx context.Context, in []press.Incoming, now time.Time) ([]press.Taken, error) {
	var taken []press.Taken
	err := s.tx(ctx, "taking reports", func(tx *sqlx.Tx) error {
		i := intake{store: s, tx: tx, now: now}
		var err error
		taken, err = i.take(ctx, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// intake is one transaction of reports.
type intake struct {
	store  *Store
	tx     *sqlx.Tx
	now    time.Time
	policy press.BouncePolicy
	copies map[press.ID]*reported // deliveries, as they stand after what was taken so far
	pairs  []sent                 // recent sends; read when first needed

	freed     []press.ID // mails that leave the quarantine
	mails     [][]any
	found     []finding
	events    map[press.State][]event // by the state before
	moves     map[move][]press.ID
	proposals [][]any
}

// finding is a report with its delivery, nil where there is none.
type finding struct {
	mail press.ID
	at   time.Time
	press.Tied
	copy *reported
}

// reported is a delivery that is reported on.
type reported struct {
	ID      press.ID         `db:"id"`
	Release string           `db:"release"`
	Contact press.ID         `db:"contact_id"`
	Key     press.AddressKey `db:"address_key"`
	Address press.Address    `db:"address"`
	DueUS   int64            `db:"due_us"`
	State   press.State      `db:"state"`
}

// move is a change of state.
type move struct{ from, to press.State }

func (i *intake) take(ctx context.Context, in []press.Incoming) ([]press.Taken, error) {
	i.events, i.moves = map[press.State][]event{}, map[move][]press.ID{}
	known, quarantined, err := i.known(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := i.load(ctx, in); err != nil {
		return nil, err
	}
	if i.policy, err = i.store.bouncePolicy(ctx, i.tx); err != nil {
		return nil, err
	}
	taken := make([]press.Taken, len(in))
	for n := range in {
		switch m := &in[n]; {
		case known[m.Key]:
			taken[n].Known = true
		case i.early(m):
			taken[n].Early = true
		default:
			known[m.Key] = true
			if id, was := quarantined[m.Key]; was {
				i.freed = append(i.freed, id)
			}
			if taken[n], err = i.mail(ctx, m); err != nil {
				return nil, err
			}
		}
	}
	return taken, i.write(ctx)
}

// known tells which mails were taken before. One in quarantine that can be read
// by now is new, and leaves it.
func (i *intake) known(ctx context.Context, in []press.Incoming) (known map[press.MailKey]bool, quarantined map[press.MailKey]press.ID, err error) {
	keys, readable := make([]press.ID, len(in)), map[press.MailKey]bool{}
	for n := range in {
		keys[n] = in[n].Key
		readable[in[n].Key] = in[n].Trouble == ""
	}
	these, set := i.store.among("mail_key", keys)
	var found []struct {
		ID      press.ID      `db:"id"`
		Key     press.MailKey `db:"mail_key"`
		Trouble string        `db:"trouble"`
	}
	// Planned anew each time: the table grows within minutes from nothing, and a
	// plan that is kept would go on reading all of it.
	if err := i.tx.SelectContext(ctx, &found, i.tx.Rebind(`SELECT id, mail_key, trouble FROM report_mails WHERE `+these), set...); err != nil {
		return nil, nil, err
	}
	known, quarantined = make(map[press.MailKey]bool, len(in)), map[press.MailKey]press.ID{}
	for _, f := range found {
		if f.Trouble != "" && readable[f.Key] {
			quarantined[f.Key] = f.ID
		} else {
			known[f.Key] = true
		}
	}
	return known, quarantined, nil
}

// load reads the deliveries that reports name, and keeps them as they are.
func (i *intake) load(ctx context.Context, in []press.Incoming) error {
	i.copies = map[press.ID]*reported{}
	var wanted []press.ID
	for n := range in {
		for _, r := range in[n].Reports {
			if !r.Delivery.IsZero() {
				wanted = append(wanted, r.Delivery)
			}
		}
	}
	return i.loadCopies(ctx, wanted)
}

func (i *intake) loadCopies(ctx context.Context, wanted []press.ID) error {
	if len(wanted) == 0 {
		return nil
	}
	slices.SortFunc(wanted, func(a, b press.ID) int { return bytes.Compare(a[:], b[:]) })
	these, set := i.store.among("id", slices.Compact(wanted))
	var found []reported
	err := i.store.read(ctx, i.tx, &found, `SELECT id, release, contact_id, address_key, address, due_us, state FROM deliveries WHERE `+these+` ORDER BY id`+i.store.forUpdate(), set...)
	for n := range found {
		i.copies[found[n].ID] = &found[n]
	}
	return err
}

// early tells whether the result of a copy that a mail speaks of is still on
// its way to the ledger. The mail comes back for it.
func (i *intake) early(m *press.Incoming) bool {
	return slices.ContainsFunc(m.Reports, func(r press.Tied) bool {
		d := i.copies[r.Delivery]
		return d != nil && d.State == press.Sending && r.Tie.Moves()
	})
}

// mail takes one.
func (i *intake) mail(ctx context.Context, m *press.Incoming) (press.Taken, error) {
	id := NewID()
	raw := m.Raw
	if raw == nil {
		raw = []byte{}
	}
	i.mails = append(i.mails, []any{id[:], m.Key[:], m.Mailbox, asText(m.Ref), string(m.Format), asText(string(m.To)), micros(m.At), asText(m.Trouble), raw})
	var taken press.Taken
	for _, r := range m.Reports {
		d, err := i.find(ctx, &r, m.At)
		if err != nil {
			return taken, err
		}
		if d != nil && d.Address == "" { // erased: what comes back brings nothing of them back
			r.Recipient, r.Original, r.Diagnostic, r.Proposed = "", "", "", nil
			last := i.mails[len(i.mails)-1]
			last[5], last[8] = "", []byte{}
		}
		i.found = append(i.found, finding{id, m.At, r, d})
		if d == nil {
			continue
		}
		taken.Tied++
		if i.move(r, d, m.At) {
			taken.Moved++
		}
		if r.Tie.Moves() {
			i.propose(r, d, m.At)
		}
	}
	return taken, nil
}

// find gives the delivery of a report, nil where there is none.
func (i *intake) find(ctx context.Context, r *press.Tied, at time.Time) (*reported, error) {
	if d := i.copies[r.Delivery]; d != nil {
		return d, nil
	}
	r.Tie = press.TieNone
	if len(r.Keys) == 0 {
		return nil, nil
	}
	d, err := i.byAddress(ctx, r.Keys, at)
	if d != nil {
		r.Tie = press.TieRecipient
	}
	return d, err
}

// move notes a report in the trail, and the delivery's new state if it gets one.
func (i *intake) move(r press.Tied, d *reported, at time.Time) bool {
	from, to := d.State, r.State()
	moved := to != "" && from.MayBecome(to)
	if moved {
		i.moves[move{from, to}] = append(i.moves[move{from, to}], d.ID)
		d.State = to
	}
	i.events[from] = append(i.events[from], event{NewID(), d.ID, press.Outcome{
		State: d.State, At: at, Relay: r.Reporter, Verb: string(r.Kind), Code: r.Code, Enhanced: r.Status, Text: said(r), OfAddress: r.Class == press.Hard,
	}})
	return moved
}

// said is what the trail says of a report.
func said(r press.Tied) string {
	s := string(r.Reason)
	if r.Kind == press.ReportBounce {
		s = string(r.Class) + ", " + s
	}
	if r.Diagnostic != "" {
		s += ": " + r.Diagnostic
	}
	return s
}

// propose keeps the addresses that a report names.
func (i *intake) propose(r press.Tied, d *reported, at time.Time) {
	for _, a := range r.Proposed {
		if a.Key() == d.Address.Key() {
			continue
		}
		id := NewID()
		i.proposals = append(i.proposals, []any{id[:], micros(at), d.Contact[:], string(d.Address), asText(string(a)), string(r.Reason), asText(r.Diagnostic), "", "", int64(0)})
	}
}

// row is a report as a row.
func (f *finding) row(did press.Consequence) []any {
	id, domain := NewID(), f.Recipient.Domain()
	var delivery any
	if f.copy != nil {
		delivery, domain = f.copy.ID[:], f.copy.Address.Domain()
	}
	return []any{
		id[:], f.mail[:], micros(f.at), delivery, string(f.Tie), string(f.Kind), asText(string(f.Recipient)), asText(domain), asText(f.Action), f.Status, int64(f.Code),
		string(f.Class), string(f.Reason), asText(f.Diagnostic), string(did),
	}
}

// write puts what was gathered into the tables. The states come first: what
// follows for a mailbox depends on how its copies stand by then.
func (i *intake) write(ctx context.Context) error {
	s := i.store
	for m, ids := range i.moves {
		these, set := s.among("id", ids)
		if err := s.run(ctx, i.tx, `UPDATE deliveries SET state = ?, updated_us = ? WHERE `+these+` AND state = ?`,
			append(append([]any{string(m.to), micros(i.now)}, set...), string(m.from))); err != nil {
			return err
		}
	}
	did, err := i.follow(ctx)
	if err != nil {
		return err
	}
	rows := make([][]any, len(i.found))
	for n := range i.found {
		rows[n] = i.found[n].row(did[n])
	}
	if len(i.freed) > 0 {
		these, set := s.among("id", i.freed)
		if err := s.run(ctx, i.tx, `DELETE FROM report_mails WHERE `+these, set); err != nil {
			return err
		}
	}
	if err := s.insertAll(ctx, i.tx, "report_mails", []string{"id", "mail_key", "mailbox", "ref", "format", "to_address", "at_us", "trouble", "raw"}, i.mails); err != nil {
		return err
	}
	if err := s.insertAll(ctx, i.tx, "reports", reportTable(), rows); err != nil {
		return err
	}
	for from, events := range i.events {
		if err := s.addEvents(ctx, i.tx, from, press.ByReport, events); err != nil {
			return err
		}
	}
	return i.writeProposals(ctx)
}

func (i *intake) writeProposals(ctx context.Context) error {
	if len(i.proposals) == 0 {
		return nil
	}
	return i.store.run(ctx, i.tx, `INSERT INTO proposals (id, at_us, contact_id, old, address, reason, said, decision, decided_by, decided_us)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (contact_id, address) DO NOTHING`, i.proposals...)
}

func reportTable() []string {
	return []string{
		"id", "mail_id", "at_us", "delivery_id", "tie", "kind", "recipient", "domain", "action", "status", "code", "class", "reason", "diagnostic", "did",
	}
}
