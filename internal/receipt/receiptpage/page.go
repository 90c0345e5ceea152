// Package receiptpage writes a receipt as one HTML page, to be printed or
// attached: all that it shows is in it, it asks for nothing from elsewhere, and it
// runs no script. What people wrote stands in it as text, whatever it is. It fails
// only when the writer does.
package receiptpage

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"dateline/internal/press"
	"dateline/internal/receipt"
)

//go:embed receipt.html.tmpl
var pageText string

//go:embed receipt.css
var styleText string

// Page writes the page.
func Page(w io.Writer, r receipt.Receipt) error {
	page, err := template.New("receipt").Funcs(template.FuncMap{
		"number": number, "instant": instant, "second": second, "country": country, "lang": lang, "code": code,
		"span": span, "percent": percent, "states": states, "few": few, "group": group, "reason": reason, "act": act, "byName": byName,
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("writing the page of a receipt: %w", err)
	}
	err = page.Execute(w, struct {
		receipt.Receipt
		Style template.CSS
	}{r, template.CSS(styleText)}) //nolint:gosec // a file of the program's own
	if err != nil {
		return fmt.Errorf("writing the page of a receipt: %w", err)
	}
	return nil
}

// number writes 12345 as 12 345, with a narrow no-break space.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

func few(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// instant is one to the microsecond; the page says once that all are in UTC.
func instant(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.UTC().Format("2 Jan 2006 15:04:05.000000")
}

// second is an instant of which less is known, or wanted.
func second(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	return at.UTC().Format("2 Jan 2006 15:04:05")
}

// code makes something of what was read: codes from a store are not always ones.
func code(v any) string { return fmt.Sprint(v) }

func country(c string) string {
	region, err := language.ParseRegion(c)
	if err != nil {
		return c
	}
	if name := display.English.Regions().Name(region); name != "" {
		return name
	}
	return c
}

// byName puts countries into the order in which people look for them.
func byName(all []receipt.Part) []receipt.Part {
	return slices.SortedFunc(slices.Values(all), func(a, b receipt.Part) int { return strings.Compare(country(a.Of), country(b.Of)) })
}

func lang(l string) string {
	tag, err := language.Parse(l)
	if err != nil {
		return l
	}
	if name := display.English.Tags().Name(tag); name != "" {
		return name
	}
	return l
}

// span is a time that has passed, as people say it.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "−" + span(-d)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

func states(all map[press.State]int) string {
	var told []string
	for _, s := range press.States() {
		if n := all[s]; n > 0 {
			told = append(told, number(n)+" "+string(s))
		}
	}
	return strings.Join(told, ", ")
}

// group parts a long number of base 16 so that eyes can compare it.
func group(digest fmt.Stringer) string {
	s := digest.String()
	var parts []string
	for len(s) > 8 {
		parts, s = append(parts, s[:8]), s[8:]
	}
	return strings.Join(append(parts, s), " ")
}

func reason(f press.Failed) string {
	if f.Reason == "" {
		return "not read yet"
	}
	return strings.TrimSpace(string(f.Class) + ": " + string(f.Reason))
}

func act(name string) string {
	switch name {
	case "hold":
		return "Held"
	case "resume":
		return "Resumed"
	case "kill":
		return "Killed"
	default:
		return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
	}
}

// Style is the page's one style, for the hash of a content security policy.
func Style() string { return styleText }
