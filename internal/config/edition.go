package config

import (
	"fmt"
	"path"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

const frontMatterForm = "it begins with a line ---, then headline and cities, then a line ---, then the text"

// editionDraft is an edition while it is read.
type editionDraft struct {
	press.Edition
	top   yamlfile.Node            // its front matter
	found map[string]yamlfile.Node // its keys
	files []fileName               // its attachments
}

func editionKeys() []key[editionDraft] {
	return []key[editionDraft]{
		{"headline", "a line", required, "The headline.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			set(&d.Headline, n, r.line)
		}},
		{"subject", "a line", "the headline", "The mail's subject.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			set(&d.Subject, n, r.line)
		}},
		{"event", "a line", "", "The event's title; wanted where `release.yaml` has an `event`, and only there.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			set(&d.Event, n, r.line)
		}},
		{"cities", "a list of cities", required, "The dateline's cities in this language: as many as in `release.yaml`, in the same order.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			d.Cities = list(r, n, "cities", (*reader).line)
		}},
		{"changed", "a line", "", "What a correction corrects, or what is new since the send that a follow-up follows: the copy's first line says it. A correction needs it.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			set(&d.Changed, n, r.line)
		}},
		{"attachments", "a list of files", "", "Files in the release's folder that the mail in this language carries, beside those of `release.yaml`.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			d.files = r.fileNames(n)
		}},
		{"signed_off_by", "a name", "", "Who vouches for the text in this language; wanted of every edition where `release.yaml` has `all_languages: required`.", func(r *reader, n yamlfile.Node, d *editionDraft) {
			set(&d.SignedOffBy, n, r.line)
		}},
		{"lint", "a list of rules", "", "What `check` is not to report of this edition. [lint.md](lint.md) has the rules, and how to accept one at a single place.", func(r *reader, n yamlfile.Node, _ *editionDraft) {
			list(r, n, "rules", (*reader).lintRule)
		}},
	}
}

// editionLang reads the language that an edition's file is named by.
func (r *reader) editionLang(file string) (press.Lang, bool) {
	base := strings.TrimSuffix(path.Base(file), path.Ext(file))
	lang, err := press.ParseLang(base)
	switch {
	case err != nil:
		r.fileFault(file, path.Base(file)+" is not read: `"+shown(base)+"` is no language", "an edition's file is named by its language, such as en.md, ru.md or uz-Cyrl.md")
		return "", false
	case string(lang)+".md" != path.Base(file):
		r.fileFault(file, path.Base(file)+" is not read", "the file is named "+string(lang)+".md")
		return "", false
	}
	return lang, true
}

// edition reads one edition. One with faults is kept for its language.
func (r *reader) edition(file string, lang press.Lang) (d editionDraft, raw []byte) {
	d.Lang, d.File = lang, path.Base(file)
	raw, text, ok := r.text(file)
	if !ok {
		return d, raw
	}
	if strings.TrimSpace(text) == "" {
		r.fileFault(file, "the edition is empty", frontMatterForm)
		return d, raw
	}
	front, body, bodyLine, why := splitFrontMatter(text)
	if why != "" {
		r.fileFault(file, why, frontMatterForm)
		return d, raw
	}
	d.Body, d.BodyLine = body, bodyLine
	r.checkMarks(file, d.Edition)
	if strings.TrimSpace(body) == "" {
		r.faults = append(r.faults, press.Fault{
			File: r.path(file), Line: bodyLine, Column: 1,
			What: "the edition has no text below its front matter", Want: "Markdown is wanted there",
		})
	}
	if d.top, ok = r.parse(file, front); !ok {
		return d, raw
	}
	d.found = decode(r, d.top, "the front matter", editionKeys(), &d)
	if d.Subject == "" {
		d.Subject = d.Headline
	}
	return d, raw
}

// splitFrontMatter parts the YAML between two lines --- from the Markdown
// below. An empty line stands in the first one's place, so that the lines of
// the YAML keep their numbers; bodyLine is that of the body's first line that
// is not blank.
func splitFrontMatter(text string) (front, body string, bodyLine int, why string) {
	const noFront, open = "the edition has no front matter", "the edition's front matter has no end"
	lines := strings.SplitAfter(text, "\n")
	isMark := func(line string) bool { return strings.TrimRight(line, " \t\n") == "---" }
	if !isMark(lines[0]) {
		return "", "", 0, noFront
	}
	end := 1
	for end < len(lines) && !isMark(lines[end]) {
		end++
	}
	if end == len(lines) {
		return "", "", 0, open
	}
	first := end + 1
	for first < len(lines)-1 && strings.TrimSpace(lines[first]) == "" {
		first++
	}
	first = min(first, len(lines))
	return "\n" + strings.Join(lines[1:end], ""), strings.Join(lines[first:], ""), first + 1, ""
}

// checkEdition holds an edition against its release.
func (r *reader) checkEdition(d editionDraft, release *releaseDraft) {
	if d.found == nil {
		return
	}
	if own, wanted := len(d.Cities), len(release.Dateline.Cities); own > 0 && wanted > 0 && own != wanted {
		d.found["cities"].Fault(fmt.Sprintf("the edition has %d cities in its dateline, and release.yaml has %d", own, wanted), "the same cities are wanted, in the same order: "+strings.Join(release.Dateline.Cities, ", "))
	}
	_, named := d.found["event"]
	_, dated := release.found["event"]
	switch {
	case named && !dated:
		d.found["event"].Fault("the edition names an event, and release.yaml has none", "`event` in release.yaml says when it was; or take this line out")
	case !named && dated:
		d.top.Fault("the front matter has no `event`", "wanted: the event's title, since release.yaml has an `event`")
	}
	if named, ok := d.found["changed"]; release.Kind == press.Correction && !ok {
		d.top.Fault("the front matter has no `changed`", "wanted: one line that says what the correction corrects")
	} else if ok && release.Kind != press.Correction && !release.hasFollowUp() {
		named.Fault("`changed` says what is new in a correction or a follow-up, and the release is neither", "`kind: correction` in release.yaml, a send of the kind `follow-up`, or take this line out")
	}
}
