package compose

import (
	"slices"
	"strings"
	"testing"

	"dateline/internal/compose/composetest"
	"dateline/internal/press"
)

// conform holds a message to the standards, and to what compose promises.
func conform(t testing.TB, raw []byte) {
	t.Helper()
	for _, fault := range composetest.Faults(raw) {
		t.Error(fault)
	}
}

// Every mail that the sample can become is one that receivers take as it is
// meant: of every kind, edition, send and contact.
func TestEveryMailConforms(t *testing.T) {
	for _, kind := range append(press.ReleaseKinds(), press.EmbargoNotice) {
		f := sample(t)
		if kind != press.News {
			f.Release.Editions = slices.DeleteFunc(f.Release.Editions, func(e press.Edition) bool { return e.Lang != "ru" })
		}
		f.Release.Kind = kind
		for i := range f.Release.Editions {
			f.Release.Editions[i].Changed, f.Release.Editions[i].About = "the date «4 March»", f.Release.Editions[i].Headline
		}
		if kind == press.News || kind == press.Correction {
			f = withFiles(t, f)
		}
		if kind == press.Advisory {
			f.Sender.Precedence, f.Sender.ListID, f.Sender.ReplyTo = "bulk", "", ""
		}
		k := newKit(t, f)
		for _, e := range k.ordered() {
			for _, v := range trialVariants(press.General, press.Advance, press.FollowUp) {
				if (kind != press.News || e.Lang != "ru") && (v.name != v.outlet || v.name == v.zone || v.test && !v.held) {
					continue // contacts differ in every language alike
				}
				l := letterOf(e.Lang, v)
				if v.kind == press.FollowUp {
					l.Recipient.InReplyTo = "first@conference.example"
				}
				raw, err := k.Message(l)
				must(t, err)
				conform(t, raw)
				if t.Failed() {
					t.Fatalf("%s in %s, %+v", kind, e.Lang, v)
				}
			}
		}
	}
}

func letterOf(lang press.Lang, v variant) Letter {
	l := letter(lang)
	l.SendKind, l.Held, l.Test = v.kind, v.held, v.test
	if !v.name {
		l.Recipient.Name = ""
	}
	if !v.outlet {
		l.Recipient.Outlet = ""
	}
	if !v.zone {
		l.Recipient.Zone = ""
	}
	if !v.out {
		l.OptOut = ""
	}
	return l
}

func TestPrecedenceIsAskedFor(t *testing.T) {
	f := small(t)
	f.Sender.Precedence = "bulk"
	raw, err := newKit(t, f).Message(letter("en"))
	must(t, err)
	if got := readBack(t, raw).header.Get("Precedence"); got != "bulk" {
		t.Errorf("Precedence is %q", got)
	}
	raw, err = newKit(t, small(t)).Message(letter("en"))
	must(t, err)
	if h := readBack(t, raw).header; h.Get("Precedence") != "" || h.Get("Feedback-Id") != "tashkent-2022:none:general:conference" {
		t.Errorf("unasked for, Precedence is %q; Feedback-ID is %q", h.Get("Precedence"), h.Get("Feedback-Id"))
	}
}

// No boundary begins as another does, or a reader would take a part's end for
// the whole's.
func TestBoundaries(t *testing.T) {
	var all []string
	for _, kind := range []string{"mixed", "related", "alternative"} {
		all = append(all, string(appendBoundary(nil, boundaryName(kind), "a@b.example")))
	}
	for i, a := range all {
		for _, b := range slices.Delete(slices.Clone(all), i, i+1) {
			if strings.HasPrefix(a, b) {
				t.Errorf("%s begins with %s", a, b)
			}
		}
	}
}
