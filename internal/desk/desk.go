package desk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"dateline/internal/config"
	"dateline/internal/plan"
	"dateline/internal/press"
)

// Store is what the desk needs of the store.
type Store interface {
	Contacts(ctx context.Context) iter.Seq2[press.Contact, error]
	Suppressions(ctx context.Context, sender, topic string) (map[press.AddressKey]string, error)
	Holders(ctx context.Context, release string) (map[string]map[press.AddressKey]bool, error)
	Approved(ctx context.Context, release string) (press.Approval, bool, error)
	Frozen(ctx context.Context, approval press.ID) (press.Frozen, error)
	Stage(ctx context.Context, a press.Approval, frozen press.Frozen) error
	StageDeliveries(ctx context.Context, ds []press.Delivery, now time.Time, progress func(n int)) error
	SweepStaged(ctx context.Context, before time.Time) error
	Approve(ctx context.Context, a press.Approval, r press.Release) error
	Releases(ctx context.Context, only string) ([]press.ReleaseState, error)
	Hold(ctx context.Context, release, why, by string, now time.Time) error
	Resume(ctx context.Context, release, by string, now time.Time) error
	Kill(ctx context.Context, release, why, by string, now time.Time) error
	HeldFor(ctx context.Context, release, why string) (bool, error)
	Imports(ctx context.Context, now time.Time) ([]press.ImportUnderWay, error)
	TestCopy(ctx context.Context, release string, key press.AddressKey, edition press.Lang, o press.Outcome) error
	Holdings
	Unknowns
	Yeses
}

// Desk steers releases. The config is the one that was read last.
type Desk struct {
	Store  Store
	Config *config.Config
	Keys   press.Keyring
	NewID  func() press.ID
	Sign   press.Signing // nil: nothing is signed

	// LastChange tells who last changed a folder; nil where nobody can.
	LastChange func(ctx context.Context, dir string) (press.LastChange, error)
}

// Refused says why an approval must not be.
type Refused struct{ Why string }

func (r Refused) Error() string { return r.Why }

// Planned is a plan with what it would freeze and the approval in force.
type Planned struct {
	plan.Plan
	Frozen   press.Frozen    `json:"-"`
	Approved *press.Approval `json:"approved,omitempty"` // the approval in force, of whatever digest
	InForce  bool            `json:"in_force"`           // the plan is the approved one
	Control  press.Control   `json:"control,omitzero"`   // a hold or a kill of what is approved
	// Said are those who have said yes to it so far, and Wanted how many must, where
	// it is more than one.
	Said   []press.SaidYes `json:"said_yes,omitempty"`
	Wanted int             `json:"wanted,omitempty"`
	Tests  int             `json:"test_copies,omitempty"` // of a kill notice: mailboxes with a test copy, which it does not go to

	notices map[string]press.Frozen // by slug: the notices as they were written
}

// ToApprove tells whether there is something that a person could say yes to.
func (p Planned) ToApprove() bool {
	return p.Control.Killed == "" && len(p.Errors) == 0 && (!p.InForce && p.Recipients() > 0 || len(p.Notices) > 0)
}

// NoRelease says that the config folder has no release of that name.
type NoRelease struct {
	Slug  string
	Known []string
}

func (e NoRelease) Error() string {
	known := strings.Join(e.Known, ", ")
	if known == "" {
		known = "none"
	}
	return fmt.Sprintf("the config folder has no release %q; it has: %s", e.Slug, known)
}

// Plan works out what a release would send. Where that is just what an approval
// in force says, the plan is InForce; otherwise it leaves out who has a copy.
// Beside it stand the notices to those whose copy tells another embargo.
func (d *Desk) Plan(ctx context.Context, slug string, now time.Time, releaseNow bool) (Planned, error) {
	p, err := d.plan(ctx, slug, now, releaseNow)
	if err != nil || d.Wanted() == 1 || p.InForce || !p.ToApprove() {
		return p, err
	}
	p.Wanted = d.Wanted()
	p.Said, err = d.Store.Yeses(ctx, p.Release, p.Digest)
	return p, err
}

func (d *Desk) plan(ctx context.Context, slug string, now time.Time, releaseNow bool) (Planned, error) {
	if _, _, _, ok := press.SplitNotice(slug); ok {
		return d.planNotice(ctx, slug, "", now)
	}
	f, err := d.folder(slug, now)
	if err != nil {
		return Planned{}, err
	}
	slug = f.Slug
	frozen, _, err := d.freeze(f)
	if err != nil {
		return Planned{}, err
	}
	in, err := d.input(ctx, f, frozen, now, releaseNow)
	if err != nil {
		return Planned{}, err
	}
	approval, under, err := d.Store.Approved(ctx, slug)
	if err != nil {
		return Planned{}, err
	}
	p := Planned{Frozen: frozen}
	if !under {
		p.Plan, err = plan.Make(in)
		return p, err
	}
	p.Approved = &approval
	if p.Control, err = d.control(ctx, slug); err != nil {
		return Planned{}, err
	}
	if err := d.planAnew(ctx, &p, in); err != nil {
		return Planned{}, err
	}
	err = d.addNotices(ctx, &p)
	return p, err
}

