package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// phoneForm is a number as people write it: digits in groups, with a plus.
var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ().\-/]{2,38}[0-9]( ?(ext\.?|x) ?[0-9]{1,6})?$`)

// quoted is a text of two characters or more in quotes.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.){2,}"`)

// document reads a YAML file, or notes why it cannot.
func (r *reader) document(name string) (yamlfile.Node, bool) {
	_, text, ok := r.text(name)
	if !ok {
		return yamlfile.Node{}, false
	}
	return r.parse(name, text)
}

// parse reads YAML. The faults of the file, also those that come later, are
// taken from its root when everything is read.
func (r *reader) parse(name, text string) (yamlfile.Node, bool) {
	root, faults := yamlfile.Parse(r.path(name), []byte(text))
	if root.Present() {
		r.roots = append(r.roots, root)
		return root, true
	}
	for _, f := range faults {
		// What the YAML parser quotes may be a password.
		f.What = quoted.ReplaceAllString(f.What, "…")
		r.faults = append(r.faults, f)
	}
	return root, false
}

// all gives every fault of every file, in the order of their places.
func (r *reader) all() press.Faults {
	all := slices.Clone(r.faults)
	for _, root := range r.roots {
		all = append(all, root.Faults()...)
	}
	all.Sort()
	return all
}

// set reads a value into its place, and leaves what stands there where the
// value is faulty.
func set[T any](into *T, n yamlfile.Node, read func(yamlfile.Node) (T, bool)) {
	if v, ok := read(n); ok {
		*into = v
	}
}

// split parts an error into what is wrong and what would be right.
func split(err error) (what, want string) {
	what, want, _ = strings.Cut(err.Error(), "; ")
	return what, want
}

// parsed reads a text with one of the parsers of press.
func parsed[T any](n yamlfile.Node, s string, parse func(string) (T, error)) (T, bool) {
	v, err := parse(s)
	n.Refuse(err)
	return v, err == nil
}

// secretLine reads one line in which variables of the environment may stand.
func (r *reader) secretLine(n yamlfile.Node) (string, bool) {
	s := n.Line()
	return s, s != "" && visible(n, s)
}

// line reads one line of text.
func (r *reader) line(n yamlfile.Node) (string, bool) {
	s, ok := r.secretLine(n)
	return s, ok && plain(n, s)
}

// visible refuses characters that an escape brought in and nobody would see.
func visible(n yamlfile.Node, s string) bool {
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		c := []rune(s[i:])[0]
		n.Fault(fmt.Sprintf("the character U+%04X is not allowed: %s", c, whyHidden(c)), "take it out")
		return false
	}
	return true
}

// plain refuses variables of the environment where none may stand.
func plain(n yamlfile.Node, s string) bool {
	if name := variable.FindString(s); name != "" {
		n.Fault("the variable "+name+" stands where none is read", "only `store`, `password`, `signing_key`, `client_secret`, `webhook` and `webhook_key` in dateline.yaml may name variables")
		return false
	}
	return true
}

func (r *reader) slug(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	return s, ok && checkSlug(n, s)
}

func checkSlug(n yamlfile.Node, s string) bool {
	err := press.CheckSlug(s)
	n.Refuse(err)
	return err == nil
}

func (r *reader) address(n yamlfile.Node) (press.Address, bool) {
	return read(r, n, press.ParseAddress)
}

func (r *reader) lang(n yamlfile.Node) (press.Lang, bool) { return read(r, n, press.ParseLang) }

func (r *reader) country(n yamlfile.Node) (press.Country, bool) {
	return read(r, n, press.ParseCountry)
}

func (r *reader) date(n yamlfile.Node) (press.Date, bool) { return read(r, n, press.ParseDate) }

func (r *reader) zone(n yamlfile.Node) (string, bool) {
	return read(r, n, func(s string) (string, error) {
		loc, err := press.LoadZone(s)
		if err != nil {
			return "", err
		}
		return loc.String(), nil
	})
}

func read[T any](r *reader, n yamlfile.Node, parse func(string) (T, error)) (T, bool) {
	s, ok := r.line(n)
	if !ok {
		var none T
		return none, false
	}
	return parsed(n, s, parse)
}

// https reads the address of a page.
func (r *reader) https(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if !ok {
		return "", false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, " <>\"") {
		n.Fault("`"+shown(s)+"` is no https address", "one such as https://example.org/page is wanted")
		return "", false
	}
	return s, true
}

