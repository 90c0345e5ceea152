package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"dateline/internal/press"
)

// schedule gives a send its instant. One that has passed goes on approval if a
// person said so; judgeInstants refuses the others, as far as they have a copy
// left. Of a local send it is what UTC's clocks give, until there are recipients.
func (m *maker) schedule(s press.Send) Send {
	out := Send{Name: s.Name, Kind: s.Kind, After: s.After, Local: s.At.Local, LateAfter: s.LateAfter, Recipients: []press.Recipient{}}
	if s.Kind != press.Advance && !s.IgnoreQuiet {
		out.quiet = m.in.QuietHours
	}
	if m.in.Release.Embargo.None && s.At.Moment.IsZero() && s.At.Local.IsZero() {
		return out
	}
	lift := m.in.Release.Embargo.Lift
	due := s.At.Due(lift.At)
	if s.Kind != press.Advance && due.Before(lift.At) {
		m.fail("send %s would be due at %s, before the lift at %s; only an advance send may be, so set it to the lift or later", s.Name, utc(due), utc(lift.At))
		due = lift.At
	}
	out.Due = m.orOnApproval(s, due)
	return out
}

// orOnApproval is an instant, or the zero one where it has passed and a person
// said to send at once what has.
func (m *maker) orOnApproval(s press.Send, due time.Time) time.Time {
	if s.Kind == press.Advance || due.After(m.in.Now) || !m.in.ReleaseNow {
		return due
	}
	return time.Time{}
}

// clock is what a copy's instant hangs on beside its send.
type clock struct {
	send, zone string
	quiet      press.QuietHours
}

// reckoned is when a copy is due, and the end of the quiet hours that it waits
// for, if it does.
type reckoned struct{ due, waits time.Time }

// instant is when a copy is due to a contact of a country who lives by a zone
// ("": not known). Quiet hours that it falls into put it off to their end.
func (m *maker) instant(s press.Send, send *Send, country press.Country, zone string) time.Time {
	quiet, keeps := send.quiet[country]
	told := m.troubles[s.Name]
	if keeps && zone == "" {
		told.unkept++
	}
	if zone == "" || send.Local.IsZero() && !keeps {
		return send.Due
	}
	key := clock{s.Name, zone, quiet}
	at, known := m.clocks[key]
	if !known {
		at = m.reckon(s, send, key, keeps)
		m.clocks[key] = at
	}
	if !at.waits.IsZero() {
		told.wait(country, at.waits)
	}
	return at.due
}

func (m *maker) reckon(s press.Send, send *Send, key clock, keeps bool) reckoned {
	loc := press.In(m.in.Now, key.zone).Location()
	due, onApproval := send.Due, send.Due.IsZero() && send.Local.IsZero()
	if !send.Local.IsZero() {
		due = s.At.DueIn(m.in.Release.Embargo.Lift.At, loc)
	}
	if onApproval {
		due = m.in.Now // to tell who would wait; the approval reckons anew
	}
	at := reckoned{due: due}
	if end := key.quiet.After(due, loc); keeps && end.After(due) {
		at = reckoned{due: end, waits: end}
	}
	if at.due = m.orOnApproval(s, at.due); onApproval {
		at.due = time.Time{}
	}
	return at
}

// OnApproval is a recipient as an approval at an instant freezes it: what goes
// on approval is due then, or at the end of the contact's quiet hours.
func (s Send) OnApproval(r press.Recipient, now time.Time) press.Recipient {
	if !r.Due.IsZero() {
		return r
	}
	r.Due = now
	if quiet, keeps := s.quiet[r.Country]; keeps && r.Zone != "" {
		r.Due = quiet.After(now, press.In(now, r.Zone).Location())
	}
	r.Deadline = r.Due.Add(s.LateAfter)
	return r
}

