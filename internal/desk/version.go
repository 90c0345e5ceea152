package desk

import (
	"context"
	"time"

	"dateline/internal/press"
)

// version tells which version of a story an approval that is given now makes:
// each approval of a release is one, and so is each notice about it.
func (d *Desk) version(ctx context.Context, r press.Release, now time.Time) (press.Version, error) {
	slug := r.Slug
	if about, _, _, notice := press.SplitNotice(slug); notice {
		slug = about
	}
	v := press.Version{Number: 1, First: now.UTC(), Made: now.UTC()}
	notices, err := d.Store.Notices(ctx, slug)
	if err != nil {
		return v, err
	}
	for i, s := range append([]string{slug}, notices...) {
		approvals, err := d.Store.Approvals(ctx, s)
		if err != nil {
			return v, err
		}
		v.Number += len(approvals)
		if i == 0 && len(approvals) > 0 {
			v.First = approvals[0].At.UTC()
		}
	}
	if r.Kind == press.Correction {
		about, err := d.Store.Approvals(ctx, r.About)
		if err != nil {
			return v, err
		}
		if len(about) > 0 {
			v.About = about[0].At.UTC()
		}
	}
	return v, nil
}
