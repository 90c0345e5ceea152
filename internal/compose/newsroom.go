package compose

import (
	"dateline/internal/ninjs"
	"dateline/internal/press"
)

// hasNinjs tells whether there is a story, or one that is withdrawn: a notice of a
// moved embargo has but its own words.
func (k *Kit) hasNinjs() bool {
	switch k.release.Kind {
	case press.EmbargoNotice:
		return false
	case press.KillNotice:
		return k.release.About != ""
	default:
		return true
	}
}

// ninjs makes the story as a newsroom's system takes it in: of a kill notice,
// that the story it is about is withdrawn. It has nothing of the contact in it.
func (k *Kit) ninjs(e *edition, d Data) (carried, error) {
	in := ninjs.Input{
		Release: k.release, Edition: e.Edition, Sender: k.sender, Status: ninjs.Usable,
		Version: k.version.Number, FirstCreated: k.version.First, VersionCreated: k.version.Made, AboutCreated: k.version.About,
	}
	if in.Version == 0 { // not approved yet: what somebody looks at before
		day := k.release.Dateline.Date.Time()
		in.Version, in.FirstCreated, in.VersionCreated = 1, day, day
	}
	if k.release.Kind == press.KillNotice {
		in.Status, in.Version = ninjs.Canceled, max(in.Version, 2)
		in.Release.Slug, in.Release.Kind = k.release.About, press.News
		in.Notes = []string{d.Release.Headline, e.story.bodyText}
	} else {
		notes, err := k.editorsNotes(e, d)
		if err != nil {
			return carried{}, err
		}
		in.Notes = notes
		m, set := newStoryMaker(), setting{words: e.words}
		body := cleanBlock(e.Body)
		if in.HTML, err = m.page(body, d.Release.Dateline, set); err != nil {
			return carried{}, err
		}
		in.Text = m.plain(body, d.Release.Dateline, set)
	}
	document, err := ninjs.Make(in)
	if err != nil {
		return carried{}, err
	}
	return newCarried(k.release.Slug+"."+string(e.Lang)+".json", "application/json", document, ""), nil
}

// editorsNotes are what a newsroom is told and does not publish.
func (k *Kit) editorsNotes(e *edition, d Data) ([]string, error) {
	var notes []string
	say := func(key string, args ...string) error {
		text, err := e.words.Phrase(key, args...)
		notes = append(notes, text)
		return err
	}
	if d.Embargo.Held {
		if err := say("embargo.until", "when", d.Embargo.Tellings[0].When); err != nil {
			return nil, err
		}
	}
	if k.release.Kind == press.Correction {
		if d.Change.About != "" {
			if err := say("correction.about", "headline", d.Change.About); err != nil {
				return nil, err
			}
		}
		if err := say("correction.changed", "what", d.Change.What); err != nil {
			return nil, err
		}
	}
	return notes, nil
}

// tryNinjs makes the story of each edition, whether somebody gets it or not.
func (k *Kit) tryNinjs() press.Faults {
	var faults press.Faults
	if !k.hasNinjs() {
		return faults
	}
	for _, e := range k.ordered() {
		d, err := e.data(variant{kind: press.General}, k.release.Kind, k.tokens)
		if err == nil {
			_, err = k.ninjs(e, d)
		}
		if err != nil {
			faults = append(faults, press.Fault{File: "releases/" + k.release.Slug + "/" + e.File, What: err.Error()})
		}
	}
	return faults
}
