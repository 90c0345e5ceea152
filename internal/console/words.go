package console

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"dateline/internal/press"
)

// words are what pages say things with.
func words() template.FuncMap {
	return template.FuncMap{
		"utc": utc, "iso": iso, "moment": momentOf, "ago": ago, "in": until, "n": thousands, "few": few,
		"bar": barOf, "tones": press.Tones, "states": press.States, "tone": press.State.Tone, "short": short, "country": country,
		"list": strings.Join, "title": title, "local": localOf, "dict": dict, "sentence": sentence,
		"bdi": isolated, "plain": plain, "scope": func(s any) string { return scopeText(press.Scope(fmt.Sprint(s))) }, "author": authorText, "did": didShort,
		"ofscope": ofText, "barred": func(s any) string { return barredText(press.Scope(fmt.Sprint(s))) },
	}
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// utc is an instant for tables: dates always with their zone.
func utc(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006 15:04:05 UTC")
}

// momentOf is an instant on its own zone's clock, such as 4 Mar 2027 18:00 in
// Asia/Tashkent.
func momentOf(m press.Moment) string {
	if m.IsZero() {
		return "–"
	}
	return m.Local().Format("Mon 2 Jan 2006 15:04") + " in " + strings.ReplaceAll(m.Zone[strings.LastIndexByte(m.Zone, '/')+1:], "_", " ")
}

// localOf is an instant on a zone's clock.
func localOf(t time.Time, zone string) string {
	return momentOf(press.Moment{At: t, Zone: zone})
}

// title begins with a capital.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ago tells how long ago an instant was, in one unit.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := now.Sub(t)
	if d < 0 {
		return until(t, now)
	}
	return span(d) + " ago"
}

// until tells in how long an instant comes.
func until(t, now time.Time) string {
	d := t.Sub(now)
	if d <= 0 {
		return "now"
	}
	return "in " + span(d)
}

// span is a time in its two largest units.
func span(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	case s < 48*3600:
		return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
	default:
		return fmt.Sprintf("%d days", s/86400)
	}
}

// thousands writes a number with thin spaces between its thousands.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// few is so many of a thing.
func few(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

func short(digest string) string { return digest[:min(12, len(digest))] }

// country is a country's name in English; x/text knows some by their old ones.
func country(c press.Country) string {
	switch c {
	case "":
		return "no country"
	case "TR":
		return "Türkiye"
	case "SZ":
		return "Eswatini"
	case "MK":
		return "North Macedonia"
	}
	region, err := language.ParseRegion(string(c))
	if err != nil {
		return string(c)
	}
	return display.English.Regions().Name(region)
}

// dict hands several things to a part of a page.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values are no pairs", len(pairs))
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// segment is a stretch of a bar.
type segment struct {
	State press.State
	Tone  press.Tone
	N     int
	X, W  float64 // in hundredths of the bar
}

// barOf are the segments of a bar of states. A state that is there is seen,
// however few copies it has.
func barOf(states map[press.State]int) []segment {
	total, some := 0, 0
	for _, n := range states {
		if total += n; n > 0 {
			some++
		}
	}
	var bar []segment
	const least = 0.8
	x := 0.0
	for _, tone := range press.Tones() {
		for _, s := range press.States() {
			if n := states[s]; n > 0 && s.Tone() == tone {
				w := least + float64(n)/float64(total)*(100-least*float64(some))
				bar = append(bar, segment{s, tone, n, x, w})
				x += w
			}
		}
	}
	return bar
}
