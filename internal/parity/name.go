package parity

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sign is a name that is the same in every script.
type sign struct {
	needs string // what a text has, one of these characters, that has such a name
	form  *regexp.Regexp
}

var (
	mailSign   = regexp.MustCompile(`[\p{Latin}\p{Nd}._%+-]+@[\p{Latin}\p{Nd}-]+(?:\.[\p{Latin}\p{Nd}-]+)+`)
	handleSign = regexp.MustCompile(`@[A-Za-z0-9_](?:[A-Za-z0-9_.]*[A-Za-z0-9_])?`)
	symbolSign = regexp.MustCompile(`[A-Z][A-Z0-9]*(?:/[A-Z0-9]+(?:\.[A-Z0-9]+)*)*/(?:[A-Z0-9]+[.-])*[0-9]+[A-Z0-9]*`)
	phoneSign  = regexp.MustCompile(`\+[0-9][0-9 ()\x{a0}-]{5,}[0-9]`)
	tagSign    = regexp.MustCompile(`#[\p{Latin}0-9_]+`)
)

// signs lists them.
func signs() []sign {
	return []sign{
		{"@", mailSign},   // an address
		{"@", handleSign}, // a handle
		{"/", symbolSign}, // A/RES/60/288
		{"+", phoneSign},  // a telephone number
		{"#", tagSign},
	}
}

// latinName is a word, or several that a mark joins, in Latin letters.
var latinName = regexp.MustCompile(`\p{Latin}[\p{Latin}\p{Nd}]*(?:[-&+./'’]?[\p{Latin}\p{Nd}]+)*`)

// roman is a number in Latin letters.
var roman = regexp.MustCompile(`^[IVXLCDM]+$`)

// readNames reads what is written alike in every script, and, where the edition
// is in another, what stands in Latin letters.
func (e *edition) readNames(p *passage) {
	for _, s := range signs() {
		if !strings.ContainsAny(p.text, s.needs) {
			continue
		}
		for _, at := range s.form.FindAllStringIndex(p.text, -1) {
			if !p.free(at[0], at[1]) {
				continue
			}
			shown := p.text[at[0]:at[1]]
			p.take(at[0], at[1])
			e.addName(&e.symbols, p, strings.Join(strings.FieldsFunc(shown, isSpace), ""), shown, at[0])
		}
	}
	if e.latin {
		return
	}
	for _, at := range latinName.FindAllStringIndex(p.text, -1) {
		shown := p.text[at[0]:at[1]]
		if !p.free(at[0], at[1]) || utf8.RuneCountInString(shown) < 2 || roman.MatchString(shown) || mixed(p.text, at[0], at[1]) {
			continue
		}
		e.addName(&e.names, p, shown, shown, at[0])
	}
}

func (e *edition) addName(to *[]mention, p *passage, key, shown string, at int) {
	if p.kind != "subject" {
		*to = append(*to, mention{key: strings.ToLower(key), shown: shown, passage: p, at: at})
	}
}

// mixed tells whether letters of another script stand right beside a run: the
// word is one of look-alikes then.
func mixed(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return unicode.IsLetter(before) && inWesternScript(before) || unicode.IsLetter(after) && inWesternScript(after)
}

// compareNames compares what is written alike in every script in all editions,
// and what stands in Latin letters in those of other scripts. Where only one of
// them is, those in Latin letters have the word, or nobody does.
func (c *checker) compareNames() {
	c.compare(comparison{rule: "names", noun: "name", of: func(e *edition) []mention { return e.symbols }, once: true}, c.editions)
	var others []*edition
	for _, e := range c.editions {
		if !e.latin {
			others = append(others, e)
		}
	}
	if len(others) > 1 {
		c.compare(comparison{rule: "names", noun: "name in Latin letters", of: func(e *edition) []mention { return e.names }, once: true}, others)
		return
	}
	for _, e := range others {
		c.checkLoneNames(e)
	}
}

// checkLoneNames holds the names of the one edition in another script against
// the texts in Latin letters.
func (c *checker) checkLoneNames(e *edition) {
	var texts []string
	var rest []*edition
	for _, o := range c.editions {
		if o == e {
			continue
		}
		rest = append(rest, o)
		for _, p := range o.passages {
			texts = append(texts, strings.ToLower(p.text))
		}
	}
	all, told := strings.Join(texts, "\n"), map[string]bool{}
	for _, m := range e.names {
		if told[m.key] || strings.Contains(all, m.key) {
			continue
		}
		told[m.key] = true
		c.report("names", e, m.place(), "the name in Latin letters "+clip(m.shown)+" stands in "+string(e.Lang)+"; not in "+langs(rest),
			"write it as every edition does")
	}
}
