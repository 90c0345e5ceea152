package press

import "strings"

// Agreement is an outlet's word that it holds what it gets under embargo.
type Agreement struct {
	On       Date   `json:"on,omitzero"`
	By       string `json:"by,omitempty"`       // who gave it
	Scope    string `json:"scope,omitempty"`    // what it covers, in the team's words; "" is everything
	Until    Date   `json:"until,omitzero"`     // its last day; zero: it does not end
	Document string `json:"document,omitempty"` // where the paper lies
}

// OnFile tells whether there is an agreement, ended or not.
func (a Agreement) OnFile() bool { return !a.On.IsZero() }

// InForce tells whether there is an agreement on a day.
func (a Agreement) InForce(day Date) bool {
	return a.OnFile() && !day.Before(a.On) && (a.Until.IsZero() || !a.Until.Before(day))
}

// Text is the agreement as a person reads it; "" where there is none.
func (a Agreement) Text() string {
	if !a.OnFile() {
		return ""
	}
	text := []string{a.On.String()}
	add := func(what, value string) {
		if value != "" {
			text = append(text, what+" "+value)
		}
	}
	add("by", a.By)
	add("for", a.Scope)
	if !a.Until.IsZero() {
		add("until", a.Until.String())
	}
	add("in", a.Document)
	return strings.Join(text, ", ")
}

// Ended is when an agreement was taken off by hand, and by whom.
type Ended struct {
	On Date   `json:"on,omitzero"`
	By string `json:"by,omitempty"`
}

// Text is the mark as a person reads it; "" where there is none.
func (e Ended) Text() string {
	if e.On.IsZero() {
		return ""
	}
	return "taken off on " + e.On.String() + " by " + e.By
}

// Takes tells whether what a file says of an outlet's agreement takes the place
// of what is on file. It does whole or not at all, since half of one agreement
// and half of another is none. One of a later day does; one of the same day only
// if it leaves nothing out that is on file. What was taken off by hand comes back
// only by an agreement that was given after that day.
func (o Outlet) Takes(filed Agreement) bool {
	old := o.Agreement
	switch {
	case !filed.OnFile() || filed == old:
		return false
	case !old.OnFile():
		return o.Ended.On.Before(filed.On)
	case filed.On != old.On:
		return old.On.Before(filed.On)
	}
	says := func(before, now string) bool { return before == "" || now != "" }
	return says(old.By, filed.By) && says(old.Scope, filed.Scope) && says(old.Document, filed.Document) && (old.Until.IsZero() || !filed.Until.IsZero())
}
