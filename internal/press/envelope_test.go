package press_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestAnEnvelopeKnowsItsMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "message")
		if rapid.Bool().Draw(t, "ASCII") {
			for i := range message {
				message[i] &= 0x7f
			}
		}
		want := slices.ContainsFunc(message, func(b byte) bool { return b > 0x7f })
		e := press.Envelope{To: "a@x.example", Size: 7, EightBit: true}.Of(message)
		if e.To != "a@x.example" || e.Size != len(message) || e.EightBit != want {
			t.Fatalf("%+v of %q", e, message)
		}
	})
}
