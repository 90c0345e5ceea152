package compose

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// Version is of the code that renders. It changes with anything that changes
// the bytes of a message, so that an approval is never sent by other code than
// it was given for.
const Version = "2"

// The templates within templates/.
const (
	htmlFile = "base.html.tmpl"
	textFile = "base.txt.tmpl"
)

// Kit is everything compiled for one frozen release. It is safe for concurrent
// use.
type Kit struct {
	release  press.Release
	sender   press.Sender
	tokens   tokens
	html     *source
	text     *source
	editions map[press.Lang]*edition
	headers  map[press.Lang]senderHeaders
}

// Thaw compiles a release that New compiled before its approval, without the
// trial that it passed then: what is due waits for it. Its error is press.Faults.
func Thaw(f press.Frozen) (*Kit, error) {
	k, faults := compile(f)
	if len(faults) > 0 {
		return nil, faults
	}
	return k, nil
}

// New compiles a release that is to be approved, and tries every page that it
// could need. Its error is press.Faults.
func New(f press.Frozen) (*Kit, error) {
	k, faults := compile(f)
	if len(faults) == 0 {
		faults = k.trial([]press.ReleaseKind{f.Release.Kind})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return k, nil
}

// Check tells every fault of a release's templates, phrases and editions: it
// makes every page that the release could ever need, as any kind of release.
func Check(f press.Frozen) press.Faults {
	k, faults := compile(f)
	m := newStoryMaker()
	for _, e := range f.Release.Editions {
		faults = append(faults, m.faults(f.Release.Slug, e)...)
	}
	if k.html != nil || k.text != nil {
		own := []press.ReleaseKind{f.Release.Kind}
		others := slices.DeleteFunc(press.ReleaseKinds(), func(kind press.ReleaseKind) bool { return kind == own[0] })
		others = append(others, press.EmbargoNotice)
		faults = append(faults, k.trial(append(own, others...))...)
	}
	faults.Sort()
	return faults
}

// compile reads the parts; what it gives may be used as far as it got.
func compile(f press.Frozen) (*Kit, press.Faults) {
	k := &Kit{
		release: f.Release, sender: f.Sender,
		editions: map[press.Lang]*edition{}, headers: map[press.Lang]senderHeaders{},
	}
	seed, err := json.Marshal(f)
	if err != nil {
		return k, press.Faults{{File: f.Release.Slug, What: fmt.Sprintf("the release cannot be written as JSON: %v", err)}}
	}
	k.tokens = newTokens(string(seed))
	faults := checkSender(f.Sender)
	var found press.Faults
	if k.html, found = readSource(f, htmlFile, true); len(found) > 0 {
		faults = append(faults, found...)
	}
	if k.text, found = readSource(f, textFile, false); len(found) > 0 {
		faults = append(faults, found...)
	}
	m := newStoryMaker()
	for _, e := range f.Release.Editions {
		ed, found := readEdition(f, e, m)
		faults = append(faults, found...)
		if len(found) == 0 {
			k.editions[e.Lang] = ed
			k.headers[e.Lang] = newSenderHeaders(f, e.Lang)
		}
	}
	faults.Sort()
	return k, faults
}

func readSource(f press.Frozen, file string, html bool) (*source, press.Faults) {
	text, ok := f.Files[file]
	if !ok {
		return nil, press.Faults{{File: "templates/" + file, What: "the template is missing", Want: "the one that ships is a good start"}}
	}
	return parseSource(file, text, html)
}

func readEdition(f press.Frozen, e press.Edition, m storyMaker) (*edition, press.Faults) {
	file := "phrases/" + string(e.Lang) + ".yaml"
	text, ok := f.Files[file]
	if !ok {
		return nil, press.Faults{{
			File: "templates/" + file,
			What: fmt.Sprintf("there are no phrases for the edition in %s", e.Lang),
			Want: "there are phrases for " + strings.Join(phraseLanguages(f.Files), ", "),
		}}
	}
	words, faults := locale.ParseLanguage("templates/"+file, text)
	if len(faults) > 0 {
		return nil, faults
	}
	ed, err := newEdition(f, e, words, m)
	if err != nil {
		return nil, press.Faults{{File: e.File, What: err.Error()}}
	}
	return ed, nil
}

func phraseLanguages(files map[string]string) []string {
	var all []string
	for name := range files {
		if lang, ok := strings.CutPrefix(name, "phrases/"); ok {
			all = append(all, strings.TrimSuffix(lang, ".yaml"))
		}
	}
	slices.Sort(all)
	return all
}

func checkSender(s press.Sender) press.Faults {
	var faults press.Faults
	fault := func(format string, args ...any) {
		faults = append(faults, press.Fault{File: "dateline.yaml", What: "sender " + s.ID + ": " + fmt.Sprintf(format, args...)})
	}
	if _, err := press.ParseAddress(string(s.From)); err != nil {
		fault("from: %v", err)
	}
	if s.ReplyTo != "" {
		if _, err := press.ParseAddress(string(s.ReplyTo)); err != nil {
			fault("reply_to: %v", err)
		}
	}
	if strings.ContainsFunc(s.ListID, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>()\"\\,;:@", r) }) {
		fault("list_id: %q is no list id; dot-separated words of ASCII are wanted, such as releases.conference.example", s.ListID)
	}
	return faults
}

