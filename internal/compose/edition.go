package compose

import (
	htmltemplate "html/template"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// edition is one edition with everything that all its copies share.
type edition struct {
	press.Edition
	words    *locale.Language
	base     Data // as the story's page has it; Story, Body and what varies are set for each copy
	story    story
	carries  []carried
	optOut   string // what opt-out links begin with
	lift     press.Moment
	pages    [variantCount]cell
	tellings tellings
	making   sync.Mutex       // of a page; those that are made are read without it
	html     map[string]*part // by what the template wrote
	text     map[string]*part
}

// cell is a page that is made when it is first asked for.
type cell struct {
	once sync.Once
	page *page
	err  error
}

// story is the body in its four forms.
type story struct{ html, text, bodyHTML, bodyText string }

const maxPreheader = 140 // characters

func newEdition(f press.Frozen, e press.Edition, words *locale.Language, m storyMaker) (*edition, error) {
	ed := &edition{
		Edition: e, words: words, lift: f.Release.Embargo.Lift, optOut: f.Sender.OptOutURL(""),
		html: map[string]*part{}, text: map[string]*part{},
	}
	body := cleanBlock(e.Body)
	cities := make([]string, len(e.Cities))
	for i, c := range e.Cities {
		cities[i] = clean(c)
	}
	upper := cases.Upper(language.Make(string(e.Lang)))
	named := make([]string, len(cities))
	for i, c := range cities {
		named[i] = unbroken(upper.String(c))
	}
	dateline, err := words.Phrase("dateline",
		"cities", strings.Join(named, " / "), "date", unbroken(words.LongDate(f.Release.Dateline.Date)))
	if err != nil {
		return nil, err
	}
	shown, order := pictures(f, body)
	if ed.carries, err = carry(f, e, order); err != nil {
		return nil, err
	}
	set := setting{words: words, pictures: shown}
	if ed.story.html, err = m.page(body, dateline, set); err != nil {
		return nil, err
	}
	if ed.story.bodyHTML, err = m.page(body, "", set); err != nil {
		return nil, err
	}
	ed.story.text, ed.story.bodyText = m.plain(body, dateline, set), m.plain(body, "", set)
	ed.base, err = ed.shared(f, dateline, cities)
	ed.base.Preheader = shorten(m.summary(body), maxPreheader)
	return ed, err
}

// shared fills what is the same in every copy of the edition.
func (ed *edition) shared(f press.Frozen, dateline string, cities []string) (Data, error) {
	r, in := f.Release, func(t press.Text) string { return clean(t.In(ed.Lang)) }
	d := Data{
		Language:  string(ed.Lang),
		Direction: ed.words.Dir,
		Sender: SenderData{
			Name: in(f.Sender.Name), Organisation: in(f.Sender.Organisation),
			Address: in(f.Sender.Address), Website: clean(f.Sender.Website),
			Email: string(replyTo(f.Sender)),
		},
		Release: ReleaseData{
			Headline: clean(ed.Headline), Dateline: dateline, Cities: cities,
			Date: r.Dateline.Date, Website: clean(r.Website),
		},
		Event:   EventData{Title: clean(ed.Event)},
		Embargo: EmbargoData{None: r.Embargo.None},
		Change:  ChangeData{About: clean(ed.About), What: clean(ed.Changed)},
	}
	if !r.Event.From.IsZero() {
		d.Event.Dates = ed.words.DateRange(r.Event.From, r.Event.To)
	}
	for _, m := range r.MediaContacts {
		d.Media = append(d.Media, MediaData{
			Name: in(m.Name), Role: in(m.Role), Email: string(m.Email),
			Phone: clean(m.Phone), Tel: telDigits(m.Phone),
		})
	}
	var papers []string
	for _, b := range r.Background {
		paper := DocumentData{Title: in(b.Title), URL: clean(b.URL)}
		if b.File != "" {
			papers, paper.File = append(papers, b.File), clean(path.Base(b.File))
		}
		d.Documents = append(d.Documents, paper)
	}
	for _, name := range ed.Attachments {
		if !slices.Contains(papers, name) {
			d.Attachments = append(d.Attachments, clean(path.Base(name)))
		}
	}
	if !r.Embargo.None {
		d.Embargo.Lift = press.In(ed.lift.At, r.Dateline.Zone)
		own, err := ed.telling(d.Embargo.Lift, r.Dateline.Zone)
		if err != nil {
			return d, err
		}
		d.Embargo.Tellings = []Telling{own}
		if utc, err := ed.telling(ed.lift.At.UTC(), "UTC"); err != nil {
			return d, err
		} else if utc != own {
			d.Embargo.Tellings = append(d.Embargo.Tellings, utc)
		}
	}
	return d, nil
}

// unbroken keeps a name or a date on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

func replyTo(s press.Sender) press.Address {
	if s.ReplyTo != "" {
		return s.ReplyTo
	}
	return s.From
}

// telling tells an instant on its own clock.
func (ed *edition) telling(t time.Time, zone string) (Telling, error) {
	return tell(ed.words, t, zone)
}

func tell(w *locale.Language, t time.Time, zone string) (Telling, error) {
	told := Telling{Date: w.LongDate(press.DateOf(t)), Time: w.Clock(t), City: w.ZoneCity(zone), Offset: w.Offset(t)}
	when, err := w.Phrase("when", "date", told.Date, "time", told.Time, "city", told.City, "offset", told.Offset)
	if told.City == told.Offset { // in UTC the city is the offset; say it once
		when = strings.Replace(when, told.City+", "+told.Offset, told.Offset, 1)
	}
	told.When = when
	return told, err
}

// tellingFor is what the slots of the telling hold for a contact's zone; nil
// where that is unknown or one of those that every copy has.
func (ed *edition) tellingFor(zone string) *told {
	if zone == "" || len(ed.base.Embargo.Tellings) == 0 {
		return nil
	}
	known, ok := ed.tellings.get(zone)
	if !ok {
		loc, err := press.LoadZone(zone)
		if err != nil {
			return nil
		}
		t, err := ed.telling(ed.lift.At.In(loc), zone)
		if err != nil {
			return nil
		}
		if !slices.Contains(ed.base.Embargo.Tellings, t) {
			known = newTold(t)
		}
		ed.tellings.put(zone, known)
	}
	return known
}

// data is what the templates see for a variant, with tokens for what differs
// from contact to contact.
func (ed *edition) data(v variant, kind press.ReleaseKind, t tokens) (Data, error) {
	d := ed.base
	var err error
	if d.Release.Label, err = ed.words.Phrase("kind." + string(kind)); err != nil {
		return d, err
	}
	d.Release.Kind = string(kind)
	d.Send = SendData{Kind: string(v.kind), Advance: v.kind == press.Advance, Test: v.test}
	d.Embargo.Held = v.held && !d.Embargo.None
	d.Contact = ContactData{Address: t.of(slotAddress), Addressee: t.of(slotAddress)}
	if v.name {
		d.Contact.Name = t.of(slotName)
		d.Contact.Addressee = d.Contact.Name
	}
	if v.outlet {
		d.Contact.Outlet = t.of(slotOutlet)
		d.Contact.Addressee = d.Contact.Outlet
	}
	if v.out {
		d.Contact.OptOut = ed.optOut + t.of(slotOptOut)
	}
	if v.zone && !d.Embargo.None {
		d.Embargo.Tellings = slices.Insert(slices.Clone(d.Embargo.Tellings), 1, Telling{
			t.of(slotWhen), t.of(slotDate), t.of(slotTime), t.of(slotCity), t.of(slotOffset),
		})
	}
	d.Subject, err = ed.subject(d)
	return d, err
}

// subject is the mail's subject: marked as a test, marked as held.
func (ed *edition) subject(d Data) (string, error) {
	s := clean(ed.Subject)
	if s == "" {
		s = clean(ed.Headline)
	}
	if d.Embargo.Held {
		mark, err := ed.words.Phrase("embargo.subject", "when", d.Embargo.Tellings[0].When)
		if err != nil {
			return "", err
		}
		s = clean(mark) + " | " + s
	}
	if d.Send.Test {
		mark, err := ed.words.Phrase("test.subject")
		if err != nil {
			return "", err
		}
		s = "[" + clean(mark) + "] " + s
	}
	return s, nil
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if space := strings.LastIndexByte(cut, ' '); space > 0 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:–—") + "…"
}

// htmlData and textData put the story in for either template.
func (ed *edition) htmlData(d Data) Data {
	d.Story, d.Body = htmltemplate.HTML(ed.story.html), htmltemplate.HTML(ed.story.bodyHTML)
	return d
}

func (ed *edition) textData(d Data) Data {
	d.Story, d.Body = ed.story.text, ed.story.bodyText
	return d
}
