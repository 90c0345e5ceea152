package contactfile

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// How long texts may be, in characters.
const (
	maxName   = 200 // of contacts, outlets and people
	maxNote   = 500 // legal basis and source
	maxNotes  = 2000
	maxValues = 100 // of a cell with several
	maxWord   = 100 // a beat or a tag
	maxValue  = 500 // an address, a language, a zone, a website
)

// checker remembers what it found valid, because a file has few countries,
// languages and zones, and finding them again costs more than reading a row.
type checker struct {
	named     *locale.Countries
	countries map[string]press.Country
	langs     map[string]press.Lang
	zones     map[string]bool
}

func newChecker() *checker {
	return &checker{named: locale.NewCountries(), countries: map[string]press.Country{}, langs: map[string]press.Lang{}, zones: map[string]bool{}}
}

// country reads a country's code or name.
func (k *checker) country(s string) (press.Country, error) {
	if c, ok := k.countries[s]; ok {
		return c, nil
	}
	c, err := k.named.Named(s)
	if err == nil && len(k.countries) < 1000 {
		k.countries[s] = c
	}
	return c, err
}

// lang reads a language tag. There are more valid tags than memory should be
// kept for.
func (k *checker) lang(s string) (press.Lang, error) {
	if l, ok := k.langs[s]; ok {
		return l, nil
	}
	l, err := press.ParseLang(s)
	if err == nil && len(k.langs) < 1000 {
		k.langs[s] = l
	}
	return l, err
}

// zone reads an IANA zone.
func (k *checker) zone(s string) (string, error) {
	if k.zones[s] {
		return s, nil
	}
	if _, err := press.LoadZone(s); err != nil {
		return "", err
	}
	k.zones[s] = true
	return s, nil
}

// rowReader turns one row's cells into a contact and gathers its faults.
type rowReader struct {
	file   string
	line   int
	cells  []cell
	layout layout
	opts   Options
	check  *checker
	faults press.Faults
}

// contact reads the row. Where there are faults it holds what could be read.
func (row *rowReader) contact() press.Contact {
	if row.ragged() {
		return press.Contact{}
	}
	c := press.Contact{
		Name:       row.name(),
		Country:    row.country(),
		Beats:      row.words(colBeats),
		Tags:       row.words(colTags),
		Zone:       row.zone(colZone),
		LegalBasis: row.text(colLegalBasis, maxNote),
		Source:     row.text(colSource, maxNote),
		Notes:      row.text(colNotes, maxNotes),
		Confirmed:  only(row, colConfirmed, parseDate),
	}
	c.Addresses = values(row, colEmail, splitAddresses, press.ParseAddress)
	c.Languages = values(row, colLanguages, splitWords, row.check.lang)
	for _, must := range []struct {
		col  column
		want string
	}{
		{colEmail, "an address such as name@example.org is wanted"},
		{colLanguages, "a language is wanted, such as ru, or several in order of preference"},
	} {
		if at := row.cell(must.col); strings.TrimSpace(at.text) == "" {
			row.fault(at, columnNames()[must.col]+" is empty", must.want)
		}
	}
	row.require()
	if outlet, ok := row.outlet(c.Country); ok {
		c.Outlets = []press.Outlet{outlet}
	}
	return c
}

// given tells whether the row itself says something in a column.
func (row *rowReader) given(c column) bool {
	return row.layout.has(c) && row.layout.place[c] < len(row.cells) && strings.TrimSpace(unguard(row.cells[row.layout.place[c]].text)) != ""
}

// ragged refuses a row with too few or too many cells; which cell would be
// which cannot be known.
func (row *rowReader) ragged() bool {
	if len(row.cells) == row.layout.width {
		return false
	}
	at := row.cells[len(row.cells)-1]
	if len(row.cells) > row.layout.width {
		at = row.cells[row.layout.width]
	}
	what := fmt.Sprintf("the row has %d cells", len(row.cells))
	if last := row.cells[len(row.cells)-1]; last.line > row.line {
		what += fmt.Sprintf(" and goes on to line %d because of a quote", last.line)
	}
	row.fault(at, what, fmt.Sprintf("the header has %d; a cell with the separator within stands in quotes", row.layout.width))
	return true
}

// cell is the row's cell in a column; where there is none, an empty one at the
// row's start.
func (row *rowReader) cell(c column) cell {
	if !row.layout.has(c) || row.layout.place[c] >= len(row.cells) {
		return cell{line: row.line, col: 1, text: row.opts.fallback(c)}
	}
	at := row.cells[row.layout.place[c]]
	if at.text = unguard(at.text); strings.TrimSpace(at.text) == "" {
		at.text = row.opts.fallback(c)
	}
	return at
}

