package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tourBlock is a fenced block of the tour. Behind its language stand, unseen by
// readers, words that say what it is:
//
//	console            commands behind `$`, each with what it prints
//	console exit=N     the first of them ends with that code
//	console waits      it is typed again until it prints that
//	console terminal=T a command that goes on in a terminal T
//	text terminal=T    lines that then stand in T
//	… file=F           the text of a file
//	diff file=F        changes to it; lift=soon: to an embargo that is near
type tourBlock struct {
	line     int
	language string
	attrs    map[string]string
	text     string
}

// parseTour gives the fenced blocks. What is only to be read is indented.
func parseTour(text string) ([]tourBlock, error) {
	var blocks []tourBlock
	var open *tourBlock
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			words := strings.Fields(info)
			if len(words) == 0 {
				return nil, fmt.Errorf("%s:%d: a block of no language", tourFile, i+1)
			}
			open = &tourBlock{line: i + 1, language: words[0], attrs: map[string]string{}}
			for _, w := range words[1:] {
				key, value, _ := strings.Cut(w, "=")
				open.attrs[key] = value
			}
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("%s:%d: a block without an end", tourFile, open.line)
	}
	return blocks, nil
}

// tourCommand is what is typed, and what is shown to come of it.
type tourCommand struct{ typed, shown string }

func (b tourBlock) commands() []tourCommand {
	var found []tourCommand
	for line := range strings.Lines(b.text) {
		if typed, ok := strings.CutPrefix(line, "$ "); ok {
			found = append(found, tourCommand{typed: strings.TrimSpace(typed)})
		} else {
			found[len(found)-1].shown += line
		}
	}
	return found
}

// tourChange is lines to take out, and those to put into their place.
type tourChange struct{ out, in string }

func (b tourBlock) changes() []tourChange {
	var found []tourChange
	for line := range strings.Lines(b.text) {
		switch last := len(found) - 1; {
		case line[0] == '-' && (last < 0 || found[last].in != ""):
			found = append(found, tourChange{out: line[1:]})
		case line[0] == '-':
			found[last].out += line[1:]
		case line[0] == '+':
			found[last].in += line[1:]
		}
	}
	return found
}

const months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"

var (
	gaps  = regexp.MustCompile(` {2,}`)
	rules = regexp.MustCompile(`^[─█ ]*$`)
)

// tidy leaves out what readers do not look at: blank lines, rules and the width
// of gaps.
func tidy(text string) string {
	var lines strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \n"); !rules.MatchString(line) {
			lines.WriteString(gaps.ReplaceAllString(line, "  ") + "\n")
		}
	}
	return lines.String()
}

// differs is what differs from one run to the next.
var differs = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{12}\b` +
	`|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w{3} \d{4}|\b\d+ (?:` + months + `)\b` +
	`|\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d(?:\.\d+)?)?|\d+(?:\.\d+)? (?:ms|s|KB|a second)\b|…\n`)

// shape is the expression that a text fits which differs from another one only
// where it may; its groups are the digests that are not known yet.
func shape(shown string, known func(digest string) bool) (form *regexp.Regexp, digests []string, err error) {
	var expression strings.Builder
	expression.WriteString("^")
	end := 0
	for _, at := range differs.FindAllStringIndex(shown, -1) {
		expression.WriteString(regexp.QuoteMeta(shown[end:at[0]]))
		found := shown[at[0]:at[1]]
		switch {
		case known(found):
			expression.WriteString(found)
		case found == "…\n":
			expression.WriteString(`(?:.*\n)*?`)
		case len(found) == 64:
			digests = append(digests, found)
			expression.WriteString(`([0-9a-f]{64})`)
		default:
			expression.WriteString(alike(found))
		}
		end = at[1]
	}
	expression.WriteString(regexp.QuoteMeta(shown[end:]) + "$")
	form, err = regexp.Compile(expression.String())
	return form, digests, err
}

// alike is the expression of what has the same form.
func alike(found string) string {
	_, unit, spaced := strings.Cut(found, " ")
	switch {
	case slices.Contains([]string{"ms", "s", "KB", "a second"}, unit):
		return `\d+(?:\.\d+)? (?:s|ms|` + unit + ")"
	case spaced:
		return `[\w ]+?`
	case strings.Contains(found, ":"):
		return regexp.MustCompile(`\d+`).ReplaceAllString(found, `\d+`)
	case len(found) == len("2027-03-04"):
		return `\d{4}-\d\d-\d\d`
	}
	return `[0-9a-f-]{` + fmt.Sprint(len(found)) + `}`
}

// What is compared with the tour must be able to differ from it.
func TestTourIsCompared(t *testing.T) {
	for _, c := range []struct {
		shown, printed string
		fits           bool
	}{
		{"a  b\n", "a     b  \n\n────\n", true},
		{"a\n", "a\nb\n", false},
		{"a\n…\nc\n", "a\nb\nb\nc\n", true},
		{"a\n…\n", "a\n", true},
		{"4 copies\n", "3 copies\n", false},
		{"13.2 KB  x\n", "9.1 KB  x\n", true},
		{"13.2 KB  x\n", "9.1 KB  y\n", false},
		{"at 2027-03-04 11:00:00 UTC\n", "at 2026-11-29 12:30:59 UTC\n", true},
		{"at 2027-03-04 11:00:00 UTC\n", "at 2026-11-29 12:30:59 CET\n", false},
		{"Thu 4 Mar 2027 18:00:00\n", "Sun 29 Nov 2026 18:00:00\n", true},
		{"4 Mar 16:00 Asia/Almaty\n", "29 Nov 16:00 Asia/Almaty\n", true},
		{"digest " + strings.Repeat("a", 64) + "\n", "digest " + strings.Repeat("0", 64) + "\n", true},
		{"digest " + strings.Repeat("a", 64) + "\n", "digest " + strings.Repeat("0", 63) + "\n", false},
		{"now a0257d4395e0, approved\n", "now 6fa7e37b6c2f, approved\n", true},
		{"now bbbbbbbbbbbb, approved\n", "now 6fa7e37b6c2f, approved\n", false},
	} {
		form, _, err := shape(tidy(c.shown), func(digest string) bool { return digest == strings.Repeat("b", 12) })
		if err != nil {
			t.Fatal(err)
		}
		if form.MatchString(tidy(c.printed)) != c.fits {
			t.Errorf("%q against %q: fits is %v; want %v", c.printed, c.shown, !c.fits, c.fits)
		}
	}
}
