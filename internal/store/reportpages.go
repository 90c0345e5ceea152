package store

import (
	"context"
	"time"

	"dateline/internal/press"
)

// reportJoin are reports r with their copies d and their mails m.
const reportJoin = ` FROM reports r LEFT JOIN deliveries d ON d.id = r.delivery_id LEFT JOIN report_mails m ON m.id = r.mail_id`

// ReportPage gives a page of the reports that a filter picks, the newest first:
// those older than a report, or the newest (the zero id). It has a budget.
func (s *Store) ReportPage(ctx context.Context, f press.ReportFilter, after press.ID, limit int) (press.Page[press.ReportEntry, press.ID], error) {
	return s.reportPage(ctx, f, after, limit, budget{time: pageBudget})
}

func (s *Store) reportPage(ctx context.Context, f press.ReportFilter, after press.ID, limit int, b budget) (press.Page[press.ReportEntry, press.ID], error) {
	const doing = "reading a page of the reports"
	oldest, err := s.oldestReport(ctx, f)
	if err != nil {
		return press.Page[press.ReportEntry, press.ID]{}, failing(doing, err)
	}
	if after.IsZero() {
		after = lastID()
	}
	picks := reportPicks(f)
	page, err := pageOf(ctx, after, limit, b, func(e press.ReportEntry) press.ID { return e.ID }, func(ctx context.Context, before press.ID, n, want int) ([]press.ReportEntry, press.ID, bool, error) {
		return s.reportStep(ctx, picks, oldest, before, n, want)
	})
	return page, failing(doing, err)
}

// oldestReport is below every report that a filter picks: on a release nothing
// comes back before it has a copy.
func (s *Store) oldestReport(ctx context.Context, f press.ReportFilter) (press.ID, error) {
	if f.Release == "" {
		return press.ID{}, nil
	}
	of, err := s.span(ctx, press.DeliveryFilter{Release: f.Release})
	if of.none {
		return lastID(), err
	}
	return press.FirstID(of.oldest.Made().Add(-clocksApart)), err
}

func (s *Store) reportStep(ctx context.Context, picks conditions, oldest, before press.ID, n, want int) ([]press.ReportEntry, press.ID, bool, error) {
	var bounds []press.ID // the oldest of the step
	err := s.db.SelectContext(ctx, &bounds, s.db.Rebind(`SELECT id FROM reports WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?`), before, oldest, n-1)
	if err != nil {
		return nil, before, false, err
	}
	last, end := oldest, len(bounds) == 0
	if !end {
		last = bounds[0]
	}
	where, args := picks.with("r.id < ? AND r.id >= ?", before, last)
	var found []reportRow
	err = s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT `+reportColumns+reportJoin+where+` ORDER BY r.id DESC LIMIT ?`), append(args, want)...)
	entries := make([]press.ReportEntry, len(found))
	for i := range found {
		entries[i] = found[i].entry()
	}
	return entries, last, end, err
}

// Report gives one report with the mail that it came in; false where there is
// none of that id.
func (s *Store) Report(ctx context.Context, id press.ID) (press.TrailReport, bool, error) {
	found, err := s.trailReports(ctx, "r.id = ?", id)
	if err != nil || len(found) == 0 {
		return press.TrailReport{}, false, failing("reading a report", err)
	}
	return found[0], true, nil
}

// ReportDays counts what a filter picks by day, kind, class and reason.
func (s *Store) ReportDays(ctx context.Context, f press.ReportFilter) ([]press.ReportCount, error) {
	where, args := reportPicks(f).with("1 = 1")
	var found []struct {
		Day    int64            `db:"day"`
		Kind   press.ReportKind `db:"kind"`
		Class  press.Class      `db:"class"`
		Reason press.Reason     `db:"reason"`
		N      int              `db:"n"`
	}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT r.at_us / 86400000000 AS day, r.kind, r.class, r.reason, COUNT(*) AS n
		FROM reports r LEFT JOIN deliveries d ON d.id = r.delivery_id`+where+` GROUP BY r.at_us / 86400000000, r.kind, r.class, r.reason ORDER BY day, r.kind, r.class, r.reason`), args...)
	counts := make([]press.ReportCount, len(found))
	for i, c := range found {
		counts[i] = press.ReportCount{Day: press.DateOf(time.Unix(c.Day*86400, 0).UTC()), Kind: c.Kind, Class: c.Class, Reason: c.Reason, N: c.N}
	}
	return counts, failing("counting the reports by day", err)
}

// ReportDomains counts, of what a filter picks, bounces and complaints by the
// recipients' domains: those with the most.
func (s *Store) ReportDomains(ctx context.Context, f press.ReportFilter, most int) ([]press.DomainCount, error) {
	where, args := reportPicks(f).with("r.kind IN ('bounce', 'complaint')")
	found := []press.DomainCount{}
	err := s.db.SelectContext(ctx, &found, s.db.Rebind(`SELECT LOWER(r.domain) AS domain,
		SUM(CASE WHEN r.kind = 'bounce' AND r.class = 'hard' THEN 1 ELSE 0 END) AS hard,
		SUM(CASE WHEN r.kind = 'bounce' AND r.class <> 'hard' THEN 1 ELSE 0 END) AS soft,
		SUM(CASE WHEN r.kind = 'complaint' THEN 1 ELSE 0 END) AS complaints
		FROM reports r LEFT JOIN deliveries d ON d.id = r.delivery_id`+where+` GROUP BY LOWER(r.domain) ORDER BY COUNT(*) DESC, LOWER(r.domain) LIMIT ?`), append(args, most)...)
	return found, failing("counting the reports by domain", err)
}
