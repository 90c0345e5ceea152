package desk

import (
	"fmt"
	"time"

	"dateline/internal/config"
	"dateline/internal/press"
	"dateline/internal/recur"
)

// Folder finds a release of the config folder, as Plan reads it.
func (d *Desk) Folder(slug string, now time.Time) (config.Folder, error) { return d.folder(slug, now) }

// Folders are the releases of the config folder, by slug; of one that recurs its
// next occurrence.
func (d *Desk) Folders(now time.Time) []config.Folder {
	all := make([]config.Folder, 0, len(d.Config.Releases))
	for _, f := range d.Config.Releases {
		if next, err := d.folder(f.Slug, now); err == nil { // config has read its rule
			f = next
		}
		all = append(all, f)
	}
	return all
}

// folder finds a release of the config folder. Of a release that recurs it is
// one occurrence: that of the slug, or the next one.
func (d *Desk) folder(slug string, now time.Time) (config.Folder, error) {
	name, occurrence := press.SplitOccurrence(slug)
	f, ok := d.Config.Folder(name)
	if !ok {
		e := NoRelease{Slug: name}
		for _, r := range d.Config.Releases {
			e.Known = append(e.Known, r.Slug)
		}
		return config.Folder{}, e
	}
	if f.Recurs.IsZero() {
		if slug != name {
			return config.Folder{}, fmt.Errorf("release %s does not recur, so it has no occurrence %q; say %s", name, occurrence, name)
		}
		return f, nil
	}
	rule, err := recur.Parse(f.Recurs.Cron, f.Recurs.Zone)
	if err != nil {
		return config.Folder{}, fmt.Errorf("the rule of release %s: %w", name, err)
	}
	if slug == name {
		return asOccurrence(f, rule.NextOccurrence(now)), nil
	}
	o, err := rule.Named(occurrence)
	if err != nil {
		return config.Folder{}, fmt.Errorf("release %s: %w", name, err)
	}
	return asOccurrence(f, o), nil
}

// asOccurrence is a recurring release at one of its times: a release of its
// own, whose embargo lifts then.
func asOccurrence(f config.Folder, o recur.Occurrence) config.Folder {
	f.Slug = press.OccurrenceSlug(f.Slug, o.Name)
	f.Embargo = press.Embargo{Lift: press.Moment{At: o.At, Zone: f.Recurs.Zone}}
	return f
}

// called is the slug under which the store knows what is asked for: that of a
// recurring release means its next occurrence. What the folder does not have
// keeps its name, since the store may know it all the same.
func (d *Desk) called(slug string, now time.Time) string {
	if f, err := d.folder(slug, now); err == nil {
		return f.Slug
	}
	return slug
}

// trial is a release as check composes it: of one that recurs the first
// occurrence after its dateline, under the folder's own name.
func trial(f config.Folder) config.Folder {
	if f.Recurs.IsZero() {
		return f
	}
	if rule, err := recur.Parse(f.Recurs.Cron, f.Recurs.Zone); err == nil { // the config was checked
		f.Embargo = asOccurrence(f, rule.NextOccurrence(f.Dateline.Date.Time())).Embargo
	}
	return f
}
