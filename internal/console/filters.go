package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dateline/internal/press"
)

// filters is the form above a list, with what was asked for in it, and what of
// that is wrong.
type filters struct {
	Path   string
	Fields []field
	asked  url.Values
}

// field is one thing that a list can be asked for.
type field struct {
	Name, Label, Hint string
	Value, Wrong      string
	Search            bool // it is the field of the page that searches
	Options           []option
}

func filtersOf(r *http.Request) *filters {
	return &filters{Path: r.URL.Path, asked: r.URL.Query()}
}

// text adds a field, and gives what stands in it.
func (f *filters) text(name, label, hint string) string {
	v := strings.TrimSpace(f.asked.Get(name))
	f.Fields = append(f.Fields, field{Name: name, Label: label, Hint: hint, Value: v})
	return v
}

func (f *filters) search(name, label string) string {
	v := f.text(name, label, "")
	f.Fields[len(f.Fields)-1].Search = true
	return v
}

// wrong says what would be right in a field.
func (f *filters) wrong(name, says string) {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			f.Fields[i].Wrong = says
		}
	}
}

// choose adds a field of which only some values are right.
func choose[T ~string](f *filters, name, label string, of []T, called func(T) string) T {
	v := T(f.text(name, label, ""))
	last := &f.Fields[len(f.Fields)-1]
	words := make([]string, len(of))
	for i, o := range of {
		last.Options = append(last.Options, option{string(o), called(o)})
		words[i] = string(o)
	}
	if v == "" || slices.Contains(of, v) {
		return v
	}
	if len(of) == 0 {
		last.Wrong = fmt.Sprintf("%q is not there; there is none yet", string(v))
	} else {
		last.Wrong = fmt.Sprintf("%q is none of: %s", string(v), strings.Join(words, ", "))
	}
	return ""
}

// asIs calls a word by itself.
func asIs[T ~string](w T) string { return string(w) }

func (f *filters) country() press.Country {
	v := f.text("country", "Country", "UZ")
	if v == "" {
		return ""
	}
	c, err := press.ParseCountry(v)
	if err != nil {
		f.wrong("country", err.Error())
	}
	return c
}

func (f *filters) language() press.Lang {
	v := f.text("lang", "Language", "uz-Cyrl")
	if v == "" {
		return ""
	}
	l, err := press.ParseLang(v)
	if err != nil {
		f.wrong("lang", err.Error())
	}
	return l
}

// Faults are all that is wrong, to be told above the list.
func (f *filters) Faults() []string {
	var all []string
	for _, x := range f.Fields {
		if x.Wrong != "" {
			all = append(all, sentence(x.Label+": "+x.Wrong))
		}
	}
	return all
}

// Any tells whether anything was asked for.
func (f *filters) Any() bool {
	return slices.ContainsFunc(f.Fields, func(x field) bool { return x.Value != "" })
}

// status is that of a page: what is asked for wrongly is not answered.
func (f *filters) status() int {
	if len(f.Faults()) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// With is the page's own address with something else asked for.
func (f *filters) With(name, value string) string {
	q := url.Values{}
	for _, x := range f.Fields {
		if x.Value != "" {
			q.Set(x.Name, x.Value)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return strings.TrimSuffix(f.Path+"?"+q.Encode(), "?")
}

// after is where the page begins.
func (f *filters) after() string { return f.asked.Get("after") }

// afterID is that as an id; one that is none is told of.
func (f *filters) afterID() (press.ID, error) {
	if f.after() == "" {
		return press.ID{}, nil
	}
	id, err := press.ParseID(f.after())
	if err != nil {
		return id, errNoPlace
	}
	return id, nil
}

var errNoPlace = faultOf(http.StatusUnprocessableEntity, "This address names no place in the list.", "Begin at the list’s first page.")

// pager leads on from one page of a list.
type pager struct {
	What   string // is listed, in the plural
	First  string // the address of the first page, where this is another
	More   string // of the next one
	Looked int    // where the page's time ended before it was full: so many so far
	None   bool   // nothing is shown
}

// GoesOn tells whether nothing was found yet: a page with scripts then looks on
// by itself.
func (p pager) GoesOn() bool { return p.None && p.More != "" }

func pagerOf[Row, Place any](f *filters, what string, page press.Page[Row, Place], next func(Place) string) pager {
	p := pager{What: what, None: len(page.Rows) == 0}
	if f.after() != "" {
		p.First = f.With("after", "")
	}
	if page.More {
		p.More = f.With("after", next(page.Next))
	}
	if page.Looked > 0 {
		before, _ := strconv.Atoi(f.asked.Get("looked")) // no number: none
		p.Looked = page.Looked + max(0, before)
		p.More += "&looked=" + strconv.Itoa(p.Looked)
	}
	return p
}

// approvedSlugs are the releases that were ever approved, the newest first.
func (c *Console) approvedSlugs() []string {
	var slugs []string
	for _, r := range c.Board.Look().Releases {
		slugs = append(slugs, r.Approval.Release)
	}
	slices.Reverse(slugs)
	return slugs
}

// scopes are what a word against being written to can reach, as the config has it.
func (c *Console) scopes() []press.Scope {
	conf := c.Office().Config
	var all []press.Scope
	for id := range conf.Senders {
		all = append(all, press.SenderScope(id))
	}
	for _, f := range conf.Releases {
		if f.Topic != "" {
			all = append(all, press.TopicScope(f.Topic))
		}
	}
	slices.Sort(all)
	return append([]press.Scope{press.ScopeAll}, slices.Compact(all)...)
}

// scopeText says a scope in words.
func scopeText(s press.Scope) string {
	kind, name, _ := strings.Cut(string(s), ":")
	switch kind {
	case "all":
		return "everything"
	case "sender":
		return "mail of the sender " + plain(name)
	case "topic":
		return "the topic " + plain(name)
	}
	return plain(string(s))
}

// barredText says that something is not written to, and how far that reaches.
func barredText(s press.Scope) string { return "suppressed" + forText(s) }

// ofText is a scope behind what is said of it: " of the topic water".
func ofText(s press.Scope) string { return behind(" of ", s) }

func forText(s press.Scope) string { return behind(" for ", s) }

func behind(word string, s press.Scope) string {
	if s == press.ScopeAll {
		return ""
	}
	return word + scopeText(s)
}
