package compose

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"dateline/internal/press"
	"dateline/templates"
)

const sampleFolder = "../../config"

// texts is a press.Text in YAML: one string, or one a language.
type texts press.Text

func (t *texts) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*t = texts{"": one}
		return nil
	}
	m := map[press.Lang]string{}
	err := unmarshal(&m)
	*t = m
	return err
}

// sample freezes the release that ships, with the templates that ship.
func sample(t testing.TB) press.Frozen {
	t.Helper()
	f := press.Frozen{Files: shipped(t), Renderer: Version}
	f.Sender = sampleSender(t)
	dir := filepath.Join(sampleFolder, "releases", "tashkent-2022")
	var raw struct {
		Event    struct{ From, To string }
		Dateline struct {
			Cities []string
			Date   string
			Zone   string
		}
		Embargo       string
		MediaContacts []struct {
			Name, Role   texts
			Email, Phone string
		} `yaml:"media_contacts"`
		Website    string
		Background []struct {
			Title texts
			URL   string
		}
	}
	must(t, yaml.Unmarshal([]byte(read(t, filepath.Join(dir, "release.yaml"))), &raw))
	r := &f.Release
	r.Slug, r.Kind, r.Sender, r.Website = "tashkent-2022", press.News, "conference", raw.Website
	r.Event = press.Occasion{From: date(t, raw.Event.From), To: date(t, raw.Event.To)}
	r.Dateline = press.Dateline{Cities: raw.Dateline.Cities, Date: date(t, raw.Dateline.Date), Zone: raw.Dateline.Zone}
	lift, err := press.ParseMoment(raw.Embargo)
	must(t, err)
	r.Embargo = press.Embargo{Lift: lift}
	for _, m := range raw.MediaContacts {
		r.MediaContacts = append(r.MediaContacts, press.MediaContact{
			Name: press.Text(m.Name), Role: press.Text(m.Role), Email: press.Address(m.Email), Phone: m.Phone,
		})
	}
	for _, b := range raw.Background {
		r.Background = append(r.Background, press.Background{Title: press.Text(b.Title), URL: b.URL})
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.md"))
	must(t, err)
	for _, file := range files {
		r.Editions = append(r.Editions, sampleEdition(t, file))
	}
	return f
}

func sampleEdition(t testing.TB, file string) press.Edition {
	t.Helper()
	all := strings.TrimPrefix(read(t, file), "---\n")
	front, body, ok := strings.Cut(all, "\n---\n")
	if !ok {
		t.Fatalf("%s has no front matter", file)
	}
	var e struct {
		Headline, Subject, Event string
		Cities                   []string
	}
	must(t, yaml.Unmarshal([]byte(front), &e))
	name := filepath.Base(file)
	return press.Edition{
		Lang: press.Lang(strings.TrimSuffix(name, ".md")), Headline: e.Headline, Subject: e.Subject, Event: e.Event,
		Cities: e.Cities, Body: body, File: name, BodyLine: strings.Count(front, "\n") + 4,
	}
}

func sampleSender(t testing.TB) press.Sender {
	t.Helper()
	var raw struct {
		Senders map[string]struct {
			Name, Organisation, Address texts
			From, Bounces               string
			ListID                      string `yaml:"list_id"`
			Website                     string
		}
	}
	must(t, yaml.Unmarshal([]byte(read(t, filepath.Join(sampleFolder, "dateline.yaml"))), &raw))
	s := raw.Senders["conference"]
	return press.Sender{
		ID: "conference", Name: press.Text(s.Name), From: press.Address(s.From), ReplyTo: "desk@conference.example",
		Bounces: press.Address(s.Bounces), ListID: s.ListID, Organisation: press.Text(s.Organisation),
		Address: press.Text(s.Address), Website: s.Website, OptOut: "https://press.conference.example",
	}
}

// shipped are the templates and phrases that ship.
func shipped(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, fs.WalkDir(templates.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := templates.Files.ReadFile(path)
		files[path] = string(b)
		return err
	}))
	return files
}

// pair is the sample with two of its editions, one in either script.
func pair(t testing.TB) press.Frozen {
	t.Helper()
	f := sample(t)
	f.Release.Editions = slices.DeleteFunc(f.Release.Editions, func(e press.Edition) bool { return e.Lang != "en" && e.Lang != "ru" })
	return f
}

// small is a release with one short edition in English.
func small(t testing.TB) press.Frozen {
	t.Helper()
	f := sample(t)
	f.Release.Editions = []press.Edition{{
		Lang: "en", Headline: "A headline", Cities: []string{"Tashkent"}, Body: "A short text.\n", File: "en.md", BodyLine: 5,
	}}
	f.Release.Event = press.Occasion{}
	return f
}

func letter(lang press.Lang) Letter {
	return Letter{
		Recipient: press.Recipient{
			Address: "reporter@outlet.example", Name: "Zarina Karimova", Outlet: "Asia Wire", Edition: lang, Zone: "Europe/Vienna",
		},
		SendKind:  press.General,
		MessageID: "01936b2e-7c1a-7000-8000-0123456789ab@conference.example",
		Date:      time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC),
		OptOut:    "t01mzxw6ytboi4dcmrtgq2tmnzyge3dknrxgu4tmnbvgq",
	}
}

func advance(lang press.Lang) Letter {
	l := letter(lang)
	l.SendKind, l.Held = press.Advance, true
	return l
}

// newKit leaves out the trial, as the daemon does: the tests of Check make it for
// all that ships.
func newKit(t testing.TB, f press.Frozen) *Kit {
	t.Helper()
	k, err := Thaw(f)
	must(t, err)
	return k
}

func read(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	must(t, err)
	return string(b)
}

func date(t testing.TB, s string) press.Date {
	t.Helper()
	d, err := press.ParseDate(s)
	must(t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
