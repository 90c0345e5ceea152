package contactfile

import (
	"fmt"
	"maps"
	"slices"
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
	colNotes
	colConfirmed
	colAgreementDate
	colAgreementBy
	colAgreementScope
	colAgreementUntil
	colAgreementDocument
	columns
)

// What a file may have besides, and WriteCSV does not write.
const (
	colFirstName = columns + iota
	colLastName
	allColumns
	colIgnored
)

// columnNames are the names that WriteCSV writes, in its order.
func columnNames() []string {
	return []string{
		"name", "email", "outlet", "outlet_kind", "outlet_country", "outlet_website", "outlet_zone",
		"country", "languages", "beats", "tags", "zone", "legal_basis", "source", "notes", "confirmed",
		"agreement_date", "agreement_by", "agreement_scope", "agreement_until", "agreement_document",
	}
}

// inputNames are the names of all columns, in the order of their numbers.
func inputNames() []string { return append(columnNames(), "first_name", "last_name") }

// otherNames are the names, folded, that a column is known by besides its own.
func otherNames() map[column]string {
	return map[column]string{
		colName:          "fullname contact contactname journalist journalistname displayname",
		colEmail:         "emails mail mails emailaddress emailaddresses mailaddress address addresses contactemail workemail businessemail primaryemail",
		colOutlet:        "outletname mediaoutlet media organisation organization organisationname organizationname mediaoutletname publication company employer",
		colOutletKind:    "kind type outlettype mediatype mediakind kindofoutlet mediumtype medium",
		colOutletCountry: "countryofoutlet",
		colOutletWebsite: "website site url web homepage outleturl outletsite",
		colOutletZone:    "outlettimezone",
		colCountry:       "countrycode countryregion countryname contactcountry",
		colLanguages:     "language lang langs",
		colBeats:         "beat topic topics beattopics contacttopics subjects coverage",
		colTags:          "tag labels label keywords lists",
		colZone:          "timezone tz",
		colLegalBasis:    "basis legal legalground",
		colSource:        "sources sourceofdata datasource",
		colAgreementDate: "agreement agreedon agreementon embargoagreement embargoagreementdate",
		colAgreementBy:   "agreedby embargoagreementby",
		colNotes:         "note comment comments remarks",
		colConfirmed:     "confirmedon lastconfirmed verified verifiedon lastverified lastupdated updated",
		colFirstName:     "givenname forename",
		colLastName:      "surname familyname",
		colIgnored:       "id",
	}
}

// foldName is a column's name without what does not matter in it.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-', '/', '.', ':', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// layout says at which place of a row each column stands; -1 for none.
type layout struct {
	place [allColumns]int
	width int
	// required are the columns that no row may leave empty.
	required []column
}

func (l layout) has(c column) bool { return l.place[c] >= 0 }

// hasValue tells whether there is something in a column, or in those that its
// value may be in instead.
func (l layout) hasValue(c column) bool {
	return l.has(c) || c == colName && (l.has(colFirstName) || l.has(colLastName))
}

// known are the columns by all their names, folded.
func known() map[string]column {
	names := map[string]column{}
	for c, others := range otherNames() {
		for _, name := range strings.Fields(others) {
			names[name] = c
		}
	}
	for i, name := range inputNames() {
		names[foldName(name)] = column(i)
	}
	return names
}

// ColumnNamed gives the column of ours that a name means without a mapping;
// false where it means none.
func ColumnNamed(name string) (string, bool) {
	c, ok := known()[foldName(name)]
	if !ok || c == colIgnored {
		return "", false
	}
	return inputNames()[c], true
}

// readHeader makes the layout from the header's cells, or gives every fault.
func readHeader(file string, line int, cells []cell, opts Options) (layout, press.Faults) {
	names := inputNames()
	known := known()
	mapped, faults := readMapping(file, line, opts.Columns, known)
	l := layout{width: len(cells)}
	for c := range l.place {
		l.place[c] = -1
	}
	fault := func(at cell, what, want string) {
		faults = append(faults, press.Fault{File: file, Line: at.line, Column: at.col, What: what, Want: want})
	}
	for i, at := range cells {
		c, ok := mapped[foldName(at.text)]
		if !ok {
			c, ok = known[foldName(at.text)]
		}
		switch {
		case strings.TrimSpace(at.text) == "":
			fault(at, fmt.Sprintf("column %d has no name", i+1), "name it or take it out")
		case !ok:
			fault(at, fmt.Sprintf("%s is no known column", short(at.text)), "the columns are "+strings.Join(names, ", ")+`; --map "`+strings.TrimSpace(at.text)+`=-" passes it over`)
		case c == colIgnored:
		case l.has(c):
			first := cells[l.place[c]]
			fault(at, fmt.Sprintf("%s is the column %s a second time, after %s at column %d", short(at.text), names[c], short(first.text), first.col), "keep one of them")
		default:
			l.place[c] = i
		}
	}
	start := cell{line: line, col: 1}
	for _, must := range []struct {
		col   column
		given bool
	}{{colEmail, false}, {colLanguages, len(opts.Languages) > 0}, {colCountry, opts.Country != ""}} {
		if !l.has(must.col) && !must.given {
			fault(start, fmt.Sprintf("the column %s is missing", names[must.col]), "email, country and languages must be there")
		}
	}
	faults = append(faults, l.require(file, line, opts, mapped, known)...)
	if l.has(colOutlet) && !l.has(colOutletKind) && opts.OutletKind == "" {
		fault(cells[l.place[colOutlet]], "the column outlet has no outlet_kind beside it", "add outlet_kind: "+kinds())
	}
	faults.Sort()
	return l, faults
}

// require finds the columns that the team wants of every row, by our names or
// others, and faults those that are not there.
func (l *layout) require(file string, line int, opts Options, mapped, known map[string]column) (faults press.Faults) {
	names := inputNames()
	fault := func(what, want string) {
		faults = append(faults, press.Fault{File: file, Line: line, Column: 1, What: what, Want: want})
	}
	for _, name := range opts.Require {
		c, ok := mapped[foldName(name)]
		if !ok {
			c, ok = known[foldName(name)]
		}
		switch {
		case !ok || c == colIgnored:
			fault(fmt.Sprintf("dateline.yaml requires the column %s (`contacts: require`), which there is none of", short(name)), "the columns are "+strings.Join(names, ", "))
		case slices.Contains(l.required, c):
		case l.hasValue(c) || opts.fallback(c) != "":
			l.required = append(l.required, c)
		default:
			fault(fmt.Sprintf("the column %s is missing", names[c]), "dateline.yaml requires it (`contacts: require`)")
		}
	}
	return faults
}

// readMapping reads what the person says of a file's own names: the folded name
// in the file -> a column of ours, or colIgnored for `-`.
func readMapping(file string, line int, said map[string]string, known map[string]column) (map[string]column, press.Faults) {
	mapped := map[string]column{}
	var faults press.Faults
	for _, theirs := range slices.Sorted(maps.Keys(said)) {
		ours := said[theirs]
		c, ok := known[foldName(ours)]
		switch {
		case ours == "-" || ours == "":
			c = colIgnored
		case !ok:
			faults = append(faults, press.Fault{
				File: file, Line: line, Column: 1, What: fmt.Sprintf("%s is to be the column %s, which there is none of", short(theirs), short(ours)),
				Want: "the columns are " + strings.Join(inputNames(), ", ") + ", or - to pass it over",
			})
			continue
		}
		mapped[foldName(theirs)] = c
	}
	return mapped, faults
}

// kinds lists the outlet kinds for people.
func kinds() string {
	var names []string
	for _, k := range press.OutletKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
