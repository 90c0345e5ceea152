package config

import (
	"slices"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// lintKeys are the levels of the rules that editions are looked through by.
func lintKeys() []key[map[string]press.LintLevel] {
	meanings := map[string]string{
		"numbers":       "Numbers that not every edition has.",
		"dates":         "Dates that not every edition has.",
		"names":         "Names in Latin letters, symbols, addresses and handles that not every edition has.",
		"links":         "Links that not every edition has.",
		"link-https":    "A link that is not https.",
		"quotes":        "Another number of quotations.",
		"quote-marks":   "Quotation marks that are straight, not closed, or not the language's.",
		"paragraphs":    "Another number of paragraphs, headings, list items, block quotes or tables.",
		"weekday":       "A weekday beside a date that does not fall on it.",
		"embargo-typed": "An embargo typed into the text that is not the release's.",
		"dateline":      "A dateline typed into the text.",
		"look-alikes":   "A word in which Cyrillic and Latin letters are mixed.",
		"spaces":        "Spaces that are doubled, or wrong beside a mark.",
		"unused":        "An acceptance that nothing needs.",
	}
	var keys []key[map[string]press.LintLevel]
	for _, rule := range press.LintRules() {
		keys = append(keys, key[map[string]press.LintLevel]{
			rule.Name, "`error`, `warning` or `off`", "`" + string(rule.Level) + "`", meanings[rule.Name],
			func(r *reader, n yamlfile.Node, levels *map[string]press.LintLevel) {
				if level, ok := oneOf(r, press.LintLevels()...)(n); ok {
					(*levels)[rule.Name] = level
				}
			},
		})
	}
	return keys
}

// lintRule reads the name of a rule that a text accepts.
func (r *reader) lintRule(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	if what, want := unknownRule(s); what != "" {
		n.Fault(what, want)
		return "", false
	}
	return s, true
}

func unknownRule(name string) (what, want string) {
	known := press.LintRuleNames()
	if slices.Contains(known, name) {
		return "", ""
	}
	return "there is no rule `" + shown(name) + "`", DidYouMean(name, known, "the rules are")
}

// checkMarks refuses what a comment in an edition's text accepts, and is no
// rule: it would accept nothing, and say so nowhere.
func (r *reader) checkMarks(file string, e press.Edition) {
	for _, m := range press.UnmarkLint(e.Body).Marks {
		if what, want := unknownRule(m.Rule); what != "" {
			r.faults = append(r.faults, press.Fault{
				File: r.path(file), Line: e.BodyLine + m.Line - 1, Column: m.Column, What: what, Want: want,
			})
		}
	}
}
