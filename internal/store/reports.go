package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dateline/internal/press"
)

// reportColumns are those of a report r, its copy d and its mail m.
const reportColumns = `r.id, r.at_us, COALESCE(m.mailbox, '') AS mailbox, r.delivery_id, COALESCE(d.release, '') AS release, COALESCE(d.send, '') AS send, COALESCE(d.country, '') AS country,
	COALESCE(d.outlet, '') AS outlet, r.tie, r.kind, r.recipient, r.domain, r.action, r.status, r.code, r.class, r.reason, r.diagnostic, r.did`

type reportRow struct {
	ID         press.ID         `db:"id"`
	AtUS       int64            `db:"at_us"`
	Mailbox    string           `db:"mailbox"`
	Delivery   *press.ID        `db:"delivery_id"`
	Release    string           `db:"release"`
	Send       string           `db:"send"`
	Country    press.Country    `db:"country"`
	Outlet     string           `db:"outlet"`
	Tie        press.Tie        `db:"tie"`
	Kind       press.ReportKind `db:"kind"`
	Recipient  press.Address    `db:"recipient"`
	Domain     string           `db:"domain"`
	Action     string           `db:"action"`
	Status     string           `db:"status"`
	Code       int              `db:"code"`
	Class      press.Class      `db:"class"`
	Reason     press.Reason     `db:"reason"`
	Diagnostic string           `db:"diagnostic"`
	Did        string           `db:"did"`
}

func (r *reportRow) entry() press.ReportEntry {
	e := press.ReportEntry{
		ID: r.ID, At: instant(r.AtUS), Mailbox: r.Mailbox, Release: r.Release, Send: r.Send, Country: r.Country, Outlet: r.Outlet, Tie: r.Tie, Kind: r.Kind,
		Recipient: r.Recipient, Domain: r.Domain, Action: r.Action, Status: r.Status, Code: r.Code, Class: r.Class, Reason: r.Reason, Diagnostic: r.Diagnostic, Did: r.Did,
	}
	if r.Delivery != nil {
		e.Delivery = *r.Delivery
	}
	return e
}

// reportPicks are the conditions that a filter sets for a report r and its copy d.
func reportPicks(f press.ReportFilter) conditions {
	var c conditions
	add := func(condition, value string) {
		if value != "" {
			c.add(condition, value)
		}
	}
	add("d.release = ?", f.Release)
	add("d.country = ?", string(f.Country))
	add("r.kind = ?", string(f.Kind))
	add("r.class = ?", string(f.Class))
	add("r.reason = ?", string(f.Reason))
	add("LOWER(r.domain) = ?", strings.ToLower(f.Domain))
	if !f.Since.IsZero() {
		c.add("r.at_us >= ?", micros(f.Since))
	}
	return c
}

// Reports reads what came back, oldest first.
func (s *Store) Reports(ctx context.Context, f press.ReportFilter) ([]press.ReportEntry, error) {
	where, args := reportPicks(f).with("1 = 1")
	query := `SELECT ` + reportColumns + reportJoin + where + ` ORDER BY r.id DESC`
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	var found []reportRow
	if err := s.db.SelectContext(ctx, &found, s.db.Rebind(query), args...); err != nil {
		return nil, fmt.Errorf("reading the reports: %w", err)
	}
	entries := make([]press.ReportEntry, len(found))
	for i := range found {
		entries[len(found)-1-i] = found[i].entry()
	}
	return entries, nil
}

