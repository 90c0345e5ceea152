package contactfile

import (
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// readRow reads a row up to its end. Of several faults the first one is told.
func (b *book) readRow() (*press.Fault, error) {
	b.cells = b.cells[:0]
	var first *press.Fault
	for {
		t, err := b.xml.Token()
		if err != nil {
			return first, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "row" {
				return first, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			raw, err := b.rawCell(t)
			if err != nil {
				return first, err
			}
			if fault := b.place(raw); first == nil {
				first = fault
			}
		}
	}
}

// place puts a cell where it belongs in the row.
func (b *book) place(raw rawCell) *press.Fault {
	if raw.col > maxColumns {
		return b.fault(b.row, raw.col, "the row goes on beyond column "+strconv.Itoa(maxColumns), "a list of contacts has a few columns")
	}
	for len(b.cells) < raw.col {
		b.cells = append(b.cells, cell{line: b.row, col: len(b.cells) + 1})
	}
	text, what, want := b.value(raw)
	b.cells[raw.col-1].text = text
	if what == "" {
		return nil
	}
	return b.fault(b.row, raw.col, fmt.Sprintf("the cell %s of the sheet %s %s", raw.name, short(b.sheet), what), want)
}

// rawCell is a cell as the sheet has it.
type rawCell struct {
	name    string // such as C17
	col     int
	kind    string // s, str, inlineStr, b, e, d, or n for a number
	style   int
	formula string
	hasFx   bool
	value   string
	inline  string
}

var cellName = regexp.MustCompile(`^([A-Z]{1,3})([0-9]+)$`)

func (b *book) rawCell(start xml.StartElement) (rawCell, error) {
	c := rawCell{name: attribute(start, "r"), kind: attribute(start, "t"), col: len(b.cells) + 1, style: -1}
	if m := cellName.FindStringSubmatch(c.name); m != nil {
		c.col = 0
		for _, letter := range []byte(m[1]) {
			c.col = 26*c.col + int(letter-'A') + 1
		}
	} else {
		c.name = "in column " + strconv.Itoa(c.col)
	}
	if n, err := strconv.Atoi(attribute(start, "s")); err == nil {
		c.style = n
	}
	for {
		t, err := b.xml.Token()
		if err != nil {
			return c, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if t.Name.Local == "c" {
				return c, nil
			}
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				c.value, err = charsWithin(b.xml)
			case "f":
				c.hasFx = true
				c.formula, err = charsWithin(b.xml)
			case "is":
				c.inline, err = textWithin(b.xml)
			default:
				err = b.xml.Skip()
			}
			if err != nil {
				return c, err
			}
		}
	}
}

// charsWithin reads the characters up to the end of an element whose start was
// read, as many as a cell may have.
func charsWithin(in *xml.Decoder) (string, error) {
	var text strings.Builder
	for depth := 1; depth > 0; {
		t, err := in.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			text.Write(t[:min(len(t), maxCell-min(maxCell, text.Len()))])
		}
	}
	return text.String(), nil
}

// acting are formulas that do something beyond the sheet.
var acting = regexp.MustCompile(`(?i)\b(HYPERLINK|WEBSERVICE|IMPORT[A-Z]*|DDE|CALL|REGISTER|EXEC|RTD|CUBE[A-Z]*)\s*\(|\|'?.*!`)

// value is a cell's text; or what is wrong with it, and what would be right.
// Of a formula it is the value that was last worked out.
func (b *book) value(c rawCell) (text, what, want string) {
	if c.hasFx && acting.MatchString(c.formula) {
		return "", "holds a formula that reaches beyond the sheet", "paste its value in its place"
	}
	switch c.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(c.value))
		if err != nil || n < 0 || n >= len(b.texts) {
			return "", "names a text that the workbook does not have", "save the workbook anew"
		}
		return b.texts[n], "", ""
	case "inlineStr":
		return c.inline, "", ""
	case "str":
		return c.value, "", ""
	case "b":
		return map[string]string{"1": "true", "0": "false"}[strings.TrimSpace(c.value)], "", ""
	case "e":
		return "", "has the error " + short(c.value), "correct it, or empty the cell"
	case "d":
		return c.value, "", ""
	}
	if c.value == "" {
		return "", "", ""
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(c.value), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return "", "has " + short(c.value) + " for a number", "save the workbook anew"
	}
	if c.style >= 0 && c.style < len(b.dates) && b.dates[c.style] {
		return b.day(n)
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e15 { // a telephone number, not 1.0E10
		return strconv.FormatInt(int64(n), 10), "", ""
	}
	return strings.TrimSpace(c.value), "", ""
}

// day is the day of a serial number.
func (b *book) day(n float64) (text, what, want string) {
	const most = 2958465 // 9999-12-31
	if n < 0 || n > most {
		return "", "has a number for a date that is none", "a day such as 2027-03-04 is wanted"
	}
	days := int(n)
	if b.epoch.Year() == 1899 && days > 0 && days < 60 {
		days++ // the calendar of spreadsheets has a 29 February 1900
	}
	return b.epoch.AddDate(0, 0, days).Format(time.DateOnly), "", ""
}
