package plan

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// Input is all that a plan depends on.
type Input struct {
	Release      press.Release
	Lists        map[string]press.List
	Contacts     iter.Seq2[press.Contact, error] // in any order, one contact per mailbox
	Suppressed   func(press.Address) (why string, ok bool)
	Holds        func(send string, a press.Address) bool // has this send's copy from an earlier approval
	Fallbacks    map[press.Lang][]press.Lang
	CountryZones map[press.Country]string
	Inputs       string    // hash over the files that the release's text depends on
	Renderer     string    // version of the code that renders
	Zones        string    // fingerprint of the zone database
	Now          time.Time // to tell what has passed
	ReleaseNow   bool      // a person says: send what has passed at once
}

// Plan is what a release would send.
type Plan struct {
	Release    string       `json:"release"`
	Digest     string       `json:"digest"`
	Inputs     string       `json:"inputs"`
	Lift       press.Moment `json:"lift,omitzero"` // zero: no embargo
	ReleaseNow bool         `json:"release_now,omitempty"`
	Sends      []Send       `json:"sends"`
	Skips      []Skip       `json:"skips"`
	Warnings   []string     `json:"warnings"`
	Errors     []string     `json:"errors"`
}

// Send is one wave as planned. Its Due is zero where it goes on approval.
type Send struct {
	Name       string            `json:"name"`
	Kind       press.SendKind    `json:"kind"`
	Due        time.Time         `json:"due,omitzero"`
	LateAfter  time.Duration     `json:"late_after"`
	Recipients []press.Recipient `json:"recipients"`
}

// MarshalJSON writes the duration for people, as the config has it.
func (s Send) MarshalJSON() ([]byte, error) {
	type plain Send
	return json.Marshal(struct {
		plain
		LateAfter string `json:"late_after"`
	}{plain(s), s.LateAfter.String()})
}

// Skip is a contact of a send's lists that gets no copy, and why.
type Skip struct {
	Send    string        `json:"send"`
	Contact press.ID      `json:"contact"`
	Address press.Address `json:"address"`
	Country press.Country `json:"country"`
	Why     string        `json:"why"`
}

// Recipients counts the copies of all sends.
func (p Plan) Recipients() int {
	n := 0
	for _, s := range p.Sends {
		n += len(s.Recipients)
	}
	return n
}

// Make works out a plan.
func Make(in Input) (Plan, error) {
	p := Plan{
		Release: in.Release.Slug, Inputs: in.Inputs, Lift: in.Release.Embargo.Lift, ReleaseNow: in.ReleaseNow,
		Sends: []Send{}, Skips: []Skip{}, Warnings: []string{}, Errors: []string{}, // in JSON an empty list is no null
	}
	m := maker{in: in, plan: &p, zones: maps.Clone(in.CountryZones), holdsAdvance: map[string]bool{}, found: map[string]int{}, missing: map[string]int{}, holdingMet: map[string]bool{}}
	if m.zones == nil {
		m.zones = map[press.Country]string{}
	}
	for _, e := range in.Release.Editions {
		m.have = append(m.have, e.Lang)
	}
	for _, s := range in.Release.Sends {
		p.Sends = append(p.Sends, m.schedule(s))
	}
	if err := m.readContacts(); err != nil {
		return Plan{}, err
	}
	m.judge()
	for i := range p.Sends {
		m.sort(&p.Sends[i])
	}
	slices.SortFunc(p.Skips, func(a, b Skip) int {
		return cmp.Or(cmp.Compare(a.Send, b.Send), cmp.Compare(a.Address.Key(), b.Address.Key()), bytes.Compare(a.Contact[:], b.Contact[:]))
	})
	p.Digest = digest(in, p)
	return p, nil
}

type maker struct {
	in           Input
	plan         *Plan
	have         []press.Lang
	zones        map[press.Country]string // configured, or found to be the country's only one; "" is none
	holdsAdvance map[string]bool          // address keys that an advance send of this plan reaches
	found        map[string]int           // list -> contacts
	missing      map[string]int           // fallback told -> contacts
	holdingMet   map[string]bool          // sends that somebody needs no copy of any more
	zoneless     int
	counted      bool // the contact at hand is in missing and zoneless, if it belongs there
}

