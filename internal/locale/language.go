package locale

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"dateline/internal/press"
	"dateline/internal/yamlfile"
)

// Language is what one phrase file says of one language. It comes from
// ParseLanguage, is complete, and is safe for use by several goroutines.
type Language struct {
	Tag    press.Lang
	Name   string    // what the language calls itself
	Dir    string    // ltr or rtl, as HTML's dir attribute has it
	Quotes [2]string // opening and closing

	separator, last string // between the entries of a list, and before its last
	numbers         numbers
	months          []string
	monthsAlone     []string       // nil where the language has no such form
	days            map[int]string // those that are not written as their number alone
	ordinals        map[int]string // nil where the language has no such endings
	dates           map[string]pattern
	clock           pattern
	zones           map[string]string
	phrases         map[string]pattern
}

// ParseLanguage reads the text of one phrase file; file is its path, for the
// faults, and must be named after the language's tag. The language is nil
// where there are faults, which are all there are, in the order of their
// places.
func ParseLanguage(file, text string) (*Language, press.Faults) {
	root, _ := yamlfile.Parse(file, []byte(text))
	l := &Language{}
	top := root.Map("tag", "name", "direction", "quotes", "list", "numbers", "months", "days", "ordinals", "dates", "time", "zones", "phrases")
	l.readTag(top.Need("tag"), file)
	l.Name = top.Need("name").Line()
	l.Dir = readDirection(top.Need("direction"))
	// French quotation marks have a space within them.
	if q := readTexts(top.Need("quotes"), yamlfile.Node.Text, 2, "the opening and the closing quotation mark"); q != nil {
		l.Quotes = [2]string{q[0], q[1]}
	}
	list := top.Need("list").Map("separator", "last")
	l.separator, l.last = list.Need("separator").Text(), list.Need("last").Text()
	l.readNumbers(top.Need("numbers"))
	l.readDates(top)
	l.clock = readPattern(top.Need("time"), []string{"hour", "minute"}, nil)
	l.readZones(top.Need("zones"))
	l.readPhrases(top.Need("phrases"))
	if faults := root.Faults(); len(faults) > 0 {
		return nil, faults
	}
	return l, nil
}

func (l *Language) readTag(n yamlfile.Node, file string) {
	l.Tag = yamlfile.Read(n, press.ParseLang)
	if l.Tag == "" {
		return
	}
	if written := n.Line(); written != string(l.Tag) {
		n.Fault(fmt.Sprintf("%q is not the canonical form of the tag", written), fmt.Sprintf("%q is wanted", l.Tag))
	} else if name := path.Base(file); name != written+".yaml" {
		n.Fault(fmt.Sprintf("the tag is %q, but the file is named %q", written, name), fmt.Sprintf("the file of this language is %s.yaml", written))
	}
}

func readDirection(n yamlfile.Node) string {
	dir := n.Line()
	if dir != "" && dir != "ltr" && dir != "rtl" {
		n.Fault(fmt.Sprintf("%q is no direction of writing", dir), "ltr or rtl is wanted")
	}
	return dir
}

// readTexts reads a list of exactly so many texts; nil means a fault.
func readTexts(n yamlfile.Node, read func(yamlfile.Node) string, count int, what string) []string {
	items := n.List()
	var texts []string
	for _, item := range items {
		texts = append(texts, read(item))
	}
	if n.Kind() != yamlfile.List {
		return nil
	}
	if len(items) != count {
		n.Fault(fmt.Sprintf("the length of the list is %d", len(items)), fmt.Sprintf("%d entries are wanted: %s", count, what))
		return nil
	}
	return texts
}

// readPattern reads a text with placeholders. Each of need must be there, as it
// is or in one of its variants ({month} or {month_alone}), and no others.
func readPattern(n yamlfile.Node, need []string, variants map[string]string) pattern {
	s := n.Line()
	if s == "" {
		return nil
	}
	p, err := parsePattern(s)
	if err != nil {
		n.Refuse(err)
		return nil
	}
	found := map[string]bool{}
	for _, name := range p.names() {
		base := name
		if b, ok := variants[name]; ok {
			base = b
		}
		if !slices.Contains(need, base) {
			n.Fault(fmt.Sprintf("the placeholder {%s} is not known here", name), "known are: "+braced(need))
		}
		found[base] = true
	}
	for _, name := range need {
		if !found[name] {
			n.Fault(fmt.Sprintf("the placeholder {%s} is missing", name), "wanted are: "+braced(need))
		}
	}
	return p
}

func (l *Language) readZones(n yamlfile.Node) {
	l.zones = map[string]string{}
	for _, p := range n.Pairs() {
		if _, err := press.LoadZone(p.Key.Text()); err != nil {
			p.Key.Refuse(err)
		}
		l.zones[p.Key.Text()] = p.Value.Line()
	}
}

func (l *Language) readPhrases(n yamlfile.Node) {
	m := n.Map(PhraseKeys()...)
	l.phrases = map[string]pattern{}
	for _, k := range phraseKeys() {
		l.phrases[k.key] = readPattern(m.Need(k.key), k.placeholders, nil)
	}
}

// readOrdinals reads the endings of ordinal numbers, which the language's
// harmony chooses by the last numeral that is spoken: of 2026 it is 6, of 2030
// it is 30, of 1900 it is 100, of 2000 it is 1000.
func (l *Language) readOrdinals(n yamlfile.Node) {
	if !n.Present() {
		return
	}
	var keys []string
	for _, numeral := range spokenNumerals() {
		keys = append(keys, strconv.Itoa(numeral))
	}
	m := n.Map(keys...)
	l.ordinals = map[int]string{}
	for i, numeral := range spokenNumerals() {
		l.ordinals[numeral] = m.Need(keys[i]).Line()
	}
}

// List joins names as the language does: `a, b and c`.
func (l *Language) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	end := len(items) - 1
	return strings.Join(items[:end], l.separator) + l.last + items[end]
}
