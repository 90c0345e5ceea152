package press_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func sealedEvent(change func(*press.SealedEvent)) press.Sum {
	e := press.SealedEvent{
		ID: press.ID{1}, Delivery: press.ID{2}, AtUS: 1_800_000_000_000_000, Code: 250, From: "sending", State: "accepted",
		Relay: "main", Verb: "DATA", Enhanced: "2.0.0", SaidBy: "01936b2e-7c1a-7000-8000-0123456789ab",
	}
	change(&e)
	t := press.NewTrailSum()
	t.Event(&e)
	t.Act(press.Act{ID: press.ID{3}, At: time.UnixMicro(1_800_000_000_000_001), Release: "tashkent", Act: "hold", By: "Olim", Detail: "legal"})
	t.Test(press.SealedTest{ID: press.ID{4}, Key: press.AddressKey{5}, AtUS: 1_800_000_000_000_002, Code: 250, Release: "tashkent", Edition: "ru", State: "accepted"})
	return t.Sum()
}

// What was sealed once must add up to the same for ever.
func TestSealsAreOfOneForm(t *testing.T) {
	sum := sealedEvent(func(*press.SealedEvent) {})
	if want := "280c013d6fd115d450d39b1f2badbf2d019c148aae9aee6862b8df1695b6ce63"; sum.Digest.String() != want || sum.Events != 1 || sum.Acts != 1 || sum.Tests != 1 {
		t.Errorf("it adds up to %+v, want %s", sum, want)
	}
	ring := mustRing(t)
	seal := press.Seal{N: 7, After: press.ID{1}, To: press.ID{2}, Sum: sum, At: time.UnixMicro(1_800_000_000_000_003), Previous: press.Digest{9}}
	if got, want := ring.Mark(seal).String(), "11f061d7942f330e4293e7d14068b3c8014f5fad6a806d26853b4054f6d6ae3d"; got != want {
		t.Errorf("its mark is %s, want %s", got, want)
	}
}

// No text moves from one field into the next unseen.
func TestNoTwoEventsAddUpToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c]{0,4}`)
		draw := func() [6]string {
			var all [6]string
			for i := range all {
				all[i] = text.Draw(t, "field")
			}
			return all
		}
		sum := func(f [6]string) press.Sum {
			return sealedEvent(func(e *press.SealedEvent) {
				e.From, e.State, e.Relay, e.Verb, e.Enhanced, e.SaidBy = f[0], f[1], f[2], f[3], f[4], f[5]
			})
		}
		a, b := draw(), draw()
		if (a == b) != (sum(a) == sum(b)) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestDigestInText(t *testing.T) {
	var d press.Digest
	for _, wrong := range []string{"", "12", "zz" + press.Digest{}.String()[2:], press.Digest{}.String() + "00"} {
		if err := d.UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
	want := press.Digest{1, 2, 31: 0xff}
	text, err := want.MarshalText()
	if err != nil || d.UnmarshalText(text) != nil || d != want || d.IsZero() || !(press.Digest{}).IsZero() {
		t.Errorf("%s came back as %s, %v", want, d, err)
	}
	if err := d.Scan("text"); err == nil {
		t.Error("a text was scanned")
	}
}

func mustRing(t *testing.T) press.Keyring {
	t.Helper()
	key := []byte("a key of the test's own, 32 bytes")[:32]
	ring, err := press.ParseKeyring(press.FormatKeyring(key, key))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}
