package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// archive is a database that is filled with a house's past: releases on as many
// days, each to the same contacts.
type archive struct {
	db       *sqlx.DB
	postgres bool
	n        int  // deliveries
	over     bool // nothing of the newest release is on its way any more
}

// Of each past.
const (
	archiveReleases = 40
	archiveOutlets  = 5000
)

// archiveStart is when the first release was approved.
func archiveStart() time.Time { return time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC) }

// hex is an expression for a number as so many digits.
func (a *archive) hex(number string, digits int) string {
	if a.postgres {
		return fmt.Sprintf("lpad(to_hex((%s)::bigint), %d, '0')", number, digits)
	}
	return fmt.Sprintf("printf('%%0%dx', %s)", digits, number)
}

// bytes is an expression for the bytes that digits stand for.
func (a *archive) bytes(digits string) string {
	if a.postgres {
		return "decode(" + digits + ", 'hex')"
	}
	return "unhex(" + digits + ")"
}

// numbers is a table n (i) of the numbers from one to below another.
func (a *archive) numbers(from, to int) string {
	if a.postgres {
		return fmt.Sprintf("(SELECT generate_series(%d, %d)::bigint AS i) AS n", from, to-1)
	}
	return fmt.Sprintf("(WITH RECURSIVE s (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT i FROM s) AS n", from, to-1)
}

// id is an expression for a UUIDv7 that was made at an instant, the i-th.
func (a *archive) id(ms string) string {
	return a.bytes(a.hex(ms, 12) + " || '7000' || " + a.hex("i", 16))
}

// each is how many contacts get each release.
func (a *archive) each() int { return a.n / archiveReleases }

// fill writes the past. The order within a release is shuffled, as the plan's is.
func (a *archive) fill(ctx context.Context, progress func(string)) error {
	for r := range archiveReleases {
		if err := a.release(ctx, r); err != nil {
			return fmt.Errorf("filling in release %d: %w", r, err)
		}
		if r%10 == 9 {
			progress(fmt.Sprintf("%d of %d releases", r+1, archiveReleases))
		}
	}
	return nil
}

