package compose

import (
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
)

// Instants of the notices: the sample lifts at 18:00 in Tashkent.
var (
	sentAt  = time.Date(2027, 3, 3, 13, 0, 0, 0, time.UTC)
	oldLift = press.Moment{At: time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC), Zone: "Asia/Tashkent"}
	newLift = press.Moment{At: time.Date(2027, 3, 5, 4, 30, 0, 0, time.UTC), Zone: "Asia/Tashkent"}
)

func languagesOf(f press.Frozen) []press.Lang {
	var all []press.Lang
	for _, e := range f.Release.Editions {
		all = append(all, e.Lang)
	}
	return all
}

func killNotice(f press.Frozen) Notice {
	return Notice{
		Slug: press.KillSlug(f.Release.Slug), Kind: press.KillNotice, First: sentAt, Last: sentAt,
		Languages: languagesOf(f), LateAfter: 2 * time.Hour,
	}
}

func embargoNotice(f press.Frozen) Notice {
	n := killNotice(f)
	n.Slug, n.Kind, n.Before = press.EmbargoSlug(f.Release.Slug, 1), press.EmbargoNotice, oldLift
	return n
}

// moved is the sample with its embargo moved.
func moved(t *testing.T) press.Frozen {
	f := sample(t)
	f.Release.Embargo = press.Embargo{Lift: newLift}
	return f
}

func freeze(t *testing.T, n Notice, origins ...press.Frozen) *Kit {
	t.Helper()
	f, err := n.Freeze(origins...)
	must(t, err)
	return newKit(t, f)
}

// notify is a copy of a notice that answers the copy which its reader holds.
func notify(lang press.Lang) Letter {
	l := letter(lang)
	l.MessageID = "01936b2e-7c1a-7000-8000-00000000beef@conference.example"
	l.Recipient.InReplyTo = "01936b2e-7c1a-7000-8000-0123456789ab@conference.example"
	return l
}

func notifyHeld(lang press.Lang) Letter {
	l := notify(lang)
	l.Held = true
	return l
}

func TestGoldenNotices(t *testing.T) {
	for name, c := range map[string]struct {
		kit *Kit
		of  func(press.Lang) Letter
	}{
		"kill":    {freeze(t, killNotice(sample(t)), sample(t)), notify},
		"embargo": {freeze(t, embargoNotice(sample(t)), moved(t)), notifyHeld},
	} {
		for _, lang := range []press.Lang{"en", "ru", "tk"} {
			r, err := c.kit.Render(c.of(lang))
			must(t, err)
			golden(t, name+"."+string(lang)+".txt", r.Subject+"\n\n"+r.Text)
		}
		m, err := c.kit.Message(c.of("en"))
		must(t, err)
		golden(t, name+".en.eml", string(m))
	}
}

// TestANoticeNeverQuotes: nothing of what was withdrawn stands in its notice,
// in no language; the words are the phrases'.
func TestANoticeNeverQuotes(t *testing.T) {
	f := sample(t)
	for i := range f.Release.Editions {
		e := &f.Release.Editions[i]
		e.Headline, e.Subject, e.Event, e.Body = "SECRET headline", "SECRET subject", "SECRET event", "SECRET body.\n"
	}
	f.Release.Website = "https://secret.example"
	f.Release.Background = []press.Background{{Title: press.Text{"": "SECRET document"}, URL: "https://secret.example/x"}}
	later := f
	later.Release.Embargo = press.Embargo{Lift: newLift}
	free := f
	free.Release.Embargo = press.Embargo{None: true}
	for name, k := range map[string]*Kit{
		"kill":    freeze(t, killNotice(f), f),
		"embargo": freeze(t, embargoNotice(f), later),
		"free":    freeze(t, embargoNotice(f), free),
	} {
		for _, e := range k.ordered() {
			r, err := k.Render(notify(e.Lang))
			must(t, err)
			if all := strings.ToLower(r.Subject + r.Text + r.HTML); strings.Contains(all, "secret ") || strings.Contains(all, "secret.example") {
				t.Errorf("%s %s quotes the release:\n%s", name, e.Lang, r.Text)
			}
			for _, m := range f.Release.MediaContacts {
				if !strings.Contains(r.Text, string(m.Email)) {
					t.Errorf("%s %s does not say whom to ask (%s)", name, e.Lang, m.Email)
				}
			}
		}
	}
}

