package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"dateline/internal/access"
	"dateline/internal/config"
	"dateline/internal/ledger"
	"dateline/internal/press"
)

// calendarPage shows the days ahead on one zone's clock.
type calendarPage struct {
	Zone  string
	Zones []string
	From  time.Time
	Prev  string // of the weeks before; as a date
	Next  string
	Weeks []week
	Busy  []day // days on which something leaves, for narrow screens
}

type week struct{ Days []day }

// day is one day of the calendar.
type day struct {
	At       time.Time // its midnight
	Today    bool
	Sends    []calendarSend
	Holidays []holiday
}

// holiday is one that some countries keep on the same day.
type holiday struct {
	Name      string
	Countries []press.Country
}

// calendarSend is a send on its day.
type calendarSend struct {
	Release, Headline, Send string
	Kind                    press.SendKind
	Due                     time.Time
	Clock                   string // on the calendar's zone
	Local                   bool   // on each contact's own clock
	Stands                  string // approved, held, killed, or not approved
	Tone                    press.Tone
	Clash                   string   // another that leaves within the hour
	Away                    []string // countries of its lists with a holiday that day
	countries               []press.Country
}

// weeksShown are those of a page.
const weeksShown = 5

func (c *Console) calendar(w http.ResponseWriter, r *http.Request, by access.Person) error {
	office, now := c.Office(), c.Now()
	p := calendarPage{Zones: zonesOf(office)}
	zone := r.URL.Query().Get("zone")
	if !slices.Contains(p.Zones, zone) {
		zone = p.Zones[0]
	}
	at := press.In(now, zone)
	if from := r.URL.Query().Get("from"); from != "" {
		d, err := time.ParseInLocation(time.DateOnly, from, at.Location())
		if err != nil || d.Year() < 1970 || d.Year() > 9000 {
			return faultOf(http.StatusUnprocessableEntity, "“"+from+"” is no day.", "A date is wanted, such as 2027-03-04.")
		}
		at = d
	}
	monday := time.Date(at.Year(), at.Month(), at.Day()-(int(at.Weekday())+6)%7, 0, 0, 0, 0, at.Location())
	p.Zone, p.From = zone, monday
	p.Prev, p.Next = monday.AddDate(0, 0, -7*weeksShown).Format(time.DateOnly), monday.AddDate(0, 0, 7*weeksShown).Format(time.DateOnly)
	sends := c.calendarSends(office, c.Board.Look().Status, now, zone)
	for n := range weeksShown {
		var days week
		for i := range 7 {
			d := dayOf(monday.AddDate(0, 0, 7*n+i), press.In(now, zone), sends, office.Config.Holidays)
			days.Days = append(days.Days, d)
			if len(d.Sends) > 0 {
				p.Busy = append(p.Busy, d)
			}
		}
		p.Weeks = append(p.Weeks, days)
	}
	c.show(w, r, by, http.StatusOK, "calendar", "Calendar", p)
	return nil
}

// zonesOf are those that a team works in: its releases', and UTC.
func zonesOf(o Office) []string {
	var zones []string
	add := func(z string) {
		if z != "" && !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	for _, f := range o.Config.Releases {
		add(f.Dateline.Zone)
		add(f.Embargo.Lift.Zone)
	}
	add("UTC")
	return zones
}

// calendarSends are the sends of the folder, in their order, with what is near
// each other.
func (c *Console) calendarSends(o Office, s ledger.Status, now time.Time, zone string) []calendarSend {
	stands := map[string]ledger.Release{}
	for _, r := range s.Releases {
		stands[r.Approval.Release] = r
	}
	var all []calendarSend
	for _, f := range o.Desk.Folders(now) {
		for _, send := range f.Sends {
			if f.Embargo.None || send.Kind == press.FollowUp && send.At == (press.Schedule{}) {
				continue // on approval: no day is known
			}
			due := send.At.DueIn(f.Embargo.Lift.At, press.In(now, zone).Location())
			one := calendarSend{
				Release: f.Slug, Headline: headOf(f.Release).Headline, Send: send.Name, Kind: send.Kind, Due: due,
				Clock: press.In(due, zone).Format("15:04"), Local: !send.At.Local.IsZero(), Stands: "not approved", Tone: press.Patience,
				countries: countriesOf(o.Config, send),
			}
			if r, ok := stands[f.Slug]; ok {
				one.Stands, one.Tone = standOf(r)
			}
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b calendarSend) int { return a.Due.Compare(b.Due) })
	for i := range all {
		for j := i - 1; j >= 0 && all[i].Due.Sub(all[j].Due) < time.Hour; j-- {
			if all[i].Release != all[j].Release {
				all[i].Clash, all[j].Clash = all[j].Release, all[i].Release
			}
		}
	}
	return all
}

func standOf(r ledger.Release) (string, press.Tone) {
	switch {
	case r.Control.Killed != "":
		return "killed", press.Over
	case r.Control.Held != "":
		return "held", press.Alarming
	case !r.FirstDue.IsZero():
		return "approved", press.Moving
	default:
		return "sent", press.Good
	}
}

// countriesOf are those that a send's lists name; none where they name none.
func countriesOf(c *config.Config, s press.Send) []press.Country {
	var all []press.Country
	for _, name := range s.Lists {
		all = append(all, c.Lists[name].Filter.Countries...)
	}
	return all
}

// dayOf is one day with what is on it.
func dayOf(at, now time.Time, sends []calendarSend, holidays []config.Holiday) day {
	d := day{At: at, Today: at.Format(time.DateOnly) == now.Format(time.DateOnly)}
	date := at.Format(time.DateOnly)
	for _, h := range holidays {
		if h.Date.String() == date {
			i := slices.IndexFunc(d.Holidays, func(x holiday) bool { return x.Name == h.Name })
			if i < 0 {
				i, d.Holidays = len(d.Holidays), append(d.Holidays, holiday{Name: h.Name})
			}
			d.Holidays[i].Countries = append(d.Holidays[i].Countries, h.Country)
		}
	}
	for _, s := range sends {
		if s.Due.Before(at) || !s.Due.Before(at.AddDate(0, 0, 1)) {
			continue
		}
		for _, h := range d.Holidays {
			for _, c := range h.Countries {
				if len(s.countries) == 0 || slices.Contains(s.countries, c) {
					s.Away = append(s.Away, fmt.Sprintf("%s (%s)", country(c), h.Name))
				}
			}
		}
		d.Sends = append(d.Sends, s)
	}
	return d
}
