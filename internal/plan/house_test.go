package plan

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"dateline/internal/press"
)

// lift is 18:00 in Tashkent.
var lift = time.Date(2027, time.March, 4, 13, 0, 0, 0, time.UTC)

var (
	agreed = press.Outlet{Name: "Kaspiy News", Country: "KZ", Kind: press.Wire, Zone: "Asia/Almaty", Agreement: press.Agreement{On: press.Date{Year: 2026, Month: time.May, Day: 2}, By: "A. Serikova"}}
	wire   = press.Outlet{Name: "Agentlik", Country: "UZ", Kind: press.Wire}
	daily  = press.Outlet{Name: "Gazeta", Country: "UZ", Kind: press.Newspaper, Zone: "Asia/Samarkand"}
)

// person makes a contact; languages stand in order of preference.
func person(number byte, name string, a press.Address, c press.Country, langs ...press.Lang) press.Contact {
	return press.Contact{ID: press.ID{number}, Name: name, Addresses: []press.Address{a}, Country: c, Languages: langs}
}

func at(c press.Contact, outlets ...press.Outlet) press.Contact {
	c.Outlets = outlets
	return c
}

// house is a small newsroom's whole: a release with an advance and a general
// send, and contacts of every sort, three days before the lift.
func house() Input {
	contacts := []press.Contact{
		at(person(1, "Dana", "dana@kaspiy.example", "KZ", "kk", "ru"), daily, agreed),
		at(person(2, "Aziz", "Aziz@agentlik.example", "UZ", "uz-Latn"), wire),
		at(person(3, "Otabek", "otabek@gazeta.example", "UZ", "uz-Cyrl"), daily),
		person(4, "Ivan", "иван@xn--e1afmkfd.xn--p1ai", "UZ", "ru"),
		person(5, "", "newsroom@tribune.example", "US", "en"),
		person(6, "Leyla", "leyla@haber.example", "TR", "tr", "az"),
		person(7, "Mute", "mute@gazeta.example", "UZ"),
		person(8, "Gone", "gone@gazeta.example", "UZ", "ru"),
		at(person(9, "Held", "held@kaspiy.example", "KZ", "ru"), agreed),
		person(10, "Far", "far@away.example", "NZ", "en"), // in no list
		{ID: press.ID{11}, Name: "Nowhere", Country: "UZ", Languages: []press.Lang{"en"}},
	}
	contacts[1].Zone = "Asia/Tashkent"
	return Input{
		Release: press.Release{
			Slug:     "water-2027",
			Kind:     press.News,
			Embargo:  press.Embargo{Lift: press.Moment{At: lift, Zone: "Asia/Tashkent"}},
			Editions: []press.Edition{{Lang: "en"}, {Lang: "ru"}, {Lang: "uz-Latn"}},
			Sends: []press.Send{
				{Name: "general", Kind: press.General, Lists: []string{"region", "abroad", "russian"}, LateAfter: 2 * time.Hour},
				{Name: "advance", Kind: press.Advance, Lists: []string{"wires"}, At: press.Schedule{Before: 24 * time.Hour}, LateAfter: 12 * time.Hour},
			},
		},
		Lists: map[string]press.List{
			"wires":   {Filter: press.Filter{OutletKinds: []press.OutletKind{press.Wire}}},
			"region":  {Filter: press.Filter{Countries: []press.Country{"UZ", "KZ"}}},
			"abroad":  {Filter: press.Filter{Countries: []press.Country{"US", "TR"}}},
			"russian": {Filter: press.Filter{Languages: []press.Lang{"ru"}}}, // overlaps with region
		},
		Contacts:   stream(contacts),
		Suppressed: only("gone@gazeta.example"),
		Holds:      func(string, press.Address) bool { return false },
		Fallbacks:  map[press.Lang][]press.Lang{"uz-Cyrl": {"uz-Latn", "ru"}, "kk": {"ru"}},
		Inputs:     "inputs", Renderer: "renderer", Zones: "zones",
		Now: lift.Add(-72 * time.Hour),
	}
}

func stream(cs []press.Contact) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		for _, c := range cs {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// contactsOf reads an input's contacts back, to be changed.
func contactsOf(in Input) []press.Contact {
	var cs []press.Contact
	for c, err := range in.Contacts {
		if err != nil {
			panic(err) // stream gives none
		}
		cs = append(cs, c)
	}
	return cs
}

// change gives an input with one contact changed.
func change(in Input, number byte, how func(*press.Contact)) Input {
	cs := contactsOf(in)
	i := slices.IndexFunc(cs, func(c press.Contact) bool { return c.ID == press.ID{number} })
	how(&cs[i])
	in.Contacts = stream(cs)
	return in
}

func only(addresses ...press.Address) func(press.Address) (string, bool) {
	return func(a press.Address) (string, bool) {
		if slices.ContainsFunc(addresses, func(b press.Address) bool { return a.Key() == b.Key() }) {
			return "opt-out", true
		}
		return "", false
	}
}

func make1(t interface {
	Helper()
	Fatal(...any)
}, in Input,
) Plan {
	t.Helper()
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sendOf(t *testing.T, p Plan, name string) Send {
	t.Helper()
	for _, s := range p.Sends {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the plan has no send %s", name)
	return Send{}
}

// lines tells a send's recipients shortly, in their order.
func lines(s Send) []string {
	var all []string
	for _, r := range s.Recipients {
		all = append(all, fmt.Sprintf("%s %s (%s) %s", r.Address, r.Edition, r.Why, r.Zone))
	}
	return all
}

func skipsOf(p Plan) []string {
	var all []string
	for _, s := range p.Skips {
		all = append(all, fmt.Sprintf("%s %s: %s", s.Send, s.Address, s.Why))
	}
	return all
}
