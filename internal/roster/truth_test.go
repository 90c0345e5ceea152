package roster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/roster"
)

func person(id byte, name, address string, country press.Country, outlets ...string) press.Contact {
	c := press.Contact{ID: press.ID{id}, Name: name, Addresses: []press.Address{press.Address(address)}, Country: country, Languages: []press.Lang{"ru"}}
	for _, o := range outlets {
		c.Outlets = append(c.Outlets, press.Outlet{Name: o, Country: country})
	}
	return c
}

// Names are the same in either alphabet, in any order, with accents or without;
// nothing is made of dots, plus signs or one word alone.
func TestDuplicates(t *testing.T) {
	k := &keeper{contacts: []press.Contact{
		person(1, "Aziza Karimova", "aziza@zarafshon.example", "UZ"),
		person(2, "КАРИМОВА Азиза", "a.karimova@else.example", "UZ"),
		person(3, "Aziza Karimova", "aziza@dala.example", "KZ"),
		person(4, "Юлдашев Фарҳод", "f@one.example", "UZ"),
		person(5, "Farhod Yuldashev", "f@two.example", "UZ"),
		person(6, "Jürgen Groß", "jg@a.example", "AT"),
		person(7, "Jurgen Groß", "jg@b.example", "AT"),
		person(8, "Aziza", "aziza.k@c.example", "UZ"),
		person(9, "", "newsroom@d.example", "UZ"),
		person(10, "", "newsroom@e.example", "UZ"),
		person(11, "Olga Belova", "belova@gazeta.uz.example", "UZ"),
		person(12, "O. B.", "belova@gazeta.kz.example", "KZ"),
		person(13, "Anna Kim", "anna.kim@x.example", "UZ"),
		person(14, "Anna Lee", "annakim@x.example", "UZ"),
		person(15, "Anna Lim", "anna.kim+press@x.example", "UZ"),
		person(16, "Ivan Petrov", "ip@f.example", "UZ", "Gazeta"),
		person(17, "Petrov, Ivan", "petrov@g.example", "KZ"),
	}}
	pairs, err := roster.Duplicates(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pairs {
		got = append(got, fmt.Sprintf("%d-%d", p.Keep.ID[0], p.Other.ID[0]))
	}
	if strings.Join(got, " ") != "1-2 4-5 6-7" {
		t.Errorf("found %v", pairs)
	}
}

// A name that hundreds share is no person's.
func TestDuplicatesOfMany(t *testing.T) {
	k := &keeper{}
	for i := range 300 {
		c := person(0, "Press Service", fmt.Sprintf("p%d@d%d.example", i, i), "UZ")
		c.ID = press.ID{1, byte(i >> 8), byte(i)}
		k.contacts = append(k.contacts, c)
	}
	if pairs, err := roster.Duplicates(t.Context(), k); err != nil || len(pairs) > 0 {
		t.Errorf("%d pairs, %v", len(pairs), err)
	}
}

func TestDayBefore(t *testing.T) {
	now := press.Date{Year: 2027, Month: time.March, Day: 31}
	for span, want := range map[string]string{"90d": "2026-12-31", "2w": "2027-03-17", "18mo": "2025-10-01", "1y": "2026-03-31"} {
		if got, err := roster.DayBefore(span, now); err != nil || got.String() != want {
			t.Errorf("%s before is %s, %v; want %s", span, got, err, want)
		}
	}
	for _, span := range []string{"", "18", "mo", "0d", "-1d", "1.5y", "99999d"} {
		if got, err := roster.DayBefore(span, now); err == nil {
			t.Errorf("%q before is %s", span, got)
		}
	}
}

// domains keeps what was found; the last batch fails where it is told to.
type domains struct {
	keeper
	found map[string]press.DomainMail
}

func (d *domains) Domains(context.Context, time.Time) (map[string]press.DomainMail, error) {
	return d.found, nil
}

func (d *domains) SaveDomains(_ context.Context, found []press.DomainMail) error {
	for _, f := range found {
		d.found[f.Domain] = f
	}
	return nil
}

// Each domain is asked for once, and again only where nothing was learnt.
func TestVerify(t *testing.T) {
	d := &domains{found: map[string]press.DomainMail{}}
	for i := range 1000 {
		d.contacts = append(d.contacts, person(1, "A B", fmt.Sprintf("a%d@d%d.example", i, i%250), "UZ"))
	}
	d.contacts = append(d.contacts, person(2, "", "Press@dead.example", "KZ"), person(3, "C D", "c@lost.example", "KZ"), person(4, "E F", "e@d1.example", "AT"))
	var mu sync.Mutex
	asked, open, most := map[string]int{}, 0, 0
	v := roster.Verifying{Now: time.Now(), Lookup: func(_ context.Context, domain string) (press.DomainMail, error) {
		mu.Lock()
		asked[domain]++
		open++
		most = max(most, open)
		mu.Unlock()
		defer func() {
			mu.Lock()
			open--
			mu.Unlock()
		}()
		switch domain {
		case "dead.example":
			return press.DomainMail{Domain: domain, Found: press.MailNone}, nil
		case "lost.example":
			return press.DomainMail{}, errors.New("no answer")
		}
		return press.DomainMail{Domain: domain, Found: press.MailMX}, nil
	}}
	for run, want := range []int{252, 1} {
		got, err := roster.Verify(t.Context(), d, v)
		if err != nil || got.Contacts != 1003 || got.Domains != 252 || got.Asked != want || got.Roles != 1 || len(got.Bad) != 2 || got.Bad[0].Domain != "dead.example" || got.Bad[1].Trouble != "no answer" {
			t.Errorf("run %d: %+v, %v", run, got, err)
		}
	}
	if asked["d1.example"] != 1 || asked["dead.example"] != 1 || asked["lost.example"] != 2 || most > 16 {
		t.Errorf("asked %v, at most %d at once", asked["d1.example"], most)
	}
	v.Country = "AT"
	if got, err := roster.Verify(t.Context(), d, v); err != nil || got.Contacts != 1 || got.Domains != 1 {
		t.Errorf("of one country: %+v, %v", got, err)
	}
}
