package compose

import (
	"cmp"
	"strings"
	"testing"

	"dateline/internal/press"
)

func TestWhatShipsHasNoFault(t *testing.T) {
	if faults := Check(sample(t)); len(faults) > 0 {
		t.Fatal(faults)
	}
	f := pair(t)
	f.Release.Embargo = press.Embargo{None: true}
	f.Release.Event, f.Release.MediaContacts, f.Release.Background, f.Release.Website = press.Occasion{}, nil, nil, ""
	f.Sender.Address, f.Sender.Website, f.Sender.ReplyTo, f.Sender.ListID = nil, "", "", ""
	if faults := Check(f); len(faults) > 0 {
		t.Fatal(faults)
	}
}

func TestCheckFindsFaultsOfTemplates(t *testing.T) {
	for _, c := range []struct {
		name, html, text string
		want             []string // for each fault in turn, what its line holds
	}{
		{"unknown field", "<p>\n é{{.Release.Title}}</p>", "", []string{"templates/base.html.tmpl:2:13: .Release.Title: there is no field Title here|.Headline"}},
		{"unknown field of all", "{{.Headline}}", "", []string{"base.html.tmpl:1:3: .Headline: there is no field Headline|there are .Language, .Direction"}},
		{"unknown field in a range", "", "{{range .Media}}{{.Mail}}{{end}}", []string{"base.txt.tmpl:1:19: .Mail: there is no field Mail|.Email"}},
		{"several at once", "{{.A}}\n{{if .B}}x{{end}}", "{{.C}}", []string{"html.tmpl:1:3: .A", "html.tmpl:2:6: .B", "txt.tmpl:1:3: .C"}},
		{"unknown function", "a\n{{upper .Subject}} {{lower .Subject}}", "", []string{"html.tmpl:2:3: there is no function upper|phrase, date, clock", "html.tmpl:2:22: there is no function lower"}},
		{"unknown phrase", "", "x {{phrase \"kind.extra\"}}", []string{`txt.tmpl:1:5: the phrase "kind.extra"|there are kind.release, kind.advisory`}},
		{"unknown placeholder", "{{phrase \"embargo.until\" \"what\" .Subject}}", "", []string{`html.tmpl:1:3: the phrase "embargo.until"`}},
		{"does not parse", "a\n{{if .Subject}}", "", []string{"html.tmpl:2:1: unexpected EOF"}},
		{"HTML that does not hold together", "<a href=\"{{if .Subject}}\"{{end}}>", "", []string{"html.tmpl:1:15: {{if}} branches end in different contexts|opened in one branch"}},
		{"name in an attribute", "<p>{{.Contact.Name}}</p>\n<p title=\"{{.Contact.Name}}\">x</p>", "", []string{"html.tmpl:2:13: a value of .Contact"}},
		{"outlet in a link", "{{with .Contact.Outlet}}<a href=\"https://x.example/{{.}}\">x</a>{{end}}", "", []string{"html.tmpl:1:54: a value of .Contact"}},
		{"telling in an attribute", "{{range .Embargo.Tellings}}<i title=\"{{.City}}\">x</i>{{end}}", "", []string{"html.tmpl:1:40: a value of .Contact"}},
		{"name in a style", "<style>p { color: {{.Contact.Name}} }</style>", "", []string{"html.tmpl:1:21: a value"}},
		{"name in a script", "<script>var a = {{.Contact.Name}}</script>", "", []string{"html.tmpl:1:19: a value"}},
		{"name is cut", "", "{{printf \"%.23s\" .Contact.Name}}", []string{"txt.tmpl:1:3: a value of .Contact"}},
		{"name is cut short", "", "{{printf \"%.3s\" .Contact.Name}}", []string{"txt.tmpl:1:3: the page changes with"}},
		{"name's first letter alone", "", "{{printf \"%.1s\" .Contact.Name}}", []string{"txt.tmpl:1:3: the page changes with"}},
		{"name is measured", "{{with .Contact.Name}}{{slice . 3 20}}{{end}}", "", []string{"html.tmpl:1:25: the page changes with"}},
		{"recursion", "{{define \"a\"}}x{{template \"a\"}}{{end}}{{template \"a\"}}", "", []string{"html.tmpl:1:"}},
		{"too much output", "", "{{range 90000}}01234567890123456789{{end}}", []string{"txt.tmpl:1:|the template writes more than 1048576 bytes"}},
		{"endless range", "", "a\n {{range 9223372036854775807}}{{end}}", []string{"txt.tmpl:2:10: its ranges go round more than 100000 times"}},
		{"endless ranges within", "{{range 50}}{{range 60000}}{{end}}{{end}}", "", []string{"html.tmpl:1:21: its ranges go round"}},
		{"growing string", "", "{{$a := \"0123456789\"}}{{range 60}}{{$a = print $a $a}}{{end}}", []string{"txt.tmpl:1:42: a value grows beyond 65536 bytes"}},
		{"empty", "", "{{/* nothing */}}", []string{"txt.tmpl:1:1: the template is empty"}},
	} {
		f := small(t)
		f.Files["base.html.tmpl"], f.Files["base.txt.tmpl"] = cmp.Or(c.html, "<p>{{.Subject}}</p>"), cmp.Or(c.text, "{{.Subject}}")
		faults := Check(f)
		if len(faults) != len(c.want) {
			t.Errorf("%s: %d faults, want %d:\n%v", c.name, len(faults), len(c.want), faults)
			continue
		}
		for i, fault := range faults {
			for _, part := range strings.Split(c.want[i], "|") {
				if !strings.Contains(fault.Error(), part) {
					t.Errorf("%s: the fault is\n%v, which lacks\n%q", c.name, fault, part)
				}
			}
		}
		if _, err := New(f); err == nil {
			t.Errorf("%s: New made a kit", c.name)
		}
	}
}

func TestCheckFindsWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*press.Frozen)
		want  string
	}{
		"template":      {func(f *press.Frozen) { delete(f.Files, "base.txt.tmpl") }, "templates/base.txt.tmpl:1:1: the template is missing"},
		"phrases":       {func(f *press.Frozen) { delete(f.Files, "phrases/en.yaml") }, "there are no phrases for the edition in en; there are phrases for ar, de, es"},
		"broken file":   {func(f *press.Frozen) { f.Files["phrases/en.yaml"] = "tag: en\n" }, "templates/phrases/en.yaml:"},
		"from":          {func(f *press.Frozen) { f.Sender.From = "nobody" }, "sender conference: from:"},
		"reply to":      {func(f *press.Frozen) { f.Sender.ReplyTo = "a@b.example\r\nX: y" }, "reply_to:"},
		"list id":       {func(f *press.Frozen) { f.Sender.ListID = "a>\r\nBcc: x" }, "list_id:"},
		"HTML in text":  {func(f *press.Frozen) { f.Release.Editions[0].Body = "a\n\nb <b>c</b>" }, "releases/tashkent-2022/en.md:7:3: HTML stands in the text"},
		"HTML block":    {func(f *press.Frozen) { f.Release.Editions[0].Body = "a\n\n<div>b</div>" }, "en.md:7:1: HTML stands"},
		"picture":       {func(f *press.Frozen) { f.Release.Editions[0].Body = "a\n![x](https://y.example/z.png)" }, "en.md:6:1: the picture lies elsewhere"},
		"too long":      {func(f *press.Frozen) { f.Release.Editions[0].Body = strings.Repeat("Word upon word. ", 7000) }, "en.md:1:1: its page has 119 KB, and Gmail cuts it off after 102"},
		"no words":      {func(f *press.Frozen) { f.Release.Editions[0].Body = "a\n![](z.png)" }, "en.md:6:1: the picture has no words"},
		"no footnote":   {func(f *press.Frozen) { f.Release.Editions[0].Body = "a[^1] b[^2]\n\n[^1]: c" }, "en.md:5:8: the mark [^2] leads to no footnote"},
		"unusable link": {func(f *press.Frozen) { f.Release.Editions[0].Body = "a [b](javascript:c)" }, `en.md:5:3: the link to "javascript:c" is not shown`},
	} {
		f := small(t)
		c.spoil(&f)
		faults := Check(f)
		if len(faults) == 0 || !strings.Contains(faults.Error(), c.want) {
			t.Errorf("%s: the faults are\n%v, want\n%s", name, faults, c.want)
		}
	}
	f := small(t)
	f.Release.Editions[0].Body = "a <!-- a note to ourselves --> b\n\n<!-- and\n\nanother -->\n"
	if faults := Check(f); len(faults) > 0 {
		t.Errorf("comments are faults: %v", faults)
	}
}

func TestOwnTemplateIsUsed(t *testing.T) {
	f := small(t)
	f.Files["base.html.tmpl"] = `<p class="a">{{if .Contact.Name}}Dear {{.Contact.Name}} of {{.Contact.Outlet}}{{else}}Dear all{{end}}</p>{{.Body}}`
	f.Files["base.txt.tmpl"] = "{{if .Contact.Name}}Dear {{.Contact.Name}},{{else}}Dear all,{{end}}\n\n{{.Body}}\n{{date .Release.Date}} {{clock .Embargo.Lift}}"
	k := newKit(t, f)
	l := letter("en")
	l.Recipient.Outlet = `A & "B" <c>`
	r, err := k.Render(l)
	must(t, err)
	if !strings.Contains(r.HTML, "Dear Zarina Karimova of A &amp; &#34;B&#34; &lt;c&gt;</p><p>A short text.</p>") {
		t.Errorf("the page is %s", r.HTML)
	}
	if r.Text != "Dear Zarina Karimova,\n\nA short text.\n4 March 2022 18:00\n" {
		t.Errorf("the text is %q", r.Text)
	}
	l.Recipient.Name = ""
	r, err = k.Render(l)
	must(t, err)
	if !strings.HasPrefix(r.Text, "Dear all,") || !strings.Contains(r.HTML, "Dear all") {
		t.Errorf("without a name: %q and %q", r.Text, r.HTML)
	}
}
