package ninjs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dateline/internal/ninjs"
	"dateline/internal/press"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func made(t testing.TB, in ninjs.Input) []byte {
	t.Helper()
	b, err := ninjs.Make(in)
	must(t, err)
	return b
}

var created = time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)

// story is one with everything that a document can have.
func story() ninjs.Input {
	lift, err := press.ParseMoment("2027-03-04 18:00 Asia/Tashkent")
	if err != nil {
		panic(err)
	}
	r := press.Release{
		Slug: "tashkent-2022", Kind: press.News, Sender: "conference",
		Embargo: press.Embargo{Lift: lift},
		MediaContacts: []press.MediaContact{
			{Name: press.Text{"": "Press desk"}, Role: press.Text{"en": "General questions"}, Email: "press@conference.example", Phone: "+998 71 000 00 00"},
			{Name: press.Text{"": "Doorman"}},
		},
		Website: "https://conference.example/тема?q=мир&r=100%",
		Background: []press.Background{
			{Title: press.Text{"en": "Resolution"}, URL: "https://undocs.org/A/RES/60/288"},
			{URL: "https://müller.example:8443/a b"},
		},
	}
	return ninjs.Input{
		Release: r,
		Edition: press.Edition{
			Lang: "en", Headline: "Ministers < \"declaration\" & peace", Subject: "Declaration", Event: "A conference",
			Cities: []string{"Tashkent", "Vienna"},
		},
		Sender: press.Sender{
			From: "press@conference.example", ReplyTo: "desk@conference.example", Name: press.Text{"": "Conference"},
			Organisation: press.Text{"": "Secretariat"}, Address: press.Text{"": "1 High Street\n\nTashkent\n"}, Website: "https://conference.example",
		},
		Status: ninjs.Usable, Version: 1, FirstCreated: created, VersionCreated: created,
		Text:  "Five states of Central Asia — all five — agreed [1].\n\n[1] https://a.example",
		HTML:  "<p>Five states of Central Asia — all five — <a href=\"https://a.example\">agreed</a>.</p>",
		Notes: []string{"Embargo until 4 March 2027, 18:00.", " ", "Times are local."}, UsageTerms: "Free to use.",
	}
}

// read is a document as a newsroom's system has it.
func read(t testing.TB, b []byte) map[string]any {
	t.Helper()
	var m map[string]any
	must(t, json.Unmarshal(b, &m))
	return m
}

func TestStatusAndEmbargo(t *testing.T) {
	free := story()
	free.Release.Embargo = press.Embargo{None: true}
	held := story()
	held.Status, held.Version = ninjs.Withheld, 2
	off := story() // a zone that was once off by 44 minutes and 30 seconds
	at, err := press.ParseMoment("1971-06-01 12:00 Africa/Monrovia")
	must(t, err)
	off.Release.Embargo.Lift = at
	for name, c := range map[string]struct {
		in            ninjs.Input
		status, until any
	}{
		"embargoed":        {story(), "usable", "2027-03-04T18:00:00+05:00"},
		"free":             {free, "usable", nil},
		"on hold":          {held, "withheld", "2027-03-04T18:00:00+05:00"},
		"offset in second": {off, "usable", "1971-06-01T12:44:30Z"},
	} {
		b := made(t, c.in)
		must(t, obeys(rules(t), b))
		if got := read(t, b); got["pubStatus"] != c.status || got["embargoedUntil"] != c.until {
			t.Errorf("%s: pubStatus %v, embargoedUntil %v; %v and %v are wanted", name, got["pubStatus"], got["embargoedUntil"], c.status, c.until)
		}
	}
}

// What is canceled must not be given out once more by the word that cancels it.
func TestCanceledHoldsNothingOfTheStory(t *testing.T) {
	in := story()
	before := read(t, made(t, in))
	in.Status, in.Version, in.VersionCreated = ninjs.Canceled, 2, created.Add(time.Hour)
	in.Notes = []string{"This release is withdrawn. Do not use it."}
	b := made(t, in)
	must(t, obeys(rules(t), b))
	got := read(t, b)
	if got["uri"] != before["uri"] || got["version"] != "2" || got["pubStatus"] != "canceled" || got["edNote"] != in.Notes[0] {
		t.Errorf("the canceling document is %s", b)
	}
	for _, content := range []string{"Ministers", "Five states", "Declaration", "Resolution", "A conference", "Free to use", "headlines", "bodies"} {
		if strings.Contains(string(b), content) {
			t.Errorf("the canceling document has %q in it:\n%s", content, b)
		}
	}
	in.Text, in.HTML, in.Edition.Headline = "", "", ""
	if again := made(t, in); string(again) != string(b) {
		t.Errorf("without the story the canceling document is another:\n%s", again)
	}
}

