package store

import (
	"context"
	"slices"
	"strings"

	"dateline/internal/press"
)

// suppressionOrder is what suppressions are ordered by, and told apart.
const suppressionOrder = `s.at_us, s.address_key, s.scope, s.author`

// SuppressionPage gives a page of the suppressions that a filter picks, the
// newest first: those behind one, or the newest (the zero value). It has a budget.
func (s *Store) SuppressionPage(ctx context.Context, f press.SuppressionFilter, after press.Suppression, limit int) (press.Page[press.Suppression, press.Suppression], error) {
	return s.suppressionPage(ctx, f, after, limit, budget{time: pageBudget})
}

func (s *Store) suppressionPage(ctx context.Context, f press.SuppressionFilter, after press.Suppression, limit int, b budget) (press.Page[press.Suppression, press.Suppression], error) {
	doing := "reading a page of the suppressions"
	picks, err := s.suppressionPicks(ctx, f)
	if err != nil {
		return press.Page[press.Suppression, press.Suppression]{}, failing(doing, err)
	}
	var lead conditions // what is walked through
	if lead.add("1 = 1"); !f.Mailbox.IsZero() {
		lead.add("s.address_key = ?", f.Mailbox)
	}
	same := func(s press.Suppression) press.Suppression { return s }
	page, err := pageOf(ctx, after, limit, b, same, func(ctx context.Context, from press.Suppression, n, want int) ([]press.Suppression, press.Suppression, bool, error) {
		return s.suppressionStep(ctx, lead, picks, from, n, want)
	})
	return page, failing(doing, err)
}

func (s *Store) suppressionStep(ctx context.Context, lead, picks conditions, from press.Suppression, n, want int) ([]press.Suppression, press.Suppression, bool, error) {
	behind := conditions{slices.Clone(lead.parts), slices.Clone(lead.args)}
	if !from.At.IsZero() {
		behind.add(`(`+suppressionOrder+`) < (?, ?, ?, ?)`, placeOf(from)...)
	}
	desc := strings.ReplaceAll(suppressionOrder, ",", " DESC,") + " DESC"
	where, args := behind.with("1 = 1")
	bounds, err := s.readSuppressions(ctx, s.db, where+` ORDER BY `+desc+` LIMIT 1 OFFSET ?`, append(args, n-1)...)
	if err != nil {
		return nil, from, false, err
	}
	last, end := from, len(bounds) == 0
	both := conditions{append(slices.Clone(behind.parts), picks.parts...), append(slices.Clone(behind.args), picks.args...)}
	if !end {
		last = bounds[0]
		both.add(`(`+suppressionOrder+`) >= (?, ?, ?, ?)`, placeOf(last)...)
	}
	where, args = both.with("1 = 1")
	rows, err := s.readSuppressions(ctx, s.db, where+` ORDER BY `+desc+` LIMIT ?`, append(args, want)...)
	return rows, last, end, err
}

func placeOf(s press.Suppression) []any {
	return []any{micros(s.At), s.AddressKey, s.Scope, string(s.Author)}
}

// suppressionPicks are the conditions that a filter sets for a suppression s.
func (s *Store) suppressionPicks(ctx context.Context, f press.SuppressionFilter) (conditions, error) {
	var c conditions
	if f.Author != "" {
		c.add("s.author = ?", string(f.Author))
	}
	if f.Scope != "" {
		c.add("s.scope = ?", f.Scope)
	}
	if f.Reason != "" {
		c.add(s.contains("s.reason", f.Reason))
	}
	if f.Release == "" {
		return c, nil
	}
	// By the release and its sends a mailbox's copies are found by an index.
	sends, err := s.sendsOf(ctx, s.db, f.Release)
	if err != nil || len(sends) == 0 {
		c.add("1 = 0")
		return c, err
	}
	args := []any{f.Release}
	for _, one := range sends {
		args = append(args, one.send)
	}
	c.add(`COALESCE((SELECT 1 FROM deliveries d WHERE d.release = ? AND d.send IN (?`+strings.Repeat(", ?", len(sends)-1)+`) AND d.address_key = s.address_key LIMIT 1), 0) = 1`, args...)
	return c, nil
}
