package compose

import (
	"dateline/internal/press"
)

// layout is what pages are made from: the base files, over them those of a
// release's kind, and over both those of a follow-up.
type layout struct{ html, text *source }

// files are a layout's, the base first. A correction says what changed in its
// own words, also where it follows up.
func (l layout) files(kind press.ReleaseKind, followUp bool, end string) []string {
	names := []string{"base" + end, string(kind) + end}
	if followUp && kind != press.Correction {
		names = append(names, string(press.FollowUp)+end)
	}
	return names
}

func readLayout(f press.Frozen, kind press.ReleaseKind, followUp bool) (layout, press.Faults) {
	var l layout
	var faults, found press.Faults
	l.html, found = readSource(f, l.files(kind, followUp, ".html.tmpl"), true)
	faults = append(faults, found...)
	l.text, found = readSource(f, l.files(kind, followUp, ".txt.tmpl"), false)
	return l, append(faults, found...)
}

func readSource(f press.Frozen, names []string, html bool) (*source, press.Faults) {
	var faults press.Faults
	for _, name := range names {
		if _, ok := f.Files[name]; !ok {
			faults = append(faults, press.Fault{File: "templates/" + name, What: "the template is missing", Want: "the one that ships is a good start"})
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return parseSource(names, f.Files, html)
}

// layoutOf is what a variant's pages are made from.
func (k *Kit) layoutOf(v variant) layout {
	if v.kind == press.FollowUp {
		return k.followUp
	}
	return k.own
}
