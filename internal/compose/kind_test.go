package compose

import (
	"strings"
	"testing"

	"dateline/internal/press"
)

// Each kind says first what its readers look for, and leaves out what they do
// not; whole pages stand in the golden files.
func TestKinds(t *testing.T) {
	const mark, when = "— END —", "3–4 March 2022"
	about, what := "This corrects our text “An older headline”.", "Corrected: the number of people"
	for _, c := range []struct {
		kind press.ReleaseKind
		send press.SendKind
		has  []string
		not  []string
	}{
		{press.News, press.General, []string{"PRESS RELEASE", mark, "TASHKENT / NEW\u00a0YORK / VIENNA, 4\u00a0March\u00a02022\u00a0— Five"}, []string{what, about, "New since then"}},
		{press.News, press.FollowUp, []string{"New since then: the number of people"}, []string{about, "A follow-up to a text"}},
		{press.Advisory, press.General, []string{"MEDIA ADVISORY", "\n* High-level", "\n* " + when, mark}, []string{"TASHKENT / NEW"}},
		{press.Statement, press.General, []string{"STATEMENT", "4\u00a0March\u00a02022\n\nFive", mark}, []string{"2022\u00a0— Five"}},
		{press.Correction, press.General, []string{"CORRECTION", about + "\n" + what, mark}, nil},
		{press.Correction, press.FollowUp, []string{about + "\n" + what}, []string{"New since then"}},
		{press.KillNotice, press.General, []string{"KILL"}, []string{mark, "Embargo ended", "For immediate release"}},
		{press.EmbargoNotice, press.General, []string{"EMBARGO"}, []string{mark}},
	} {
		f := pair(t)
		f.Release.Kind = c.kind
		for i := range f.Release.Editions {
			f.Release.Editions[i].Changed, f.Release.Editions[i].About = "the number of people", "An older headline"
		}
		l := letter("en")
		l.SendKind = c.send
		r, err := newKit(t, f).Render(l)
		must(t, err)
		golden(t, string(c.kind)+"."+string(c.send)+".en.txt", r.Text)
		for _, part := range c.has {
			if !strings.Contains(r.Text, part) {
				t.Errorf("%s, %s: the text lacks %q:\n%s", c.kind, c.send, part, r.Text)
			}
		}
		for _, part := range c.not {
			if strings.Contains(r.Text, part) {
				t.Errorf("%s, %s: the text has %q", c.kind, c.send, part)
			}
		}
	}
}

// A follow-up of which nobody says what is new says that it is one.
func TestFollowUpWithoutWords(t *testing.T) {
	l := letter("en")
	l.SendKind = press.FollowUp
	r, err := newKit(t, small(t)).Render(l)
	must(t, err)
	if !strings.Contains(r.Text, "A follow-up to a text that you have from us.") || !strings.Contains(r.HTML, `<p class="change"`) {
		t.Errorf("the text is %s", r.Text)
	}
}

// A team's own file of one kind changes that kind alone; a fault in it is told
// there, with its place, whatever kind the release is.
func TestAKindOfOnesOwn(t *testing.T) {
	f := small(t)
	f.Files["statement.txt.tmpl"] = "{{define \"end\"}}\n* * *\n{{end}}"
	r, err := newKit(t, f).Render(letter("en"))
	must(t, err)
	if strings.Contains(r.Text, "* * *") {
		t.Error("a release has the end of a statement")
	}
	f.Release.Kind = press.Statement
	r, err = newKit(t, f).Render(letter("en"))
	must(t, err)
	if !strings.Contains(r.Text, "* * *") || strings.Contains(r.Text, "END") {
		t.Errorf("the statement is %s", r.Text)
	}
	f = small(t)
	f.Files["kill.html.tmpl"] = "\n{{define \"end\"}}{{.Relase.Headline}}{{end}}"
	f.Files["advisory.txt.tmpl"] = "{{define \"end\"}}{{upper .Subject}}{{end}}"
	faults := Check(f)
	if len(faults) != 2 || !strings.Contains(faults.Error(), "templates/kill.html.tmpl:2:26: .Relase.Headline: there is no field Relase") ||
		!strings.Contains(faults.Error(), "templates/advisory.txt.tmpl:1:19: there is no function upper") {
		t.Errorf("the faults are\n%v", faults)
	}
}
