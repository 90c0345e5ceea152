package press

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// LintLevel is how much a finding weighs.
type LintLevel string

// The levels. An error keeps a release from being approved.
const (
	LintError   LintLevel = "error"
	LintWarning LintLevel = "warning"
	LintOff     LintLevel = "off"
)

// LintLevels lists every level.
func LintLevels() []LintLevel { return []LintLevel{LintError, LintWarning, LintOff} }

// LintRule names what an edition is looked through for, and the level that it
// has where the team sets none.
type LintRule struct {
	Name  string
	Level LintLevel
}

// LintRules lists every rule. Errors are those alone that no style guide could
// mean: a day that is none, an instant that is not the lift, a word that no
// search would find.
func LintRules() []LintRule {
	return []LintRule{
		{"numbers", LintWarning},
		{"dates", LintWarning},
		{"names", LintWarning},
		{"links", LintWarning},
		{"link-https", LintWarning},
		{"quotes", LintWarning},
		{"quote-marks", LintWarning},
		{"paragraphs", LintWarning},
		{"weekday", LintError},
		{"embargo-typed", LintError},
		{"dateline", LintWarning},
		{"look-alikes", LintError},
		{"spaces", LintWarning},
		{"unused", LintWarning},
	}
}

// LintRuleNames lists the rules that a text may accept: all but unused, which
// is about just that.
func LintRuleNames() []string {
	var names []string
	for _, r := range LintRules() {
		if r.Name != "unused" {
			names = append(names, r.Name)
		}
	}
	return names
}

// DefaultLint is the level of every rule where the team sets none.
func DefaultLint() map[string]LintLevel {
	levels := map[string]LintLevel{}
	for _, r := range LintRules() {
		levels[r.Name] = r.Level
	}
	return levels
}

// Finding is what a rule has found in an edition.
type Finding struct {
	Fault
	Rule  string    `json:"rule"`
	Level LintLevel `json:"level"`
}

// Error gives file:line:column: level: what; what would be right [rule].
func (f Finding) Error() string {
	f.What = string(f.Level) + ": " + f.What
	return f.Fault.Error() + " [" + f.Rule + "]"
}

// Compare orders findings by file, line and column, as Faults are.
func (f Finding) Compare(g Finding) int {
	return cmp.Or(cmp.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line), cmp.Compare(f.Column, g.Column))
}

// LintMark is one rule that a comment in a text accepts at a place. Lines and
// columns are those of the body that it was taken from, and count from 1.
type LintMark struct {
	Rule         string
	Line, Column int
	For          int // the line that it is about; 0 where none follows
}

// Unmarked is an edition's body without the comments that accept findings, as
// it is read and sent. Lines has for each of its lines, counting from 0, the
// body's own, counting from 1.
type Unmarked struct {
	Text  string
	Lines []int
	Marks []LintMark
}

// lintComment is a comment that accepts findings: the names of rules, then at
// will a reason behind a colon or a dash.
var (
	lintComment = regexp.MustCompile(`[ \t]*<!--[ \t]*lint:([^\n]*?)-->`)
	lintReason  = regexp.MustCompile(`:| [-–—] |—`)
	lintName    = regexp.MustCompile(`[^\s,]+`)
)

// UnmarkLint takes the comments `<!-- lint: RULE, RULE: why -->` out of a body.
// One that stands alone on its line is about the next line that has text, and
// its line goes, so that it parts no paragraph and no list; any other is about
// the line that it stands on.
func UnmarkLint(body string) Unmarked {
	if !strings.Contains(body, "<!--") {
		return Unmarked{Text: body, Lines: counted(strings.Count(body, "\n") + 1)}
	}
	var u Unmarked
	var kept []string
	waiting := 0 // marks from here on are about the next line with text
	for i, line := range strings.SplitAfter(body, "\n") {
		spans := lintComment.FindAllStringSubmatchIndex(line, -1)
		rest := line
		for _, span := range slices.Backward(spans) {
			rest = rest[:span[0]] + rest[span[1]:]
		}
		alone := len(spans) > 0 && strings.TrimSpace(rest) == ""
		if !alone && strings.TrimSpace(rest) != "" {
			for ; waiting < len(u.Marks); waiting++ {
				u.Marks[waiting].For = i + 1
			}
		}
		for _, span := range spans {
			u.addMarks(line, span[2], span[3], i+1)
		}
		if alone {
			continue
		}
		for ; len(spans) > 0 && waiting < len(u.Marks); waiting++ {
			u.Marks[waiting].For = i + 1
		}
		kept, u.Lines = append(kept, rest), append(u.Lines, i+1)
	}
	u.Text = strings.Join(kept, "")
	if len(u.Lines) <= strings.Count(u.Text, "\n") { // the last line stays, with nothing on it
		u.Lines = append(u.Lines, strings.Count(body, "\n")+1)
	}
	return u
}

// addMarks reads the names between two offsets of a line.
func (u *Unmarked) addMarks(line string, from, to, number int) {
	names := line[from:to]
	if end := lintReason.FindStringIndex(names); end != nil {
		names = names[:end[0]]
	}
	for _, at := range lintName.FindAllStringIndex(names, -1) {
		u.Marks = append(u.Marks, LintMark{
			Rule: names[at[0]:at[1]], Line: number,
			Column: utf8.RuneCountInString(line[:from+at[0]]) + 1,
		})
	}
}

func counted(n int) []int {
	lines := make([]int, n)
	for i := range lines {
		lines[i] = i + 1
	}
	return lines
}
