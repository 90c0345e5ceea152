package doctor

import "strings"

// Level is how bad a finding is.
type Level string

// The levels, from good to bad; NotKnown is none of these.
const (
	OK       Level = "ok"
	Note     Level = "note"
	Warning  Level = "warning"
	Fault    Level = "fault"
	NotKnown Level = "not known"
)

// Finding is one thing that was looked at.
type Finding struct {
	Check   string  `json:"check"`
	Sender  string  `json:"sender,omitempty"` // by id; "": it concerns all
	Of      string  `json:"of"`               // the domain, key, relay, address or mailbox
	Level   Level   `json:"level"`
	What    string  `json:"what"`
	Want    string  `json:"want,omitempty"` // what would be right
	Publish *Record `json:"publish,omitempty"`
}

// Record is one for DNS, ready to publish.
type Record struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Value   string   `json:"value"`
	Strings []string `json:"strings"` // the value in parts of at most 255 characters (RFC 1035, 3.3)
}

// Line is the record as a zone file has it.
func (r Record) Line() string {
	return r.Name + ". IN " + r.Type + ` "` + strings.Join(r.Strings, `" "`) + `"`
}

// maxString is how long one string of a TXT record may be.
const maxString = 255

func txt(name, value string) *Record {
	r := &Record{Name: name, Type: "TXT", Value: value}
	for len(value) > maxString {
		r.Strings, value = append(r.Strings, value[:maxString]), value[maxString:]
	}
	r.Strings = append(r.Strings, value)
	return r
}

// Report is all findings, in the order in which they are read.
type Report struct {
	Findings []Finding     `json:"findings"`
	Counts   map[Level]int `json:"counts"`
}

// Judge reads all answers.
func Judge(f Facts) Report {
	r := Report{Findings: []Finding{}, Counts: map[Level]int{OK: 0, Note: 0, Warning: 0, Fault: 0, NotKnown: 0}}
	add := func(found ...Finding) {
		for i := range found {
			found[i].What = printable(found[i].What) // of which others have written a part
			r.Counts[found[i].Level]++
		}
		r.Findings = append(r.Findings, found...)
	}
	for _, s := range f.Senders {
		add(judgeSender(s, f)...)
	}
	for _, relay := range f.Relays {
		add(judgeSession(relay, f))
		add(judgeNames(relay)...)
	}
	for _, m := range f.Mailboxes {
		add(judgeMailbox(m))
	}
	add(judgeOneClick(f.OneClick)...)
	add(judgeClocks(f.Clocks)...)
	return r
}

// judgeSender is all that is asked of one sender. DMARC comes last of the three:
// it asks what the other two came to.
func judgeSender(s Sender, f Facts) []Finding {
	spf, spfStands := judgeSPF(s, f.Relays)
	dkim, signatures := judgeKeys(s)
	found := append(append(spf, dkim...), judgeDMARC(s, spfStands, signatures)...)
	found = append(found, judgeFrom(s), judgeUnsubscribe(s), judgeBounces(s))
	found = append(found, judgeMTASTS(s), judgeTLSRPT(s))
	for i := range found {
		found[i].Sender = s.ID
	}
	return found
}

// stands is whether a receiver would find something in order.
type stands int

const (
	no stands = iota
	maybe
	yes
)
