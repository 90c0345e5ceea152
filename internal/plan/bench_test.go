package plan

import (
	"fmt"
	"testing"

	"dateline/internal/press"
)

// manyContacts makes an audience in which every country, language and reason
// to be skipped comes up.
func manyContacts(n int) []press.Contact {
	cs := make([]press.Contact, n)
	outlets := []press.Outlet{wire, daily, agreed, {Name: "Kanal", Kind: press.TV, Country: "UZ"}}
	langs := [][]press.Lang{{"ru"}, {"uz-Latn", "ru"}, {"uz-Cyrl"}, {"en"}, {"kk", "ru"}, {"tr"}}
	places := []press.Country{"UZ", "KZ", "US", "TR"}
	for i := range cs {
		cs[i] = press.Contact{
			ID: press.ID{byte(i >> 16), byte(i >> 8), byte(i)}, Name: fmt.Sprintf("Person %d", i), Addresses: []press.Address{press.Address(fmt.Sprintf("person.%06d@outlet-%d.example", i*7919%n, i%977))},
			Country: places[i%len(places)], Languages: langs[i%len(langs)],
		}
		if i%10 > 0 {
			cs[i].Outlets = outlets[i%len(outlets) : i%len(outlets)+1]
		}
		if i%3 > 0 {
			cs[i].Zone = "Asia/Tashkent"
		}
	}
	return cs
}

// BenchmarkMake plans 100,000 contacts. A third has no zone of its own, and of
// those some no outlet that has one.
func BenchmarkMake(b *testing.B) {
	in := house()
	in.Contacts = stream(manyContacts(100_000))
	b.ReportAllocs()
	recipients := 0
	for b.Loop() {
		recipients = make1(b, in).Recipients()
	}
	b.ReportMetric(float64(recipients), "recipients")
}
