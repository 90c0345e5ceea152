package desk

import (
	"cmp"

	"dateline/internal/plan"
	"dateline/internal/press"
)

// View is a plan as machines read it, with its totals.
type View struct {
	Planned
	Recipients   int               `json:"recipients"`
	Totals       map[string]Totals `json:"totals"`                  // by send
	NoticeTotals map[string]Totals `json:"notice_totals,omitempty"` // by notice
	Skipped      map[string]int    `json:"skipped"`
	ToApprove    bool              `json:"to_approve"`
}

// Totals count one send's copies.
type Totals struct {
	Recipients int                      `json:"recipients"`
	Country    map[press.Country]int    `json:"country"`
	Language   map[press.Lang]int       `json:"language"`
	OutletKind map[press.OutletKind]int `json:"outlet_kind"`
}

// NewView makes the view of a plan; lists that are empty are so in JSON, too.
func NewView(p Planned) View {
	p.Skips, p.Warnings, p.Errors = listed(p.Skips), listed(p.Warnings), listed(p.Errors)
	v := View{Planned: p, Recipients: p.Plan.Recipients(), Totals: map[string]Totals{}, Skipped: map[string]int{}, ToApprove: p.ToApprove()}
	for _, s := range p.Sends {
		v.Totals[s.Name] = TotalsOf(s)
	}
	for _, n := range p.Plan.Notices {
		for _, s := range n.Sends {
			if v.NoticeTotals == nil {
				v.NoticeTotals = map[string]Totals{}
			}
			v.NoticeTotals[n.Release] = TotalsOf(s)
		}
	}
	for _, s := range p.Skips {
		v.Skipped[s.Why]++
	}
	return v
}

// listed makes a list that is empty one in JSON too, where it would be null.
func listed[T any](s []T) []T { return append([]T{}, s...) }

// TotalsOf counts one send's copies.
func TotalsOf(s plan.Send) Totals {
	t := Totals{len(s.Recipients), map[press.Country]int{}, map[press.Lang]int{}, map[press.OutletKind]int{}}
	for _, r := range s.Recipients {
		t.Country[r.Country]++
		t.Language[r.Edition]++
		t.OutletKind[cmp.Or(r.OutletKind, "none")]++
	}
	return t
}
