package console

import (
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// The picture has every report once, and each bar within its frame.
func TestMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := press.Date{Year: 2027, Month: 2, Day: 3}.Time()
		var counts []press.ReportCount
		within := 0
		for range rapid.IntRange(0, 40).Draw(t, "counts") {
			day := rapid.IntRange(-2, monthDays+2).Draw(t, "day")
			c := press.ReportCount{
				Day: press.DateOf(first.AddDate(0, 0, day)), Kind: rapid.SampledFrom(reportKinds()).Draw(t, "kind"),
				Class: rapid.SampledFrom([]press.Class{press.Hard, press.Soft}).Draw(t, "class"), N: rapid.IntRange(1, 1_000_000).Draw(t, "n"),
			}
			if counts = append(counts, c); day >= 0 && day < monthDays {
				within += c.N
			}
		}
		m := monthFrom(counts, first)
		all := 0
		for i, d := range m.Days {
			all += d.All()
			if d.Day != press.DateOf(first.AddDate(0, 0, i)) {
				t.Fatalf("day %d is %s", i, d.Day)
			}
			y := float64(dayHeight)
			for _, b := range d.Bars {
				if b.H <= 0 || b.Y < -1e-9 || b.Y+b.H > y+1e-9 {
					t.Fatalf("%+v stands from %f to %f, on %f", d, b.Y, b.Y+b.H, y)
				}
				y = b.Y
			}
			if (len(d.Bars) == 0) != (d.All() == 0) || d.All() > m.Most {
				t.Fatalf("%+v of at most %d", d, m.Most)
			}
		}
		if all != within {
			t.Fatalf("%d are shown, want %d", all, within)
		}
	})
}