func TestCorrection(t *testing.T) {
	in := story()
	in.Release.Slug, in.Release.Kind, in.Release.About = "tashkent-correction", press.Correction, "tashkent-2022"
	in.FirstCreated, in.VersionCreated = created.AddDate(1, 0, 0), created.AddDate(1, 0, 0)
	in.AboutCreated = created
	in.Notes = []string{"Corrects the number of states in the first paragraph."}
	b := made(t, in)
	must(t, obeys(rules(t), b))
	got := read(t, b)
	if got["uri"] != "tag:conference.example,2027:tashkent-correction:en" || got["edNote"] != in.Notes[0] {
		t.Errorf("uri %v, edNote %v", got["uri"], got["edNote"])
	}
	first := got["associations"].([]any)[0].(map[string]any)
	if first["rel"] != "corrects" || first["uri"] != read(t, made(t, story()))["uri"] {
		t.Errorf("the correction points to %v", first)
	}
	in.AboutCreated = time.Time{}
	if b = made(t, in); strings.Contains(string(b), `"corrects"`) {
		t.Errorf("nobody knows the uri of what it corrects, and it has one:\n%s", b)
	}
}

// One story stays one story: neither a new version nor the zone of the machine
// that made it changes its name.
func TestURIStays(t *testing.T) {
	in := story()
	in.FirstCreated = time.Date(2027, 1, 1, 3, 0, 0, 0, time.FixedZone("", 5*3600)) // in UTC still 2026
	in.VersionCreated = in.FirstCreated.AddDate(2, 0, 0)
	in.Version, in.Edition.Lang = 7, "uz-Cyrl"
	in.Release.Slug = "advisory@2027-03-08"
	if got, want := read(t, made(t, in))["uri"], "tag:conference.example,2026:advisory@2027-03-08:uz-Cyrl"; got != want {
		t.Errorf("uri %v, want %s", got, want)
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		lang         press.Lang
		text         string
		chars, words float64
	}{
		{"en", "Five states — all five — agreed.", 32, 5},
		{"ru", "Пять стран", 10, 2},
		{"zh-Hans", "五国 同意", 5, 0}, // no words that could be counted
		{"en", "* * *", 5, 0},
	} {
		in := story()
		in.Edition.Lang, in.Text = c.lang, c.text
		body := read(t, made(t, in))["bodies"].([]any)[0].(map[string]any)
		words, _ := body["wordCount"].(float64)
		if body["charCount"] != c.chars || words != c.words {
			t.Errorf("%q: %v characters and %v words, want %v and %v", c.text, body["charCount"], words, c.chars, c.words)
		}
	}
}

func TestLettersAreWrittenAsTheyAre(t *testing.T) {
	in := story()
	in.Edition.Headline = "Ўзбекистон <b> & \"мир\" \x00 \xff"
	b := string(made(t, in))
	if !strings.Contains(b, `"value": "Ўзбекистон <b> & \"мир\" \u0000 `) || !strings.HasSuffix(b, "}\n") || strings.HasSuffix(b, "\n\n") {
		t.Errorf("the document is\n%s", b)
	}
	must(t, obeys(rules(t), []byte(b)))
	if got := read(t, []byte(b))["headlines"].([]any)[0].(map[string]any)["value"]; got != "Ўзбекистон <b> & \"мир\" \x00 \ufffd" {
		t.Errorf("the headline is read as %q", got)
	}
}

