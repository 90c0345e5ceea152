package store

import (
	"context"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"dateline/internal/press"
)

// judgement is the verdicts of one step, with what they need beside them.
type judgement struct {
	store    *Store
	tx       *sqlx.Tx
	now      time.Time
	releases map[string]approved
	verdicts map[press.ID]press.Verdict
	second   map[press.ID]bool      // another copy for the address has left, or may have
	next     map[press.ID]time.Time // of the paced ones: when to ask again
}

// judge gives each delivery its verdict.
func (j *judgement) judge(ctx context.Context, found []standing) error {
	j.second, j.next = map[press.ID]bool{}, map[press.ID]time.Time{}
	for i := range found {
		d := &found[i]
		r, known := j.releases[d.Release]
		if !known {
			continue
		}
		v := d.verdict(r, micros(j.now))
		if v == press.Go {
			var err error
			if v, err = j.others(ctx, d, r); err != nil {
				return err
			}
		}
		j.verdicts[d.ID] = v
	}
	return j.pace(ctx, found)
}

// left is the condition that a copy is, or may be, with its recipient.
const left = `o.state IN ('sending', 'accepted', 'unknown', 'delivered', 'bounced', 'complained')`

// others looks at the copies beside this one: under an earlier approval there
// may be one that has left, and a follow-up wants the copy that it follows.
func (j *judgement) others(ctx context.Context, d *standing, r approved) (press.Verdict, error) {
	if r.Again {
		var n int
		err := j.tx.GetContext(ctx, &n, j.tx.Rebind(`SELECT COUNT(*) FROM deliveries o WHERE o.release = ? AND o.send = ? AND o.address_key = ? AND o.id <> ? AND `+left), d.Release, d.Send, d.Key, d.ID)
		if err != nil {
			return "", err
		}
		if n > 0 {
			j.second[d.ID] = true
			return press.Lost, nil
		}
	}
	if d.After != "" {
		var n int
		err := j.tx.GetContext(ctx, &n, j.tx.Rebind(`SELECT COUNT(*) FROM deliveries o WHERE o.release = ? AND o.send = ? AND o.address_key = ? AND o.state IN ('accepted', 'delivered')`), d.Release, d.After, d.Key)
		if err != nil {
			return "", err
		}
		if n == 0 {
			return press.NotHeld, nil
		}
	}
	return press.Go, nil
}

// pace holds what may go against the limits of the recipients' domains. The
// limits are rows, locked for this step, so that all daemons share them.
func (j *judgement) pace(ctx context.Context, found []standing) error {
	var limited []string
	if err := j.tx.SelectContext(ctx, &limited, `SELECT domain FROM domain_limits ORDER BY domain`); err != nil || len(limited) == 0 {
		return err
	}
	byDomain := map[string][]*standing{}
	for i := range found {
		d := &found[i]
		if j.verdicts[d.ID] == press.Go && !d.begun {
			domain := strings.ToLower(d.Address.Domain())
			byDomain[domain] = append(byDomain[domain], d)
		}
	}
	for _, domain := range limited { // in one order, so that two steps never wait for each other
		if err := j.paceDomain(ctx, domain, byDomain[domain]); err != nil {
			return err
		}
	}
	return nil
}

func (j *judgement) paceDomain(ctx context.Context, domain string, ds []*standing) error {
	if len(ds) == 0 {
		return nil
	}
	var limit struct {
		EachUS int64 `db:"each_us"`
		FreeUS int64 `db:"free_us"`
	}
	err := j.tx.GetContext(ctx, &limit, j.tx.Rebind(`SELECT each_us, free_us FROM domain_limits WHERE domain = ?`+j.store.forUpdate()), domain)
	if err != nil {
		return err
	}
	now := micros(j.now)
	free := limit.FreeUS
	if free <= now {
		ds, free = ds[1:], now+limit.EachUS // the first one goes
	}
	for i, d := range ds {
		j.verdicts[d.ID] = press.Paced
		j.next[d.ID] = instant(free + int64(i)*limit.EachUS)
	}
	_, err = j.tx.ExecContext(ctx, j.tx.Rebind(`UPDATE domain_limits SET free_us = ? WHERE domain = ?`), free, domain)
	return err
}

// LimitDomains sets how fast mail may go to domains, over all daemons: the time
// between two messages. What is not named has no limit. What was spent already
// stays spent.
func (s *Store) LimitDomains(ctx context.Context, each map[string]time.Duration) error {
	return s.tx(ctx, "setting the domains' limits", func(tx *sqlx.Tx) error {
		var have []string
		if err := tx.SelectContext(ctx, &have, `SELECT domain FROM domain_limits`); err != nil {
			return err
		}
		for _, domain := range have {
			if _, stays := each[domain]; stays {
				continue
			}
			if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM domain_limits WHERE domain = ?`), domain); err != nil {
				return err
			}
		}
		for domain, d := range each {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO domain_limits (domain, each_us, free_us) VALUES (?, ?, 0)
				ON CONFLICT (domain) DO UPDATE SET each_us = excluded.each_us`), strings.ToLower(domain), d.Microseconds()); err != nil {
				return err
			}
		}
		return nil
	})
}
