package model

import (
	"context"
	"net/url"
	"testing"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// tables is a connection of the test's own to the store's file.
type tables struct {
	t  testing.TB
	db *sqlx.DB
}

func openTables(t testing.TB, file string) tables {
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
	db, err := sqlx.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return tables{t, db}
}

func (b tables) ctx() context.Context { return b.t.Context() }

// empty leaves nothing of the walk before.
func (b tables) empty() {
	for _, table := range []string{"taken", "events", "acts", "queue", "deliveries", "releases", "approvals", "daemons"} {
		if _, err := b.db.ExecContext(b.ctx(), "DELETE FROM "+table); err != nil {
			b.t.Fatal(err)
		}
	}
}

// id is that of an approval's copy to an address.
func (b tables) id(approval press.ID, address press.Address) press.ID {
	var id press.ID
	if err := b.db.GetContext(b.ctx(), &id, `SELECT id FROM deliveries WHERE approval_id = ? AND address = ?`, approval, string(address)); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// stored is what the store has of a copy.
type stored struct {
	ID     press.ID    `db:"id"`
	State  press.State `db:"state"`
	Owner  press.ID    `db:"owner"`
	Taken  press.ID    `db:"taken"`
	Queued bool        `db:"queued"`
}

func (b tables) stored() map[press.ID]stored {
	var all []stored
	err := b.db.SelectContext(b.ctx(), &all, `SELECT d.id, d.state, COALESCE(q.claimed_by, ?) AS owner, COALESCE(t.daemon_id, ?) AS taken, q.delivery_id IS NOT NULL AS queued
		FROM deliveries d LEFT JOIN queue q ON q.delivery_id = d.id LEFT JOIN taken t ON t.delivery_id = d.id`, press.ID{}, press.ID{})
	if err != nil {
		b.t.Fatal(err)
	}
	byID := make(map[press.ID]stored, len(all))
	for _, s := range all {
		byID[s.ID] = s
	}
	return byID
}

// compare holds the store against the model.
func (r *replay) compare() {
	name := func(n uint8) press.ID {
		if n == nobody {
			return press.ID{}
		}
		return who[n-1]
	}
	all := r.stored()
	for c, row := range r.s.rows {
		want := stored{r.ids[c], row.phase.state(), name(row.owner), name(row.taken), row.phase.state().Unsent() || row.phase == sending}
		if got := all[r.ids[c]]; got != want {
			r.differs("copy %d: the store has %+v, the model %+v", c+1, got, want)
		}
	}
	g, err := r.store.Gate(r.t.Context(), who[0], []string{slug})
	r.must(err)
	held := uint8(nobody)
	switch s := g.Releases[slug]; {
	case s.Control.HeldBy == press.ByDateline:
		held = byDateline
	case s.Control.Held != "":
		held = byPerson
	}
	s := g.Releases[slug]
	if held != r.s.held || (s.Control.Killed != "") != r.s.killed || r.number(s.Approval) != r.s.approval || g.Epoch != int64(r.s.epochs[0]) {
		r.differs("the release stands as %+v, epoch %d; the model has it held by %d, killed %v, approval %d, epoch %d", s, g.Epoch, r.s.held, r.s.killed, r.s.approval, r.s.epochs[0])
	}
}

// compareJournal holds what a daemon reads of its journal against the model.
func (r *replay) compareJournal(d int) {
	x, told := &r.s.daemons[d], r.disks[d].told
	if told.SameBoot == x.foreign || told.Damage != "" {
		r.differs("the journal proves what it does not tell: %v (%s); the model: %v", told.SameBoot, told.Damage, !x.foreign)
	}
	for c := range x.hands {
		written := x.hands[c].journal
		o, ended := told.Ended[r.ids[c]]
		counts := written.ended() && (!x.foreign || written == accepted || written == rejected)
		if told.Begun[r.ids[c]] != (written != none) || ended != counts || ended && o.State != written.state() {
			r.differs("copy %d: the journal tells begun %v, ended %v (%s); the model %q", c+1, told.Begun[r.ids[c]], ended, o.State, written)
		}
	}
}