// planAnew plans a release that has an approval in force.
func (d *Desk) planAnew(ctx context.Context, p *Planned, in plan.Input) (err error) {
	earlier, err := d.Store.EarlierHolders(ctx, p.Approved.Release, p.Approved.ID)
	if err != nil {
		return err
	}
	then := in // as it was approved: without those who had a copy of an approval before
	then.Holds = d.holds(earlier)
	if p.Plan, err = plan.Make(then); err != nil {
		return err
	}
	p.InForce = p.Digest == p.Approved.Digest
	if !p.InForce { // it may have been approved together with notices
		frozen, err := d.Store.Frozen(ctx, p.Approved.ID)
		if damaged := (press.Damaged{}); err != nil && !errors.As(err, &damaged) {
			return err
		}
		p.InForce = p.Digest == frozen.Alone
	}
	if p.InForce {
		p.Errors = nil // its instants may have passed: it was approved before
		return nil
	}
	p.Plan, err = plan.Make(in)
	return err
}

func (d *Desk) input(ctx context.Context, f config.Folder, frozen press.Frozen, now time.Time, releaseNow bool) (plan.Input, error) {
	suppressions, err := d.Store.Suppressions(ctx, f.Sender, f.Topic)
	if err != nil {
		return plan.Input{}, err
	}
	holders, err := d.Store.Holders(ctx, f.Slug)
	if err != nil {
		return plan.Input{}, err
	}
	imports, err := d.Store.Imports(ctx, now)
	if err != nil {
		return plan.Input{}, err
	}
	faulty, doubtful := d.findingsOf(f)
	return plan.Input{
		Troubles: append(unfinished(imports, now), faulty...),
		Doubts:   doubtful,
		Release:  f.Release,
		Lists:    d.Config.Lists,
		Ninjs:    d.Config.Ninjs,
		Contacts: d.Store.Contacts(ctx),
		Suppressed: func(a press.Address) (string, bool) {
			why, ok := suppressions[d.Keys.AddressKey(a)]
			return why, ok
		},
		Holds:        d.holds(holders),
		Fallbacks:    d.Config.Fallbacks,
		CountryZones: d.Config.CountryZones,
		QuietHours:   d.Config.Policies.QuietHours,
		Inputs:       frozen.Inputs,
		Renderer:     frozen.Renderer,
		Zones:        frozen.Zones,
		Now:          now,
		ReleaseNow:   releaseNow,
	}, nil
}

// importSilence is how long after its last sign of life an import counts as
// broken off.
const importSilence = 30 * time.Second

// unfinished says of imports that what they bring is not whole: a release to
// half of a file would look like one to all of it.
func unfinished(imports []press.ImportUnderWay, now time.Time) []string {
	var troubles []string
	for _, i := range imports {
		if now.Sub(i.Seen) > importSilence {
			troubles = append(troubles, fmt.Sprintf("an import of %s broke off after %d of %d rows; import it again, and it is completed", i.File, i.Written, i.Total))
		} else {
			troubles = append(troubles, fmt.Sprintf("%s is being imported, %d of %d rows so far; plan again when that has ended", i.File, i.Written, i.Total))
		}
	}
	return troubles
}

// holds tells who holds a send's copy.
func (d *Desk) holds(holders map[string]map[press.AddressKey]bool) func(string, press.Address) bool {
	return func(send string, a press.Address) bool {
		return len(holders[send]) > 0 && holders[send][d.Keys.AddressKey(a)]
	}
}

// Hold keeps what is unsent from leaving, until Resume.
func (d *Desk) Hold(ctx context.Context, slug, why, by string, now time.Time) error {
	if why == "" {
		why = "no reason given"
	}
	return d.Store.Hold(ctx, slug, why, by, now)
}

// Resume ends a hold. A kill is never taken back.
func (d *Desk) Resume(ctx context.Context, slug, by string, now time.Time) error {
	control, err := d.control(ctx, slug)
	if err != nil {
		return err
	}
	if control.Killed != "" {
		return killed(slug, control)
	}
	return d.Store.Resume(ctx, slug, by, now)
}

// Kill ends a release for good, and with it what is unsent of the notices that
// its embargo was moved. Those who have a copy are told by a notice of its own.
func (d *Desk) Kill(ctx context.Context, slug, why, by string, now time.Time) error {
	if why == "" {
		why = "no reason given"
	}
	if err := d.Store.Kill(ctx, slug, why, by, now); err != nil {
		return err
	}
	return d.stopNotices(ctx, slug, "the release was killed", now, func(press.Embargo) bool { return true })
}

// Out counts the copies of a release that are, or may be, with their recipients.
func (d *Desk) Out(ctx context.Context, slug string) (int, error) {
	states, err := d.Store.Releases(ctx, slug)
	if err != nil || len(states) == 0 {
		return 0, err
	}
	n := 0
	for _, c := range states[0].Counts {
		if c.State.MayHaveLeft() && c.State != press.Bounced {
			n += c.N
		}
	}
	return n, nil
}