// Blocked counts, by release and domain, the copies that came back for reasons
// of our sending since an instant, beside all that were sent there: those of
// which at least so many came back.
func (s *Store) Blocked(ctx context.Context, since time.Time, atLeast int) ([]press.Blocked, error) {
	var reasons []string
	for _, r := range press.Reasons() {
		if r.OfSending() {
			reasons = append(reasons, "'"+string(r)+"'") // a closed set of words
		}
	}
	var found []press.Blocked
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT d.release, LOWER(r.domain) AS domain, MIN(r.reason) AS reason, COUNT(DISTINCT r.delivery_id) AS blocked
		FROM reports r JOIN deliveries d ON d.id = r.delivery_id
		WHERE r.kind = 'bounce' AND r.reason IN (`+strings.Join(reasons, ", ")+`) AND r.id >= ? AND r.tie IN ('token', 'dialogue', 'envid', 'message-id')
		GROUP BY d.release, LOWER(r.domain) HAVING COUNT(DISTINCT r.delivery_id) >= ? ORDER BY d.release, LOWER(r.domain)`), press.FirstID(since), atLeast)
	sent := map[string]map[string]int{} // by release and domain
	for i := range found {
		b := &found[i]
		if err == nil && sent[b.Release] == nil {
			sent[b.Release], err = s.sentByDomain(ctx, b.Release)
		}
		b.Sent = sent[b.Release][b.Domain]
	}
	return found, failing("reading which domains refuse our mail", err)
}

// sentByDomain counts a release's copies that were handed to a relay, or
// refused by it, by the recipients' domains.
func (s *Store) sentByDomain(ctx context.Context, release string) (map[string]int, error) {
	var found []struct {
		Domain string `db:"domain"`
		N      int    `db:"n"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+s.domainOf("address")+` AS domain, COUNT(*) AS n FROM deliveries
		WHERE release = ? AND state IN ('accepted', 'unknown', 'delivered', 'bounced', 'complained', 'rejected') GROUP BY 1`), release)
	n := make(map[string]int, len(found))
	for _, f := range found {
		n[f.Domain] = f.N
	}
	return n, err
}

// Quarantine lists the mails that could not be read, oldest first.
func (s *Store) Quarantine(ctx context.Context) ([]press.Quarantined, error) {
	var found []struct {
		ID      press.ID         `db:"id"`
		AtUS    int64            `db:"at_us"`
		Mailbox string           `db:"mailbox"`
		Ref     string           `db:"ref"`
		Format  press.MailFormat `db:"format"`
		Size    int              `db:"size"`
		Trouble string           `db:"trouble"`
	}
	err := s.db.SelectContext(ctx, &found, `SELECT id, at_us, mailbox, ref, format, LENGTH(raw) AS size, trouble FROM report_mails WHERE trouble <> '' ORDER BY id`)
	all := make([]press.Quarantined, len(found))
	for i, q := range found {
		all[i] = press.Quarantined{ID: q.ID, At: instant(q.AtUS), Mailbox: q.Mailbox, Ref: q.Ref, Format: q.Format, Size: q.Size, Trouble: q.Trouble}
	}
	return all, failing("reading the quarantine", err)
}

// QuarantinedMail gives one mail that could not be read; false where there is
// none of that id.
func (s *Store) QuarantinedMail(ctx context.Context, id press.ID) (press.Mail, bool, error) {
	var found []struct {
		Mailbox string           `db:"mailbox"`
		Ref     string           `db:"ref"`
		Format  press.MailFormat `db:"format"`
		To      press.Address    `db:"to_address"`
		AtUS    int64            `db:"at_us"`
		Raw     []byte           `db:"raw"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT mailbox, ref, format, to_address, at_us, raw FROM report_mails WHERE id = ? AND trouble <> ''`), id)
	if err != nil || len(found) == 0 {
		return press.Mail{}, false, failing("reading the quarantine", err)
	}
	f := found[0]
	return press.Mail{Mailbox: f.Mailbox, Ref: f.Ref, Format: f.Format, To: f.To, At: instant(f.AtUS), Raw: f.Raw}, true, nil
}

// DropQuarantined settles a mail that nobody wants to read; its content goes. It
// stays known, so that it is not taken once more. False where there is none.
func (s *Store) DropQuarantined(ctx context.Context, id press.ID) (bool, error) {
	res, err := s.db.ExecContext(ctx, s.db.Rebind(`UPDATE report_mails SET trouble = '', raw = ? WHERE id = ? AND trouble <> ''`), []byte{}, id)
	if err != nil {
		return false, fmt.Errorf("dropping a mail from the quarantine: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, failing("dropping a mail from the quarantine", err)
}

// ToDecide counts what came back and waits for a person's word.
func (s *Store) ToDecide(ctx context.Context) (press.ToDecide, error) {
	var n press.ToDecide
	err := s.db.GetContext(ctx, &n, `SELECT (SELECT COUNT(*) FROM report_mails WHERE trouble <> '') AS quarantined, (SELECT COUNT(*) FROM proposals WHERE decision = '') AS proposals`)
	return n, failing("counting what waits for a decision", err)
}

// failing names what was being done when it failed.
func failing(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
