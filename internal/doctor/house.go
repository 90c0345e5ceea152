package doctor

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// judgeSession tells whether a relay takes us in, and whether it still will when
// the last copy leaves.
func judgeSession(r Relay, facts Facts) Finding {
	const soon = 14 * 24 * time.Hour
	f := Finding{Check: "relay", Of: r.Name}
	s := r.Session
	switch {
	case s.Why != "":
		f.Level, f.What = NotKnown, s.Why
	case s.Refused != "":
		f.Level, f.What, f.Want = Fault, s.Refused, "a relay that takes us in: no mail leaves by it"
	case s.Version == "" && r.Loopback:
		f.Level, f.What = OK, "it takes us in, on this machine"
	case s.Version == "":
		f.Level, f.What, f.Want = Warning, "it takes us in, in plain text: whoever is on the way reads the text before its lift", "`tls: required`"
	case s.Until.Before(facts.At):
		f.Level, f.What = Fault, s.Version+"; its certificate ends at "+day(s.Until)+", before the last copy leaves"
		f.Want = "a new certificate before that"
	case s.Until.Before(facts.Now.Add(soon)):
		f.Level, f.What, f.Want = Warning, s.Version+"; its certificate ends at "+day(s.Until), "a new certificate before that"
	default:
		f.Level, f.What = OK, s.Version+", certificate until "+day(s.Until)
	}
	return f
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// judgeNames tells whether each address that mail leaves by has a name that leads
// back to it. What is a guess is no fault yet.
func judgeNames(r Relay) []Finding {
	wrong, unless := Fault, ""
	if !r.Certain {
		wrong, unless = Warning, ", if mail leaves by the relay's own address"
	}
	switch {
	case r.Outgoing.Why != "":
		return []Finding{{Check: "ptr", Of: r.Name, Level: NotKnown, What: r.Outgoing.Why}}
	case len(r.Outgoing.Got) == 0:
		return []Finding{{Check: "ptr", Of: r.Name, Level: NotKnown, What: notOutside, Want: nameOutgoing}}
	}
	var found []Finding
	for _, o := range r.Outgoing.Got {
		f := Finding{Check: "ptr", Of: o.IP.String()}
		forth := slices.IndexFunc(o.Names.Got, func(n Name) bool { return n.Leads.Got && n.Leads.Why == "" })
		open := slices.IndexFunc(o.Names.Got, func(n Name) bool { return n.Leads.Why != "" })
		switch {
		case o.Names.Why != "":
			f.Level, f.What = NotKnown, o.Names.Why
		case len(o.Names.Got) == 0:
			f.Level, f.What = wrong, "the address has no name (PTR)"+unless
			f.Want = "a name from whoever gave you the address: Gmail and others refuse mail without"
		case forth >= 0:
			f.Level, f.What = OK, o.Names.Got[forth].Name+", and back"
		case open >= 0:
			f.Level, f.What = NotKnown, o.Names.Got[open].Leads.Why
		default:
			f.Level, f.What = wrong, "its name "+o.Names.Got[0].Name+" does not lead back to it"+unless
			f.Want = "an A or AAAA record of that name with the address"
		}
		found = append(found, f)
	}
	return found
}

// judgeMailbox tells whether what comes back is read. It keeps no mail from
// leaving.
func judgeMailbox(m Mailbox) Finding {
	f := Finding{Check: "mailbox", Of: m.Name}
	switch {
	case m.Here:
		f.Level, f.What = Note, "the daemon itself listens; see `dateline status`"
	case m.Why != "":
		f.Level, f.What = NotKnown, m.Why
	case m.Refused != "":
		f.Level, f.What, f.Want = Warning, m.Refused, "a mailbox that can be read: bounces stay unknown"
	default:
		f.Level, f.What = OK, "it can be read"
	}
	return f
}

// judgeOneClick tells whether the address behind the links is ours, to a browser
// and to a provider that presses the button. Both asked with a token that is
// none.
func judgeOneClick(o OneClick) []Finding {
	if o.URL == "" {
		return nil // told of each sender
	}
	get, post := judgeReply(o.Get, "GET"), judgeReply(o.Post, "POST")
	get.Of, post.Of = o.URL, o.URL
	return []Finding{get, post}
}

func judgeReply(r Reply, method string) Finding {
	f := Finding{Check: "one-click", Level: Fault, Want: "the opt-out pages of `dateline serve` (`optout.listen`), or a proxy before them"}
	switch {
	case r.Why != "":
		f.Level, f.What, f.Want = NotKnown, r.Why, ""
	case r.Refused != "":
		f.What = r.Refused
	case r.Status >= 300 && r.Status < 400:
		f.What = fmt.Sprintf("%s is redirected to %s, and one click must not be (RFC 8058, 3.1)", method, shown(r.To))
	case r.Status == http.StatusTooManyRequests:
		f.Level, f.What, f.Want = NotKnown, method+" was answered 429: too many requests", ""
	case r.Status >= 500:
		f.What = fmt.Sprintf("%s is answered %d", method, r.Status)
	case !r.Ours:
		f.What = fmt.Sprintf("%s is answered %d, and not by our pages", method, r.Status)
	case r.Status != http.StatusNotFound:
		f.What = fmt.Sprintf("%s of a link that is none is answered %d; 404 would be right", method, r.Status)
	default:
		f.Level, f.What, f.Want = OK, method+" reaches our pages", ""
	}
	return f
}

// judgeClocks tells how far this machine's clock is from others'. More than a
// second is too much for an embargo.
func judgeClocks(all []Clock) []Finding {
	if len(all) == 0 {
		return []Finding{{Check: "clock", Of: "this machine", Level: NotKnown, What: "there is no other to hold it against", Want: "`time_server` in dateline.yaml"}}
	}
	var found []Finding
	for _, c := range all {
		found = append(found, judgeClock(c))
	}
	return found
}

func judgeClock(c Clock) Finding {
	f := Finding{Check: "clock", Of: c.Whose}
	way := "ahead of"
	if c.Ahead < 0 {
		way = "behind"
	}
	told := fmt.Sprintf("this machine is %s %s it, within %s", c.Ahead.Abs().Round(time.Millisecond), way, c.Within.Round(time.Millisecond))
	switch {
	case c.Why != "":
		f.Level, f.What = NotKnown, c.Why
	case c.Ahead.Abs() > time.Second+c.Within:
		f.Level, f.What, f.Want = Fault, told, "clocks that differ by less than a second (NTP)"
	case c.Within > time.Second || c.Ahead.Abs() > max(time.Second-c.Within, c.Within):
		f.Level, f.What = NotKnown, told+": that is too vague to tell whether it is a second"
	default:
		f.Level, f.What = OK, strings.TrimSuffix(told, ", within 0s")
	}
	return f
}