// require holds the row against what the team wants of each.
func (row *rowReader) require() {
	for _, c := range row.layout.required {
		at := row.cell(c)
		text := at.text
		if c == colName {
			text += row.cell(colFirstName).text + row.cell(colLastName).text
		}
		if strings.TrimSpace(text) == "" {
			row.fault(at, inputNames()[c]+" is empty", "dateline.yaml requires it (`contacts: require`)")
		}
	}
}

// name is the contact's, in one column or in two.
func (row *rowReader) name() string {
	if s := row.text(colName, maxName); s != "" {
		return s
	}
	return strings.TrimSpace(row.text(colFirstName, maxName/2) + " " + row.text(colLastName, maxName/2))
}

func (row *rowReader) fault(at cell, what, want string) {
	row.faults = append(row.faults, press.Fault{File: row.file, Line: at.line, Column: at.col, What: what, Want: want})
}

// refused makes a fault of an error of package press, which says what is wrong
// and, behind its last semicolon, what would be right.
func (row *rowReader) refused(at cell, err error) {
	text := err.Error()
	if cut := strings.LastIndex(text, "; "); cut >= 0 {
		row.fault(at, text[:cut], text[cut+2:])
		return
	}
	row.fault(at, text, "")
}

// text reads a text of one line.
func (row *rowReader) text(c column, most int) string {
	at := row.cell(c)
	return row.checkText(c, at, at.text, most)
}

func (row *rowReader) checkText(c column, at cell, s string, most int) string {
	clean, bad, ok := cleanText(s)
	switch {
	case !ok:
		row.fault(at, fmt.Sprintf("%s has %s within", columnNames()[c], describe(bad)), "one line of plain text is wanted")
		return ""
	case utf8.RuneCountInString(clean) > most:
		row.fault(at, fmt.Sprintf("%s is %d characters long: %s", columnNames()[c], utf8.RuneCountInString(clean), short(clean)), fmt.Sprintf("up to %d are allowed", most))
		return ""
	}
	return clean
}

func (row *rowReader) country() press.Country {
	at := row.cell(colCountry)
	named := strings.TrimSpace(at.text)
	if named == "" {
		row.fault(at, "country is empty", "a code of two letters is wanted, such as UZ")
		return ""
	}
	got := row.countryIn(colCountry)
	if row.opts.Country != "" && got != "" && got != row.opts.Country {
		row.fault(at, fmt.Sprintf("the row names the country %s", got), fmt.Sprintf("this import is for %s alone", row.opts.Country))
	}
	return got
}

// countryIn reads a cell that holds a country or nothing.
func (row *rowReader) countryIn(c column) press.Country {
	return only(row, c, row.check.country)
}

// zone reads a cell that holds an IANA zone or nothing.
func (row *rowReader) zone(c column) string {
	return only(row, c, row.check.zone)
}

// only reads a cell that holds one value or nothing.
func only[T any](row *rowReader, c column, parse func(string) (T, error)) T {
	var none T
	at := row.cell(c)
	s := row.checkText(c, at, at.text, maxValue)
	if s == "" {
		return none
	}
	got, err := parse(s)
	if err != nil {
		row.refused(at, err)
		return none
	}
	return got
}

// words reads the beats or tags of a cell.
func (row *rowReader) words(c column) []string {
	return values(row, c, splitPhrases, func(s string) (string, error) {
		if utf8.RuneCountInString(s) > maxWord {
			return "", fmt.Errorf("%s is longer than %d characters; a word or two are wanted", short(s), maxWord)
		}
		return s, nil
	})
}

// values reads a cell that holds several values, each of them once.
func values[T comparable](row *rowReader, c column, split func(string) []string, parse func(string) (T, error)) []T {
	var got []T
	at := row.cell(c)
	all := split(at.text)
	if len(all) > maxValues {
		row.fault(at, fmt.Sprintf("%s has %d values", columnNames()[c], len(all)), fmt.Sprintf("up to %d are allowed", maxValues))
		return nil
	}
	for _, raw := range all {
		s := row.checkText(c, at, raw, maxValue)
		if s == "" {
			continue
		}
		v, err := parse(s)
		switch {
		case err != nil:
			row.refused(at, err)
		case slices.Contains(got, v):
			row.fault(at, fmt.Sprintf("%s has %s twice", columnNames()[c], short(fmt.Sprint(v))), "once is enough")
		default:
			got = append(got, v)
		}
	}
	return got
}

