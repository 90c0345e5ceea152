package compose

import (
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"reflect"
	"strings"
	texttemplate "text/template"
	"time"

	"dateline/internal/locale"
	"dateline/internal/press"
)

const (
	maxOutput = 1 << 20 // bytes that one template may write
	maxString = 64 << 10
	maxRounds = 100_000 // of all ranges in one execution
	roundFunc = "dateline_round"
)

var (
	errTooLong  = fmt.Errorf("the template writes more than %d bytes, which is the most", maxOutput)
	errTooOften = fmt.Errorf("its ranges go round more than %d times, which is the most", maxRounds)
	errString   = fmt.Errorf("a value grows beyond %d bytes, which is the most", maxString)
)

// functionNames are the functions of our own that templates may call.
func functionNames() []string {
	return []string{"phrase", "date", "clock", "number", "whole", "outlook"}
}

// functions are what templates may call. The printing functions are Go's,
// bounded; roundFunc stands for the one that a running template counts with.
func functions(l *locale.Language) texttemplate.FuncMap {
	return texttemplate.FuncMap{
		"phrase": func(key string, args ...any) (string, error) {
			words := make([]string, len(args))
			for i, a := range args {
				words[i] = fmt.Sprint(a)
			}
			s, err := l.Phrase(key, words...)
			if err != nil {
				return "", err
			}
			return bounded(s)
		},
		"date":    func(d press.Date) string { return l.LongDate(d) },
		"clock":   func(t time.Time) string { return l.Clock(t) },
		"number":  func(n any) (string, error) { return number(l, n) },
		"whole":   whole,
		"outlook": outlookOnly,
		"print":   func(args ...any) (string, error) { return bounded(fmt.Sprint(args...)) },
		"println": func(args ...any) (string, error) { return bounded(fmt.Sprintln(args...)) },
		"printf":  func(f string, args ...any) (string, error) { return bounded(fmt.Sprintf(f, args...)) },
		"js":      func(args ...any) (string, error) { return bounded(texttemplate.JSEscaper(args...)) },
		roundFunc: func() bool { return false },
	}
}

// number writes a number of any of Go's kinds.
func number(l *locale.Language, n any) (string, error) {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return l.Number(float64(v.Int())), nil
	case v.CanUint():
		return l.Number(float64(v.Uint())), nil
	case v.CanFloat():
		return l.Number(v.Float()), nil
	default:
		return "", fmt.Errorf("this is no number, but a %T; a number is wanted, such as 12 or (len .Media)", n)
	}
}

// whole marks a part of a text, for styles that keep it together.
func whole(part, text string) htmltemplate.HTML {
	part, text = html.EscapeString(part), html.EscapeString(text)
	if part != "" {
		text = strings.ReplaceAll(text, part, `<span class="whole">`+part+`</span>`)
	}
	return htmltemplate.HTML(text)
}

// outlookOnly wraps markup in the conditional comment that only Outlook for
// Windows reads. html/template drops comments from the template itself.
func outlookOnly(markup string) (htmltemplate.HTML, error) {
	if strings.Contains(markup, "--") {
		return "", errors.New("markup for Outlook may not contain two hyphens together")
	}
	return htmltemplate.HTML("<!--[if mso]>" + markup + "<![endif]-->"), nil
}

func bounded(s string) (string, error) {
	if len(s) > maxString {
		return "", errString
	}
	return s, nil
}

// limited collects what a template writes, up to maxOutput.
type limited struct{ strings.Builder }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxOutput {
		return 0, errTooLong
	}
	return l.Builder.Write(p)
}
