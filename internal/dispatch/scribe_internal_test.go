package dispatch

import (
	"testing"

	"dateline/internal/press"
)

// A copy that is on its way is claimed a second time, as after a takeover, and
// others come to their end in between: its second claim is given back all the
// same, once the copy is done. The model of the ledger found that it was not.
func TestATwinsClaimIsGivenBackWhateverEndsBefore(t *testing.T) {
	d := New(nil, Options{})
	twin, other := press.ID{1}, press.ID{2}
	begin := func(id press.ID) int {
		return len(d.scribe.once([]assigned{{prepared: &prepared{delivery: press.Delivery{ID: id, Release: "tashkent"}}}}))
	}
	if begin(twin) != 1 || begin(other) != 1 || begin(twin) != 0 {
		t.Fatal("each copy begins once")
	}
	d.scribe.forget(other)
	d.stray.Store(false) // a sweep gave back what was in no hand; the twin was in one
	d.scribe.forget(twin)
	if !d.stray.Load() {
		t.Error("the second claim stays in the store, and in no hand")
	}
}
