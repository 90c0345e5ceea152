package compose

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// Notice is what those who hold a copy of a release are told about it: that it
// was withdrawn, or that its embargo was moved. Its words are the phrases'; of
// the release itself it tells who sent it and when.
type Notice struct {
	Slug        string
	Kind        press.ReleaseKind // press.KillNotice or press.EmbargoNotice
	First, Last time.Time         // when the copies that are held were due
	Before      press.Moment      // of a moved embargo: the lift that was told before; the new one is the release's
	Reason      string            // of a kill, where one is to be given
	Languages   []press.Lang      // of the copies that are held
	LateAfter   time.Duration
}

// Freeze writes the notice: a release of its own, with the sender, the dateline,
// the media contacts and the templates of the first origin, the release as it
// stands. A language that has no edition there any more is taken from the first
// of the others that has one. What is to be approved beside that (the probes,
// the hashes) is left to the caller.
func (n Notice) Freeze(origins ...press.Frozen) (press.Frozen, error) {
	about := origins[0]
	f := press.Frozen{Sender: about.Sender, Renderer: Version, Files: map[string]string{}}
	for name, text := range about.Files {
		if !strings.HasPrefix(name, "phrases/") {
			f.Files[name] = text
		}
	}
	f.Release = press.Release{
		Slug: n.Slug, Kind: n.Kind, About: about.Release.Slug, Topic: about.Release.Topic, Sender: about.Release.Sender,
		Dateline: about.Release.Dateline, MediaContacts: about.Release.MediaContacts,
		Embargo: press.Embargo{None: true},
		Sends:   []press.Send{{Name: press.NoticeSend, Kind: press.General, LateAfter: n.LateAfter, IgnoreQuiet: true}},
	}
	if n.Kind == press.EmbargoNotice {
		f.Release.Embargo = about.Release.Embargo
	}
	for _, lang := range n.Languages {
		e, files, err := n.edition(lang, f.Release, origins)
		if err != nil {
			return press.Frozen{}, fmt.Errorf("writing the notice %s in %s: %w", n.Slug, lang, err)
		}
		f.Release.Editions = append(f.Release.Editions, e)
		maps.Copy(f.Files, files)
	}
	return f, nil
}

// edition writes the notice in one language.
func (n Notice) edition(lang press.Lang, r press.Release, origins []press.Frozen) (press.Edition, map[string]string, error) {
	file := "phrases/" + string(lang) + ".yaml"
	for _, o := range origins {
		was, ok := o.Release.Edition(lang)
		if !ok {
			continue
		}
		words, faults := locale.ParseLanguage("templates/"+file, o.Files[file])
		if len(faults) > 0 {
			return press.Edition{}, nil, faults
		}
		w := noticeWords{Language: words, zone: r.Dateline.Zone, sender: o.Sender}
		e := press.Edition{Lang: lang, Cities: was.Cities, File: file}
		e.Headline = w.headline(n, r.Embargo)
		e.Body = w.body(n, r.Embargo)
		return e, map[string]string{file: o.Files[file]}, w.err
	}
	return press.Edition{}, nil, errors.New("no approval of the release has an edition in it")
}

// noticeWords writes in one language; err is the first thing that went wrong.
type noticeWords struct {
	*locale.Language
	zone   string // in which instants are told first
	sender press.Sender
	err    error
}

func (w *noticeWords) headline(n Notice, now press.Embargo) string {
	switch {
	case n.Kind == press.KillNotice:
		return w.say("notice.kill.headline", "organisation", w.sender.Organisation.In(w.Tag), "sent", w.sent(n))
	case now.None:
		return w.say("notice.free.headline", "before", w.when(n.Before.At))
	default:
		return w.say("notice.embargo.headline", "before", w.when(n.Before.At))
	}
}

func (w *noticeWords) body(n Notice, now press.Embargo) string {
	var paragraphs []string
	switch {
	case n.Kind == press.KillNotice:
		paragraphs = append(paragraphs, w.say("notice.kill.text"))
		if n.Reason != "" {
			paragraphs = append(paragraphs, w.say("notice.kill.reason", "reason", n.Reason))
		}
	case now.None:
		paragraphs = append(paragraphs, w.say("notice.free.text", "sent", w.sent(n), "before", w.twice(n.Before.At)))
	default:
		paragraphs = append(paragraphs, w.say("notice.embargo.text", "sent", w.sent(n), "until", w.twice(now.Lift.At), "before", w.twice(n.Before.At)))
	}
	paragraphs = append(paragraphs, w.say("notice.ask"))
	for i, p := range paragraphs {
		paragraphs[i] = literal(clean(p))
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}

func (w *noticeWords) say(key string, args ...string) string {
	text, err := w.Phrase(key, args...)
	w.note(err)
	return text
}

func (w *noticeWords) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// sent is when the copies were due: to the minute where that is one, else the
// day or days.
func (w *noticeWords) sent(n Notice) string {
	first, last := press.In(n.First, w.zone), press.In(n.Last, w.zone)
	if first.Truncate(time.Minute).Equal(last.Truncate(time.Minute)) {
		return w.when(n.First)
	}
	return w.DateRange(press.DateOf(first), press.DateOf(last))
}

// when tells an instant in the dateline's zone.
func (w *noticeWords) when(at time.Time) string {
	told, err := tell(w.Language, press.In(at, w.zone), w.zone)
	w.note(err)
	return told.When
}

// twice tells it in UTC as well.
func (w *noticeWords) twice(at time.Time) string {
	own := w.when(at)
	utc, err := tell(w.Language, at.UTC(), "UTC")
	w.note(err)
	if utc.When == own {
		return own
	}
	return own + " = " + utc.When
}

// literal is a text as Markdown that reads as it stands.
func literal(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > ' ' && r <= '~' && !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
