package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/sink"
)

// show ends the demo for a person: what the sink saw, and where to look next.
func (d *demoRun) show(p desk.Planned, s sink.Summary) {
	d.tell("", bold("6  What the sink got, by its own clock and count"))
	d.app.mailsBy(s.ByCountry, s.ByLanguage)
	line := fmt.Sprintf("   %s expected, %s received, %d twice, %d early, %d missing, %d unexpected", thousands(s.Recipients), thousands(s.Received), s.Duplicates, s.Early, s.Missing, s.Unexpected)
	if s.Clean() {
		line = good(line)
	} else {
		line = alarm(line)
	}
	d.tell("", line, fmt.Sprintf("   first %.1f ms after the lift, last %.1f ms", s.FirstAfter, s.LastAfter))
	command := "dateline --config " + d.folder.config()
	d.tell("", bold("Where to look next"),
		"   the mails         "+d.folder.mails()+"  (the first ones, and one in each language)",
		"   the release       "+d.folder.config()+"/releases/"+p.Release,
		"   the delivery log  "+command+" log --release "+p.Release,
		"   how it stands     "+command+" status "+p.Release,
		"   a mail to look at "+command+" preview "+p.Release+" --lang uz-Cyrl --out "+d.folder.dir+"/preview",
		"   the daemon        "+command+" serve",
		faint("   (dateline is `go run ./cmd/dateline` in this repository)"))
	if len(p.Skips) > 0 {
		reasons := map[string]bool{}
		for _, k := range p.Skips {
			reasons[k.Why] = true
		}
		d.tell(faint(fmt.Sprintf("   %s skipped by the plan: %s", count(len(p.Skips), "contact"), strings.Join(slices.Sorted(maps.Keys(reasons)), "; "))))
	}
}

// mailsBy prints countries and languages beside each other, the largest first.
func (a *app) mailsBy(byCountry map[press.Country]int, byLanguage map[string]int) {
	countries := slices.SortedFunc(maps.Keys(byCountry), func(x, y press.Country) int { return cmp.Or(byCountry[y]-byCountry[x], cmp.Compare(x, y)) })
	languages := slices.SortedFunc(maps.Keys(byLanguage), func(x, y string) int { return cmp.Or(byLanguage[y]-byLanguage[x], cmp.Compare(x, y)) })
	var rows [][]string
	for i := range max(len(countries), len(languages)) {
		row := []string{"", "", "", ""}
		if i < len(countries) {
			row[0], row[1] = string(countries[i]), thousands(byCountry[countries[i]])
		}
		if i < len(languages) {
			row[2], row[3] = languages[i], thousands(byLanguage[languages[i]])
		}
		rows = append(rows, row)
	}
	a.grid([]string{"country", "mails", "language", "mails"}, map[int]bool{1: true, 3: true}, rows)
}
