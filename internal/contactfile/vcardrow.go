package contactfile

import (
	"slices"
	"strconv"
	"strings"
)

// row makes a card's cells, each at the line of the property that it came from.
func (k *cards) row(begins int, all []property) []cell {
	var values [allColumns]cell
	for c := range values {
		values[c] = cell{line: begins, col: 1}
	}
	set := func(c column, p property, s string) {
		if values[c].text == "" && s != "" {
			values[c] = cell{text: s, line: p.line, col: 1}
		}
	}
	for _, p := range all {
		switch p.name {
		case "FN":
			set(colName, p, plainValue(p.value))
		case "ORG":
			set(colOutlet, p, components(p.value, ';')[0])
		case "X-DATELINE-OUTLET-KIND":
			set(colOutletKind, p, plainValue(p.value))
		case "URL":
			set(colOutletWebsite, p, plainValue(p.value))
		case "ADR":
			if parts := components(p.value, ';'); len(parts) >= 7 {
				set(colCountry, p, parts[6])
			}
		case "CATEGORIES":
			set(colTags, p, strings.Join(components(p.value, ','), "; "))
		case "TZ":
			if tz := plainValue(p.value); strings.Contains(tz, "/") { // an offset is no zone
				set(colZone, p, tz)
			}
		case "NOTE":
			set(colNotes, p, plainValue(p.value))
		case "REV":
			set(colConfirmed, p, plainValue(p.value))
		case "X-DATELINE-LEGAL-BASIS":
			set(colLegalBasis, p, plainValue(p.value))
		case "SOURCE":
			set(colSource, p, plainValue(p.value))
		}
	}
	for _, p := range all {
		if p.name == "N" { // where there is no FN
			set(colName, p, structuredName(p.value))
		}
	}
	k.preferred(&values, colEmail, all, "EMAIL")
	k.preferred(&values, colLanguages, all, "LANG", "LANGUAGE", "X-LANGUAGE")
	if values[colOutlet].text == "" {
		values[colOutletWebsite].text = "" // the person's own
	}
	k.cells = k.cells[:0]
	for _, c := range cardColumns() {
		k.cells = append(k.cells, values[c])
	}
	return k.cells
}

// structuredName puts a name in order: prefix, given, additional, family.
func structuredName(value string) string {
	parts := components(value, ';')
	var words []string
	for _, i := range []int{3, 1, 2, 0, 4} {
		if i < len(parts) && parts[i] != "" {
			words = append(words, parts[i])
		}
	}
	return strings.Join(words, " ")
}

// preferred joins the values of properties that a card may have several of, the
// preferred ones first.
func (k *cards) preferred(values *[allColumns]cell, c column, all []property, names ...string) {
	var found []property
	for _, p := range all {
		if slices.Contains(names, p.name) && plainValue(p.value) != "" {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b property) int { return a.rank() - b.rank() })
	var texts []string
	for _, p := range found {
		s := plainValue(p.value)
		if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
			s = s[7:]
		}
		if c == colEmail && strings.Contains(s, "|") {
			s = "<" + s + ">"
		}
		texts = append(texts, s)
	}
	if len(found) > 0 {
		values[c] = cell{text: strings.Join(texts, "; "), line: found[0].line, col: 1}
	}
}

// rank is how preferred a property is: PREF of 4.0 from 1 to 100, TYPE=PREF of
// the older ones.
func (p property) rank() int {
	if v := p.params["PREF"]; len(v) > 0 {
		if n, err := strconv.Atoi(v[0]); err == nil {
			return n
		}
	}
	if p.has("TYPE", "PREF") {
		return 1
	}
	return 101
}
