package store_test

import (
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

// taken gives n copies that berta was sending when carla took over.
func (h house) taken(n int) []press.ID {
	h.t.Helper()
	h.approve("tashkent", copies(n)...)
	all := ids(h.claim(berta, n))
	h.record(berta, nil, all...)
	h.seen(berta, h.now().Add(-time.Minute))
	got, err := h.TakeOver(h.ctx(), carla, 10*time.Second, h.now())
	if h.must(err); got.Unknown != n {
		h.t.Fatalf("took over %+v, want %d unknown", got, n)
	}
	return all
}

// takeOver has carla take over from a daemon that seems dead.
func (h house) takeOver(daemon press.ID) {
	h.t.Helper()
	h.must(h.RecordDaemon(h.ctx(), daemon, "here", 1, noon, h.now(), ""))
	h.seen(daemon, h.now().Add(-time.Minute))
	_, err := h.TakeOver(h.ctx(), carla, 10*time.Second, noon)
	h.must(err)
}

// A daemon that tells late of its own attempt says nothing of another's since:
// that one may have left.
func TestALateResultLeavesAnothersAttemptUnknown(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, h.now(), ""))
		all := h.taken(1)
		h.heed(press.Pick{Release: "tashkent"}, again)
		h.claim(carla, 1)
		h.record(carla, nil, all[0])
		h.record(carla, []press.Result{{Delivery: all[0], Outcome: press.Outcome{State: press.Unknown, At: noon, Text: "no reply"}}})
		for _, s := range []press.State{press.Planned, press.Deferred, press.Rejected} {
			h.record(berta, []press.Result{result(all[0], s)})
			h.wantState(all[0], press.Unknown)
		}
		h.record(berta, []press.Result{result(all[0], press.Accepted)})
		h.wantState(all[0], press.Accepted)
	})
}

func (h house) wantSending(daemon press.ID, want ...press.ID) {
	h.t.Helper()
	got, err := h.Sending(h.ctx(), daemon)
	if h.must(err); !slices.Equal(got, want) {
		h.t.Errorf("was sending %v, want %v", got, want)
	}
}

// A daemon that comes back is told what was taken from it, until it has told
// what its journal knows of each. After that nothing is proved by what its next
// journal does not tell.
func TestTakenCopiesAreSettledByTheirDaemonOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, h.now(), ""))
		all := h.taken(4)
		h.wantSending(berta, all...)
		h.wantSending(carla)
		h.record(berta, []press.Result{
			result(all[0], press.Accepted), result(all[1], press.Planned),
			{Delivery: all[2], Outcome: press.Outcome{State: press.Unknown, At: noon, Text: "it began to leave"}},
		})
		h.wantState(all[0], press.Accepted)
		h.wantState(all[1], press.Planned)
		h.wantState(all[2], press.Unknown)
		h.wantSending(berta, all[3])
	})
}

// What a person or the policy sends again is nobody's earlier copy any more: it
// may become unknown anew in other hands.
func TestTakenCopiesThatLeaveTheUnknownAreForgotten(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, h.now(), ""))
		all := h.taken(2)
		h.heed(press.Pick{Release: "tashkent", IDs: all[:1]}, again)
		h.wantState(all[0], press.Planned)
		if got := ids(h.claim(carla, 1)); len(got) != 1 || got[0] != all[0] {
			t.Fatalf("claimed %v, want %v", got, all[:1])
		}
		h.record(carla, nil, all[0])
		h.record(carla, []press.Result{{Delivery: all[0], Outcome: press.Outcome{State: press.Unknown, At: noon, Text: "no reply"}}})
		h.wantState(all[0], press.Unknown)
		h.wantSending(berta, all[1])
	})
}

// A copy that was taken over may yet be proved unsent: the next approval's copy
// for its mailbox waits for that, or nobody would get either. The model of the
// ledger found that.
func TestTheNextApprovalsCopyWaitsForWhatWasTakenOver(t *testing.T) {
	for name, c := range map[string]struct {
		tells press.State
		want  press.Verdict
	}{
		"it had not left":     {press.Planned, press.Go},
		"the relay has it":    {press.Accepted, press.Lost},
		"nobody can tell":     {press.Unknown, press.Lost},
		"a person says so":    {press.Delivered, press.Lost},
		"a person denies it":  {press.Cancelled, press.Go},
		"nobody says a thing": {"", press.Paced},
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, h house) {
				h.must(h.RecordDaemon(t.Context(), berta, "here", 1, noon, h.now(), ""))
				earlier := h.taken(1)[0]
				h.approve("tashkent", copies(1)...)
				later := h.claim(carla, 1)[0].ID
				if v := h.record(carla, nil, later)[later]; v != press.Paced {
					t.Fatalf("while its daemon may yet tell: %s, want %s", v, press.Paced)
				}
				h.wantState(later, press.Planned)
				switch c.tells {
				case press.Delivered, press.Cancelled:
					h.heed(press.Pick{IDs: []press.ID{earlier}}, press.Word{State: c.tells, By: "Olim", Why: "asked"})
				case "":
				default:
					o := result(earlier, c.tells)
					h.record(berta, []press.Result{o})
				}
				at := h.next(later)
				_, err := h.Claim(t.Context(), carla, at, at, 1)
				h.must(err)
				v, err := h.Record(t.Context(), carla, nil, begins(later), at)
				h.must(err)
				if v[later] != c.want {
					t.Errorf("then: %s, want %s", v[later], c.want)
				}
			})
		})
	}
}
