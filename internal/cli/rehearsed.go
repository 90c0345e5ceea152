package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
	"dateline/internal/sink"
)

// rehearsed are a rehearsal's figures, as `--json` prints them.
type rehearsed struct {
	Release    string   `json:"release"`
	Digest     string   `json:"digest"`
	Copies     int      `json:"copies"`
	Suppressed int      `json:"suppressed"` // copies that would be skipped by now
	Waves      []wave   `json:"waves"`
	Sizes      sizes    `json:"sizes"`
	Warnings   []string `json:"warnings"`
}

// wave are the figures of one instant.
type wave struct {
	Due       time.Time `json:"due"`
	PerSecond float64   `json:"per_second"`
	sink.Summary
}

// sizes are those of whole mails, in bytes.
type sizes struct {
	Smallest int   `json:"smallest"`
	Median   int   `json:"median"`
	Largest  int   `json:"largest"`
	Total    int64 `json:"total"`
}

func waveOf(due time.Time, s sink.Summary) wave {
	w := wave{Due: due, Summary: s}
	if s.LastAfter > 0 {
		w.PerSecond = float64(s.Received) / s.LastAfter * 1000
	}
	return w
}

func (r *rehearsal) begun() rehearsed {
	return rehearsed{Release: r.slug, Digest: r.release.Approval.Digest, Copies: len(r.copies), Suppressed: r.suppressed, Waves: []wave{}, Warnings: []string{}}
}

// measure takes the mails' sizes.
func (d *rehearsed) measure(receipts []sink.Receipt) {
	if len(receipts) == 0 {
		return
	}
	slices.SortFunc(receipts, func(a, b sink.Receipt) int { return cmp.Compare(a.Size, b.Size) })
	for _, r := range receipts {
		d.Sizes.Total += int64(r.Size)
	}
	d.Sizes.Smallest, d.Sizes.Median, d.Sizes.Largest = receipts[0].Size, receipts[len(receipts)/2].Size, receipts[len(receipts)-1].Size
}

// warn says what the lift has in its way that a rehearsal does not.
func (r *rehearsal) warn(d *rehearsed) {
	warn := func(format string, args ...any) { d.Warnings = append(d.Warnings, fmt.Sprintf(format, args...)) }
	if held := r.release.Control.Held; held != "" {
		warn("the release is held (%s): nothing leaves until it is resumed", held)
	}
	if r.suppressed > 0 {
		warn("%s would be skipped: their mailboxes were suppressed after the approval", copies(r.suppressed))
	}
	for _, w := range d.Waves {
		if !w.Clean() {
			warn("of the copies due at %s %d came twice, %d early, %d not at all, %d in another language", w.Due.UTC().Format("2006-01-02 15:04:05 UTC"), w.Duplicates, w.Early, w.Missing, w.WrongLanguage)
		}
	}
	d.Warnings = append(d.Warnings, r.slow()...)
}

// slow reckons what the limits of relays and domains make of the largest wave.
func (r *rehearsal) slow() []string {
	byDue := map[time.Time]int{}
	byDomain := map[string]map[time.Time]int{}
	for i := range r.copies {
		d := &r.copies[i]
		domain := strings.ToLower(d.Address.Domain())
		if byDomain[domain] == nil {
			byDomain[domain] = map[time.Time]int{}
		}
		byDue[d.Due]++
		byDomain[domain][d.Due]++
	}
	var all []string
	if rate := r.relaysPerSecond(); rate > 0 {
		n := slices.Max(slices.Collect(maps.Values(byDue)))
		if takes := time.Duration(float64(n) / rate * float64(time.Second)); takes > time.Second {
			all = append(all, fmt.Sprintf("the relays take %g a second together (per_second): %s at one instant want %s", rate, copies(n), takes.Round(time.Second)))
		}
	}
	each := eachOf(r.config.Policies.DomainLimits)
	for _, domain := range slices.Sorted(maps.Keys(each)) {
		if len(byDomain[domain]) == 0 {
			continue
		}
		n := slices.Max(slices.Collect(maps.Values(byDomain[domain])))
		if takes := time.Duration(n-1) * each[domain]; takes > time.Second {
			all = append(all, fmt.Sprintf("%s takes one copy every %s (domain_limits): %s at one instant want %s", domain, each[domain], copies(n), takes.Round(time.Second)))
		}
	}
	return all
}

// relaysPerSecond is what the relays take together; 0 where one has no limit.
func (r *rehearsal) relaysPerSecond() float64 {
	sum := 0.0
	for _, x := range r.config.Relays {
		if x.PerSecond == 0 {
			return 0
		}
		sum += x.PerSecond
	}
	return sum
}

func (a *app) showRehearsed(d rehearsed) error {
	if a.json {
		return a.printJSON(d)
	}
	a.say(bold("Rehearsal of "+d.Release)+faint(fmt.Sprintf("  digest %.12s, into a sink on this machine; nobody got anything", d.Digest)), "")
	for _, w := range d.Waves {
		a.say(fmt.Sprintf("%s  %s: first %.1f ms after it, last %.1f ms, %.0f a second", w.Due.UTC().Format("2006-01-02 15:04:05 UTC"), copies(w.Received), w.FirstAfter, w.LastAfter, w.PerSecond))
	}
	countries, languages := map[press.Country]int{}, map[string]int{}
	for _, w := range d.Waves {
		for c, n := range w.ByCountry {
			countries[c] += n
		}
		for l, n := range w.ByLanguage {
			languages[l] += n
		}
	}
	a.say("")
	a.mailsBy(countries, languages)
	a.say("", fmt.Sprintf("mails of %s to %s bytes, half of them up to %s; %s in all", thousands(d.Sizes.Smallest), thousands(d.Sizes.Largest), thousands(d.Sizes.Median), thousands(int(d.Sizes.Total))))
	for _, w := range d.Warnings {
		a.say(alarm("warning: ") + w)
	}
	return nil
}