// splitWords parts a cell whose values have no spaces within.
func splitWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;|", r)
	})
}

// splitAddresses parts like splitWords, but leaves whole what stands in angle
// brackets: by RFC 5321 an address may have a bar before its @.
func splitAddresses(s string) []string {
	var all []string
	for s != "" {
		if s[0] == '<' {
			if inner, rest, ok := strings.Cut(s[1:], ">"); ok {
				all, s = append(all, inner), rest
				continue
			}
		}
		end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;|", r) })
		if end < 0 {
			return append(all, s)
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		if end > 0 {
			all = append(all, s[:end])
		}
		s = s[end+size:]
	}
	return all
}

// splitPhrases parts a cell whose values may have spaces within. Form NFC
// comes first, because it makes a semicolon of the Greek question mark.
func splitPhrases(s string) []string {
	if clean, _, ok := cleanText(s); ok {
		s = clean
	}
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|", r) })
}

// outlet reads the outlet's columns; ok is false where no outlet is named.
func (row *rowReader) outlet(country press.Country) (o press.Outlet, ok bool) {
	o = press.Outlet{
		Name:    row.text(colOutlet, maxName),
		Country: row.countryIn(colOutletCountry),
		Kind:    only(row, colOutletKind, parseKind),
		Website: only(row, colOutletWebsite, parseWebsite),
		Zone:    row.zone(colOutletZone),
		Agreement: press.Agreement{
			On:       only(row, colAgreementDate, parseDate),
			By:       row.text(colAgreementBy, maxName),
			Scope:    row.text(colAgreementScope, maxNote),
			Until:    only(row, colAgreementUntil, parseDate),
			Document: row.text(colAgreementDocument, maxNote),
		},
	}
	given := func(c column) bool { return row.given(c) }
	if !given(colOutlet) {
		for _, c := range []column{colOutletKind, colOutletCountry, colOutletWebsite, colOutletZone, colAgreementDate, colAgreementBy, colAgreementScope, colAgreementUntil, colAgreementDocument} {
			if given(c) {
				row.fault(row.cell(c), fmt.Sprintf("%s is given without an outlet", columnNames()[c]), "name the outlet, or leave the cell empty")
			}
		}
		return press.Outlet{}, false
	}
	if o.Kind == "" && !given(colOutletKind) {
		row.fault(row.cell(colOutletKind), fmt.Sprintf("the outlet %s has no kind", short(o.Name)), "one is wanted of "+kinds())
	}
	for _, c := range []column{colAgreementBy, colAgreementScope, colAgreementUntil, colAgreementDocument} {
		if given(c) && !given(colAgreementDate) {
			row.fault(row.cell(c), columnNames()[c]+" is given without agreement_date", "an agreement counts from its date, such as 2026-11-30")
		}
	}
	if u := o.Agreement.Until; !u.IsZero() && u.Before(o.Agreement.On) {
		row.fault(row.cell(colAgreementUntil), fmt.Sprintf("the agreement ends on %s, before it begins on %s", u, o.Agreement.On), "its last day is wanted, or nothing where it does not end")
	}
	if o.Country == "" {
		o.Country = country
	}
	return o, true
}

// parseKind reads a kind by its own name, or by another that means only that.
func parseKind(s string) (press.OutletKind, error) {
	k := press.OutletKind(strings.ToLower(s))
	if other, ok := otherKinds()[foldName(s)]; ok {
		k = other
	}
	if !slices.Contains(press.OutletKinds(), k) {
		return "", fmt.Errorf("%s is no kind of outlet; one is wanted of %s", short(s), kinds())
	}
	return k, nil
}

func otherKinds() map[string]press.OutletKind {
	return map[string]press.OutletKind{
		"wireservice": press.Wire, "newswire": press.Wire, "newsagency": press.Wire, "newsservice": press.Wire, "pressagency": press.Wire,
		"dailynewspaper": press.Newspaper, "newspapers": press.Newspaper, "weeklynewspaper": press.Newspaper,
		"television": press.TV, "tvstation": press.TV, "tvchannel": press.TV, "radiostation": press.Radio, "website": press.Online, "blog": press.Online,
		"onlinemedia": press.Online, "freelancer": press.Freelance, "freelancejournalist": press.Freelance,
	}
}

func parseWebsite(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || strings.ContainsAny(s, " \"<>\\") {
		return "", fmt.Errorf("%s is no website; an address is wanted such as https://example.org", short(s))
	}
	return s, nil
}
