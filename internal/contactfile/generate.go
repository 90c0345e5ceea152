package contactfile

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"dateline/internal/press"
)

// Generate makes n fictional contacts in Central Asia, the United States and
// Austria, for the demo, rehearsals and measurements. The same n and seed give
// the same contacts. Every address is its own, at a domain under .example
// (RFC 2606), which no mail ever reaches. Ids are zero. From n = 100 on each
// country and each language is somebody's first.
func Generate(n int, seed uint64) iter.Seq[press.Contact] {
	return func(yield func(press.Contact) bool) {
		g := &generator{rng: rand.New(rand.NewPCG(seed, 0x6461746c)), places: places()} //nolint:gosec // fiction, no secrets
		for i := range g.places {
			g.outlets = append(g.outlets, g.newsrooms(g.places[i]))
		}
		firsts := g.firsts()
		for i := range n {
			p := g.pickPlace()
			l := pick(g.rng, g.places[p].firsts)
			if i < len(firsts) {
				p, l = firsts[i].place, firsts[i].lang
			}
			if !yield(g.contact(i+1, p, l)) {
				return
			}
		}
	}
}

// share is a value and how often it comes, against the others beside it.
type share[T any] struct {
	value  T
	weight int
}

func pick[T any](rng *rand.Rand, from []share[T]) T {
	total := 0
	for _, s := range from {
		total += s.weight
	}
	at := rng.IntN(total)
	for _, s := range from {
		if at -= s.weight; at < 0 {
			return s.value
		}
	}
	panic("unreachable: the weights sum to total")
}

type generator struct {
	rng     *rand.Rand
	places  []place
	outlets [][]press.Outlet // by place
}

type first struct {
	place int
	lang  press.Lang
}

// firsts lists every pair of a country and a language spoken first in it.
func (g *generator) firsts() []first {
	var all []first
	for i, p := range g.places {
		for _, l := range p.firsts {
			all = append(all, first{i, l.value})
		}
	}
	return all
}

func (g *generator) pickPlace() int {
	var from []share[int]
	for i, p := range g.places {
		from = append(from, share[int]{i, p.weight})
	}
	return pick(g.rng, from)
}

// newsrooms makes a country's outlets: every kind, and every wire with an
// agreement.
func (g *generator) newsrooms(p place) []press.Outlet {
	var all []press.Outlet
	for _, city := range p.cities {
		for _, form := range outletForms() {
			o := press.Outlet{
				Name:    fmt.Sprintf(form.name, city.name),
				Country: p.country,
				Kind:    form.kind,
				Website: fmt.Sprintf("https://%s.example", domainLabel(form.label, city.name, p.country)),
			}
			if g.rng.IntN(4) > 0 {
				o.Zone = city.zone
			}
			if o.Kind == press.Wire || (o.Kind != press.Freelance && g.rng.IntN(12) == 0) {
				day := time.Date(2021, 1, 4+g.rng.IntN(700), 0, 0, 0, 0, time.UTC)
				o.Agreement = press.Agreement{On: press.DateOf(day), By: oneOf(g.rng, givenNames()).latin + " " + oneOf(g.rng, familyNames()).latin}
			}
			all = append(all, o)
		}
	}
	return all
}

func domainLabel(parts ...any) string {
	var words []string
	for _, p := range parts {
		words = append(words, strings.Fields(strings.ToLower(fmt.Sprint(p)))...)
	}
	return strings.Join(words, "-")
}

func oneOf[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// contact makes the contact of a number, whose first language is given.
func (g *generator) contact(number, at int, lang press.Lang) press.Contact {
	p := g.places[at]
	given, family := oneOf(g.rng, givenNames()), oneOf(g.rng, familyNames())
	c := press.Contact{
		Name:       given.in(lang) + " " + family.in(lang),
		Country:    p.country,
		Languages:  g.languages(p, lang),
		Beats:      g.beats(),
		LegalBasis: "legitimate interest",
		Source:     oneOf(g.rng, []string{"accreditation list 2021", "own request", "press card register", "met at a briefing"}),
	}
	domain := "freelance-" + strings.ToLower(string(p.country)) + ".example"
	if g.rng.IntN(20) > 0 {
		o := oneOf(g.rng, g.outlets[at])
		c.Outlets = append(c.Outlets, o)
		domain = strings.TrimPrefix(o.Website, "https://")
		if second := oneOf(g.rng, g.outlets[at]); g.rng.IntN(15) == 0 && second.Name != o.Name {
			c.Outlets = append(c.Outlets, second)
		}
	}
	mailbox := strings.ToLower(given.latin + "." + family.latin)
	if g.rng.IntN(8) == 0 { // a desk, not a person
		c.Name, mailbox = "", "newsroom"
	}
	c.Addresses = append(c.Addresses, press.Address(fmt.Sprintf("%s.%06d@%s", mailbox, number, domain)))
	if g.rng.IntN(10) == 0 {
		c.Addresses = append(c.Addresses, press.Address(fmt.Sprintf("%s.%06d@mail-%s.example", mailbox, number, strings.ToLower(string(p.country)))))
	}
	if g.rng.IntN(3) > 0 {
		c.Zone = oneOf(g.rng, p.cities).zone
	}
	for _, tag := range []share[string]{{"accredited", 30}, {"terrorism", 20}, {"conference-2022", 15}} {
		if g.rng.IntN(100) < tag.weight {
			c.Tags = append(c.Tags, tag.value)
		}
	}
	return c
}

// languages adds what else a contact reads to the first language.
func (g *generator) languages(p place, lang press.Lang) []press.Lang {
	all := []press.Lang{lang}
	for _, also := range p.also {
		if also.value != lang && g.rng.IntN(100) < also.weight {
			all = append(all, also.value)
		}
	}
	return all
}

func (g *generator) beats() []string {
	var all []string
	for _, beat := range []share[string]{
		{"politics", 40},
		{"security", 35},
		{"foreign affairs", 30},
		{"economy", 25},
		{"justice", 15},
		{"society", 15},
	} {
		if g.rng.IntN(100) < beat.weight {
			all = append(all, beat.value)
		}
	}
	return all
}