// schedule gives a send its instant. One that has passed goes on approval if a
// person said so; judge refuses the others, as far as they have a copy left.
func (m *maker) schedule(s press.Send) Send {
	out := Send{Name: s.Name, Kind: s.Kind, LateAfter: s.LateAfter, Recipients: []press.Recipient{}}
	if m.in.Release.Embargo.None && s.At.Moment.IsZero() {
		return out
	}
	lift := m.in.Release.Embargo.Lift
	due := s.At.Due(lift.At)
	if s.Kind != press.Advance && due.Before(lift.At) {
		m.fail("send %s would be due at %s, before the lift at %s; only an advance send may be, so set it to the lift or later", s.Name, utc(due), utc(lift.At))
		due = lift.At
	}
	if s.Kind == press.Advance || due.After(m.in.Now) || !m.in.ReleaseNow {
		out.Due = due
	}
	return out
}

// judgeInstant speaks of a send that is due in the past. An advance send that
// is late, but not too late, leaves as soon as it is approved.
func (m *maker) judgeInstant(s Send) {
	passed := m.in.Now.Sub(s.Due)
	if s.Due.IsZero() || passed <= 0 || len(s.Recipients) == 0 {
		return
	}
	switch {
	case s.Kind == press.Advance && passed < s.LateAfter && m.in.Now.Before(m.plan.Lift.At):
		m.warn("send %s was due %s ago; its copies leave as soon as the plan is approved", s.Name, passed.Round(time.Second))
	case s.Kind == press.Advance:
		m.fail("send %s was due at %s, which is too long past; take it out, or give it a later instant before the lift", s.Name, utc(s.Due))
	default:
		m.fail("send %s was due at %s, which has passed; set a new instant, or say --release-now to send it on approval", s.Name, utc(s.Due))
	}
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (m *maker) warn(format string, args ...any) {
	m.plan.Warnings = append(m.plan.Warnings, fmt.Sprintf(format, args...))
}

func (m *maker) fail(format string, args ...any) {
	m.plan.Errors = append(m.plan.Errors, fmt.Sprintf(format, args...))
}

func (m *maker) readContacts() error {
	for c, err := range m.in.Contacts {
		if err != nil {
			return err
		}
		m.counted = false
		// Advance sends first: who holds that copy is not sent the general one again.
		for _, wanted := range []bool{true, false} {
			for i, s := range m.in.Release.Sends {
				if (s.Kind == press.Advance) == wanted && m.inLists(s, c) {
					m.place(i, s, c)
				}
			}
		}
	}
	return nil
}

func (m *maker) inLists(s press.Send, c press.Contact) bool {
	in := false
	for _, name := range s.Lists {
		if m.in.Lists[name].Holds(c) {
			m.found[name]++
			in = true
		}
	}
	return in
}

// place puts a contact into a send, or into the skips with the reason.
func (m *maker) place(i int, s press.Send, c press.Contact) {
	address := c.Preferred()
	skip := func(why string) {
		m.plan.Skips = append(m.plan.Skips, Skip{Send: s.Name, Contact: c.ID, Address: address, Country: c.Country, Why: why})
	}
	if address == "" {
		skip("no address on file")
		return
	}
	if why, ok := m.in.Suppressed(address); ok {
		skip("suppressed: " + why)
		return
	}
	if m.in.Holds(s.Name, address) {
		m.holdingMet[s.Name] = true
		skip("has this send's copy already")
		return
	}
	var outlet press.Outlet
	if len(c.Outlets) > 0 {
		outlet = c.Outlets[0]
	}
	if s.Kind == press.Advance {
		agreed, ok := c.AgreedOutlet()
		if !ok {
			skip("no embargo agreement on file")
			return
		}
		outlet = agreed
	} else if m.hasAdvance(address) && !s.Again {
		m.holdingMet[s.Name] = true
		skip("holds the advance copy")
		return
	}
	edition, why, ok := locale.Choose(c.Languages, m.have, m.in.Fallbacks)
	if !ok {
		skip(why)
		return
	}
	zone, known := m.zone(c)
	m.count(c, edition, known)
	if s.Kind == press.Advance {
		m.holdsAdvance[address.Key()] = true
	}
	send := &m.plan.Sends[i]
	r := press.Recipient{
		Contact: c.ID, Address: address, Name: c.Name, Outlet: outlet.Name, OutletKind: outlet.Kind, Country: c.Country,
		Edition: edition, Why: why, Zone: zone, Due: send.Due,
	}
	if !send.Due.IsZero() {
		r.Deadline = send.Due.Add(send.LateAfter)
	}
	send.Recipients = append(send.Recipients, r)
}

// count notes, once per contact, what the warnings tell.
func (m *maker) count(c press.Contact, edition press.Lang, zoneKnown bool) {
	if m.counted {
		return
	}
	m.counted = true
	if !zoneKnown {
		m.zoneless++
	}
	if !slices.Contains(c.Languages, edition) {
		m.missing[fmt.Sprintf("%s → %s", c.Languages[0], edition)]++
	}
}

// sort puts a send's recipients in the order of their addresses. Contacts that
// share one would get two copies; the store has one contact per mailbox.
func (m *maker) sort(s *Send) {
	slices.SortFunc(s.Recipients, func(a, b press.Recipient) int {
		return cmp.Or(cmp.Compare(a.Address.Key(), b.Address.Key()), bytes.Compare(a.Contact[:], b.Contact[:]))
	})
	s.Recipients = slices.CompactFunc(s.Recipients, func(a, b press.Recipient) bool {
		same := a.Address.Key() == b.Address.Key()
		if same {
			m.fail("send %s has two contacts of one address, %s and %s; merge them", s.Name, a.Contact, b.Contact)
		}
		return same
	})
}

// zone is where the contact lives; a country is looked up once.
func (m *maker) zone(c press.Contact) (string, bool) {
	if _, known := m.zones[c.Country]; !known {
		m.zones[c.Country], _ = locale.SoleZone(c.Country)
	}
	return locale.ContactZone(c, m.zones)
}

// hasAdvance tells whether an advance copy goes, or went, to an address.
func (m *maker) hasAdvance(a press.Address) bool {
	return m.holdsAdvance[a.Key()] || slices.ContainsFunc(m.in.Release.Sends, func(s press.Send) bool {
		return s.Kind == press.Advance && m.in.Holds(s.Name, a)
	})
}

// judge adds the warnings and errors that only the whole shows.
func (m *maker) judge() {
	told := map[string]bool{}
	for i, s := range m.in.Release.Sends {
		for _, name := range s.Lists {
			if m.found[name] == 0 && !told[name] {
				told[name] = true
				m.fail("list %s resolves to no contact; import contacts or correct its filter in lists.yaml", name)
			}
		}
		m.judgeInstant(m.plan.Sends[i])
		if len(m.plan.Sends[i].Recipients) == 0 && !m.holdingMet[s.Name] {
			if s.Kind == press.Advance {
				m.warn("send %s reaches nobody: no outlet in its lists has an embargo agreement on file", s.Name)
			} else {
				m.fail("send %s reaches nobody; see the skipped contacts", s.Name)
			}
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(m.missing)) {
		m.warn("%s: %s", contacts(m.missing[pair], "falls back", "fall back"), pair)
	}
	if m.zoneless > 0 {
		m.warn("%s: a copy there tells the embargo in the dateline's zone and UTC only; add a zone, or country_zones in dateline.yaml", contacts(m.zoneless, "has no known time zone", "have no known time zone"))
	}
}

func contacts(n int, one, many string) string {
	if n == 1 {
		return "1 contact " + one
	}
	return fmt.Sprintf("%d contacts %s", n, many)
}
