package config

import (
	"fmt"
	"slices"
	"strings"

	"dateline/internal/press"
	"dateline/internal/recur"
	"dateline/internal/yamlfile"
)

const releaseFile = "release.yaml"

// releaseDraft is a release.yaml while it is read.
type releaseDraft struct {
	press.Release
	found   map[string]yamlfile.Node // its keys
	embargo bool                     // an embargo, or none, could be read
	sends   []sendDraft
	told    []wording
	files   []fileName // its attachments
	papers  []fileName // those of its background documents
}

func releaseKeys() []key[releaseDraft] {
	return []key[releaseDraft]{
		{"kind", "`release`, `advisory`, `statement`, `correction` or `kill`", required, "What the release is.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			set(&d.Kind, n, oneOf(r, press.ReleaseKinds()...))
		}},
		{"sender", "a sender's id", required, "The sender in `dateline.yaml` that it is sent under.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			set(&d.Sender, n, r.line)
		}},
		{"topic", "a name", "", "What it is about; people may opt out of a topic.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			set(&d.Topic, n, r.slug)
		}},
		{"event", "a map of `from` and `to`", "", "What it reports on. Each edition then has the event's title.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			d.Event = r.event(n)
		}},
		{"dateline", "a map of `cities`, `date` and `zone`", required, "Where and when the text was filed.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			decode(r, n, "the dateline", placeKeys(), &d.Dateline)
		}},
		{"embargo", "a moment, or `none`", "required, or `recurs`", "Before this instant nothing may be published; `none` is sent on approval.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			d.Embargo, d.embargo = r.embargoOf(n)
		}},
		{"recurs", "a map of `cron` and `zone`", "", "In place of an embargo: the release comes again and again, such as each Monday. See below.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			d.Recurs = r.recurrence(n)
		}},
		{"sends", "a list of sends", required, "The waves in which it is sent.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			d.sends = r.sends(n)
		}},
		{"media_contacts", "a list of media contacts", "", "Whom journalists may ask.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			r.mediaContacts(n, d)
		}},
		{"website", "an https address", "", "Where to read more.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			set(&d.Website, n, r.https)
		}},
		{"background", "a list of documents", "", "Documents that the release points to.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			r.background(n, d)
		}},
		{"attachments", "a list of files", "", "Files in the release's folder that every mail carries. See below.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			d.files = r.fileNames(n)
		}},
		{"about", "a release's name", "", "Of a correction: the release in `releases` that it corrects. It is wanted there, and there alone. Who has a copy of that one gets the correction as a reply to it.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			set(&d.About, n, r.slug)
		}},
		{"all_languages", "`required` or `optional`", "`optional`", "With `required`, the plan is refused while somebody's own languages have no edition, or an edition no `signed_off_by`.", func(r *reader, n yamlfile.Node, d *releaseDraft) {
			if word, ok := oneOf(r, "required", "optional")(n); ok {
				d.AllLanguages = word == "required"
			}
		}},
	}
}

func eventKeys() []key[press.Occasion] {
	return []key[press.Occasion]{
		{"from", "a date", required, "Its first day.", func(r *reader, n yamlfile.Node, o *press.Occasion) {
			set(&o.From, n, r.date)
		}},
		{"to", "a date", "the first day", "Its last day.", func(r *reader, n yamlfile.Node, o *press.Occasion) {
			set(&o.To, n, r.date)
		}},
	}
}

func recurKeys() []key[press.Recurrence] {
	return []key[press.Recurrence]{
		{"cron", "a rule of five fields", required, "Minute, hour, day of month, month and day of week, as cron has them: `0 9 * * MON`.", func(r *reader, n yamlfile.Node, c *press.Recurrence) {
			set(&c.Cron, n, r.line)
		}},
		{"zone", "a time zone", required, "The zone whose clocks the rule goes by.", func(r *reader, n yamlfile.Node, c *press.Recurrence) {
			set(&c.Zone, n, r.zone)
		}},
	}
}

func placeKeys() []key[press.Dateline] {
	return []key[press.Dateline]{
		{"cities", "a list of cities", required, "The cities; each edition has as many, in its language and in the same order.", func(r *reader, n yamlfile.Node, d *press.Dateline) {
			d.Cities = list(r, n, "cities", (*reader).line)
		}},
		{"date", "a date", required, "The day.", func(r *reader, n yamlfile.Node, d *press.Dateline) {
			set(&d.Date, n, r.date)
		}},
		{"zone", "a time zone", required, "The zone in which the embargo is told first.", func(r *reader, n yamlfile.Node, d *press.Dateline) {
			set(&d.Zone, n, r.zone)
		}},
	}
}

func mediaContactKeys() []key[mediaDraft] {
	return []key[mediaDraft]{
		{"name", "a text", required, "The person's name.", func(r *reader, n yamlfile.Node, d *mediaDraft) {
			d.Name = r.words(n)
			d.told = append(d.told, wording{n, "name", d.Name})
		}},
		{"role", "a text", "", "What the person is.", func(r *reader, n yamlfile.Node, d *mediaDraft) {
			d.Role = r.words(n)
			d.told = append(d.told, wording{n, "role", d.Role})
		}},
		{"email", "an address", "", "An address; it or a phone number is wanted.", func(r *reader, n yamlfile.Node, d *mediaDraft) {
			set(&d.Email, n, r.address)
		}},
		{"phone", "a phone number", "", "A number in the international form, in quotes.", func(r *reader, n yamlfile.Node, d *mediaDraft) {
			set(&d.Phone, n, r.phone)
		}},
	}
}

