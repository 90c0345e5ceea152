package compose

import (
	"strings"
	"testing"
)

func TestWholeMarksAPart(t *testing.T) {
	for _, c := range []struct{ part, text, want string }{
		{"4 March", "until 4 March, noon", `until <span class="whole">4 March</span>, noon`},
		{"<4>", "until <4> & after", `until <span class="whole">&lt;4&gt;</span> &amp; after`},
		{"5 March", "until <b>4 March</b>", "until &lt;b&gt;4 March&lt;/b&gt;"},
		{"", "any & all", "any &amp; all"},
	} {
		if got := whole(c.part, c.text); string(got) != c.want {
			t.Errorf("%q in %q is %s; wanted %s", c.part, c.text, got, c.want)
		}
	}
}

func TestHyphensOfALeadEndNoLine(t *testing.T) {
	got := wholeWords("NEW YORK / NÝU-ÝORK, 2022-nji\u00a0ýylyň & more")
	want := "NEW YORK / <span class=\"whole\">NÝU-ÝORK,</span> <span class=\"whole\">2022-nji\u00a0ýylyň</span> &amp; more"
	if got != want {
		t.Errorf("the lead is %s; wanted %s", got, want)
	}
}

func TestNumbersInATemplate(t *testing.T) {
	f := in(t, "fa")
	f.Files["base.txt.tmpl"] = `{{number 1234567.5}} {{number (len .Release.Headline)}} {{number -3}}` + "\n"
	r, err := newKit(t, f).Render(letter("fa"))
	must(t, err)
	if got, want := r.Text, "۱٬۲۳۴٬۵۶۷٫۵ ۱۰ \u200e−۳\n"; got != want {
		t.Errorf("the text is %q, want %q", got, want)
	}
	f.Files["base.txt.tmpl"] = `{{number "12"}}` + "\n"
	const want = "templates/base.txt.tmpl:1:3: this is no number, but a string; a number is wanted, such as 12 or (len .Media)"
	if faults := Check(f); len(faults) != 1 || !strings.Contains(faults.Error(), want) {
		t.Errorf("the faults are\n%v, want\n%s", faults, want)
	}
}
