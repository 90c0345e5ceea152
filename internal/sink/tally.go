package sink

import (
	"cmp"
	"math"
	"slices"
	"time"

	"dateline/internal/press"
)

// Expected is one copy that somebody should get. An address that should get
// several copies stands several times.
type Expected struct {
	Address   press.Address
	Country   press.Country
	Language  press.Lang // of the edition; empty where any will do
	NotBefore time.Time  // the instant before which no byte may come
}

// Summary is what came against what should have, by the sink alone.
type Summary struct {
	Recipients    int                   `json:"recipients"`     // copies expected
	Received      int                   `json:"received"`       // of these, how many came
	Duplicates    int                   `json:"duplicates"`     // copies beyond those expected
	Early         int                   `json:"early"`          // copies whose first byte came before its instant
	Missing       int                   `json:"missing"`        // copies that did not come
	Unexpected    int                   `json:"unexpected"`     // addresses that got mail and should have none
	WrongLanguage int                   `json:"wrong_language"` // copies in another language than expected
	FirstAfter    float64               `json:"first_after_lift_ms"`
	LastAfter     float64               `json:"last_after_lift_ms"`
	ByCountry     map[press.Country]int `json:"by_country"`  // of what came as expected
	ByLanguage    map[string]int        `json:"by_language"` // likewise, by the mail's own Content-Language
}

// Clean tells whether everything came once, to whom it should, in its
// language and not too early.
func (s Summary) Clean() bool {
	return s.Duplicates+s.Early+s.Missing+s.Unexpected+s.WrongLanguage == 0
}

// Tally holds the receipts so far against what was expected. FirstAfter is
// from the lift to the first byte of the first copy, LastAfter to the last
// byte of the last copy, in milliseconds with one decimal; both look at the
// copies that were due at the lift, or at all where none was. They are
// negative for what came before, and 0 where nothing came.
func (s *Sink) Tally(expect []Expected, lift time.Time) Summary {
	return tally(s.Received(), expect, lift)
}

// TallyFrom is Tally of the receipts from a number on.
func (s *Sink) TallyFrom(number int, expect []Expected, lift time.Time) Summary {
	all := s.Received()
	return tally(all[min(max(number-1, 0), len(all)):], expect, lift)
}

// copyOf is one message's arrival at one address.
type copyOf struct {
	receipt *Receipt
	due     time.Time
}

func tally(receipts []Receipt, expect []Expected, lift time.Time) Summary {
	sum := Summary{Recipients: len(expect), ByCountry: map[press.Country]int{}, ByLanguage: map[string]int{}}
	wanted := map[string][]Expected{}
	for _, e := range expect {
		wanted[e.Address.Key()] = append(wanted[e.Address.Key()], e)
	}
	for _, copies := range wanted {
		slices.SortStableFunc(copies, func(a, b Expected) int { return a.NotBefore.Compare(b.NotBefore) })
	}
	order := make([]*Receipt, len(receipts))
	for i := range receipts {
		order[i] = &receipts[i]
	}
	slices.SortStableFunc(order, func(a, b *Receipt) int {
		return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.Number, b.Number))
	})

	came := map[string]int{}
	var copies []copyOf
	for _, r := range order {
		for _, to := range r.To {
			key := press.Address(to).Key()
			nth := came[key]
			came[key]++
			copies = sum.count(copies, r, wanted[key], nth)
		}
	}
	sum.Missing = sum.Recipients - sum.Received
	sum.spread(copies, lift)
	return sum
}

// count adds an address's nth copy (from 0) to the summary.
func (s *Summary) count(copies []copyOf, r *Receipt, wanted []Expected, nth int) []copyOf {
	if len(wanted) == 0 {
		if nth == 0 {
			s.Unexpected++
		}
		return copies
	}
	e := wanted[min(nth, len(wanted)-1)]
	if nth >= len(wanted) {
		s.Duplicates++
	} else {
		s.Received++
		s.ByCountry[e.Country]++
		s.ByLanguage[r.Language]++
	}
	if e.Language != "" && string(e.Language) != r.Language {
		s.WrongLanguage++
	}
	if r.Began.Before(e.NotBefore) {
		s.Early++
	}
	return append(copies, copyOf{r, e.NotBefore})
}

// spread finds the first and the last copy after the lift.
func (s *Summary) spread(copies []copyOf, lift time.Time) {
	if slices.ContainsFunc(copies, func(c copyOf) bool { return c.due.Equal(lift) }) {
		copies = slices.DeleteFunc(copies, func(c copyOf) bool { return !c.due.Equal(lift) })
	}
	for i, c := range copies {
		first, last := millis(c.receipt.Began.Sub(lift)), millis(c.receipt.Ended.Sub(lift))
		if i == 0 || first < s.FirstAfter {
			s.FirstAfter = first
		}
		if i == 0 || last > s.LastAfter {
			s.LastAfter = last
		}
	}
}

// millis is a duration in milliseconds, cut to one decimal towards the past,
// so that nothing early reads as 0.
func millis(d time.Duration) float64 {
	return math.Floor(float64(d)/float64(time.Millisecond)*10) / 10
}
