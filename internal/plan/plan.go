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
	Ninjs        []string                        // the lists whose contacts get the story as ninjs, too
	Contacts     iter.Seq2[press.Contact, error] // in any order, one contact per mailbox
	Suppressed   func(press.Address) (why string, ok bool)
	Holds        func(send string, a press.Address) bool // has this send's copy from an earlier approval
	Fallbacks    map[press.Lang][]press.Lang
	CountryZones map[press.Country]string
	QuietHours   map[press.Country]press.QuietHours
	Inputs       string    // hash over the files that the release's text depends on
	Renderer     string    // version of the code that renders
	Zones        string    // fingerprint of the zone database
	Now          time.Time // to tell what has passed
	ReleaseNow   bool      // a person says: send what has passed at once
	Troubles     []string  // that keep the plan from being approved
	Doubts       []string  // about the text, for a person to weigh
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
	Notices    []Notice     `json:"notices,omitempty"` // to those who hold a copy that tells an embargo which has moved
	Alone      string       `json:"alone,omitempty"`   // with notices: the digest of what the release itself sends
}

// Send is one wave as planned. Its Due is zero where it goes on approval; of a
// local send it is the earliest of its recipients' instants.
type Send struct {
	Name       string            `json:"name"`
	Kind       press.SendKind    `json:"kind"`
	After      string            `json:"after,omitempty"` // the send that a follow-up follows
	Due        time.Time         `json:"due,omitzero"`
	Until      time.Time         `json:"until,omitzero"` // the latest instant of a recipient, where it is later than Due
	Local      press.WallTime    `json:"local,omitzero"`
	LateAfter  time.Duration     `json:"late_after"`
	Recipients []press.Recipient `json:"recipients"`

	quiet map[press.Country]press.QuietHours // that it keeps
}

