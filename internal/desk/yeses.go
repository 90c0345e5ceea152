package desk

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// Yeses is what the desk needs of the store where several people must say yes.
type Yeses interface {
	Yeses(ctx context.Context, release, digest string) ([]press.SaidYes, error)
	NoteYes(ctx context.Context, release, digest string, yes press.SaidYes) ([]press.SaidYes, error)
}

// Waits says that a yes was noted, and that others must say it, too. Nothing was
// approved yet.
type Waits struct {
	Release string          `json:"release"`
	Digest  string          `json:"digest"`
	Said    []press.SaidYes `json:"said_yes"`
	Wanted  int             `json:"wanted"`
}

func (w Waits) Error() string {
	return fmt.Sprintf("%d of %d have said yes to %s: %s; it is approved when %d more, of other names, say yes to the same digest",
		len(w.Said), w.Wanted, w.Release, names(w.Said), w.Wanted-len(w.Said))
}

func names(said []press.SaidYes) string {
	all := make([]string, len(said))
	for i, y := range said {
		all[i] = y.By
	}
	return strings.Join(all, ", ")
}

// Wanted is how many different people must say yes.
func (d *Desk) Wanted() int { return max(d.Config.Policies.Approvals, 1) }

// enough tells by its error whether this yes must not be, or is not the last one
// that is wanted. Notices are not counted: their words were approved with the
// release, and who holds a copy must not wait for them.
func (d *Desk) enough(ctx context.Context, y Yes, now time.Time) error {
	if _, _, _, notice := press.SplitNotice(y.Release); notice {
		return nil
	}
	if err := d.notTheirOwn(ctx, y, now); err != nil || d.Wanted() == 1 {
		return err
	}
	said, err := d.Store.Yeses(ctx, y.Release, y.Digest)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(said, y.is)
	if len(others)+1 < d.Wanted() { // the last yes is held against the plan by approve
		p, err := d.planFor(ctx, y, now)
		if err != nil {
			return err
		}
		if err := judge(p, y); err != nil {
			return err
		}
	}
	said, err = d.Store.NoteYes(ctx, y.Release, y.Digest, press.SaidYes{By: y.By, Account: y.Account, At: now})
	if err == nil && len(said) < d.Wanted() {
		return Waits{y.Release, y.Digest, said, d.Wanted()}
	}
	return err
}

// is tells whether somebody who has said yes is the one who says it now.
func (y Yes) is(s press.SaidYes) bool {
	return strings.EqualFold(s.By, y.By) || !y.Account.IsZero() && y.Account == s.Account
}

// notTheirOwn refuses a yes of the person who last changed the release's folder,
// where it is kept with git and the policy does not allow it.
func (d *Desk) notTheirOwn(ctx context.Context, y Yes, now time.Time) error {
	if d.LastChange == nil || d.Config.Policies.ApproveOwn {
		return nil
	}
	f, err := d.folder(y.Release, now)
	if err != nil {
		return err
	}
	name, _ := press.SplitOccurrence(f.Slug)
	last, err := d.LastChange(ctx, filepath.Join(d.Config.Dir, "releases", name))
	switch {
	case err != nil:
		return err
	case !last.Kept:
		return nil
	case last.Uncommitted:
		return Refused{fmt.Sprintf("the folder of %s has changes that are not committed, so nobody can tell who made them; commit them, and let somebody else approve (or set `approve_own: true` in `policies`)", name)}
	case same(last.Email, y.Email), same(last.Name, y.By):
		return Refused{fmt.Sprintf("%s last changed %s, at %s; somebody else has to approve it (or set `approve_own: true` in `policies`)", y.By, name, last.At.Format("15:04 UTC on 2006-01-02"))}
	default:
		return nil
	}
}

func same(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}