func (r *reader) phone(n yamlfile.Node) (string, bool) {
	s, ok := r.line(n)
	if ok && !phoneForm.MatchString(s) {
		n.Fault("`"+shown(s)+"` is no phone number", "one such as \"+998 71 200 00 00\" is wanted")
		return "", false
	}
	return s, ok
}

// pathOf reads a path, relative to the config folder, and makes it absolute.
func (r *reader) pathOf(n yamlfile.Node) string {
	s, ok := r.line(n)
	if !ok {
		return ""
	}
	return r.absolute(filepath.FromSlash(s))
}

// duration reads a span of time that is longer than nothing.
func (r *reader) duration(n yamlfile.Node) (time.Duration, bool) {
	s, ok := r.line(n)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		n.Fault("`"+shown(s)+"` is no span of time", "a number above zero with a unit is wanted, such as 30s, 2m or 12h")
		return 0, false
	}
	return d, true
}

// whole reads a whole number from 1 on.
func whole(high int) func(yamlfile.Node) (int, bool) { return between(1, high) }

// between reads a whole number; low is above 0.
func between(low, high int) func(yamlfile.Node) (int, bool) {
	return func(n yamlfile.Node) (int, bool) {
		v := n.Int(low, high)
		return v, v > 0
	}
}

func yesOrNo(n yamlfile.Node) (bool, bool) { return n.Bool(), n.Kind() == yamlfile.Scalar }

// oneOf reads one of a few words.
func oneOf[T ~string](r *reader, words ...T) func(yamlfile.Node) (T, bool) {
	return func(n yamlfile.Node) (T, bool) {
		s, ok := r.line(n)
		if !ok || slices.Contains(words, T(s)) {
			return T(s), ok
		}
		known := make([]string, len(words))
		for i, w := range words {
			known[i] = string(w)
		}
		want := "one of " + strings.Join(known, ", ") + " is wanted"
		if near, ok := nearest(s, known); ok {
			want = "did you mean `" + near + "`?"
		}
		n.Fault("`"+shown(s)+"` is not known here", want)
		return "", false
	}
}

// placeOf is where a node stands, as the beginning of a fault that only others
// can find.
func (r *reader) placeOf(file string, n yamlfile.Node) press.Fault {
	line, column := n.Place()
	return press.Fault{File: r.path(file), Line: line, Column: column}
}

// items gives the entries of a list, which may not be empty.
func items(n yamlfile.Node, what string) []yamlfile.Node {
	found := n.List()
	if n.Kind() == yamlfile.List && len(found) == 0 {
		n.Fault("the list is empty", what+" are wanted")
	}
	return found
}

// list reads a list of values, none of which may stand twice.
func list[T comparable](r *reader, n yamlfile.Node, what string, read func(*reader, yamlfile.Node) (T, bool)) []T {
	var values []T
	for _, item := range items(n, what) {
		v, ok := read(r, item)
		switch {
		case !ok:
		case slices.Contains(values, v):
			item.Fault(fmt.Sprintf("`%v` stands here a second time", v), "once is enough")
		default:
			values = append(values, v)
		}
	}
	return values
}

// words reads a text: a line for all languages, or a map by language.
func (r *reader) words(n yamlfile.Node) press.Text { return byLanguage(n, r.line) }

// longWords is words with line ends allowed.
func (r *reader) longWords(n yamlfile.Node) press.Text {
	return byLanguage(n, func(n yamlfile.Node) (string, bool) {
		s := strings.TrimSpace(n.Text())
		if s == "" {
			if n.Kind() == yamlfile.Scalar && strings.TrimSpace(n.Text()) == "" {
				n.Fault("the text is empty", "some text is wanted")
			}
			return "", false
		}
		return s, visible(n, s) && plain(n, s)
	})
}

func byLanguage(n yamlfile.Node, read func(yamlfile.Node) (string, bool)) press.Text {
	if n.Kind() != yamlfile.Mapping {
		s, ok := read(n)
		if !ok {
			return nil
		}
		return press.Text{"": s}
	}
	text := press.Text{}
	if len(n.Pairs()) == 0 {
		n.Fault("the text is empty", "a text for all languages is wanted, or one per language")
	}
	for _, p := range n.Pairs() {
		lang, ok := parsed(p.Key, p.Key.Text(), press.ParseLang)
		s, _ := read(p.Value)
		if !ok {
			continue
		}
		if _, twice := text[lang]; twice {
			p.Key.Fault("`"+shown(p.Key.Text())+"` is "+string(lang)+", which has a text already", "one text per language is wanted")
		}
		text[lang] = s // also where it is faulty: the language is not missing
	}
	return text
}
