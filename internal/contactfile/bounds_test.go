package contactfile

import (
	"io"
	"strings"
	"testing"

	"dateline/internal/press"
)

// endless is a text that begins in some way and never ends.
type endless struct {
	begin io.Reader
	again string
	rest  *strings.Reader
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	if n, _ := e.begin.Read(p); n > 0 {
		return n, nil
	}
	if e.rest == nil || e.rest.Len() == 0 {
		e.rest = strings.NewReader(strings.Repeat(e.again, 1000))
	}
	n, err := e.rest.Read(p)
	e.given += n
	return n, err
}

// However XML goes on without end, the reading ends, and soon.
func TestTokensEnd(t *testing.T) {
	for name, x := range map[string]struct{ begin, again, want string }{
		"an attribute":       {`<c s="`, "x", "longer than 1 MiB"},
		"a name":             {"<", "x", "longer than 1 MiB"},
		"attributes":         {"<c", ` s="1"`, "longer than 1 MiB"},
		"a text":             {"<t>", "x", "longer than 1 MiB"},
		"a CDATA section":    {"<t><![CDATA[", "<a>", "longer than 1 MiB"},
		"a comment":          {"<!--", " <a/> ", "longer than 1 MiB"},
		"an instruction":     {"<?a ", "<b>", "longer than 1 MiB"},
		"a directive":        {"<!a ", "<b>", "longer than 1 MiB"},
		"elements in others": {"<a>", "<b>", "more than 100 elements"},
		"empty rows":         {"<sheetData>", "<row><c/></row>\n", "4 MiB of it have no row with any text"},
	} {
		in := &endless{begin: strings.NewReader(x.begin), again: x.again}
		tokens, xml := newTokens(in)
		tokens.quiet = 4 << 20
		var err error
		for err == nil {
			_, err = xml.Token()
		}
		if !strings.Contains(err.Error(), x.want) || in.given > 5<<20 {
			t.Errorf("%s: after %d bytes %v; want %q", name, in.given, err, x.want)
		}
	}
}

// Rows with text keep the reading going, however many there are.
func TestTokensGoOn(t *testing.T) {
	tokens, xml := newTokens(&endless{begin: strings.NewReader("<sheetData>"), again: "<row/>"})
	tokens.quiet = 1 << 10
	for range 10_000 {
		if _, err := xml.Token(); err != nil {
			t.Fatal(err)
		}
		tokens.hear()
	}
}

// A card is told where it is too large, whatever makes it so, and the next one
// is read.
func TestCardsAreBounded(t *testing.T) {
	const next = "BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nEMAIL:anna@x.example\nLANG:ru\nEND:VCARD\n"
	long := strings.Repeat("x", 100<<10)
	for name, x := range map[string]struct{ card, want string }{
		"a long line":      {"NOTE:" + long, "2:1: NOTE is longer than 64 KiB"},
		"a huge line":      {"NOTE:" + strings.Repeat(long, 100), "2:1: NOTE is longer than 64 KiB"},
		"a line in folds":  {"NOTE:x" + strings.Repeat("\n "+long[:1000], 100), "2:1: NOTE is longer than 64 KiB"},
		"soft line breaks": {"NOTE;ENCODING=QUOTED-PRINTABLE:" + strings.Repeat(long[:1000]+"=\n", 100), "2:1: NOTE is longer than 64 KiB"},
		"a long name":      {long + ":x", "what stands before the value is longer than 8 KiB"},
		"many parameters":  {"NOTE" + strings.Repeat(";TYPE=x", 10_000) + ":x", "what stands before the value is longer than 8 KiB"},
		"no value":         {long, "is no property"},
		"many notes":       {strings.Repeat("NOTE:"+long[:60<<10]+"\n", 20), "1:1: the card has more than 1 MiB of text"},
		"a large picture":  {"PHOTO;ENCODING=b:" + strings.Repeat(long, 30) + "\nFN:Ben\nEMAIL:ben@x.example\nLANG:ru", ""},
	} {
		text := "BEGIN:VCARD\n" + x.card + "\nEND:VCARD\n" + next
		var faults press.Faults
		var names []string
		for row, wrong := range Read(inMemory("cards.vcf", []byte(text)), Options{Country: "UZ"}) {
			faults = append(faults, wrong...)
			if len(wrong) == 0 {
				names = append(names, row.Contact.Name)
			}
		}
		if got := faults.Error(); len(names) == 0 || names[len(names)-1] != "Anna" || !strings.Contains(got, x.want) || x.want == "" && got != "" {
			t.Errorf("%s: read %q, %.300s; want %q", name, names, got, x.want)
		}
	}
}
