package press

import (
	"testing"
	"time"
)

func someContact() Contact {
	return Contact{
		Addresses: []Address{"Desk@gazeta.example", "night@gazeta.example"},
		Country:   "UZ",
		Languages: []Lang{"uz-Cyrl", "ru"},
		Beats:     []string{"security", "water"},
		Tags:      []string{"summit"},
		Outlets:   []Outlet{{Name: "Gazeta", Kind: Newspaper}, {Name: "Agentlik", Kind: Wire, Agreement: Agreement{On: Date{2026, time.May, 1}, By: "B. Karimova"}}},
	}
}

func TestContact(t *testing.T) {
	c := someContact()
	if got := c.Preferred(); got != "Desk@gazeta.example" {
		t.Errorf("preferred is %s", got)
	}
	if got := (Contact{}).Preferred(); got != "" {
		t.Errorf("who has no address prefers %s", got)
	}
	day := Date{2026, time.May, 2}
	if o, ok := c.AgreedOutlet(day); !ok || o.Name != "Agentlik" {
		t.Errorf("the outlet with an agreement is %q, %v", o.Name, ok)
	}
	c.Outlets = c.Outlets[:1]
	if o, ok := c.AgreedOutlet(day); ok || o != (Outlet{}) {
		t.Errorf("without an agreement it is %q", o.Name)
	}
	if (Agreement{By: "somebody"}).OnFile() {
		t.Error("an agreement without a date is on file")
	}
}

func TestAgreementInForce(t *testing.T) {
	on, until := Date{2026, time.May, 1}, Date{2026, time.June, 30}
	for name, x := range map[string]struct {
		agreement Agreement
		day       Date
		want      bool
	}{
		"its first day":       {Agreement{On: on, Until: until}, on, true},
		"its last day":        {Agreement{On: on, Until: until}, until, true},
		"the day before":      {Agreement{On: on, Until: until}, Date{2026, time.April, 30}, false},
		"the day after":       {Agreement{On: on, Until: until}, Date{2026, time.July, 1}, false},
		"without an end":      {Agreement{On: on}, Date{2036, time.May, 1}, true},
		"none on file":        {Agreement{Until: until}, on, false},
		"another year before": {Agreement{On: on, Until: until}, Date{2025, time.June, 1}, false},
	} {
		if got := x.agreement.InForce(x.day); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
