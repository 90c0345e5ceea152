package contactfile

import (
	"fmt"
	"strings"

	"dateline/internal/press"
)

// column is one of the columns that a file may have.
type column int

const (
	colName column = iota
	colEmail
	colOutlet
	colOutletKind
	colOutletCountry
	colOutletWebsite
	colOutletZone
	colCountry
	colLanguages
	colBeats
	colTags
	colZone
	colLegalBasis
	colSource
	colAgreementDate
	colAgreementBy
	columns
	colIgnored
)

// columnNames are the names that WriteCSV writes, in its order.
func columnNames() []string {
	return []string{
		"name", "email", "outlet", "outlet_kind", "outlet_country", "outlet_website", "outlet_zone",
		"country", "languages", "beats", "tags", "zone", "legal_basis", "source", "agreement_date", "agreement_by",
	}
}

// otherNames are the names, folded, that a column is known by besides its own.
func otherNames() map[column]string {
	return map[column]string{
		colName:          "fullname contact contactname journalist",
		colEmail:         "emails mail mails emailaddress emailaddresses mailaddress address addresses",
		colOutlet:        "outletname mediaoutlet media organisation organization organisationname organizationname",
		colOutletKind:    "kind type outlettype mediatype mediakind kindofoutlet",
		colOutletCountry: "countryofoutlet",
		colOutletWebsite: "website site url web homepage outleturl outletsite",
		colOutletZone:    "outlettimezone",
		colCountry:       "countrycode",
		colLanguages:     "language lang langs",
		colBeats:         "beat topic topics",
		colTags:          "tag labels label keywords",
		colZone:          "timezone tz",
		colLegalBasis:    "basis legal legalground",
		colSource:        "sources sourceofdata datasource",
		colAgreementDate: "agreement agreedon agreementon embargoagreement embargoagreementdate",
		colAgreementBy:   "agreedby embargoagreementby",
		colIgnored:       "id",
	}
}

// foldName is a column's name without what does not matter in it.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// layout says at which place of a row each column stands; -1 for none.
type layout struct {
	place [columns]int
	width int
}

func (l layout) has(c column) bool { return l.place[c] >= 0 }

// readHeader makes the layout from the header's cells, or gives every fault.
func readHeader(file string, line int, cells []cell, opts Options) (layout, press.Faults) {
	names := columnNames()
	known := map[string]column{}
	for c, others := range otherNames() {
		for _, name := range strings.Fields(others) {
			known[name] = c
		}
	}
	for i, name := range names {
		known[foldName(name)] = column(i)
	}

	l := layout{width: len(cells)}
	for c := range l.place {
		l.place[c] = -1
	}
	var faults press.Faults
	fault := func(at cell, what, want string) {
		faults = append(faults, press.Fault{File: file, Line: at.line, Column: at.col, What: what, Want: want})
	}
	for i, at := range cells {
		c, ok := known[foldName(at.text)]
		switch {
		case strings.TrimSpace(at.text) == "":
			fault(at, fmt.Sprintf("column %d has no name", i+1), "name it or take it out")
		case !ok:
			fault(at, fmt.Sprintf("%s is no known column", short(at.text)), "the columns are "+strings.Join(names, ", "))
		case c == colIgnored:
		case l.has(c):
			first := cells[l.place[c]]
			fault(at, fmt.Sprintf("%s is the column %s a second time, after %s at column %d", short(at.text), names[c], short(first.text), first.col), "keep one of them")
		default:
			l.place[c] = i
		}
	}
	start := cell{line: line, col: 1}
	for _, c := range []column{colEmail, colLanguages, colCountry} {
		if !l.has(c) && !(c == colCountry && opts.Country != "") {
			fault(start, fmt.Sprintf("the column %s is missing", names[c]), "email, country and languages must be there")
		}
	}
	if l.has(colOutlet) && !l.has(colOutletKind) {
		fault(cells[l.place[colOutlet]], "the column outlet has no outlet_kind beside it", "add outlet_kind: "+kinds())
	}
	faults.Sort()
	return l, faults
}

// kinds lists the outlet kinds for people.
func kinds() string {
	var names []string
	for _, k := range press.OutletKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
