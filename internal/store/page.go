package store

import (
	"context"
	"time"

	"dateline/internal/press"
)

// step looks at n rows behind a place, and gives up to want of those that are
// picked, with the place of the last one that was looked at; end tells that
// there is none behind it.
type step[Row, Place any] func(ctx context.Context, from Place, n, want int) (rows []Row, last Place, end bool, err error)

// pageOf walks from a place on until a page is full, or the budget is spent.
func pageOf[Row, Place any](ctx context.Context, from Place, limit int, b budget, place func(Row) Place, look step[Row, Place]) (press.Page[Row, Place], error) {
	b.began = time.Now()
	limit = max(limit, 1)
	page, looked := press.Page[Row, Place]{Rows: []Row{}}, 0
	for n := b.first(); ; n = b.next(n, looked) {
		rows, last, end, err := look(ctx, from, n, limit+1-len(page.Rows))
		if err != nil {
			return page, err
		}
		page.Rows = append(page.Rows, rows...)
		if len(page.Rows) > limit { // one more than asked for tells that there is more
			page.Rows = page.Rows[:limit]
			page.More, page.Next = true, place(page.Rows[limit-1])
			return page, nil
		}
		if end {
			return page, nil
		}
		from = last
		if looked += n; b.spent(looked) {
			page.More, page.Next, page.Looked = true, from, looked
			return page, nil
		}
	}
}
