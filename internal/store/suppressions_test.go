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
			key   press.AddressKey
			scope string
			want  press.Lifted
		}{{a, "all", press.Lifted{Lifted: true}}, {a, "all", press.Lifted{}}, {b, "all", press.Lifted{}}, {keyOf("c@x.example"), "topic:sport", press.Lifted{}}} {
			if got, err := h.Lift(t.Context(), c.key, c.scope); err != nil || got != c.want {
				t.Errorf("lifting %s of %s: %+v, %v, want %+v", c.scope, c.key, got, err, c.want)
			}
		}
		wantAll(first, second)
	})
}
