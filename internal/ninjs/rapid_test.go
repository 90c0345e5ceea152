package ninjs_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dateline/internal/ninjs"
	"dateline/internal/press"
)

// Whatever is written in a release: the document obeys the rules, is the same
// each time, and gives every text back as it was.
func TestAnyStoryIsADocument(t *testing.T) {
	s := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		b, err := ninjs.Make(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := obeys(s, b); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if again, err := ninjs.Make(in); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("made again it is (%v)\n%s\nand was\n%s", err, again, b)
		}
		givesBack(t, in, b)
	})
}

// Whatever is given as a web address is refused, or stands in the document as a
// URI.
func TestAnyLinkIsAURIOrRefused(t *testing.T) {
	s := rules(t)
	letters := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("%2f[]:@#?&=/. \\^{}|ü"))))
	rapid.Check(t, func(t *rapid.T) {
		in := story()
		in.Release.Website = rapid.SampledFrom([]string{"https://", "https://a.example", "http://a.example:80/", ""}).Draw(t, "start") + letters.Draw(t, "rest")
		b, err := ninjs.Make(in)
		if err == nil {
			err = obeys(s, b)
		} else if strings.Contains(err.Error(), "the release's website") {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
	})
}

func anyInput(t *rapid.T) ninjs.Input {
	text := rapid.String()
	some := text.Filter(func(s string) bool { return len(bytes.TrimSpace([]byte(s))) > 0 })
	in := story()
	in.Status = rapid.SampledFrom([]ninjs.Status{ninjs.Usable, ninjs.Withheld}).Draw(t, "status")
	in.Edition.Lang = rapid.SampledFrom([]press.Lang{"en", "uz-Cyrl", "ar", "zh-Hans"}).Draw(t, "language")
	in.Edition.Headline, in.Text, in.HTML = some.Draw(t, "headline"), some.Draw(t, "text"), some.Draw(t, "HTML")
	in.Edition.Subject, in.Edition.Event = text.Draw(t, "subject"), text.Draw(t, "event")
	in.Edition.Cities = rapid.SliceOf(text).Draw(t, "cities")
	in.Notes, in.UsageTerms = rapid.SliceOf(text).Draw(t, "notes"), text.Draw(t, "terms")
	in.Sender.Organisation = press.Text{"": text.Draw(t, "organisation")}
	in.Sender.Address = press.Text{"": text.Draw(t, "postal address")}
	in.Release.MediaContacts = rapid.SliceOf(rapid.Custom(func(t *rapid.T) press.MediaContact {
		return press.MediaContact{Name: press.Text{"": text.Draw(t, "name")}, Role: press.Text{"": text.Draw(t, "role")}, Phone: text.Draw(t, "phone")}
	})).Draw(t, "media contacts")
	in.Release.Background = rapid.SliceOf(rapid.Custom(func(t *rapid.T) press.Background {
		return press.Background{Title: press.Text{"": text.Draw(t, "title")}, URL: "https://docs.example/?" + rapid.StringMatching(`[ -"$-~я]*`).Draw(t, "query")}
	})).Draw(t, "papers")
	at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "lift"), 0).UTC()
	in.Release.Embargo.Lift = press.Moment{At: at, Zone: rapid.SampledFrom([]string{"UTC", "Asia/Tashkent", "Africa/Monrovia", "America/St_Johns"}).Draw(t, "zone")}
	return in
}

func givesBack(t *rapid.T, in ninjs.Input, b []byte) {
	var d struct {
		EmbargoedUntil time.Time
		By, Title      string
		Headlines      []struct{ Value string }
		Bodies         []struct{ Value string }
		InfoSources    []struct{ Name string }
		Associations   []struct{ Name string }
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	same := func(what, got, want string) {
		if got != want {
			t.Fatalf("%s is given back as %q and was %q", what, got, want)
		}
	}
	same("headline", d.Headlines[0].Value, in.Edition.Headline)
	same("text", d.Bodies[0].Value, in.Text)
	same("HTML", d.Bodies[1].Value, in.HTML)
	same("subject", d.Title, in.Edition.Subject)
	same("organisation", d.By, in.Sender.Organisation[""])
	if len(d.InfoSources) != 1+len(in.Release.MediaContacts) || len(d.Associations) != 1+len(in.Release.Background) {
		t.Fatalf("%d sources and %d associations", len(d.InfoSources), len(d.Associations))
	}
	for i, m := range in.Release.MediaContacts {
		same("a media contact", d.InfoSources[i+1].Name, m.Name[""])
	}
	if !d.EmbargoedUntil.Equal(in.Release.Embargo.Lift.At) {
		t.Fatalf("the embargo is given back as %s and was %s", d.EmbargoedUntil, in.Release.Embargo.Lift.At)
	}
}