func TestWhatNoticesTell(t *testing.T) {
	f := sample(t)
	later := moved(t)
	free := sample(t)
	free.Release.Embargo = press.Embargo{None: true}
	days := killNotice(f)
	days.Last = oldLift.At
	reason := killNotice(f)
	reason.Reason = "the *event* [did not](https://x.example)\n# take <b>place</b>"
	for name, c := range map[string]struct {
		notice Notice
		of     press.Frozen
		letter Letter
		want   []string
		not    []string
	}{
		"kill": {
			killNotice(f), f, notify("en"),
			[]string{"withdraws its release of 3 March 2027, 18:00 (Tashkent, UTC+5)", "KILL NOTICE"},
			[]string{"FOR IMMEDIATE RELEASE", "Embargo", "Reason"},
		},
		"kill over two days": {days, f, notify("en"), []string{"withdraws its release of 3–4 March 2027\n"}, nil},
		"kill with a reason": {reason, f, notify("en"), []string{"Reason: the *event* [did not](https://x.example) # take <b>place</b>"}, []string{"[1]"}},
		"embargo": {embargoNotice(f), later, notifyHeld("en"), []string{
			"EMBARGOED until 5 March 2027, 09:30 (Tashkent, UTC+5) | Embargo moved; before: 4 March 2027, 18:00 (Tashkent, UTC+5)",
			"5 March 2027, 05:30 (Vienna, UTC+1)", "5 March 2027, 04:30 (UTC)", "4 March 2027, 13:00 (UTC)", "release of 3 March 2027, 18:00",
		}, []string{"FOR IMMEDIATE RELEASE"}},
		"embargo that has passed": {embargoNotice(f), later, notify("en"), []string{"Embargo lifted 5 March 2027, 09:30", "Embargo moved; before: 4 March"}, []string{"EMBARGOED"}},
		"embargo no more":         {embargoNotice(f), free, notify("en"), []string{"Embargo lifted; before: 4 March 2027, 18:00", "FOR IMMEDIATE RELEASE", "may be published at once"}, []string{"EMBARGOED"}},
	} {
		r, err := freeze(t, c.notice, c.of).Render(c.letter)
		must(t, err)
		all := r.Subject + "\n" + strings.ReplaceAll(r.Text, "\u00a0", " ")
		flat := strings.Join(strings.Fields(all), " ")
		for _, want := range c.want {
			if !strings.Contains(all, want) && !strings.Contains(flat, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, all)
			}
		}
		for _, not := range c.not {
			if strings.Contains(flat, not) {
				t.Errorf("%s says %q:\n%s", name, not, all)
			}
		}
	}
}

// An edition that the release no longer has is told in the words of the
// approval that had it.
func TestANoticeInALanguageThatIsGone(t *testing.T) {
	before, now := pair(t), pair(t)
	now.Release.Editions = slices.DeleteFunc(now.Release.Editions, func(e press.Edition) bool { return e.Lang == "ru" })
	delete(now.Files, "phrases/ru.yaml")
	n := killNotice(before)
	f, err := n.Freeze(now, before)
	must(t, err)
	if e, ok := f.Release.Edition("ru"); !ok || !strings.HasPrefix(e.Headline, "Не использовать") || f.Files["phrases/ru.yaml"] != before.Files["phrases/ru.yaml"] {
		t.Errorf("the edition in ru: %+v", e)
	}
	n.Languages = append(n.Languages, "tk")
	if _, err := n.Freeze(now, before); err == nil || !strings.Contains(err.Error(), "in tk: no approval of the release has an edition in it") {
		t.Errorf("a language that nobody has: %v", err)
	}
}

func TestANoticeAnswersTheCopy(t *testing.T) {
	k := freeze(t, killNotice(sample(t)), sample(t))
	m, err := k.Message(notify("ru"))
	must(t, err)
	read, err := mail.ReadMessage(strings.NewReader(string(m)))
	must(t, err)
	const want = "<01936b2e-7c1a-7000-8000-0123456789ab@conference.example>"
	if h := read.Header; h.Get("In-Reply-To") != want || h.Get("References") != want || h.Get("Message-ID") == want {
		t.Errorf("in reply to %q, references %q, id %q", h.Get("In-Reply-To"), h.Get("References"), h.Get("Message-ID"))
	}
	l := notify("ru")
	l.Recipient.InReplyTo = "no id\r\nBcc: x@y.example"
	if _, err := k.Message(l); err == nil {
		t.Error("a header was added")
	}
	l.Recipient.InReplyTo = ""
	plain, err := k.Message(l)
	must(t, err)
	if strings.Contains(string(plain), "In-Reply-To") || strings.Contains(string(plain), "References") {
		t.Error("a copy that answers nothing says so")
	}
}
