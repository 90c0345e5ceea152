package ledger_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// trail is a book with unknown deliveries and acts.
type trail struct {
	book
	unsure []press.Unsure
	acts   []press.Act
	limit  int
}

func (t *trail) Unsure(context.Context, string, time.Time) ([]press.Unsure, error) {
	return t.unsure, nil
}

func (t *trail) Acts(_ context.Context, _ string, limit int) ([]press.Act, error) {
	t.limit = limit
	return t.acts, nil
}

// A name that no release has is an error, and not an empty list.
func TestANameThatNoReleaseHas(t *testing.T) {
	approved := []press.ReleaseState{{Approval: press.Approval{Release: "alpha"}}}
	done := []press.Act{{Act: "approve"}}
	for name, c := range map[string]struct {
		only   string
		trail  trail
		unsure bool // whether Unsure knows the release
		acts   bool // whether Acts does
	}{
		"nothing anywhere, none asked for": {"", trail{}, true, true},
		"a name that is none":              {"alhpa", trail{}, false, false},
		"approved, and nothing unknown":    {"alpha", trail{book: book{releases: approved}, acts: done}, true, true},
		"approved, and something unknown":  {"alpha", trail{unsure: []press.Unsure{{Release: "alpha"}}, acts: done}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			var never press.ErrNeverApproved
			got, err := ledger.Unsure(t.Context(), &c.trail, c.only, now)
			if errors.As(err, &never) == c.unsure || !reflect.DeepEqual(got, c.trail.unsure) {
				t.Errorf("unknown are %v, %v", got, err)
			}
			acts, err := ledger.Acts(t.Context(), &c.trail, c.only, -3)
			if errors.As(err, &never) == c.acts || len(acts) != len(c.trail.acts) || c.trail.limit != 0 {
				t.Errorf("the acts are %v, %v, with the limit %d", acts, err, c.trail.limit)
			}
		})
	}
}

// daemons is a book whose daemons are there.
type daemons struct {
	book
	all []press.DaemonState
}

func (d *daemons) Daemons(context.Context, time.Time) ([]press.DaemonState, error) { return d.all, nil }

func (d *daemons) ToDecide(context.Context) (press.ToDecide, error) {
	if len(d.all) > 0 && len(d.all[0].Mailboxes) > 0 {
		return press.ToDecide{Quarantined: 1, Proposals: 2}, nil
	}
	return press.ToDecide{}, nil
}

func TestWhatWaitsForAPerson(t *testing.T) {
	release := func(slug string, c press.Control, counts ...press.Count) press.ReleaseState {
		return press.ReleaseState{Approval: press.Approval{Release: slug}, Control: c, Counts: counts}
	}
	count := func(s press.State, n int) press.Count { return press.Count{State: s, N: n} }
	held, killed := press.Control{Held: "legal", HeldBy: "Olim"}, press.Control{Killed: "wrong", KillBy: "Olim"}
	well := press.DaemonState{Host: "vm", Relays: []press.RelayState{{Name: "main"}}}
	for name, c := range map[string]struct {
		daemons  []press.DaemonState
		releases []press.ReleaseState
		want     []ledger.Wait
	}{
		"nothing was approved": {nil, nil, []ledger.Wait{}},
		"all is well":          {[]press.DaemonState{well}, []press.ReleaseState{release("alpha", press.Control{}, count(press.Planned, 5), count(press.Accepted, 2))}, []ledger.Wait{}},
		"no daemon": {
			nil,
			[]press.ReleaseState{release("alpha", press.Control{}, count(press.Deferred, 1), count(press.Accepted, 2)), release("old", killed, count(press.Planned, 7))},
			[]ledger.Wait{{Cause: press.CauseNoDaemon, What: "no daemon is running, and 1 copy waits", Do: "dateline serve"}},
		},
		"no daemon, and nothing to send": {nil, []press.ReleaseState{release("alpha", press.Control{}, count(press.Accepted, 2))}, []ledger.Wait{}},
		"a daemon in trouble": {
			[]press.DaemonState{{Host: "vm", Config: "no.yaml:1:1: wrong", Relays: []press.RelayState{{Name: "main", Trouble: "refused"}, {Name: "second"}}}},
			nil,
			[]ledger.Wait{
				{Cause: press.CauseConfig, Of: "on vm", What: "the daemon on vm refused the config folder's newest state", Do: "dateline check"},
				{Cause: press.CauseRelay, Of: "main on vm", What: "relay main is put aside by the daemon on vm", Do: "mend it: it is tried again by itself"},
			},
		},
		"what comes back": {
			[]press.DaemonState{{Host: "vm", Mailboxes: []press.RelayState{{Name: "bounces", Trouble: "refused"}, {Name: "other"}}}},
			nil,
			[]ledger.Wait{
				{Cause: press.CauseMailbox, Of: "bounces on vm", What: "mailbox bounces is not read by the daemon on vm", Do: "mend it: it is tried again by itself"},
				{Cause: press.CauseQuarantined, What: "1 message in quarantine, which could not be read", Do: "dateline bounce quarantine list"},
				{Cause: press.CauseProposals, What: "2 new addresses proposed by what came back", Do: "dateline contacts proposals"},
			},
		},
		"held and unknown": {
			[]press.DaemonState{well},
			[]press.ReleaseState{
				release("alpha", held, count(press.Planned, 2), count(press.Claimed, 1), count(press.Unknown, 1)),
				release("bravo", held, count(press.Accepted, 4)), // nothing of it is held back
				release("charlie", killed, count(press.Unknown, 2)),
			},
			[]ledger.Wait{
				{Cause: press.CauseHeld, Release: "alpha", What: "3 copies held by Olim", Do: "dateline resume alpha --by NAME"},
				{Cause: press.CauseUnknown, Release: "alpha", What: "1 copy unknown, which may have arrived or not", Do: "dateline unknown list alpha"},
				{Cause: press.CauseUnknown, Release: "charlie", What: "2 copies unknown, which may have arrived or not", Do: "dateline unknown list charlie"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := ledger.Now(t.Context(), &daemons{book{releases: c.releases}, c.daemons}, "", now)
			if err != nil || !reflect.DeepEqual(s.Waiting, c.want) {
				t.Errorf("waiting are\n%+v, %v; want\n%+v", s.Waiting, err, c.want)
			}
		})
	}
}