// MarshalJSON writes the duration for people, as the config has it.
func (s Send) MarshalJSON() ([]byte, error) {
	type plain Send
	return json.Marshal(struct {
		plain
		LateAfter string `json:"late_after"`
	}{plain(s), s.LateAfter.String()})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Send) UnmarshalJSON(text []byte) error {
	type plain Send
	read := struct {
		*plain
		LateAfter string `json:"late_after"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	var err error
	s.LateAfter, err = time.ParseDuration(read.LateAfter)
	return err
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
	m := newMaker(in, &p)
	for _, trouble := range in.Troubles {
		m.fail("%s", trouble)
	}
	for _, doubt := range in.Doubts {
		m.warn("%s", doubt)
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
	day          press.Date // on which agreements are looked at: that of the lift in the dateline's zone
	have         []press.Lang
	zones        map[press.Country]string // configured, or found to be the country's only one; "" is none
	clocks       map[clock]reckoned       // what was reckoned already
	holdsAdvance map[string]bool          // address keys that an advance send of this plan reaches
	got          map[string]time.Time     // sends that the contact at hand gets a copy of, and when
	found        map[string]int           // list -> contacts
	missing      map[string]int           // fallback told -> contacts
	holdingMet   map[string]bool          // sends that somebody needs no copy of any more
	troubles     map[string]*troubles     // by send
	zoneless     int
	counted      bool // the contact at hand is in missing and zoneless, if it belongs there
}

func newMaker(in Input, p *Plan) *maker {
	m := &maker{
		in: in, plan: p, zones: maps.Clone(in.CountryZones), clocks: map[clock]reckoned{}, got: map[string]time.Time{}, holdsAdvance: map[string]bool{},
		found: map[string]int{}, missing: map[string]int{}, holdingMet: map[string]bool{}, troubles: map[string]*troubles{},
	}
	if m.zones == nil {
		m.zones = map[press.Country]string{}
	}
	m.day = press.DateOf(in.Now.UTC())
	if !in.Release.Embargo.None {
		m.day = press.DateOf(in.Release.Embargo.Lift.Local())
	}
	for _, e := range in.Release.Editions {
		m.have = append(m.have, e.Lang)
	}
	for _, s := range in.Release.Sends {
		m.troubles[s.Name] = &troubles{waiting: map[press.Country]waiting{}}
	}
	return m
}

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
		clear(m.got)
		// Advance sends first: who holds that copy is not sent the general one
		// again. Follow-ups last: they go to who gets the send that they follow.
		for _, kind := range []press.SendKind{press.Advance, press.General, press.FollowUp} {
			for i, s := range m.in.Release.Sends {
				if s.Kind == kind && m.isFor(s, c) {
					m.place(i, s, c)
				}
			}
		}
	}
	return nil
}

// isFor tells whether a send is for a contact at all. A follow-up without lists
// is for those who get, or have, the send that it follows.
func (m *maker) isFor(s press.Send, c press.Contact) bool {
	if s.Kind == press.FollowUp && len(s.Lists) == 0 {
		return m.follows(s, c.Preferred())
	}
	in := false
	for _, name := range s.Lists {
		if m.in.Lists[name].Holds(c, m.day) {
			m.found[name]++
			in = true
		}
	}
	return in
}

// follows tells whether the contact at hand gets, or has, the copy that a
// follow-up follows.
func (m *maker) follows(s press.Send, address press.Address) bool {
	_, gets := m.got[s.After]
	return gets || address != "" && m.in.Holds(s.After, address)
}

// place puts a contact into a send, or into the skips with the reason.
func (m *maker) place(i int, s press.Send, c press.Contact) {
	address := c.Preferred()
	skip := func(why string) {
		m.plan.Skips = append(m.plan.Skips, Skip{Send: s.Name, Contact: c.ID, Address: address, Country: c.Country, Why: why})
	}
	if why, met := m.refuse(s, c); why != "" {
		m.holdingMet[s.Name] = m.holdingMet[s.Name] || met
		skip(why)
		return
	}
	edition, why, ok := locale.Choose(c.Languages, m.have, m.in.Fallbacks)
	if !ok {
		m.lacks(c, "no edition")
		skip(why)
		return
	}
	zone, known := m.zone(c)
	send := &m.plan.Sends[i]
	if !known && !send.Local.IsZero() {
		m.troubles[s.Name].noZone(address, c.Country)
		skip("no known time zone")
		return
	}
	m.count(c, edition, known)
	r := press.Recipient{
		Contact: c.ID, Address: address, Name: c.Name, Country: c.Country,
		Edition: edition, Why: why, Zone: zone, Due: m.instant(s, send, c.Country, zone), After: s.After,
	}
	r.Ninjs = slices.ContainsFunc(m.in.Ninjs, func(list string) bool { return m.in.Lists[list].Holds(c, m.day) })
	if outlet, ok := m.outletOf(s, c); ok {
		r.Outlet, r.OutletKind = outlet.Name, outlet.Kind
	}
	if !r.Due.IsZero() {
		r.Deadline = r.Due.Add(send.LateAfter)
	}
	if s.Kind == press.Advance {
		m.holdsAdvance[address.Key()] = true
	}
	m.checkAfter(s, r)
	m.got[s.Name] = r.Due
	send.Recipients = append(send.Recipients, r)
}

// refuse says why a contact gets no copy of a send, if so; met says that it
// needs none any more.
func (m *maker) refuse(s press.Send, c press.Contact) (why string, met bool) {
	address := c.Preferred()
	if address == "" {
		return "no address on file", false
	}
	if why, ok := m.in.Suppressed(address); ok {
		return "suppressed: " + why, false
	}
	if m.in.Holds(s.Name, address) {
		return "has this send's copy already", true
	}
	switch s.Kind {
	case press.Advance:
		if _, ok := m.agreed(c); !ok {
			return m.disagreed(c), false
		}
	case press.FollowUp:
		if !m.follows(s, address) {
			return "gets no copy of the send " + s.After, false
		}
	case press.General:
		if m.hasAdvance(address) && !s.Again {
			return "holds the advance copy", true
		}
	}
	return "", false
}

// outletOf is the outlet that a copy names: in an advance send the one that
// agreed to hold it.
func (m *maker) outletOf(s press.Send, c press.Contact) (press.Outlet, bool) {
	if s.Kind == press.Advance {
		return m.agreed(c)
	}
	if len(c.Outlets) == 0 {
		return press.Outlet{}, false
	}
	return c.Outlets[0], true
}

// agreed is the contact's outlet that will hold the text: its agreement is in
// force on the day of the lift, as the dateline's zone has it.
func (m *maker) agreed(c press.Contact) (press.Outlet, bool) {
	return c.AgreedOutlet(m.day)
}

// disagreed says why none of the contact's outlets will.
func (m *maker) disagreed(c press.Contact) string {
	for _, o := range c.Outlets {
		if a := o.Agreement; a.OnFile() && !a.Until.IsZero() {
			return fmt.Sprintf("the embargo agreement with %s ends on %s, before the lift", o.Name, a.Until)
		} else if a.OnFile() {
			return fmt.Sprintf("the embargo agreement with %s begins on %s, after the lift", o.Name, a.On)
		}
	}
	return "no embargo agreement on file"
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

// lacks notes, once per contact, that no edition is for somebody. It is told
// where every language is required; otherwise it stands with the skips.
func (m *maker) lacks(c press.Contact, what string) {
	if !m.counted && m.in.Release.AllLanguages && len(c.Languages) > 0 {
		m.counted = true
		m.missing[fmt.Sprintf("%s → %s", c.Languages[0], what)]++
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
