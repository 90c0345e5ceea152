package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// sendDraft is a send while it is read.
type sendDraft struct {
	press.Send
	node      yamlfile.Node            // the whole of it
	scheduled bool                     // its instant could be read
	listNodes []yamlfile.Node          // where each list is named
	found     map[string]yamlfile.Node // its keys
}

const scheduleForms = "`lift`, `lift-24h` or a moment such as 2027-03-04 18:00 Asia/Tashkent is wanted"

func sendKeys() []key[sendDraft] {
	return []key[sendDraft]{
		{"name", "a name", required, "What the send is called.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			set(&d.Name, n, r.slug)
		}},
		{"kind", "`advance`, `general` or `follow-up`", required, "`advance` goes out before the lift, labelled, and only to outlets with an embargo agreement; `general` at the lift or later; `follow-up` later than another send, and only to those whose copy of that one was accepted by then.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			set(&d.Kind, n, oneOf(r, press.Advance, press.General, press.FollowUp))
		}},
		{"after", "a send's name", "", "The send above that a follow-up follows, itself none. It is wanted there, and there alone.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			set(&d.After, n, r.slug)
		}},
		{"lists", "a list of lists' names", "required; a follow-up's is everybody of the send that it follows", "Who gets it, as `lists.yaml` says.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			d.Lists = list(r, n, "lists' names", (*reader).line)
			d.listNodes = n.List()
		}},
		{"at", "`lift`, `lift-DURATION` or a moment", "required, or `local`", "When. `lift-DURATION` is for advance sends. With `embargo: none`, `lift` is the approval.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			local := d.At.Local
			d.At, d.scheduled = r.schedule(n)
			d.At.Local = local
		}},
		{"local", "a wall time", "", "In place of `at`: when the clocks of each contact's zone show it. Before the lift means at the lift. A wall time that a zone skips is the first instant after the gap, and one that comes twice the first. A contact without a known zone makes the plan refuse it. Not for advance sends.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			d.At.Local, d.scheduled = read(r, n, press.ParseWallTime)
		}},
		{"quiet_hours", "`keep` or `ignore`", "`keep`", "Whether the policy's quiet hours put its copies off. An advance send keeps none.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			if word, ok := oneOf(r, "keep", "ignore")(n); ok {
				d.IgnoreQuiet = word == "ignore"
			}
		}},
		{"late_after", "a duration", "the policy's", "So long after its own instant a copy expires unsent.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			set(&d.LateAfter, n, r.duration)
		}},
		{"again", "`true` or `false`", "`false`", "Send a general copy also to who holds the advance one.", func(r *reader, n yamlfile.Node, d *sendDraft) {
			set(&d.Again, n, yesOrNo)
		}},
	}
}

func (r *reader) sends(n yamlfile.Node) []sendDraft {
	var sends []sendDraft
	for _, item := range items(n, "sends") {
		d := sendDraft{node: item}
		d.found = decode(r, item, "the send", sendKeys(), &d)
		if d.found == nil {
			continue
		}
		if d.Name != "" && slices.ContainsFunc(sends, func(o sendDraft) bool { return o.Name == d.Name }) {
			d.found["name"].Fault("a send of the name `"+d.Name+"` stands above", "each send of a release has a name of its own")
		}
		sends = append(sends, d)
	}
	return sends
}

func (r *reader) schedule(n yamlfile.Node) (press.Schedule, bool) {
	s, ok := r.line(n)
	if !ok {
		return press.Schedule{}, false
	}
	if s == "lift" {
		return press.Schedule{}, true
	}
	if before, ok := strings.CutPrefix(s, "lift-"); ok {
		d, err := time.ParseDuration(before)
		if err != nil || d <= 0 {
			n.Fault("`"+shown(s)+"` is no time before the lift", scheduleForms)
			return press.Schedule{}, false
		}
		return press.Schedule{Before: d}, true
	}
	if strings.HasPrefix(s, "lift") {
		n.Fault("`"+shown(s)+"` is no time that a send may have", scheduleForms)
		return press.Schedule{}, false
	}
	m, ok := parsed(n, s, press.ParseMoment)
	return press.Schedule{Moment: m}, ok
}

// checkSends holds a release's sends against its embargo, the lists and each
// other.
func (r *reader) checkSends(d *releaseDraft, lists map[string]press.List, listsKnown bool, lateAfter time.Duration) {
	for i, s := range d.sends {
		if _, own := s.found["late_after"]; !own {
			s.LateAfter = lateAfter
		}
		if listsKnown {
			r.checkListNames(s, lists)
		}
		s.checkKeys()
		if s.Kind == press.FollowUp && s.After != "" {
			s.checkAfter(d.sends, d.sends[:i])
		}
		switch {
		case !d.Recurs.IsZero():
			s.checkRecurring()
		case d.embargo:
			r.checkInstant(s, d.Embargo)
		}
		d.Sends = append(d.Sends, s.Send)
	}
}

func (r *reader) checkListNames(s sendDraft, lists map[string]press.List) {
	for _, n := range s.listNodes {
		name := strings.TrimSpace(n.Text())
		if _, known := lists[name]; known || !slices.Contains(s.Lists, name) {
			continue
		}
		want := DidYouMean(name, slices.Collect(maps.Keys(lists)), "the lists are")
		if want == "" {
			want = "lists.yaml has no list yet"
		}
		n.Fault("there is no list `"+shown(name)+"`", want)
	}
}

// checkInstant holds a send's instant against the embargo: an advance send
// goes out before the lift, a general one never does.
func (r *reader) checkInstant(s sendDraft, e press.Embargo) {
	if e.None && s.Kind == press.Advance {
		s.found["kind"].Fault("an advance send needs an embargo, and the release has none", "a general send is wanted, or an embargo")
		return
	}
	if !s.scheduled {
		return
	}
	at := s.found["at"]
	if e.None {
		if s.At.Before > 0 {
			at.Fault("there is no lift to reckon from: the embargo is `none`", "`lift`, which is the approval, or a moment is wanted")
		}
		return
	}
	if !s.At.Local.IsZero() {
		return // before the lift means at the lift
	}
	early := s.At.Due(e.Lift.At).Before(e.Lift.At)
	lift := e.Lift.Local().Format("2006-01-02 15:04") + " " + e.Lift.Zone
	switch {
	case s.Kind == press.Advance && !early:
		at.Fault(fmt.Sprintf("the advance send goes out at the lift (%s) or later", lift), "`lift-24h` or a moment before the lift is wanted")
	case s.Kind != press.Advance && early:
		at.Fault(fmt.Sprintf("the "+string(s.Kind)+" send goes out before the lift (%s)", lift), "`lift` or a moment at the lift or later is wanted")
	}
}
