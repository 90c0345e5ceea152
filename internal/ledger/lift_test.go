package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// lift is a store with a release whose embargo lifts at now, or that has none
// and was approved then.
type lift struct {
	never, none bool
	parts       []press.AcceptedPart
}

func (l lift) Approved(context.Context, string) (press.Approval, bool, error) {
	return press.Approval{Release: "tashkent", At: now}, !l.never, nil
}

func (l lift) Frozen(context.Context, press.ID) (press.Frozen, error) {
	var f press.Frozen
	if f.Release.Embargo.None = l.none; !l.none {
		f.Release.Embargo.Lift.At = now
	}
	return f, nil
}

func (l lift) Accepted(_ context.Context, _ string, tell func(press.AcceptedPart)) error {
	for _, p := range l.parts {
		tell(p)
	}
	return nil
}

func accepted(c press.Country, l press.Lang, n int, first, last time.Duration) press.AcceptedPart {
	return press.AcceptedPart{Send: "general", Country: c, Edition: l, N: n, First: now.Add(first), Last: now.Add(last)}
}

func TestLift(t *testing.T) {
	l, err := ledger.ReadLift(t.Context(), lift{parts: []press.AcceptedPart{
		accepted("UZ", "ru", 1, -72*time.Hour, -72*time.Hour), // an advance copy
		accepted("UZ", "ru", 300, 40*time.Millisecond, 990*time.Millisecond),
		accepted("KZ", "ru", 100, 30*time.Millisecond, 700*time.Millisecond),
		accepted("AT", "de", 200, 2100*time.Millisecond, 2900*time.Millisecond),
		accepted("AT", "de", 1, 6*time.Hour, 6*time.Hour), // its relay was ill
	}}, "tashkent")
	if err != nil {
		t.Fatal(err)
	}
	if l.Before != 1 || l.Total != 602-1 || l.After != 1 || l.Width != time.Second || len(l.Buckets) != 3 {
		t.Errorf("before %d, total %d, after %d, %d buckets of %s", l.Before, l.Total, l.After, len(l.Buckets), l.Width)
	}
	if want := []ledger.Bucket{{400, 400}, {0, 400}, {200, 600}}; len(l.Buckets) == 3 && (l.Buckets[0] != want[0] || l.Buckets[1] != want[1] || l.Buckets[2] != want[2]) {
		t.Errorf("buckets %v, want %v", l.Buckets, want)
	}
	if len(l.Countries) != 3 || l.Countries[0].Of != "KZ" || l.Countries[1].Of != "UZ" || l.Countries[2] != (ledger.Reach{"AT", 201, now.Add(2100 * time.Millisecond), now.Add(6 * time.Hour)}) {
		t.Errorf("countries %+v", l.Countries)
	}
	if len(l.Languages) != 2 || l.Languages[0] != (ledger.Reach{"ru", 400, now.Add(30 * time.Millisecond), now.Add(990 * time.Millisecond)}) {
		t.Errorf("languages %+v", l.Languages)
	}
	if !l.First.Equal(now.Add(30*time.Millisecond)) || !l.Last.Equal(now.Add(6*time.Hour)) {
		t.Errorf("first %s, last %s", l.First, l.Last)
	}
}

func TestLiftOfNothing(t *testing.T) {
	l, err := ledger.ReadLift(t.Context(), lift{none: true}, "tashkent")
	if err != nil || l.Total != 0 || l.Buckets == nil || len(l.Buckets) != 0 || !l.Lift.IsZero() || !l.Start.Equal(now) || l.Countries == nil {
		t.Errorf("%+v, %v", l, err)
	}
	var never press.ErrNeverApproved
	if _, err := ledger.ReadLift(t.Context(), lift{never: true}, "tashkent"); !errors.As(err, &never) {
		t.Errorf("a release that was never approved: %v", err)
	}
}

// However copies are accepted, none is lost from the picture or counted twice,
// and it never has more buckets than can be drawn.
func TestLiftCountsEachOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []press.AcceptedPart
		total, before := 0, 0
		for range rapid.IntRange(0, 40).Draw(t, "parts") {
			n := rapid.IntRange(1, 1000).Draw(t, "n")
			at := time.Duration(rapid.Int64Range(-int64(time.Hour), 1000*int64(24*time.Hour)).Draw(t, "at") >> rapid.IntRange(0, 40).Draw(t, "nearer"))
			at = at.Truncate(time.Microsecond)
			if parts = append(parts, accepted("UZ", "ru", n, at, at)); at < 0 {
				before += n
			} else {
				total += n
			}
		}
		l, err := ledger.ReadLift(context.Background(), lift{parts: parts}, "tashkent")
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, b := range l.Buckets {
			if sum += b.N; b.Sum != sum {
				t.Fatalf("bucket %d says %d up to there, not %d", i, b.Sum, sum)
			}
		}
		if l.Before != before || l.Total != total || sum+l.After != total || float64(sum) < 0.99*float64(total) || len(l.Buckets) > 240 {
			t.Fatalf("%d before (want %d), %d total (want %d), %d in %d buckets, %d after", l.Before, before, l.Total, total, sum, len(l.Buckets), l.After)
		}
	})
}
