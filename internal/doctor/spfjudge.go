package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// judgeSPF tells what is wrong with the record, or what it says of each relay.
// It stands where every address of every relay is certain, and passes.
func judgeSPF(s Sender, relays []Relay) ([]Finding, stands) {
	f := Finding{Check: "spf", Of: s.Envelope}
	switch {
	case s.SPF.Wrong != "":
		f.Level, f.What = Fault, s.SPF.Wrong+": receivers take all of SPF as broken (permerror)"
		f.Want = "one record, such as the one below, without what is wrong"
		f.Publish = spfToPublish(s, relays)
	case s.SPF.Lookups > maxLookups:
		f.Level, f.What = tooMany(s, relays), fmt.Sprintf("the record asks DNS %d times with all that it takes in; receivers stop after %d (permerror)", s.SPF.Lookups, maxLookups)
		f.Want = "fewer include, a, mx, ptr, exists and redirect; ip4 and ip6 cost nothing"
	case s.SPF.Why != "":
		f.Level, f.What = NotKnown, s.SPF.Why
		return []Finding{f}, maybe
	case len(s.SPF.Records) == 0:
		f.Level, f.What, f.Want = Fault, "the domain of the envelope has no SPF record", "one that names the addresses that mail leaves by"
		f.Publish = spfToPublish(s, relays)
	default:
		f.Level, f.What = OK, fmt.Sprintf("one record, %d of %d lookups", s.SPF.Lookups, maxLookups)
	}
	if f.Level == Fault {
		return []Finding{f}, no
	}
	found, worst := []Finding{f}, yes
	for _, relay := range relays {
		one, stand := judgePassage(s, relay)
		found, worst = append(found, one), min(worst, stand)
	}
	if len(relays) == 0 {
		worst = maybe
	}
	return found, worst
}

// tooMany is how bad a record with too many lookups is: receivers go through it
// only until an address is found, so that it may do for ours.
func tooMany(s Sender, relays []Relay) Level {
	for _, r := range relays {
		v := s.Verdicts[r.Name]
		if !r.Certain || len(v) == 0 || slices.ContainsFunc(v, func(v Verdict) bool { return v.Result != "pass" }) {
			return Fault
		}
	}
	return Warning
}

const (
	nameOutgoing = "`outgoing_ips` of the relay names the addresses that its mail leaves by"
	notOutside   = "by which addresses its mail leaves is not known: its own is of no network that others see"
)

// judgePassage tells what SPF says of a relay's addresses. Where the config does
// not say by which mail leaves, the relay's own are a guess: a refusal of them
// is no fault yet.
func judgePassage(s Sender, r Relay) (Finding, stands) {
	f := Finding{Check: "spf", Of: s.Envelope + " by " + r.Name}
	switch {
	case r.Outgoing.Why != "":
		f.Level, f.What, f.Want = NotKnown, r.Outgoing.Why, nameOutgoing
		return f, maybe
	case len(r.Outgoing.Got) == 0:
		f.Level, f.What, f.Want = NotKnown, notOutside, nameOutgoing
		return f, maybe
	}
	var passed, refused, open []string
	for _, v := range s.Verdicts[r.Name] {
		told := v.IP.String() + " " + v.Result
		switch v.Result {
		case "pass":
			passed = append(passed, v.IP.String())
		case "temperror":
			open = append(open, told+": "+v.Detail)
		default:
			refused = append(refused, told)
		}
	}
	switch {
	case len(refused) > 0 && r.Certain:
		f.Level, f.What, f.Want = Fault, strings.Join(refused, ", "), "the SPF record of "+s.Envelope+" names every address that mail leaves by"
		return f, no
	case len(refused) > 0:
		f.Level, f.What = Warning, strings.Join(refused, ", ")+", if mail leaves by the relay's own address"
		f.Want = "the SPF record of " + s.Envelope + " names that address; where mail leaves by another, " + nameOutgoing
		return f, maybe
	case len(open) > 0 || len(passed) == 0:
		f.Level, f.What = NotKnown, strings.Join(append(open, "not every address could be judged"), "; ")
		return f, maybe
	case !r.Certain:
		f.Level, f.What = OK, strings.Join(passed, ", ")+" pass, if mail leaves by the relay's own address"
		return f, maybe
	}
	f.Level, f.What = OK, strings.Join(passed, ", ")+" pass"
	return f, yes
}

// spfToPublish names the addresses that are known for certain; without any
// there is nothing that would be right.
func spfToPublish(s Sender, relays []Relay) *Record {
	terms := []string{"v=spf1"}
	for _, r := range relays {
		if !r.Certain {
			return nil
		}
		for _, o := range r.Outgoing.Got {
			kind := "ip6:"
			if o.IP.Is4() {
				kind = "ip4:"
			}
			if t := kind + o.IP.String(); !slices.Contains(terms, t) {
				terms = append(terms, t)
			}
		}
	}
	if len(terms) == 1 {
		return nil
	}
	return txt(s.Envelope, strings.Join(append(terms, "-all"), " "))
}
