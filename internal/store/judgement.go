package store

import (
	"context"
	"maps"
	"slices"
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
		if r, known := j.releases[found[i].Release]; known {
			j.verdicts[found[i].ID] = found[i].verdict(r, micros(j.now))
		}
	}
	if err := j.others(ctx, found); err != nil {
		return err
	}
	return j.pace(ctx, found)
}

// Copies beside those that are to go. A count is looked up row by row, by the
// index over copies; a condition that it exists might be a join over all of a
// release.
const (
	toTell = `EXISTS (SELECT 1 FROM taken t WHERE t.delivery_id = o.id)`
	left   = `(o.state IN ('accepted', 'delivered', 'bounced', 'complained') OR (o.state = 'unknown' AND NOT ` + toTell + `))`
	beside = `SELECT d.id FROM deliveries d WHERE (SELECT COUNT(*) FROM deliveries o WHERE o.release = d.release AND o.address_key = d.address_key AND `
	// What has another copy that is, or may be, with its recipient.
	twins = beside + `o.send = d.send AND o.id <> d.id AND ` + left + `) > 0 AND `
	// What has another copy on its way, of which it is not known what will be.
	behind = beside + `o.send = d.send AND o.id <> d.id AND o.state = 'sending') > 0 AND `
	// What has another copy that was taken over: its daemon may yet prove that it
	// has not left, and then nobody would get either.
	untold = beside + `o.send = d.send AND o.id <> d.id AND o.state = 'unknown' AND ` + toTell + `) > 0 AND `
	// What follows up a copy that is not.
	bereft = beside + `o.send = d.after_send AND o.state IN ('accepted', 'delivered')) = 0 AND `
)

// When a copy asks again whose earlier one is on its way, or was taken over.
const (
	behindWait = time.Second
	untoldWait = 10 * time.Second
)

// others looks at the copies beside those that may go: under an earlier approval
// there may be one that has left, and a follow-up wants the copy that it follows.
func (j *judgement) others(ctx context.Context, found []standing) error {
	var again, following []press.ID
	for i := range found {
		d := &found[i]
		if j.verdicts[d.ID] == press.Go && j.releases[d.Release].Again {
			again = append(again, d.ID)
		}
		if j.verdicts[d.ID] == press.Go && d.After != "" {
			following = append(following, d.ID)
		}
	}
	alone, err := j.among(ctx, bereft, following)
	if err != nil {
		return err
	}
	for _, id := range alone {
		j.verdicts[id] = press.NotHeld
	}
	second, err := j.among(ctx, twins, again)
	if err != nil {
		return err
	}
	for query, wait := range map[string]time.Duration{behind: behindWait, untold: untoldWait} { // no copy has both
		waiting, err := j.among(ctx, query, again)
		if err != nil {
			return err
		}
		for _, id := range waiting {
			j.verdicts[id] = press.Paced
			j.next[id] = j.now.Add(wait)
		}
	}
	for _, id := range second {
		j.verdicts[id] = press.Lost
		j.second[id] = true
	}
	return nil
}

// among gives those of these deliveries that a query finds.
func (j *judgement) among(ctx context.Context, query string, ids []press.ID) ([]press.ID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	these, set := j.store.among("d.id", ids)
	var found []press.ID
	err := j.store.read(ctx, j.tx, &found, query+these, set...)
	return found, err
}

// pace holds what may go against the limits of the recipients' domains. The
// limits are rows, locked for this step, so that all daemons share them.
func (j *judgement) pace(ctx context.Context, found []standing) error {
	var limited []string
	if err := j.store.read(ctx, j.tx, &limited, `SELECT domain FROM domain_limits ORDER BY domain`); err != nil || len(limited) == 0 {
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
// stays spent: a new limit counts from the last message.
func (s *Store) LimitDomains(ctx context.Context, each map[string]time.Duration) error {
	limits := make(map[string]int64, len(each))
	for domain, d := range each {
		limits[strings.ToLower(domain)] = d.Microseconds()
	}
	return s.tx(ctx, "setting the domains' limits", func(tx *sqlx.Tx) error {
		var have []string
		if err := tx.SelectContext(ctx, &have, `SELECT domain FROM domain_limits ORDER BY domain`); err != nil {
			return err
		}
		for _, domain := range have {
			if _, stays := limits[domain]; stays {
				continue
			}
			if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM domain_limits WHERE domain = ?`), domain); err != nil {
				return err
			}
		}
		for _, domain := range slices.Sorted(maps.Keys(limits)) { // in one order, as pace locks them
			if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO domain_limits (domain, each_us, free_us) VALUES (?, ?, 0)
				ON CONFLICT (domain) DO UPDATE SET each_us = excluded.each_us, free_us = domain_limits.free_us - domain_limits.each_us + excluded.each_us`), domain, limits[domain]); err != nil {
				return err
			}
		}
		return nil
	})
}
