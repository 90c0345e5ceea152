package desk

import (
	"path/filepath"
	"slices"

	"dateline/internal/config"
	"dateline/internal/locale"
	"dateline/internal/parity"
	"dateline/internal/press"
)

// Lint compares the editions of every release with each other, and looks for
// what is wrong in one, in the order of their places. A finding whose level is
// an error keeps its release from being approved; of what is approved already,
// and of the daemon, it is no concern.
func (d *Desk) Lint() []press.Finding {
	var all []press.Finding
	for _, f := range d.Config.Releases {
		all = append(all, d.lint(trial(f))...)
	}
	slices.SortStableFunc(all, press.Finding.Compare)
	return all
}

func (d *Desk) lint(f config.Folder) []press.Finding {
	words := map[press.Lang]*locale.Language{}
	for _, e := range f.Editions {
		name := "phrases/" + string(e.Lang) + ".yaml"
		if l, faults := locale.ParseLanguage("templates/"+name, d.Config.Templates[name]); len(faults) == 0 { // else Check tells
			words[e.Lang] = l
		}
	}
	r := f.Release
	r.Slug, _ = press.SplitOccurrence(r.Slug) // the folder's name
	found := parity.Check(parity.Input{Release: r, Words: words, Fronts: f.Fronts, Sources: f.Sources, Levels: d.Config.Lint})
	for i := range found {
		found[i].File = filepath.Join(d.Config.Dir, found[i].File)
	}
	return found
}

// findingsOf says what a plan must tell of a release's findings: those that keep
// it from being approved, and those that a person is to weigh.
func (d *Desk) findingsOf(f config.Folder) (errors, warnings []string) {
	for _, x := range d.lint(f) {
		said := x.Fault.Error() + " [" + x.Rule + "]"
		if x.Level == press.LintError {
			errors = append(errors, said)
		} else {
			warnings = append(warnings, said)
		}
	}
	return errors, warnings
}
