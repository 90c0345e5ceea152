package config

import (
	"slices"

	"dateline/internal/press"
)

// checkKeys holds a send's keys against its kind and each other.
func (s sendDraft) checkKeys() {
	_, atThere := s.found["at"]
	local, localThere := s.found["local"]
	switch {
	case atThere && localThere:
		local.Fault("`at` and `local` stand together", "one of them is wanted")
	case !atThere && !localThere:
		s.node.Fault("the send has no `at`", "wanted: `lift`, `lift-DURATION` or a moment; or `local` with a wall time")
	case localThere && s.Kind == press.Advance:
		local.Fault("an advance send has no local time", "`at: lift-24h` or a moment before the lift is wanted")
	}
	if _, ok := s.found["lists"]; !ok && s.Kind != press.FollowUp && s.Kind != "" {
		s.node.Fault("the send has no `lists`", "wanted: a list of lists' names")
	}
	if again, ok := s.found["again"]; ok && s.Again && s.Kind != press.General && s.Kind != "" {
		again.Fault("`again` does nothing in "+a(s.Kind)+" send", "it belongs into a general one")
	}
	if quiet, ok := s.found["quiet_hours"]; ok && s.Kind == press.Advance {
		quiet.Fault("`quiet_hours` does nothing in an advance send", "it goes out at its instant all the same")
	}
	after, ok := s.found["after"]
	switch {
	case ok && s.Kind != press.FollowUp && s.Kind != "":
		after.Fault("`after` does nothing in "+a(s.Kind)+" send", "it belongs into a follow-up")
	case !ok && s.Kind == press.FollowUp:
		s.node.Fault("the follow-up send has no `after`", "wanted: the name of the send that it follows")
	}
}

// a names a kind with its article.
func a(k press.SendKind) string {
	if k == press.Advance {
		return "an advance"
	}
	return "a " + string(k)
}

// checkAfter holds a follow-up against the send that it follows, which stands
// above it.
func (s sendDraft) checkAfter(all, above []sendDraft) {
	var may []string
	for _, o := range above {
		if o.Kind != press.FollowUp && o.Name != "" {
			may = append(may, o.Name)
		}
	}
	named := func(o sendDraft) bool { return o.Name == s.After }
	at := s.found["after"]
	switch i := slices.IndexFunc(all, named); {
	case slices.Contains(may, s.After):
		if o := above[slices.IndexFunc(above, named)]; s.with(o) {
			s.found["at"].Fault("the follow-up goes out with the send `"+s.After+"`, or before it", "a moment after that is wanted")
		}
	case i >= 0 && all[i].Kind == press.FollowUp:
		at.Fault("`"+s.After+"` is a follow-up itself", "a send of another kind is wanted")
	case i >= 0:
		at.Fault("the send `"+s.After+"` stands below", "a follow-up stands below the send that it follows")
	default:
		want := DidYouMean(s.After, may, "the sends that it may follow are")
		if want == "" {
			want = "a send that stands above is wanted"
		}
		at.Fault("there is no send `"+shown(s.After)+"`", want)
	}
}

// with tells whether a follow-up is due with the send that it follows, or
// before it, as far as that shows without the contacts' zones.
func (s sendDraft) with(o sendDraft) bool {
	if !s.scheduled || !o.scheduled || !s.At.Local.IsZero() || !o.At.Local.IsZero() {
		return false
	}
	if s.At.Moment.IsZero() != o.At.Moment.IsZero() {
		return false // the lift decides, and the plan judges it
	}
	if !s.At.Moment.IsZero() {
		return !s.At.Moment.At.After(o.At.Moment.At)
	}
	return s.At.Before >= o.At.Before
}

// checkRecurring holds a send of a recurring release against what is known of
// each occurrence, which is its lift alone.
func (s sendDraft) checkRecurring() {
	if !s.scheduled {
		return
	}
	at, local := s.found["at"], s.found["local"]
	switch {
	case !s.At.Local.IsZero():
		local.Fault("a recurring release has no one day, and `local` names one", "`at: lift` is wanted, or `at: lift-24h` in an advance send")
	case !s.At.Moment.IsZero():
		at.Fault("a recurring release has no one day, and the moment names one", "`lift` is wanted, or `lift-24h` in an advance send")
	case s.Kind == press.Advance && s.At.Before == 0:
		at.Fault("the advance send goes out at the lift", "`lift-24h` is wanted")
	case s.Kind != press.Advance && s.At.Before > 0:
		at.Fault("the "+string(s.Kind)+" send goes out before the lift", "`lift` is wanted")
	}
}
