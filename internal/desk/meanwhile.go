package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dateline/internal/press"
)

// holds are the holds that last while an approval is written.
type holds struct {
	desk  *Desk
	all   []string // what is looked at: the release, and the notices of its embargo that are under way
	taken []string // what was held for it
}

// holdMeanwhile holds a release that is under way, so that the new approval's
// recipients stay true, and with it the notices about its embargo.
func (d *Desk) holdMeanwhile(ctx context.Context, slug string, under bool, now time.Time) (holds, error) {
	h := holds{desk: d, all: []string{slug}}
	if !under {
		return h, nil
	}
	control, err := d.control(ctx, slug)
	if err != nil {
		return h, err
	}
	if control.Killed != "" {
		return h, killed(slug, control)
	}
	notices, err := d.embargoNotices(ctx, slug)
	if err != nil {
		return h, err
	}
	for _, n := range notices {
		if n.Control.Killed == "" && !n.FirstDue.IsZero() {
			h.all = append(h.all, n.Approval.Release)
		}
	}
	for _, one := range h.all {
		if err := h.take(ctx, one, now); err != nil {
			err = h.end(ctx, err, now)
			return h, err
		}
	}
	return h, nil
}

func (h *holds) take(ctx context.Context, slug string, now time.Time) error {
	control, err := h.desk.control(ctx, slug)
	if err != nil || control.Held != "" {
		return err
	}
	h.taken = append(h.taken, slug)
	return h.desk.Store.Hold(ctx, slug, approvalHold, press.ByDateline, now)
}

// ended says that an approval has ended a hold by itself.
func (h *holds) ended(slug string) {
	h.taken = slices.DeleteFunc(h.taken, func(s string) bool { return s == slug })
}

// end ends the holds that are left, also when the approval was refused or
// broken off; it gives back why.
func (h *holds) end(ctx context.Context, why error, now time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, slug := range h.taken {
		if err := h.desk.endApprovalHold(ctx, slug, now); err != nil {
			why = errors.Join(why, fmt.Errorf("%s stays held, because: %w", slug, err))
		}
	}
	return why
}

// approvalHold is why a release is held while its new approval is written.
const approvalHold = "a new approval is being written"

// endApprovalHold resumes, unless the release is held for another reason by now.
func (d *Desk) endApprovalHold(ctx context.Context, slug string, now time.Time) error {
	control, err := d.control(ctx, slug)
	if err != nil || control.Held != approvalHold {
		return err
	}
	return d.Store.Resume(ctx, slug, press.ByDateline, now)
}
