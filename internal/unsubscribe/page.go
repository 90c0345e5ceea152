package unsubscribe

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"dateline/internal/locale"
	"dateline/internal/optout"
	"dateline/internal/press"
	"dateline/internal/webpage"
)

//go:embed page.html.tmpl
var pageTemplate string

// Mark stands in every page, by which it is told from what others answer.
const Mark = `<meta name="generator" content="Dateline">`

type layout struct{ *template.Template }

func newLayout() (layout, error) {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return layout{}, fmt.Errorf("reading the opt-out pages' template: %w", err)
	}
	return layout{t}, nil
}

// view is what the template sees.
type view struct {
	words     *locale.Language
	languages map[press.Lang]*locale.Language

	Lang, Dir    string
	Style        template.CSS
	Fault        string // a phrase's key; "" where nothing went wrong
	Subject      optout.Subject
	Organisation string
	Address      press.Address
	AskErase     bool
	Done         bool
	Self         string // the page's own address, relative, with its language
	Data         string
	ToErase      string
	Choices      []choice
	Ranks        []rank
	Readable     []named
	Shown        []named
}

// MayGoBack tells of a fault behind which the page is there.
func (v view) MayGoBack() bool { return v.Fault == "page.fault.wish" && v.Self != "" }

// choice is one that may be made, or was.
type choice struct {
	Choice     optout.Choice
	Out        bool
	Stop, Done string
}

// rank is a place among the languages.
type rank struct {
	N        int
	Tag      string
	Optional bool
}

type named struct{ Tag, Name, Dir string }

// Say is a phrase in the page's language.
func (v view) Say(key string, args ...any) (string, error) {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = fmt.Sprint(a)
	}
	return v.words.Phrase(key, texts...)
}

// Number writes a number as the page's language does.
func (v view) Number(n int) string { return v.words.Number(float64(n)) }

// List joins words as the page's language does.
func (v view) List(items []string) string { return v.words.List(items) }

// Names are languages by their own names.
func (v view) Names(tags []press.Lang) string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = v.nameOf(t)
	}
	return v.words.List(names)
}

func (v view) nameOf(tag press.Lang) string {
	if l := v.languages[tag]; l != nil {
		return l.Name
	}
	return display.Self.Name(language.Make(string(tag)))
}

// maxRanks is how many languages the page lets somebody put in order, if they
// have no more.
const maxRanks = 3

func (p *pages) view(r *http.Request, edition press.Lang) view {
	lang := p.languageOf(r, edition)
	words := p.Languages[lang]
	v := view{words: words, languages: p.Languages, Lang: string(lang), Dir: words.Dir, Style: template.CSS(webpage.Style)} //nolint:gosec // our own
	for _, tag := range p.tags() {
		l := p.Languages[tag]
		v.Shown = append(v.Shown, named{string(tag), l.Name, l.Dir})
	}
	query := ""
	if r.URL.Query().Get("lang") != "" {
		query = "?lang=" + string(lang)
	}
	token := "./" + url.PathEscape(r.PathValue("token")) // never another site's
	v.Self, v.Data, v.ToErase = token+query, token+"/data.json", token+"?erase=ask"
	if query != "" {
		v.ToErase = token + query + "&erase=ask"
	}
	return v
}

func (p *pages) tags() []press.Lang {
	var tags []press.Lang
	for tag := range p.Languages {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	return tags
}

// languageOf is what the visitor chose, or the mail was in, or their browser
// asks for, or English.
func (p *pages) languageOf(r *http.Request, edition press.Lang) press.Lang {
	for _, tag := range []press.Lang{press.Lang(r.URL.Query().Get("lang")), edition} {
		if p.Languages[tag] != nil {
			return tag
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil {
		for _, w := range wanted {
			if p.Languages[press.Lang(w.String())] != nil {
				return press.Lang(w.String())
			}
			base, _ := w.Base()
			script, _ := w.Script() // the usual one, where none is named: uz is uz-Latn
			for _, tag := range []string{base.String() + "-" + script.String(), base.String()} {
				if p.Languages[press.Lang(tag)] != nil {
					return press.Lang(tag)
				}
			}
		}
	}
	return "en"
}

func (p *pages) render(w http.ResponseWriter, r *http.Request, status int, s optout.Subject, done string, askErase bool) {
	v := p.view(r, s.Copy.Edition)
	v.Subject, v.Done, v.AskErase = s, done != "", askErase && !s.Erased && !s.Test
	v.Organisation = s.Copy.Sender.Organisation.In(press.Lang(v.Lang))
	v.Address = s.Copy.Address
	if err := v.addChoices(); err != nil {
		p.broken(w, err)
		return
	}
	if s.Contact != nil {
		v.addLanguages(*s.Contact, p.tags())
	}
	p.write(w, status, v)
}

func (v *view) addChoices() error {
	of := func(c optout.Choice, name string, args ...any) error {
		stop, err := v.Say("page.out."+name, args...)
		if err != nil {
			return err
		}
		done, err := v.Say("page.out."+name+".done", args...)
		v.Choices = append(v.Choices, choice{c, v.Subject.Out[c], stop, done})
		return err
	}
	if v.Subject.HasTopic {
		if err := of(optout.Topic, "topic", "topic", v.Subject.Copy.Topic); err != nil {
			return err
		}
	}
	if err := of(optout.Sender, "sender", "organisation", v.Organisation); err != nil {
		return err
	}
	return of(optout.Everything, "all")
}

// addLanguages offers the languages that this installation writes in, and those
// that the contact has already.
func (v *view) addLanguages(c press.Contact, tags []press.Lang) {
	for _, l := range c.Languages {
		if !slices.Contains(tags, l) {
			tags = append(tags, l)
		}
	}
	for _, tag := range tags {
		v.Readable = append(v.Readable, named{Tag: string(tag), Name: v.nameOf(tag)})
	}
	for i := range max(maxRanks, len(c.Languages)) {
		r := rank{N: i + 1, Optional: i > 0}
		if i < len(c.Languages) {
			r.Tag = string(c.Languages[i])
		}
		v.Ranks = append(v.Ranks, r)
	}
}

// fault is the page of what went wrong.
func (p *pages) fault(w http.ResponseWriter, r *http.Request, status int, phrase string) {
	v := p.view(r, "")
	v.Fault = phrase
	p.write(w, status, v)
}

func (p *pages) write(w http.ResponseWriter, status int, v view) {
	var b bytes.Buffer
	if err := p.layout.Execute(&b, v); err != nil {
		p.broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever went away does not want it
}

// broken is for a page that does not render, such as by a team's own phrases.
func (p *pages) broken(w http.ResponseWriter, err error) {
	p.Log.Error("an opt-out page does not render", "error", err)
	http.Error(w, "This page cannot be shown just now. Nothing was changed.", http.StatusServiceUnavailable)
}
