package locale

import (
	"strings"
	"testing"
)

func TestPhraseFillsItsPlaceholders(t *testing.T) {
	l := load(t, "en")
	for _, c := range []struct {
		key  string
		args []string
		want string
	}{
		{"kind.release", nil, "PRESS RELEASE"},
		{"embargo.until", []string{"when", "noon"}, "Embargoed until noon"},
		{"when", []string{"offset", "UTC+5", "city", "Tashkent", "time", "18:00", "date", "4 March 2022"}, "4 March 2022, 18:00 (Tashkent, UTC+5)"},
		{"greeting.name", []string{"name", "{name} }{ {when}"}, "Dear {name} }{ {when},"},
		{"greeting.name", []string{"name", ""}, "Dear ,"},
	} {
		got, err := l.Phrase(c.key, c.args...)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.key, got, err, c.want)
		}
	}
}

func TestPhraseRefuses(t *testing.T) {
	l := load(t, "en")
	for _, c := range []struct {
		key  string
		args []string
		want string
	}{
		{"kind.poem", nil, `the phrase "kind.poem" in en: there is none of this key`},
		{"", nil, `the phrase "" in en: there is none of this key`},
		{"immediate", []string{"when", "now"}, `the phrase "immediate" in en: "when" is given twice or is no placeholder of it; its placeholders: none`},
		{"embargo.until", nil, `the phrase "embargo.until" in en: values are missing; its placeholders: {when}`},
		{"embargo.until", []string{"when"}, `the phrase "embargo.until" in en: a placeholder has no value; names and values are wanted in turn`},
		{"embargo.until", []string{"when", "a", "when", "b"}, `the phrase "embargo.until" in en: "when" is given twice or is no placeholder of it; its placeholders: {when}`},
	} {
		if got, err := l.Phrase(c.key, c.args...); err == nil || err.Error() != c.want || got != "" {
			t.Errorf("%s: %q, %v; want the error %s", c.key, got, err, c.want)
		}
	}
}

func TestPatternRefusesLooseBraces(t *testing.T) {
	for _, s := range []string{"{", "}", "a}b", "{}", "{a", "{{a}}", "{a b}", "{A}", "a {b} }", "{a\x00}"} {
		if p, err := parsePattern(s); err == nil {
			t.Errorf("%q is read as %v", s, p)
		}
	}
	p, err := parsePattern("x{a}{b}y{a}")
	if err != nil || strings.Join(p.names(), " ") != "a b" {
		t.Errorf("names %v, %v", p.names(), err)
	}
	if got := p.fill(func(name string) string { return "<" + name + ">" }); got != "x<a><b>y<a>" {
		t.Errorf("filled: %q", got)
	}
}

func TestList(t *testing.T) {
	l := load(t, "ru")
	for _, c := range []struct {
		items []string
		want  string
	}{
		{nil, ""},
		{[]string{"Ташкент"}, "Ташкент"},
		{[]string{"Ташкент", "Вена"}, "Ташкент и Вена"},
		{[]string{"Ташкент", "Нью-Йорк", "Вена"}, "Ташкент, Нью-Йорк и Вена"},
	} {
		if got := l.List(c.items); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
