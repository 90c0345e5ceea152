package locale

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// The golden files show everything that a language says, for people to read.
func TestWhatEachLanguageSays(t *testing.T) {
	for _, tag := range shipped() {
		t.Run(tag, func(t *testing.T) {
			got := said(t, load(t, tag))
			file := filepath.Join("testdata", "said", tag+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; go test -update writes it anew. Got\n%s", file, got)
			}
		})
	}
}

// said is a sample of all that a language says.
func said(t *testing.T, l *Language) string {
	t.Helper()
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, " ") + "\n") }
	line(string(l.Tag), l.Name, l.Dir, l.Quotes[0]+"…"+l.Quotes[1])
	line("\n# days")
	for _, d := range []string{
		"2022-01-01", "2022-02-02", "2022-03-04", "2023-04-05", "2024-05-06", "2025-06-07", "2026-07-08",
		"2027-08-09", "2028-09-10", "2029-10-11", "2030-11-20", "2000-12-30", "1900-12-31",
	} {
		line(d, "=", l.LongDate(day(t, d)))
	}
	line("\n# spans")
	for _, span := range [][2]string{
		{"2022-03-04", "2022-03-04"},
		{"2022-03-03", "2022-03-04"},
		{"2022-03-09", "2022-03-10"},
		{"2022-03-30", "2022-04-02"},
		{"2026-01-31", "2026-02-01"},
		{"2024-05-01", "2024-07-01"},
		{"2022-12-30", "2023-01-02"},
		{"2025-03-03", "2026-03-03"},
	} {
		line(span[0], span[1], "=", l.DateRange(day(t, span[0]), day(t, span[1])))
	}
	line("\n# times")
	for _, minutes := range []int{0, 545, 720, 1439} {
		line(l.Clock(time.Date(2022, 3, 4, 0, minutes, 0, 0, time.UTC)))
	}
	line("\n# lists")
	cities := []string{l.ZoneCity("Asia/Tashkent"), l.ZoneCity("America/New_York"), l.ZoneCity("Europe/Vienna")}
	for n := range cities {
		line(l.List(cities[:n+1]))
	}
	line("\n# numbers")
	for _, n := range []float64{0, 7, 0.5, 999, 1000, 9999.25, 10000, 123456, 1234567.8, -12, -2500.125} {
		line(strconv.FormatFloat(n, 'f', -1, 64), "=", l.Number(n))
	}
	line("\n# zones")
	at := time.Date(2022, 3, 4, 13, 5, 0, 0, time.UTC)
	var when string
	for _, zone := range knownZones() {
		here := press.In(at, zone)
		text, err := l.Phrase("when", "date", l.LongDate(press.DateOf(here)), "time", l.Clock(here), "city", l.ZoneCity(zone), "offset", l.Offset(here))
		if err != nil {
			t.Fatal(err)
		}
		if zone == "Asia/Tashkent" {
			when = text
		}
		line(zone, "=", text)
	}
	line("\n# phrases")
	values := map[string]string{
		"when": when, "outlet": "Gazeta", "name": "A. B.", "organisation": "UNOCT",
		"sent": when, "until": when, "before": when, "reason": "…",
		"headline": "…", "what": "…", "alt": "…", "address": "desk@gazeta.example", "topic": "water", "text": "…", "n": l.Number(2),
		"cities": l.List(cities), "date": l.LongDate(day(t, "2022-03-04")),
	}
	for _, k := range phraseKeys() {
		if k.key == "when" {
			continue
		}
		var args []string
		for _, name := range k.placeholders {
			args = append(args, name, values[name])
		}
		text, err := l.Phrase(k.key, args...)
		if err != nil {
			t.Fatal(err)
		}
		line(k.key, "=", text)
	}
	return b.String()
}

// knownZones are those that every language names: all of Central Asia's, and
// those of the headquarters.
func knownZones() []string {
	zones := []string{"America/New_York", "Europe/Berlin", "Europe/London", "Europe/Moscow", "Europe/Vienna"}
	for _, c := range []press.Country{"KZ", "KG", "TJ", "TM", "UZ"} {
		zones = append(zones, zonesOf(c)...)
	}
	return zones
}

func TestEveryLanguageNamesItsZones(t *testing.T) {
	for _, tag := range shipped() {
		l := load(t, tag)
		for _, zone := range knownZones() {
			if l.zones[zone] == "" {
				t.Errorf("%s has no name for %s", tag, zone)
			}
		}
	}
}
