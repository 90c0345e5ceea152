package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

func (h house) control(slug string) press.Control {
	h.t.Helper()
	states, err := h.Releases(h.ctx(), slug)
	h.must(err)
	if len(states) != 1 {
		h.t.Fatalf("%d releases are named %s", len(states), slug)
	}
	return states[0].Control
}

func (h house) acts(slug string) []string {
	h.t.Helper()
	return list[string](h, `SELECT act || ' by ' || said_by || ': ' || detail FROM acts WHERE release = ? ORDER BY id`, slug)
}

func TestControlIsKeptAndTold(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent")
		h.approve("other")
		step := func(err error, want press.Control) {
			t.Helper()
			h.must(err)
			if got := h.control("tashkent"); got != want {
				t.Errorf("the control is %+v, want %+v", got, want)
			}
		}
		at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
		step(h.Hold(t.Context(), "tashkent", "wait", "Olim", at(1)), press.Control{Held: "wait", HeldBy: "Olim", HeldAt: at(1)})
		step(h.Hold(t.Context(), "tashkent", "legal", "Gulnora", at(2)), press.Control{Held: "legal", HeldBy: "Gulnora", HeldAt: at(2)})
		step(h.Resume(t.Context(), "tashkent", "Olim", at(3)), press.Control{})
		step(h.Resume(t.Context(), "tashkent", "Olim", at(3)), press.Control{})
		killed := press.Control{Killed: "wrong", KillBy: "Olim", KillAt: at(4)}
		step(h.Kill(t.Context(), "tashkent", "wrong", "Olim", at(4)), killed)
		// The first kill stands, and nothing takes it back.
		step(h.Kill(t.Context(), "tashkent", "very wrong", "Gulnora", at(5)), killed)
		step(h.Resume(t.Context(), "tashkent", "Olim", at(6)), killed)
		want := []string{
			"approve by Olim: digest of tashkent", "hold by Olim: wait", "hold by Gulnora: legal", "resume by Olim: ", "resume by Olim: ",
			"kill by Olim: wrong", "kill by Gulnora: very wrong", "resume by Olim: ",
		}
		if got := h.acts("tashkent"); !slices.Equal(got, want) {
			t.Errorf("the acts are %q, want %q", got, want)
		}
		if got := h.control("other"); got != (press.Control{}) {
			t.Errorf("another release has the control %+v", got)
		}
	})
}

// The program holds for drift and while an approval is written; a person may
// have held meanwhile, and only a person may end that.
func TestProgramLeavesAPersonsHold(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent")
		h.must(h.Hold(t.Context(), "tashkent", "drift", press.ByDateline, noon))
		h.must(h.Hold(t.Context(), "tashkent", "more drift", press.ByDateline, noon))
		if got := h.control("tashkent"); got.Held != "more drift" {
			t.Errorf("the program's own hold is %+v", got)
		}
		h.must(h.Hold(t.Context(), "tashkent", "legal", "Olim", noon))
		persons := press.Control{Held: "legal", HeldBy: "Olim", HeldAt: noon}
		h.must(h.Hold(t.Context(), "tashkent", "drift again", press.ByDateline, noon.Add(time.Minute)))
		if got := h.control("tashkent"); got != persons {
			t.Errorf("after the program's hold the control is %+v, want the person's", got)
		}
		h.must(h.Resume(t.Context(), "tashkent", press.ByDateline, noon))
		if got := h.control("tashkent"); got != persons {
			t.Errorf("after the program's Resume the control is %+v, want the person's", got)
		}
		h.must(h.Resume(t.Context(), "tashkent", "Gulnora", noon))
		if got := h.control("tashkent"); got != (press.Control{}) {
			t.Errorf("after another person's Resume the control is %+v", got)
		}
	})
}

func TestHeldForRemembersTheReason(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.approve("tashkent")
		h.approve("other")
		h.must(h.Hold(t.Context(), "tashkent", "drift: 7a", press.ByDateline, noon))
		h.must(h.Resume(t.Context(), "tashkent", "Olim", noon))
		h.must(h.Kill(t.Context(), "tashkent", "drift: 7b", "Olim", noon))
		for _, c := range []struct {
			release, why string
			want         bool
		}{
			{"tashkent", "drift: 7a", true},
			{"tashkent", "drift: 7b", false}, // the reason of a kill
			{"tashkent", "", false},
			{"other", "drift: 7a", false},
			{"unknown", "drift: 7a", false},
		} {
			got, err := h.HeldFor(t.Context(), c.release, c.why)
			if h.must(err); got != c.want {
				t.Errorf("%s held for %q: %v, want %v", c.release, c.why, got, c.want)
			}
		}
	})
}

func TestControlNeedsAnApproval(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		h.stage("staged", copies(1)...)
		for _, slug := range []string{"staged", "unknown"} {
			for name, err := range map[string]error{
				"hold":   h.Hold(t.Context(), slug, "wait", "Olim", noon),
				"resume": h.Resume(t.Context(), slug, "Olim", noon),
				"kill":   h.Kill(t.Context(), slug, "wrong", "Olim", noon),
			} {
				if never, ok := errors.AsType[press.ErrNeverApproved](err); !ok || never.Release != slug {
					t.Errorf("%s of the %s release gave %v", name, slug, err)
				}
			}
			if acts := h.acts(slug); len(acts) != 0 {
				t.Errorf("%s has acts: %q", slug, acts)
			}
		}
	})
}

func TestTestCopyIsNoted(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		o := press.Outcome{State: press.Rejected, At: noon, Code: 550, Text: "no \x00\xff user"}
		h.must(h.TestCopy(t.Context(), "tashkent", keyOf("desk@conference.example"), "ru", o)) // before any approval
		h.must(h.TestCopy(t.Context(), "tashkent", keyOf("desk@conference.example"), "en", press.Outcome{State: press.Accepted, At: noon, Code: 250}))
		got := list[string](h, `SELECT release || ' ' || edition || ' ' || state || ' ' || code || ' ' || reply FROM test_copies ORDER BY id`)
		if want := []string{"tashkent ru rejected 550 no \ufffd\ufffd user", "tashkent en accepted 250 "}; !slices.Equal(got, want) {
			t.Errorf("noted are %q, want %q", got, want)
		}
		if key := get[press.AddressKey](h, `SELECT DISTINCT address_key FROM test_copies`); key != keyOf("desk@conference.example") {
			t.Errorf("the key is %s", key)
		}
	})
}
