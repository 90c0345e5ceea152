package locale

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestClockAndOffsetFollowTheZone(t *testing.T) {
	l := load(t, "en")
	winter, summer := time.Date(2027, 1, 4, 13, 5, 0, 0, time.UTC), time.Date(2027, 7, 4, 13, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		at                  time.Time
		zone, clock, offset string
	}{
		{winter, "Asia/Tashkent", "18:05", "UTC+5"},
		{winter, "Asia/Kolkata", "18:35", "UTC+5:30"},
		{winter, "Asia/Kathmandu", "18:50", "UTC+5:45"},
		{winter, "Europe/London", "13:05", "UTC"},
		{summer, "Europe/London", "14:05", "UTC+1"},
		{winter, "America/New_York", "08:05", "UTC−5"},
		{summer, "America/New_York", "09:05", "UTC−4"},
		{summer, "America/St_Johns", "10:35", "UTC−2:30"},
		{winter, "Pacific/Kiritimati", "03:05", "UTC+14"},
		{winter, "UTC", "13:05", "UTC"},
	} {
		here := press.In(c.at, c.zone)
		if clock, offset := l.Clock(here), l.Offset(here); clock != c.clock || offset != c.offset {
			t.Errorf("%s: %s %s, want %s %s", c.zone, clock, offset, c.clock, c.offset)
		}
	}
	if got := l.Offset(time.Date(1900, 1, 1, 0, 0, 0, 0, time.FixedZone("", 37))); got != "UTC" {
		t.Errorf("an offset of seconds is %s", got)
	}
}

func TestZoneCity(t *testing.T) {
	for _, c := range []struct{ tag, zone, want string }{
		{"ru", "Asia/Tashkent", "Ташкент"},
		{"uz-Latn", "Asia/Tashkent", "Toshkent"},
		{"tg", "America/New_York", "Ню-Йорк"},
		{"ru", "America/Port_of_Spain", "Port of Spain"},
		{"ru", "America/Argentina/Buenos_Aires", "Buenos Aires"},
		{"ru", "UTC", "UTC"},
		{"ru", "", ""},
		{"ru", "Asia/", ""},
	} {
		if got := load(t, c.tag).ZoneCity(c.zone); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.zone, c.tag, got, c.want)
		}
	}
}

func TestSoleZone(t *testing.T) {
	for c, want := range map[press.Country]string{
		"TJ": "Asia/Dushanbe", "TM": "Asia/Ashgabat", "KG": "Asia/Bishkek", "AT": "Europe/Vienna", "FR": "Europe/Paris",
		"UZ": "", "KZ": "", "US": "", "RU": "", // several
		"XX": "", "": "", "tj": "", "#c": "",
	} {
		if got, ok := SoleZone(c); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", c, got, ok, want)
		}
	}
}

func TestZonesOfACountry(t *testing.T) {
	for c, want := range map[press.Country]string{
		"UZ": "Asia/Samarkand Asia/Tashkent", "TJ": "Asia/Dushanbe", "DE": "Europe/Zurich Europe/Berlin", ",": "", "E,": "",
	} {
		got := zonesOf(c)
		slices.Sort(got)
		sorted := strings.Fields(want)
		slices.Sort(sorted)
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: %v, want %v", c, got, sorted)
		}
	}
}

// everyCountry lists the codes that the table has.
func everyCountry() []press.Country {
	var all []press.Country
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if c := press.Country([]rune{a, b}); len(zonesOf(c)) > 0 {
				all = append(all, c)
			}
		}
	}
	return all
}

func TestEveryZoneOfTheTableIsKnown(t *testing.T) {
	countries := everyCountry()
	if len(countries) < 240 {
		t.Errorf("only %d countries", len(countries))
	}
	for _, c := range countries {
		for _, zone := range zonesOf(c) {
			if _, err := press.LoadZone(zone); err != nil {
				t.Errorf("%s: %v", c, err)
			}
		}
	}
}

// A plan asks once for each contact without a zone, and there may be a million.
func BenchmarkSoleZone(b *testing.B) {
	for b.Loop() {
		SoleZone("ZW")
	}
}

func TestContactZoneGoesFromTheContactOutward(t *testing.T) {
	outlet := func(zone string) press.Outlet { return press.Outlet{Zone: zone} }
	configured := map[press.Country]string{"UZ": "Asia/Tashkent", "TJ": "Asia/Samarkand"}
	for _, c := range []struct {
		name    string
		contact press.Contact
		want    string
	}{
		{"own", press.Contact{Zone: "Europe/Vienna", Country: "UZ", Outlets: []press.Outlet{outlet("Asia/Tokyo")}}, "Europe/Vienna"},
		{"first outlet that has one", press.Contact{Country: "UZ", Outlets: []press.Outlet{outlet(""), outlet("Asia/Tokyo"), outlet("UTC")}}, "Asia/Tokyo"},
		{"configured", press.Contact{Country: "UZ"}, "Asia/Tashkent"},
		{"configured before sole", press.Contact{Country: "TJ"}, "Asia/Samarkand"},
		{"sole", press.Contact{Country: "TM"}, "Asia/Ashgabat"},
		{"several", press.Contact{Country: "US"}, ""},
		{"nothing", press.Contact{}, ""},
	} {
		if got, ok := ContactZone(c.contact, configured); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.name, got, ok, c.want)
		}
	}
}

// Clock and offset together give the instant back, in every zone there is.
func TestClockAndOffsetTellTheInstant(t *testing.T) {
	l := load(t, "en")
	var zones []string
	for _, c := range everyCountry() {
		zones = append(zones, zonesOf(c)...)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "at")/60*60, 0).UTC()
		here := press.In(at, zones[rapid.IntRange(0, len(zones)-1).Draw(t, "zone")])
		_, seconds := here.Zone()
		offset := l.Offset(here)
		wall, err := time.Parse("2006-01-02 15:04", press.DateOf(here).String()+" "+l.Clock(here))
		if err != nil || !wall.Add(-time.Duration(seconds)*time.Second).Equal(at) || (offset == "UTC") != (seconds == 0) {
			t.Errorf("%v reads as %v %s (%v)", at, wall, offset, err)
		}
	})
}
