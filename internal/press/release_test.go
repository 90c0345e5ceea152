package press

import (
	"strings"
	"testing"
	"time"
)

func TestCheckSlug(t *testing.T) {
	for _, s := range []string{"a", "tashkent-2022", "2022", "a-b-c", strings.Repeat("a", 64)} {
		if err := CheckSlug(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "a.b", "../a", "a/b", "a\n", "a\x00", "ташкент", strings.Repeat("a", 65)} {
		if err := CheckSlug(s); err == nil || !strings.Contains(err.Error(), "such as tashkent-2022") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestScheduleDue(t *testing.T) {
	lift := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	moment := Moment{At: lift.Add(3 * time.Hour), Zone: "Asia/Tashkent"}
	for _, c := range []struct {
		at   Schedule
		want time.Time
	}{
		{Schedule{}, lift},
		{Schedule{Before: 24 * time.Hour}, lift.Add(-24 * time.Hour)},
		{Schedule{Moment: moment}, moment.At},
		{Schedule{Local: WallTime{Date: Date{2027, time.March, 5}, Hour: 9}}, lift.Add(20 * time.Hour)}, // as if in UTC
		{Schedule{Local: WallTime{Date: Date{2027, time.March, 4}, Hour: 9}}, lift},
	} {
		if got := c.at.Due(lift); !got.Equal(c.want) {
			t.Errorf("%v: %s, want %s", c.at, got, c.want)
		}
	}
}

func TestReleaseParts(t *testing.T) {
	r := Release{
		Editions: []Edition{{Lang: "en", Headline: "Water"}, {Lang: "ru", Headline: "Вода"}},
		Sends:    []Send{{Name: "advance", Kind: Advance}, {Name: "general", Kind: General}},
	}
	if e, ok := r.Edition("ru"); !ok || e.Headline != "Вода" {
		t.Errorf("the Russian edition: %v, %v", e, ok)
	}
	if _, ok := r.Edition("uz"); ok {
		t.Error("an edition that is not there was found")
	}
	if s, ok := r.Send("general"); !ok || s.Kind != General {
		t.Errorf("the general send: %v, %v", s, ok)
	}
	if _, ok := r.Send("General"); ok {
		t.Error("a send that is not there was found")
	}
}

func TestEnvelopeFrom(t *testing.T) {
	s := Sender{From: "press@example.org"}
	if got := s.EnvelopeFrom(); got != "press@example.org" {
		t.Error(got)
	}
	s.Bounces = "bounces@example.org"
	if got := s.EnvelopeFrom(); got != "bounces@example.org" {
		t.Error(got)
	}
}

func TestZonesAt(t *testing.T) {
	lift := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	local := func(day int) Send {
		return Send{At: Schedule{Local: WallTime{Date: Date{2027, time.March, day}, Hour: 9}}}
	}
	for _, c := range []struct {
		r    Release
		want time.Time
	}{
		{Release{Embargo: Embargo{None: true}, Sends: []Send{{}}}, time.Time{}},
		{Release{Embargo: Embargo{Lift: Moment{At: lift, Zone: "Asia/Tashkent"}}, Sends: []Send{local(2)}}, lift},
		{Release{Embargo: Embargo{None: true}, Sends: []Send{{}, local(6), local(5)}}, time.Date(2027, 3, 5, 9, 0, 0, 0, time.UTC)},
	} {
		if got := c.r.ZonesAt(); !got.Equal(c.want) {
			t.Errorf("%+v: %s, want %s", c.r.Sends, got, c.want)
		}
	}
}
