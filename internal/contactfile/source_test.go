package contactfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"dateline/internal/press"
)

func inMemory(name string, data []byte) File {
	return File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// The guess is right for texts in the languages of newsrooms, few letters or
// many, in capitals or not.
func TestCharsetIsGuessed(t *testing.T) {
	for name, x := range map[string]struct {
		text string
		in   *charmap.Charmap
	}{
		"Russian in Windows-1251":        {"имя;адрес\nАзиза Каримова;desk@x.example\n", charmap.Windows1251},
		"Russian in KOI8-R":              {"имя;адрес\nАзиза Каримова;desk@x.example\n", charmap.KOI8R},
		"Russian capitals, Windows-1251": {"ИМЯ;АДРЕС\nКАРИМОВА АЗИЗА;desk@x.example\nБЕЛОВ Олег;belov@x.example", charmap.Windows1251},
		"Uzbek in Windows-1251":          {"исм;манзил\nЎктам Юсупов;u@x.example\nтошкент ахбороти", charmap.Windows1251},
		"one Russian name":               {"name;email\nОлег;o@x.example\n", charmap.Windows1251},
		"one Russian name in KOI8-R":     {"name;email\nОлег;o@x.example\n", charmap.KOI8R},
		"German":                         {"Name;Ort\nJürgen Größe;Köln\n", charmap.Windows1252},
		"French":                         {"Nom;Ville\nFrançoise Désirée;Orléans\n", charmap.Windows1252},
		"one umlaut":                     {"name;email\nMüller;m@x.example\n", charmap.Windows1252},
	} {
		b, err := x.in.NewEncoder().Bytes([]byte(x.text))
		if err != nil {
			t.Fatal(name, err)
		}
		got, guessed := charsetOf(b, true)
		if got.Encoding == nil || !guessed {
			t.Errorf("%s is taken for %s, guessed %v", name, got.name, guessed)
			continue
		}
		if text, err := got.NewDecoder().Bytes(b); err != nil || string(text) != x.text {
			t.Errorf("%s reads in %s as %s, %v", name, got.name, text, err)
		}
	}
	if got, guessed := charsetOf([]byte("name;email\nАзиза;a@x.example\n\xd0"), false); got.Encoding != nil || guessed {
		t.Errorf("UTF-8 whose sample ends within a character is taken for %s", got.name)
	}
	for _, name := range []string{"cp1251", "win-1251", "windows_1251", "KOI8-R", "latin1", "utf16le", "ISO-8859-5"} {
		if _, err := namedCharset(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := namedCharset("klingon"); err == nil || !strings.Contains(err.Error(), "windows-1251") {
		t.Errorf("%v", err)
	}
}

// Of ten thousand rows every tenth is broken, each in another of many ways; the
// others are read, and each broken one is told with its line.
func TestEveryTenthRowIsBroken(t *testing.T) {
	ways := []string{
		"name%[1]d,,UZ,ru,,", "name%[1]d,no address,UZ,ru,,", "name%[1]d,a%[1]d@x.example,QQ,ru,,", "name%[1]d,a%[1]d@x.example,UZ,nothing-9,,",
		"name%[1]d,a%[1]d@x.example,UZ,ru", "name%[1]d,a%[1]d@x.example,UZ,ru,,,,", "na\x00me%[1]d,a%[1]d@x.example,UZ,ru,,", "na\"me%[1]d,a%[1]d@x.example,UZ,ru,,",
		"name%[1]d,a%[1]d@x.example,UZ,ru,Paper,", "name%[1]d,a%[1]d@x.example,UZ,ru,Paper,gazette", "name%[1]d,a%[1]d@x.example,UZ,ru,,tv", "name%[1]d,a1@x.example,UZ,ru,,",
		"\u202ename%[1]d,a%[1]d@x.example,UZ,ru,,", "name%[1]d,a%[1]d@x.example,,ru,,", "name%[1]d,\xff%[1]d@x.example,UZ,ru,,", "\"name%[1]d,a%[1]d@x.example,UZ,ru,,",
	}
	var b strings.Builder
	b.WriteString("name,email,country,languages,outlet,outlet_kind\n")
	for i := 1; i <= 10_000; i++ {
		if i%10 == 0 {
			b.WriteString(strings.ReplaceAll(ways[i/10%len(ways)], "%[1]d", fmt.Sprint(i)) + "\n")
		} else {
			fmt.Fprintf(&b, "имя%d,a%d@x.example,UZ,ru,,\n", i, i)
		}
	}
	good, broken := 0, map[int]bool{}
	for row, faults := range Read(inMemory("all.csv", []byte(b.String())), Options{}) {
		if len(faults) == 0 {
			good++
			continue
		}
		for _, f := range faults {
			broken[f.Line] = true
			if (f.Line-1)%10 != 0 || f.Column < 1 || f.What == "" {
				t.Errorf("row %d: %v", row.Line, f)
			}
		}
	}
	if good != 9000 || len(broken) != 1000 {
		t.Errorf("%d good rows, %d broken lines", good, len(broken))
	}
}

// packed makes a workbook whose one sheet has this XML.
func packed(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func workbook(sheet string) map[string]string {
	return map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData>` + sheet + `</sheetData></worksheet>`,
	}
}

func TestWorkbooksThatAreNone(t *testing.T) {
	head := `<row r="1"><c t="inlineStr"><is><t>email</t></is></c><c t="inlineStr"><is><t>languages</t></is></c></row>`
	bomb := workbook(head)
	bomb["xl/sharedStrings.xml"] = "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 1000)+"</t></si>", 70_000) + "</sst>"
	deep := workbook(head + `<row r="2"><c r="A2" t="inlineStr"><is>` + strings.Repeat("<r>", 10_000) + strings.Repeat("</r>", 10_000) + `</is></c></row>`)
	inside := workbook(head)
	inside["xl/workbook.xml"] = strings.Repeat("<workbook>", 101)
	long := strings.Repeat("a", 2<<20)
	cellOf := func(text string) []byte {
		return packed(t, workbook(head+`<row r="2"><c r="A2" t="inlineStr"><is><t>`+text+`</t></is></c></row>`))
	}
	const tooLong = "one piece of its XML is longer than 1 MiB"
	lacks := workbook(head)
	delete(lacks, "xl/_rels/workbook.xml.rels")
	for name, x := range map[string]struct {
		data []byte
		opts Options
		want string
	}{
		"a bomb":                  {packed(t, bomb), Options{}, "unpacks to "},
		"no ZIP":                  {[]byte("PK\x03\x04 and nothing"), Options{}, "begins as a ZIP and is none"},
		"a part is missing":       {packed(t, lacks), Options{}, "it lacks xl/_rels/workbook.xml.rels"},
		"another sheet":           {packed(t, workbook(head)), Options{Sheet: "B"}, `has no sheet "B"; it has: A`},
		"an empty sheet":          {packed(t, workbook("")), Options{}, "is empty"},
		"XML that is cut":         {packed(t, workbook(head+`<row r="2"><c r="A2"`)), Options{Country: "UZ"}, "reading the file failed"},
		"too many columns":        {packed(t, workbook(head+`<row r="2"><c r="ZZZ2" t="inlineStr"><is><t>x</t></is></c></row>`)), Options{Country: "UZ"}, "goes on beyond column 500"},
		"a text it does not have": {packed(t, workbook(head+`<row r="2"><c r="A2" t="s"><v>7</v></c></row>`)), Options{Country: "UZ"}, "names a text that the workbook does not have"},
		"deeply nested":           {packed(t, deep), Options{Country: "UZ"}, "book.xlsx:3:1: reading the file failed: more than 100 elements of its XML stand within each other"},
		"nested around the sheet": {packed(t, inside), Options{Country: "UZ"}, "the workbook cannot be read: xl/workbook.xml: more than 100 elements"},
		"a cell without end":      {cellOf(long), Options{Country: "UZ"}, tooLong},
		"a comment without end":   {cellOf("<!-- " + strings.Repeat("> ", 1<<20) + "-->"), Options{Country: "UZ"}, tooLong},
		"a long attribute":        {packed(t, workbook(head+`<row r="2"><c r="A2" s="`+long+`"/></row>`)), Options{Country: "UZ"}, tooLong},
		"many attributes":         {packed(t, workbook(head+`<row r="2"><c`+strings.Repeat(` s="1"`, 400_000)+`/></row>`)), Options{Country: "UZ"}, tooLong},
	} {
		var faults press.Faults
		for _, wrong := range Read(inMemory("book.xlsx", x.data), x.opts) {
			faults = append(faults, wrong...)
		}
		if got := faults.Error(); !strings.Contains(got, x.want) {
			t.Errorf("%s: %s; want %q", name, got, x.want)
		}
	}
}

// What a row lacks the person who imports may say for all; what the team wants
// of each no row may lack.
func TestFallbacksAndRequirements(t *testing.T) {
	text := "email,source\na@x.example,\nb@x.example,own request\n"
	opts := Options{Country: "UZ", Languages: []press.Lang{"ru"}, LegalBasis: "consent", Require: []string{"source", "legal_basis"}}
	rows, faults := readAll(text, opts)
	if len(rows) != 1 || rows[0].Contact.Source != "own request" || rows[0].Contact.LegalBasis != "consent" || rows[0].Contact.Languages[0] != "ru" {
		t.Errorf("read %+v", rows)
	}
	if len(faults) != 1 || faults[0].Line != 2 || !strings.Contains(faults[0].Error(), "source is empty; dateline.yaml requires it") {
		t.Errorf("faults %v", faults)
	}
	if _, faults = readAll("email,country,languages\na@x.example,UZ,ru\n", Options{Require: []string{"source"}}); len(faults) != 1 || !strings.Contains(faults[0].What, "the column source is missing") {
		t.Errorf("faults %v", faults)
	}
}

// What the team wants may be named as files name it.
func TestRequiredColumnsHaveOtherNames(t *testing.T) {
	for name, x := range map[string]struct {
		text string
		opts Options
		want string // a part of the one fault; "" for none
	}{
		"another name":             {"email,source\na@x.example,list\n", Options{Require: []string{"Data Source"}}, ""},
		"another name, empty":      {"email,Datasource\na@x.example,\n", Options{Require: []string{"sources"}}, "2:13: source is empty"},
		"another name, missing":    {"email\na@x.example\n", Options{Require: []string{"sources"}}, "1:1: the column source is missing"},
		"a mapped name":            {"email,Herkunft\na@x.example,list\n", Options{Require: []string{"herkunft"}, Columns: map[string]string{"Herkunft": "source"}}, ""},
		"mapped, by our name":      {"email,Herkunft\na@x.example,\n", Options{Require: []string{"source"}, Columns: map[string]string{"Herkunft": "source"}}, "2:13: source is empty"},
		"twice":                    {"email,source\na@x.example,\n", Options{Require: []string{"source", "sources"}}, "2:13: source is empty"},
		"a name in two columns":    {"email,first_name,last_name\na@x.example,Anna,\n", Options{Require: []string{"name"}}, ""},
		"in two columns, empty":    {"email,first_name,last_name\na@x.example,,\n", Options{Require: []string{"full name"}}, "name is empty"},
		"what is no column":        {"email\na@x.example\n", Options{Require: []string{"sorce"}}, `requires the column "sorce"`},
		"what is passed over":      {"email,id\na@x.example,7\n", Options{Require: []string{"id"}}, `requires the column "id"`},
		"said for all of the file": {"email\na@x.example\n", Options{Require: []string{"datasource"}, Source: "list"}, ""},
	} {
		x.opts.Country, x.opts.Languages = "UZ", []press.Lang{"ru"}
		_, faults := readAll(x.text, x.opts)
		if n := len(faults); x.want == "" && n > 0 || x.want != "" && (n != 1 || !strings.Contains(faults.Error(), x.want)) {
			t.Errorf("%s: faults %v; want %q", name, faults, x.want)
		}
	}
}

// wantClean holds every text of a contact against what would end a line, or
// turn one, wherever it is written.
func wantClean(t *testing.T, c press.Contact) {
	t.Helper()
	texts := append([]string{c.Name, c.Zone, c.LegalBasis, c.Source, c.Notes, string(c.Country)}, append(c.Beats, c.Tags...)...)
	for _, a := range c.Addresses {
		texts = append(texts, string(a))
	}
	for _, o := range c.Outlets {
		texts = append(texts, o.Name, o.Website, o.Zone, o.Agreement.By, o.Agreement.Scope, o.Agreement.Document)
	}
	for _, s := range texts {
		if strings.ContainsFunc(s, func(r rune) bool {
			return unicode.IsControl(r) || r == unicode.ReplacementChar || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029
		}) {
			t.Errorf("%q came out of %+v", s, c)
		}
	}
}

func fuzz(f *testing.F, pattern string, more ...[]byte) {
	f.Helper()
	files, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(files) == 0 {
		f.Fatal(pattern, err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		more = append(more, data)
	}
	for _, data := range more {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		for row, faults := range Read(inMemory("fuzzed", data), Options{Country: "UZ"}) {
			if n++; n > 2000 {
				return
			}
			if len(faults) == 0 {
				wantClean(t, row.Contact)
			}
		}
	})
}

func FuzzText(f *testing.F) { fuzz(f, "*.csv") }

func FuzzCards(f *testing.F) {
	fuzz(f, "*.vcf", []byte("BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=\n=\n"), []byte("BEGIN:VCARD\r\n;:\r\nEND:VCARD"))
}

func FuzzWorkbook(f *testing.F) { fuzz(f, "*.xlsx", []byte("PK\x03\x04")) }

// failing gives some bytes and then an error.
type failing struct{ io.Reader }

func (failing) Close() error { return errors.New("the disk is gone") }

func TestAFileThatCannotBeClosedIsTold(t *testing.T) {
	f := File{Name: "c.csv", Open: func() (io.ReadCloser, error) {
		return failing{strings.NewReader("email,languages,country\na@x.example,ru,UZ\n")}, nil
	}}
	var faults press.Faults
	for _, wrong := range Read(f, Options{}) {
		faults = append(faults, wrong...)
	}
	if len(faults) != 1 || !strings.Contains(faults[0].What, "the disk is gone") {
		t.Errorf("%v", faults)
	}
}