// page gives the finished page for a variant, and makes it when it is asked
// for the first time.
func (k *Kit) page(e *edition, v variant) (*page, error) {
	i, ok := v.index()
	if !ok {
		return nil, fmt.Errorf("there is no kind of send %q; there are advance, general and follow-up", v.kind)
	}
	c := &e.pages[i]
	c.once.Do(func() { c.page, c.err = k.makePage(e, v) })
	return c.page, c.err
}

func (k *Kit) makePage(e *edition, v variant) (*page, error) {
	e.making.Lock()
	defer e.making.Unlock()
	d, err := e.data(v, k.release.Kind, k.tokens)
	if err != nil {
		return nil, err
	}
	p := &page{subject: d.Subject, subjectHeader: headerText(d.Subject)}
	if p.html, err = k.htmlPart(e, d); err != nil {
		return nil, err
	}
	if p.text, err = k.textPart(e, d); err != nil {
		return nil, err
	}
	p.frame, err = k.newFrame(e, v, p)
	return p, err
}

// htmlPart runs the HTML template. Most variants come out like another one,
// and styles are moved into the elements once for both.
func (k *Kit) htmlPart(e *edition, d Data) (*part, error) {
	run, err := k.html.bind(e.words)
	if err != nil {
		return nil, err
	}
	raw, err := run(e.htmlData(d))
	if err != nil {
		return nil, press.Faults{k.html.fault(err)}
	}
	if made, ok := e.html[raw]; ok {
		return made, nil
	}
	if err := k.tokens.checkPlaces(raw); err != nil {
		return nil, press.Faults{k.html.fault(err)}
	}
	page, err := inline(raw)
	if err != nil {
		return nil, err
	}
	cut, err := k.tokens.cut(page)
	if err != nil {
		return nil, press.Faults{k.html.fault(err)}
	}
	e.html[raw] = newPart([]block{{pieces: cut}}, base64Shorter(page))
	return e.html[raw], nil
}

func (k *Kit) textPart(e *edition, d Data) (*part, error) {
	run, err := k.text.bind(e.words)
	if err != nil {
		return nil, err
	}
	text, err := run(e.textData(d))
	if err != nil {
		return nil, press.Faults{k.text.fault(err)}
	}
	if made, ok := e.text[text]; ok {
		return made, nil
	}
	blocks, err := k.tokens.blocks(text)
	if err != nil {
		return nil, press.Faults{k.text.fault(err)}
	}
	e.text[text] = newPart(blocks, base64Shorter(text))
	return e.text[text], nil
}
