package compose

import (
	"strings"
	"testing"

	"dateline/internal/press"
)

func TestEmbargoIsToldInItsZones(t *testing.T) {
	k := newKit(t, pair(t))
	for zone, want := range map[string][]string{
		"Europe/Vienna": {"18:00 (Tashkent, UTC+5)", "14:00 (Vienna, UTC+1)", "13:00 (UTC)"},
		"Asia/Tashkent": {"18:00 (Tashkent, UTC+5)", "13:00 (UTC)"},
		"UTC":           {"18:00 (Tashkent, UTC+5)", "13:00 (UTC)"},
		"":              {"18:00 (Tashkent, UTC+5)", "13:00 (UTC)"},
		"Nowhere/City":  {"18:00 (Tashkent, UTC+5)", "13:00 (UTC)"},
	} {
		for _, l := range []Letter{letter("en"), advance("en")} {
			l.Recipient.Zone = zone
			r, err := k.Render(l)
			must(t, err)
			for _, s := range []string{r.Text, r.HTML} {
				s, _, _ = strings.Cut(s, "High-level") // before the event
				at := 0
				for _, telling := range want {
					next := strings.Index(s[at:], "4 March 2027, "+telling)
					if next < 0 {
						t.Fatalf("zone %q: %q is not told in its turn in\n%s", zone, telling, s)
					}
					at += next
				}
				if strings.Contains(s, "Vienna") != (zone == "Europe/Vienna") {
					t.Errorf("zone %q: Vienna is told, or not", zone)
				}
			}
		}
	}
}

func TestMarksOfACopy(t *testing.T) {
	f := pair(t)
	f.Release.Editions = f.Release.Editions[:1]
	k := newKit(t, f)
	f.Release.Embargo = press.Embargo{None: true}
	immediate := newKit(t, f)
	for _, c := range []struct {
		name    string
		kit     *Kit
		change  func(*Letter)
		subject string
		has     []string
		hasNot  []string
	}{
		{"general", k, func(*Letter) {}, "Tashkent Decl", []string{"Embargo lifted"}, []string{"Embargoed", "IMMEDIATE", "test copy", "Advance copy"}},
		{
			"advance", k, func(l *Letter) { l.SendKind, l.Held = press.Advance, true }, "EMBARGOED until 4 March",
			[]string{"Embargoed until", "Advance copy for Asia Wire"},
			[]string{"Embargo lifted", "test copy"},
		},
		{
			"advance without outlet", k, func(l *Letter) { l.SendKind, l.Held, l.Recipient.Outlet = press.Advance, true, "" }, "EMBARGOED",
			[]string{"Advance copy for Zarina Karimova"},
			nil,
		},
		{
			"advance to a bare address", k,
			func(l *Letter) {
				l.SendKind, l.Held, l.Recipient.Outlet, l.Recipient.Name = press.Advance, true, "", ""
			}, "EMBARGOED",
			[]string{"Advance copy for reporter@outlet.example"},
			nil,
		},
		{"advance, late", k, func(l *Letter) { l.SendKind = press.Advance }, "Tashkent Decl", []string{"Embargo lifted"}, []string{"Advance copy", "Embargoed"}},
		{"test before the lift", k, func(l *Letter) { l.Test, l.Held = true, true }, "[TEST] EMBARGOED until", []string{"test copy", "Embargoed until"}, []string{"Advance copy"}},
		{"test after it", k, func(l *Letter) { l.Test = true }, "[TEST] Tashkent Decl", []string{"test copy", "Embargo lifted"}, []string{"Embargoed"}},
		{"immediate", immediate, func(l *Letter) { l.Held = true }, "Tashkent Decl", []string{"FOR IMMEDIATE RELEASE"}, []string{"Embargo"}},
	} {
		l := letter("en")
		c.change(&l)
		r, err := c.kit.Render(l)
		must(t, err)
		if !strings.HasPrefix(r.Subject, c.subject) {
			t.Errorf("%s: the subject is %q", c.name, r.Subject)
		}
		for _, s := range []string{strings.Join(strings.Fields(r.Text), " "), r.HTML} {
			for _, has := range c.has {
				if !strings.Contains(s, has) {
					t.Errorf("%s: %q is missing", c.name, has)
				}
			}
			for _, not := range c.hasNot {
				if strings.Contains(s, not) {
					t.Errorf("%s: %q is there", c.name, not)
				}
			}
		}
	}
}

func TestPageIsSmallAndWhole(t *testing.T) {
	k := newKit(t, sample(t))
	for _, e := range k.ordered() {
		r, err := k.Render(advance(e.Lang))
		must(t, err)
		if len(r.HTML) > 60<<10 {
			t.Errorf("%s: the page has %d bytes; mail programs cut it at 102 KB", e.Lang, len(r.HTML))
		}
		for _, bad := range []string{"ZgotmplZ", "<script", "<img", "url(", "@import", "<link", k.tokens.prefix, "<no value>", "data-premailer"} {
			if strings.Contains(r.HTML, bad) {
				t.Errorf("%s: the page has %q", e.Lang, bad)
			}
		}
		for _, good := range []string{`lang="` + string(e.Lang) + `" dir="ltr"`, "prefers-color-scheme: dark", "<!--[if mso]>", `href="tel:+998710000000"`, "<h1 style="} {
			if !strings.Contains(r.HTML, good) {
				t.Errorf("%s: the page lacks %q", e.Lang, good)
			}
		}
		for _, line := range strings.Split(r.Text, "\n") {
			if width(line) > lineWidth && !isWord([]byte(line)) {
				t.Errorf("%s: the line is %d columns wide: %q", e.Lang, width(line), line)
			}
		}
	}
}
