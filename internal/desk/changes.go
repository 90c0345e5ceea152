package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"dateline/internal/press"
)

// Changed is something of a release that is not as it was approved.
type Changed struct {
	What          string // an edition's file, or a part of the release
	Before, After string // texts; "" where it was not there, or is gone
}

// Changes tells in what a release of the folder differs from what was approved of
// it, part by part: what is sent, the text of each edition, templates and phrases.
func (d *Desk) Changes(ctx context.Context, slug string, now time.Time) ([]Changed, error) {
	a, ok, err := d.Store.Approved(ctx, slug)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, press.ErrNeverApproved{Release: slug}
	}
	approved, err := d.Store.Frozen(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	f, err := d.folder(slug, now)
	if err != nil {
		return nil, err
	}
	before, err := parts(approved)
	if err != nil {
		return nil, err
	}
	after, err := parts(d.frozen(f))
	if err != nil {
		return nil, err
	}
	var all []Changed
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			all = append(all, Changed{name, before[name], after[name]})
		}
	}
	return all, nil
}

// parts are the texts that a person compares, by name.
func parts(f press.Frozen) (map[string]string, error) {
	all := map[string]string{}
	for name, text := range f.Files {
		all["templates/"+name] = text
	}
	for _, e := range f.Release.Editions {
		all[cmp.Or(e.File, string(e.Lang)+".md")] = fmt.Sprintf("headline: %s\nsubject: %s\nevent: %s\ncities: %v\nsigned off by: %s\nattachments: %v\nchanged: %s\n\n%s",
			e.Headline, e.Subject, e.Event, e.Cities, e.SignedOffBy, e.Attachments, e.Changed, e.Body)
	}
	r := f.Release
	for _, file := range r.Files {
		all[file.Name] = fmt.Sprintf("%s, %d bytes, %x\n", file.Type, len(file.Data), sha256.Sum256(file.Data))
	}
	r.Editions, r.Files = nil, nil
	for name, v := range map[string]any{"release.yaml": r, "the sender " + f.Sender.ID: f.Sender} {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("writing %s down: %w", name, err)
		}
		all[name] = string(text) + "\n"
	}
	return all, nil
}