// mediaDraft is a media contact while it is read.
type mediaDraft struct {
	press.MediaContact
	told []wording
}

// backgroundDraft is a background document while it is read.
type backgroundDraft struct {
	press.Background
	told  []wording
	paper []fileName
}

func backgroundKeys() []key[backgroundDraft] {
	return []key[backgroundDraft]{
		{"title", "a text", required, "The document's title.", func(r *reader, n yamlfile.Node, d *backgroundDraft) {
			d.Title = r.words(n)
			d.told = append(d.told, wording{n, "title", d.Title})
		}},
		{"url", "an https address", "required, or `file`", "Where it lies.", func(r *reader, n yamlfile.Node, d *backgroundDraft) {
			set(&d.URL, n, r.https)
		}},
		{"file", "a file", "", "In place of `url`: a file in the release's folder, which every mail carries.", func(r *reader, n yamlfile.Node, d *backgroundDraft) {
			if name, ok := r.line(n); ok {
				d.File, d.paper = name, append(d.paper, fileName{n, name})
			}
		}},
	}
}

func (r *reader) event(n yamlfile.Node) press.Occasion {
	var o press.Occasion
	found := decode(r, n, "the event", eventKeys(), &o)
	if !o.From.IsZero() && !o.To.IsZero() && o.To.Time().Before(o.From.Time()) {
		found["to"].Fault(fmt.Sprintf("the event ends on %s, before it begins on %s", o.To, o.From), "`from` comes first")
	}
	return o
}

// hasFollowUp tells whether a send follows another one.
func (d releaseDraft) hasFollowUp() bool {
	return slices.ContainsFunc(d.sends, func(s sendDraft) bool { return s.Kind == press.FollowUp })
}

// checkAbout wants the release that a correction is about, and none of others.
func (d releaseDraft) checkAbout(n yamlfile.Node) {
	about, named := d.found["about"]
	switch {
	case named && d.Kind != press.Correction && d.Kind != "":
		about.Fault("`about` says what a correction corrects, and the release is none", "`kind: correction`, or take this line out")
	case !named && d.Kind == press.Correction:
		n.Fault("the correction has no `about`", "wanted: the name of the release that it corrects")
	}
}

// recurrence reads a rule; a faulty one is none.
func (r *reader) recurrence(n yamlfile.Node) press.Recurrence {
	var c press.Recurrence
	found := decode(r, n, "`recurs`", recurKeys(), &c)
	if c.Cron == "" || c.Zone == "" {
		return press.Recurrence{}
	}
	if _, err := recur.Parse(c.Cron, c.Zone); err != nil {
		found["cron"].Refuse(err)
		return press.Recurrence{}
	}
	return c
}

// checkEmbargo wants an embargo or a rule, and not both.
func (d releaseDraft) checkEmbargo(n yamlfile.Node) {
	_, embargo := d.found["embargo"]
	recurs, rule := d.found["recurs"]
	switch {
	case embargo && rule:
		recurs.Fault("`embargo` and `recurs` stand together", "one of them is wanted")
	case !embargo && !rule:
		n.Fault("the release has no `embargo`", "wanted: a moment, or `none`; or `recurs` where it comes again and again")
	}
}

func (r *reader) embargoOf(n yamlfile.Node) (press.Embargo, bool) {
	s, ok := r.line(n)
	if !ok {
		return press.Embargo{}, false
	}
	if s == "none" {
		return press.Embargo{None: true}, true
	}
	lift, ok := parsed(n, s, press.ParseMoment)
	return press.Embargo{Lift: lift}, ok
}

func (r *reader) mediaContacts(n yamlfile.Node, into *releaseDraft) {
	for _, item := range items(n, "media contacts") {
		var d mediaDraft
		found := decode(r, item, "the media contact", mediaContactKeys(), &d)
		if found == nil {
			continue
		}
		_, email := found["email"]
		if _, phone := found["phone"]; !email && !phone {
			item.Fault("the media contact can be reached by nothing", "`email` or `phone` is wanted")
		}
		into.MediaContacts = append(into.MediaContacts, d.MediaContact)
		into.told = append(into.told, d.told...)
	}
}

func (r *reader) background(n yamlfile.Node, into *releaseDraft) {
	for _, item := range items(n, "documents") {
		var d backgroundDraft
		found := decode(r, item, "the document", backgroundKeys(), &d)
		_, linked := found["url"]
		if _, carried := found["file"]; found != nil && linked == carried {
			item.Fault("the document has to be in one place", "`url` or `file` is wanted, and not both")
		}
		into.papers = append(into.papers, d.paper...)
		into.Background = append(into.Background, d.Background)
		into.told = append(into.told, d.told...)
	}
}

// checkWordings holds texts that differ by language against the editions.
func (r *reader) checkWordings(told []wording, langs []press.Lang) {
	for _, w := range told {
		if _, forAll := w.text[""]; forAll || len(w.text) == 0 {
			continue
		}
		var missing []string
		for _, l := range langs {
			if _, ok := w.text[l]; !ok {
				missing = append(missing, string(l))
			}
		}
		if len(missing) > 0 {
			w.at.Fault("`"+w.name+"` has no text in "+strings.Join(missing, ", "), "every language that the release has an edition in is wanted, or one text for all")
		}
	}
}