// fillFast fills the store without its indexes, but for those of the keys, and
// makes them afterwards.
func (a *archive) fillFast(ctx context.Context, progress func(string)) error {
	list := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('deliveries', 'events', 'reports')`
	if a.postgres {
		list = `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS sql FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			WHERE i.indrelid IN ('deliveries'::regclass, 'events'::regclass, 'reports'::regclass) AND NOT i.indisprimary`
	}
	var indexes []struct {
		Name string `db:"name"`
		SQL  string `db:"sql"`
	}
	if err := a.db.SelectContext(ctx, &indexes, list); err != nil {
		return err
	}
	for _, x := range indexes {
		if _, err := a.db.ExecContext(ctx, "DROP INDEX "+x.Name); err != nil {
			return err
		}
	}
	if err := a.fill(ctx, progress); err != nil {
		return err
	}
	for _, x := range indexes {
		if _, err := a.db.ExecContext(ctx, x.SQL); err != nil {
			return err
		}
	}
	if !a.postgres {
		return nil
	}
	progress("the indexes are made")
	_, err := a.db.ExecContext(ctx, "VACUUM ANALYZE")
	return err
}

func releaseName(r int) string { return fmt.Sprintf("release-%02d", r) }

func (a *archive) release(ctx context.Context, r int) error {
	approval := fmt.Sprintf("%032x", r+1)
	at := archiveStart().AddDate(0, 0, r)
	ms := func(plus time.Duration) string { return fmt.Sprintf("%d + i / 100", at.Add(plus).UnixMilli()) }
	numbers := a.numbers(r*a.each(), (r+1)*a.each())
	// c is the contact, o its outlet, h a number below 10,000 by which its fate is chosen.
	of := fmt.Sprintf(`(SELECT i, c, c %% %d AS o, h FROM (SELECT i, (i * 7919) %% %d AS c, (i * 2654435761) %% 4294967296 / 429497 AS h FROM %s) AS m) AS d`, archiveOutlets, a.each(), numbers)
	last := r == archiveReleases-1 && !a.over
	state := fmt.Sprintf(`CASE WHEN h < 9800 THEN 'accepted' WHEN h < 9880 THEN 'delivered' WHEN h < 9960 THEN 'bounced' WHEN h < 9985 THEN 'rejected' WHEN h < 9990 THEN 'expired'
		WHEN h < 9992 THEN 'complained' WHEN %t THEN 'deferred' ELSE 'unknown' END`, last)
	statements := []string{
		fmt.Sprintf(`INSERT INTO approvals (id, release, digest, said_by, at_us, state, recipients, frozen) VALUES (%s, '%s', '%s', 'Olim', %d, 'approved', %d, %s)`,
			a.bytes("'"+approval+"'"), releaseName(r), strings.Repeat("d", 64), at.UnixMicro(), a.each(), a.bytes("'7b7d'")),
		fmt.Sprintf(`INSERT INTO releases (slug, approval_id, sender, topic, held, held_by, held_us, killed, killed_by, killed_us) VALUES ('%s', %s, 'desk', '', '', '', 0, '', '', 0)`, releaseName(r), a.bytes("'"+approval+"'")),
		fmt.Sprintf(`INSERT INTO deliveries (id, approval_id, release, send, address_key, contact_id, address, person, outlet, outlet_kind, country, edition, why, zone, due_us, deadline_us, state, attempts, updated_us)
			SELECT %s, %s, '%s', 'general', %s, %s, 'desk' || c || '@outlet' || o || '.example', 'Дилноза Person ' || c, 'Outlet ' || o, 'newspaper',
				CASE WHEN o %% 1000 = 0 THEN 'AT' ELSE substr('UZKZKGTJTMAF', CAST(1 + 2 * (o %% 6) AS INTEGER), 2) END,
				CASE c %% 16 WHEN 0 THEN 'uz-Cyrl' WHEN 1 THEN 'kk' WHEN 2 THEN 'ky' WHEN 3 THEN 'tg' WHEN 4 THEN 'tk' WHEN 5 THEN 'fa' WHEN 6 THEN 'en' WHEN 7 THEN 'en' ELSE 'ru' END,
				'first language', 'Asia/Tashkent', %d, %d, %s, 1, %d FROM %s`,
			a.id(ms(0)), a.bytes("'"+approval+"'"), releaseName(r), a.mailbox("c"), a.bytes(a.hex("c", 32)), at.Add(time.Hour).UnixMicro(), at.Add(3*time.Hour).UnixMicro(), state, at.Add(time.Hour).UnixMicro(), of),
		fmt.Sprintf(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by, of_address)
			SELECT %s, %s, %d, 'sending', CASE WHEN h < 9960 OR h BETWEEN 9990 AND 9991 THEN 'accepted' ELSE %s END, 'main', 'DATA', 250, '2.0.0', '2.0.0 Ok: queued as 4F1C2B3D', 'daemon', 0 FROM %s`,
			a.id(ms(time.Hour)), a.id(ms(0)), at.Add(time.Hour).UnixMicro(), state, of),
		fmt.Sprintf(`INSERT INTO events (id, delivery_id, at_us, from_state, state, relay, verb, code, enhanced, reply, said_by, of_address)
			SELECT %s, %s, %d, 'accepted', %s, '', '', 0, '', '550 5.1.1 no such user', 'report', 0 FROM %s WHERE h BETWEEN 9800 AND 9959 OR h BETWEEN 9990 AND 9991`,
			a.id(ms(2*time.Hour)), a.id(ms(0)), at.Add(2*time.Hour).UnixMicro(), state, of),
		fmt.Sprintf(`INSERT INTO reports (id, at_us, delivery_id, tie, kind, recipient, domain, action, status, code, class, reason, diagnostic, did)
			SELECT %s, %d, %s, 'token', CASE WHEN h < 9880 THEN 'delivered' WHEN h >= 9990 THEN 'complaint' ELSE 'bounce' END, '', 'outlet.example', 'failed', '5.1.1', 550, CASE WHEN h BETWEEN 9880 AND 9929 THEN 'hard' ELSE 'soft' END,
				CASE WHEN h < 9880 THEN 'delivered' WHEN h >= 9990 THEN 'feedback' WHEN h < 9929 THEN 'userunknown' WHEN h = 9929 THEN 'hasmoved' ELSE 'mailboxfull' END, 'no such user', '' FROM %s WHERE h BETWEEN 9800 AND 9984 OR h BETWEEN 9990 AND 9991`,
			a.id(ms(2*time.Hour)), at.Add(2*time.Hour).UnixMicro(), a.id(ms(0)), of),
	}
	if last {
		statements = append(statements, `INSERT INTO queue (delivery_id, approval_id, next_us, deadline_us) SELECT id, approval_id, due_us, deadline_us FROM deliveries WHERE release = '`+releaseName(r)+`' AND state = 'deferred'`)
	}
	tx, err := a.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			_ = tx.Rollback() // the first failure says more
			return err
		}
	}
	return tx.Commit()
}

// mailbox is an expression for the key of a contact's address.
func (a *archive) mailbox(contact string) string {
	return a.bytes(a.hex("("+contact+" * 2654435761) % 4294967296", 16) + " || " + a.hex(contact, 16))
}