func TestLinks(t *testing.T) {
	for written, want := range map[string]string{
		"https://conference.example":             "https://conference.example",
		" http://a.example/x?y=1&z=%20#top ":     "http://a.example/x?y=1&z=%20#top",
		"https://a.example/тема?q=мир&r=100%":    "https://a.example/%D1%82%D0%B5%D0%BC%D0%B0?q=%D0%BC%D0%B8%D1%80&r=100%25",
		"https://müller.example:8443/a b[1]#[2]": "https://xn--mller-kva.example:8443/a%20b%5B1%5D#%5B2%5D",
		"https://[2001:db8::1]/":                 "https://[2001:db8::1]/",
		"https://desk:secret@a.example/":         "",
		"https:///page":                          "",
		"https://a.example/%zz":                  "",
		"mailto:desk@conference.example":         "",
		"javascript:alert(1)":                    "",
	} {
		in := story()
		in.Release.Website = written
		b, err := ninjs.Make(in)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "the release's website") {
				t.Errorf("%s: %v; a fault of the website is wanted", written, err)
			}
			continue
		}
		must(t, err)
		if !strings.Contains(string(b), `"href": "`+want+`"`) {
			t.Errorf("%s: %s is not in\n%s", written, want, b)
		}
	}
}

func TestMakeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*ninjs.Input)
		want  []string
	}{
		"a kill notice":   {func(in *ninjs.Input) { in.Release.Kind = press.KillNotice }, []string{"kind kill"}},
		"a moved embargo": {func(in *ninjs.Input) { in.Release.Kind = press.EmbargoNotice }, []string{"kind embargo"}},
		"a status":        {func(in *ninjs.Input) { in.Status = "cancelled" }, []string{`"cancelled" is no publishing status`}},
		"no status":       {func(in *ninjs.Input) { in.Status = "" }, []string{"no publishing status"}},
		"a first cancel":  {func(in *ninjs.Input) { in.Status = ninjs.Canceled }, []string{"version 1 cannot cancel"}},
		"version 0":       {func(in *ninjs.Input) { in.Version = 0 }, []string{"version 0"}},
		"older version":   {func(in *ninjs.Input) { in.VersionCreated = created.Add(-1) }, []string{"older than the first"}},
		"no instants":     {func(in *ninjs.Input) { in.FirstCreated, in.VersionCreated = time.Time{}, time.Time{} }, []string{"first version is missing", "this version is missing"}},
		"far year":        {func(in *ninjs.Input) { in.VersionCreated = created.AddDate(9000, 0, 0) }, []string{"four digits"}},
		"open embargo":    {func(in *ninjs.Input) { in.Release.Embargo = press.Embargo{} }, []string{"no embargo that is decided"}},
		"nothing to read": {func(in *ninjs.Input) { in.Edition.Headline, in.Text, in.HTML = " ", "\n", "" }, []string{"headline is missing", "plain text is missing", "HTML is missing"}},
		"a whole page":    {func(in *ninjs.Input) { in.HTML = "<!DOCTYPE html><HTML><Body>Story</Body>" }, []string{"whole page"}},
		"slug":            {func(in *ninjs.Input) { in.Release.Slug = "a b" }, []string{`slug, "a b"`}},
		"language":        {func(in *ninjs.Input) { in.Edition.Lang = "" }, []string{`language, ""`}},
		"sender":          {func(in *ninjs.Input) { in.Sender.From = "" }, []string{"domain of the sender"}},
		"what it corrects": {func(in *ninjs.Input) {
			in.Release.Kind, in.Release.About, in.AboutCreated = press.Correction, "ä", created
		}, []string{`slug, "ä"`}},
		"addresses": {func(in *ninjs.Input) {
			in.Sender.Website, in.Release.Website, in.Release.Background[1].URL = "x", "ftp://a.example", "https://a..b\u00fc/"
		}, []string{"the sender's website", "the release's website", "background paper 2"}},
	} {
		in := story()
		c.spoil(&in)
		b, err := ninjs.Make(in)
		if err == nil {
			t.Errorf("%s: there is a document:\n%s", name, b)
			continue
		}
		for _, want := range c.want {
			if n := strings.Count(err.Error(), want); n != 1 {
				t.Errorf("%s: %q is told %d times in\n%v", name, want, n, err)
			}
		}
		if lines := strings.Count(err.Error(), "\n"); lines != len(c.want) {
			t.Errorf("%s: %d faults, want %d:\n%v", name, lines, len(c.want), err)
		}
	}
}
