package compose

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"dateline/internal/locale"
	"dateline/internal/press"
)

var (
	errorPlace = regexp.MustCompile(`(?s)^(?:html/)?template: ?[^:]*:(\d+)(?::(\d+))?: (.*)$`)
	executing  = regexp.MustCompile(`(?s)^executing "[^"]*" at <(.*?)>: (.*)$`)
	noField    = regexp.MustCompile(`can't evaluate field (\w+) in type \*?(?:\[\])*compose\.(\w+)`)
)

// fault tells an error of the template engines at its place.
func (s *source) fault(err error) press.Fault { return s.located(s.inWhole(err)) }

// located gives a fault in the whole text its file and its line there.
func (s *source) located(f press.Fault) press.Fault { return s.fileOf(f.Line).located(f) }

// inWhole is a fault with its line in the whole text.
func (s *source) inWhole(err error) press.Fault {
	f := press.Fault{What: err.Error()}
	if m := errorPlace.FindStringSubmatch(err.Error()); m != nil {
		f.Line, _ = strconv.Atoi(m[1])
		column, _ := strconv.Atoi(m[2])
		f.Column = s.column(f.Line, column)
		f.What = m[3]
	}
	at := ""
	if m := executing.FindStringSubmatch(f.What); m != nil {
		at, f.What = m[1], m[2]
	}
	f.What = regexp.MustCompile(`^error calling \w+: `).ReplaceAllString(f.What, "")
	switch {
	case errors.Is(err, errTooLong):
		f.What = errTooLong.Error()
	case errors.Is(err, errTooOften):
		f.What = errTooOften.Error()
	}
	if m := noField.FindStringSubmatch(f.What); m != nil {
		f.What = fmt.Sprintf("%s: there is no field %s here", at, m[1])
		f.Want = "there are " + strings.Join(fieldsOf(m[2]), ", ")
	}
	if m := noFunction.FindStringSubmatch(f.What); m != nil {
		f.What = "there is no function " + m[1]
		f.Want = "there are " + strings.Join(functionNames(), ", ") + " and those of Go's text/template"
		f.Column = s.findWord(f.Line, m[1])
	}
	if what, _, ok := strings.Cut(f.What, ": {state"); ok { // the engine's own states say nothing to people
		f.What, f.Want = what, "a tag, an attribute or a quotation mark that is opened in one branch is closed in it"
	}
	if strings.Contains(f.What, "there is none of this key") {
		f.Want = "there are " + strings.Join(locale.PhraseKeys(), ", ")
	}
	return f
}

// column turns a byte column that counts from 0 into a character column that
// counts from 1.
func (s *source) column(line, bytes int) int {
	text := s.line(line)
	return utf8.RuneCountInString(text[:min(bytes, len(text))]) + 1
}

func (s *source) line(n int) string {
	lines := strings.Split(s.text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return lines[n-1]
}

// findWord is the column at which a word stands in a line of actions.
func (s *source) findWord(line int, word string) int {
	text := s.line(line)
	at := regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).FindStringIndex(text)
	if at == nil {
		return 1
	}
	return utf8.RuneCountInString(text[:at[0]]) + 1
}

// offset is where a fault stands in the source's text, in bytes.
func (s *source) offset(f press.Fault) int {
	at := 0
	for range f.Line - 1 {
		next := strings.IndexByte(s.text[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	for range f.Column - 1 {
		_, size := utf8.DecodeRuneInString(s.text[at:])
		at += size
	}
	return at
}

// place is the line and column of an offset.
func (s *source) place(at int) (line, column int) {
	before := s.text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// fieldsOf lists the fields of one of the data's types, by the type's name.
func fieldsOf(name string) []string {
	var names []string
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t.PkgPath() != reflect.TypeFor[Data]().PkgPath() {
			return
		}
		for i := range t.NumField() {
			if t.Name() == name {
				names = append(names, "."+t.Field(i).Name)
			}
			walk(t.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[Data]())
	return names
}
