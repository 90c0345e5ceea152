package store_test

import (
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestSuppressionsByScope(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		suppress := func(address, scope, reason string) {
			h.must(h.Suppress(t.Context(), keyOf(address), scope, reason, "Olim", noon))
		}
		suppress("a@x.example", "all", "opted out")
		suppress("a@x.example", "all", "a later reason") // the first one stands
		suppress("b@x.example", "sender:conference", "not from you")
		suppress("c@x.example", "topic:security", "not of this")
		suppress("c@x.example", "topic:sport", "nor of that")
		for _, c := range []struct {
			sender, topic string
			want          map[press.AddressKey]string
		}{
			{"conference", "security", map[press.AddressKey]string{keyOf("a@x.example"): "opted out", keyOf("b@x.example"): "not from you", keyOf("c@x.example"): "not of this"}},
			{"other", "sport", map[press.AddressKey]string{keyOf("a@x.example"): "opted out", keyOf("c@x.example"): "nor of that"}},
			{"other", "", map[press.AddressKey]string{keyOf("a@x.example"): "opted out"}},
		} {
			got, err := h.Suppressions(t.Context(), c.sender, c.topic)
			h.must(err)
			if len(got) != len(c.want) {
				t.Errorf("%s, %s: %v, want %v", c.sender, c.topic, got, c.want)
			}
			for key, reason := range c.want {
				if got[key] != reason {
					t.Errorf("%s, %s: %s is suppressed for %q, want %q", c.sender, c.topic, key, got[key], reason)
				}
			}
		}
	})
}

func TestSuppressionsAreListedAndLifted(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		a, b := keyOf("a@x.example"), keyOf("b@x.example")
		h.must(h.Suppress(t.Context(), b, "topic:sport", "not of this", "Gulnora", noon.Add(time.Minute)))
		h.must(h.Suppress(t.Context(), a, "topic:sport", "nor I", "Olim", noon))
		h.must(h.Suppress(t.Context(), a, "all", "opted out", "Olim", noon.Add(2*time.Minute)))
		wantAll := func(want ...press.Suppression) {
			t.Helper()
			got, err := h.AllSuppressions(t.Context())
			if h.must(err); !slices.Equal(got, want) {
				t.Errorf("listed are\n%+v\nwant\n%+v", got, want)
			}
		}
		first := press.Suppression{AddressKey: a, Scope: "topic:sport", Author: press.AuthorDesk, Reason: "nor I", By: "Olim", At: noon}
		second := press.Suppression{AddressKey: b, Scope: "topic:sport", Author: press.AuthorDesk, Reason: "not of this", By: "Gulnora", At: noon.Add(time.Minute)}
		third := press.Suppression{AddressKey: a, Scope: "all", Author: press.AuthorDesk, Reason: "opted out", By: "Olim", At: noon.Add(2 * time.Minute)}
		wantAll(first, second, third)
		for _, c := range []struct {
			address, scope string
			want           press.Lifted
		}{{"a@x.example", "all", press.Lifted{Lifted: true}}, {"a@x.example", "all", press.Lifted{}}, {"b@x.example", "all", press.Lifted{}}, {"c@x.example", "topic:sport", press.Lifted{}}} {
			if got, err := h.Lift(t.Context(), lifting(c.address, c.scope)); err != nil || got != c.want {
				t.Errorf("lifting %s of %s: %+v, %v, want %+v", c.scope, c.address, got, err, c.want)
			}
		}
		wantAll(first, second)
	})
}

func lifting(address, scope string) press.Lifting {
	return press.Lifting{Address: press.Address(address), Key: keyOf(address), Scope: scope, Why: "the server was at fault", By: "Olim", At: noon}
}

// Once somebody lifted what soft bounces led to, the next one is the first; and
// why they did so stands in the contact's trail.
func TestALiftBeginsTheCountAnew(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		contact := press.Contact{Name: "Dilnoza", Country: "UZ", Languages: []press.Lang{"ru"}, Addresses: []press.Address{"a@paper.example"}, Source: "test", LegalBasis: "consent"}
		_, _, err := h.ImportContacts(t.Context(), batchOf(contact), noon)
		h.must(err)
		of := get[press.ID](h, `SELECT contact_id FROM addresses WHERE address_norm = 'a@paper.example'`)
		h.softly(0, 5, nil)
		if got, err := h.Lift(t.Context(), lifting("a@paper.example", "topic:sport")); err != nil || got.Lifted {
			t.Errorf("lifted in another scope: %+v, %v", got, err)
		}
		if n := get[int](h, `SELECT COUNT(*) FROM strikes`); n != 5 {
			t.Errorf("%d soft bounces count after a lift of nothing, want 5", n)
		}
		if got, err := h.Lift(t.Context(), lifting("a@paper.example", "all")); err != nil || !got.Lifted {
			t.Errorf("lifted %+v, %v", got, err)
		}
		h.softly(5, 1, nil)
		if got := h.suppressed("a@paper.example"); got != "" {
			t.Errorf("the next soft bounce suppresses at once: %q", got)
		}
		h.softly(6, 4, nil)
		if got := h.suppressed("a@paper.example"); got == "" {
			t.Error("five more do not suppress")
		}
		acts := list[string](h, `SELECT act || ' by ' || said_by || ': ' || detail FROM contact_acts WHERE contact_id = ? ORDER BY id`, of)
		if want := "lifted by Olim: all: the server was at fault"; len(acts) != 1 || acts[0] != want {
			t.Errorf("the trail is %q, want %q", acts, want)
		}
	})
}

// Whoever complains is left alone for that, whatever came back of them before:
// what a person lifts is then a complaint, and says so.
func TestAComplaintStandsBeforeWhatCameBack(t *testing.T) {
	eachStore(t, func(t *testing.T, h house) {
		first := h.standing("first", press.Accepted)
		h.take(mail("m1", says(first, press.TieToken, press.ReportBounce, press.ReasonUserUnknown)))
		second := h.standing("second", press.Accepted)
		complaint := says(second, press.TieToken, press.ReportComplaint, press.ReasonFeedback)
		h.take(mail("m2", complaint), mail("m3", complaint))
		if got := h.suppressed("a@paper.example"); got != "all: complaint: feedback by report" {
			t.Errorf("after a bounce and a complaint: %q", got)
		}
		third := h.standing("third", press.Accepted)
		h.take(mail("m4", says(third, press.TieToken, press.ReportBounce, press.ReasonHostUnknown)))
		if got := h.suppressed("a@paper.example"); got != "all: complaint: feedback by report" {
			t.Errorf("after one more bounce: %q", got)
		}
	})
}
