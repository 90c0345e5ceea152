package ledger

import (
	"context"
	"time"

	"dateline/internal/press"
)

// Trail is what the ledger reads of unknown deliveries and of what was done.
type Trail interface {
	Releases(ctx context.Context, only string) ([]press.ReleaseState, error)
	Unsure(ctx context.Context, release string, now time.Time) ([]press.Unsure, error)
	Acts(ctx context.Context, release string, limit int) ([]press.Act, error)
}

// Unsure lists who may or may not have a copy, of one release or of all.
func Unsure(ctx context.Context, s Trail, only string, now time.Time) ([]press.Unsure, error) {
	all, err := s.Unsure(ctx, only, now)
	if err != nil || only == "" || len(all) > 0 {
		return all, err
	}
	releases, err := s.Releases(ctx, only)
	if err == nil && len(releases) == 0 {
		err = press.ErrNeverApproved{Release: only}
	}
	return all, err
}

// Acts tells what was done to releases, the newest so many (0: all), oldest
// first. An approval is an act, so a release without any was never approved.
func Acts(ctx context.Context, s Trail, only string, limit int) ([]press.Act, error) {
	all, err := s.Acts(ctx, only, max(limit, 0))
	if err == nil && only != "" && len(all) == 0 {
		err = press.ErrNeverApproved{Release: only}
	}
	return all, err
}