// troubles are what a send's copies have met with, for the plan to tell.
type troubles struct {
	zoneless, unkept, early int
	example                 string // of the contacts without a zone: the first by address
	waiting                 map[press.Country]waiting
}

type waiting struct {
	contacts int
	until    time.Time
}

func (t *troubles) wait(c press.Country, until time.Time) {
	w := t.waiting[c]
	w.contacts++
	if until.After(w.until) {
		w.until = until
	}
	t.waiting[c] = w
}

func (t *troubles) noZone(a press.Address, c press.Country) {
	t.zoneless++
	if who := fmt.Sprintf("%s (%s)", a, c); t.example == "" || who < t.example {
		t.example = who
	}
}

// checkAfter notes a follow-up that would be due with the copy that it follows,
// or before it.
func (m *maker) checkAfter(s press.Send, r press.Recipient) {
	followed, here := m.got[s.After]
	if s.Kind != press.FollowUp || !here {
		return
	}
	leaves := func(due time.Time) time.Time {
		if due.IsZero() {
			return m.in.Now
		}
		return due
	}
	if !leaves(r.Due).After(leaves(followed)) {
		m.troubles[s.Name].early++
	}
}

// judgeInstants bounds a send's instants and speaks of those that have passed.
// An advance send that is late, but not too late, leaves as soon as it is
// approved.
func (m *maker) judgeInstants(s *Send) {
	last, passed := s.Due, 0
	for i, r := range s.Recipients {
		if !s.Local.IsZero() && (i == 0 || r.Due.Before(s.Due)) {
			s.Due = r.Due
		}
		if i == 0 && !s.Local.IsZero() || r.Due.After(last) {
			last = r.Due
		}
		if !r.Due.IsZero() && m.in.Now.After(r.Due) {
			passed++
		}
	}
	if last.After(s.Due) {
		s.Until = last
	}
	if passed > 0 {
		m.judgePassed(*s, passed)
	}
}

func (m *maker) judgePassed(s Send, passed int) {
	late := m.in.Now.Sub(s.Due)
	switch {
	case s.Kind == press.Advance && late < s.LateAfter && m.in.Now.Before(m.plan.Lift.At):
		m.warn("send %s was due %s ago; its copies leave as soon as the plan is approved", s.Name, late.Round(time.Second))
	case s.Kind == press.Advance:
		m.fail("send %s was due at %s, which is too long past; take it out, or give it a later instant before the lift", s.Name, utc(s.Due))
	case !s.Local.IsZero():
		m.fail("send %s was due at %s in each contact's zone, which has passed for %d of %d; set a new instant, or say --release-now to send those on approval", s.Name, s.Local, passed, len(s.Recipients))
	default:
		m.fail("send %s was due at %s, which has passed; set a new instant, or say --release-now to send it on approval", s.Name, utc(s.Due))
	}
}

// judgeTroubles tells what a send's copies have met with.
func (m *maker) judgeTroubles(s press.Send) {
	t := m.troubles[s.Name]
	if t.zoneless > 0 {
		m.fail("send %s is at %s in each contact's zone, and %s, such as %s; give each a zone, or their country one under country_zones in dateline.yaml", s.Name, s.At.Local, contacts(t.zoneless, "has none that is known", "have none that is known"), t.example)
	}
	if t.early > 0 {
		m.fail("send %s would be due with the send %s that it follows, or before it, for %s; set it later", s.Name, s.After, contacts(t.early, "", ""))
	}
	for _, c := range slices.Sorted(maps.Keys(t.waiting)) {
		w := t.waiting[c]
		m.warn("send %s: %s for the end of the quiet hours in %s, until %s", s.Name, contacts(w.contacts, "waits", "wait"), c, utc(w.until))
	}
	if t.unkept > 0 {
		m.warn("send %s: %s, so quiet hours are not kept there; add a zone, or country_zones in dateline.yaml", s.Name, contacts(t.unkept, "has no known time zone", "have no known time zone"))
	}
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
