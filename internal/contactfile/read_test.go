package contactfile

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/unicode/norm"

	"dateline/internal/press"
)

// readAll gathers what a file holds.
func readAll(text string, opts Options) (rows []Row, faults press.Faults) {
	for row, wrong := range ReadCSV("c.csv", strings.NewReader(text), opts) {
		if len(wrong) > 0 {
			faults = append(faults, wrong...)
			continue
		}
		rows = append(rows, row)
	}
	return rows, faults
}

const plainHeader = "email,country,languages,name,outlet,outlet_kind,beats,zone\n"

func TestReadCSVReadsContacts(t *testing.T) {
	aziza := press.Contact{
		Name: "Азиза К.", Addresses: []press.Address{"a@daily.example", "b@daily.example"},
		Country: "UZ", Languages: []press.Lang{"uz-Cyrl", "ru"}, Beats: []string{"foreign affairs", "security"},
		Zone: "Asia/Tashkent", Outlets: []press.Outlet{{Name: "The Daily", Kind: press.Newspaper, Country: "UZ"}},
	}
	row := "a@daily.example b@daily.example,uz,uz-cyrl|ru, Азиза\u00a0 К. ,The Daily,Newspaper,foreign  affairs|security,Asia/Tashkent\n"
	for name, text := range map[string]string{
		"commas":           plainHeader + row,
		"byte order mark":  "\ufeff" + plainHeader + row,
		"semicolons":       strings.ReplaceAll(plainHeader+row, ",", ";"),
		"tabs":             strings.ReplaceAll(plainHeader+row, ",", "\t"),
		"CRLF":             strings.ReplaceAll(plainHeader+row, "\n", "\r\n"),
		"no last line end": plainHeader + strings.TrimSuffix(row, "\n"),
		"blank lines":      "\n  \n" + plainHeader + "\n,,,,,,,\n" + row + "\n\n",
		"other names":      strings.NewReplacer("email", "E-Mail Address", "languages", "LANG", "outlet,outlet_kind", "Media-Outlet,Outlet Kind", "zone", "Time Zone").Replace(plainHeader) + row,
		"an id":            "id," + plainHeader + "7," + row,
		"quotes":           plainHeader + "\"a@daily.example;\nb@daily.example\",UZ,\"uz-Cyrl,ru\",Азиза К.,\"The Daily\",newspaper,\"foreign affairs,security\",Asia/Tashkent",
		"decomposed":       plainHeader + norm.NFD.String(row),
	} {
		t.Run(name, func(t *testing.T) {
			rows, faults := readAll(text, Options{})
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if len(rows) != 1 || !reflect.DeepEqual(rows[0].Contact, aziza) {
				t.Errorf("got %+v\nwant %+v", rows, aziza)
			}
			if want := 1 + strings.Count(strings.SplitN(text, "@daily", 2)[0], "\n"); rows[0].Line != want {
				t.Errorf("the contact stands on line %d, want %d", rows[0].Line, want)
			}
		})
	}
}

func TestReadCSVComposesAccents(t *testing.T) {
	rows, faults := readAll(plainHeader+"a@x.example,UZ,ru,Андреи\u0306,,,,\n", Options{})
	if len(faults) > 0 || rows[0].Contact.Name != "Андрей" {
		t.Errorf("got %+v, %v", rows, faults)
	}
}

func TestReadCSVTellsFaults(t *testing.T) {
	long := strings.Repeat("ж", 201)
	for name, c := range map[string]struct {
		text string
		opts Options
		want []string // the beginnings of the faults, in order
	}{
		"empty":                 {"", Options{}, []string{"c.csv:1:1: the file is empty"}},
		"blank":                 {"\n\n", Options{}, []string{"c.csv:1:1: the file is empty"}},
		"mark alone":            {"\ufeff", Options{}, []string{"c.csv:1:1: the file is empty"}},
		"header only":           {plainHeader, Options{}, nil},
		"UTF-16 LE":             {"\xff\xfee\x00m\x00", Options{}, []string{"c.csv:1:1: the file is in UTF-16; save it as UTF-8"}},
		"UTF-16 BE":             {"\xfe\xff\x00e", Options{}, []string{"c.csv:1:1: the file is in UTF-16"}},
		"header not UTF-8":      {"email,\xe9\n", Options{}, []string{"c.csv:1:7: the byte 0xe9 is not UTF-8; save the file as UTF-8"}},
		"header of commas":      {",,\n", Options{}, []string{"c.csv:1:1: the header line has no names"}},
		"unknown columns":       {"email,languages,country,sh\u00fce,,size\n", Options{}, []string{`c.csv:1:25: "shüe" is no known column; the columns are name, email`, "c.csv:1:30: column 5 has no name", `c.csv:1:31: "size"`}},
		"missing columns":       {"name\n", Options{}, []string{"c.csv:1:1: the column email is missing", "c.csv:1:1: the column languages is missing", "c.csv:1:1: the column country is missing"}},
		"doubled column":        {"email,country,mail,languages\n", Options{}, []string{`c.csv:1:15: "mail" is the column email a second time, after "email" at column 1`}},
		"no outlet kind":        {"email,country,languages,outlet\n", Options{}, []string{"c.csv:1:25: the column outlet has no outlet_kind"}},
		"bad separator":         {plainHeader, Options{Comma: 'x'}, []string{"c.csv:1:1: 'x' cannot part cells"}},
		"too few cells":         {plainHeader + "a@x.example,UZ\n", Options{}, []string{"c.csv:2:13: the row has 2 cells; the header has 8"}},
		"too many cells":        {plainHeader + "a@x.example,UZ,ru,,,,,,x,y\n", Options{}, []string{"c.csv:2:24: the row has 10 cells"}},
		"all faults at once":    {plainHeader + "nobody,XX,q,,Daily,paper,,Mars/Base\n", Options{}, []string{`c.csv:2:1: "nobody" is no e-mail address: it has no @; it looks like name@example.org`, `c.csv:2:8: "XX" is no country`, `c.csv:2:11: "q" is no language`, `c.csv:2:20: "paper" is no kind of outlet; one is wanted of wire, newspaper`, `c.csv:2:27: "Mars/Base" is no time zone`}},
		"empty cells":           {plainHeader + ",,,x,,,,\n", Options{}, []string{"c.csv:2:1: email is empty", "c.csv:2:2: country is empty", "c.csv:2:3: languages is empty"}},
		"columns in characters": {plainHeader + "a@x.example,UZ,ru,Ўзбек жон,,,,Nowhere\n", Options{}, []string{`c.csv:2:32: "Nowhere" is no time zone`}},
		"other country":         {plainHeader + "a@x.example,KZ,ru,,,,,\n", Options{Country: "UZ"}, []string{"c.csv:2:13: the row names the country KZ; this import is for UZ alone"}},
		"address twice":         {plainHeader + "a@x.example,UZ,ru,,,,,\nb@x.example,UZ,ru,,,,,\nc@x.example A@X.example,UZ,ru,,,,,\n", Options{}, []string{"c.csv:4:1: A@x.example stands on line 2 already"}},
		"twice in a cell":       {plainHeader + "a@x.example A@x.example a@x.example,UZ,ru ru,,,,b;b,\n", Options{}, []string{`c.csv:2:1: email has "a@x.example" twice`, `c.csv:2:1: email has "A@x.example" twice`, `c.csv:2:40: languages has "ru" twice`, `c.csv:2:49: beats has "b" twice`}},
		"not UTF-8":             {plainHeader + "a@x.example,UZ,ru,Жа\xc0,,,,\n", Options{}, []string{"c.csv:2:21: the byte 0xc0 is not UTF-8"}},
		"NUL":                   {plainHeader + "a@x.example,UZ,ru,a\x00b,,,,\n", Options{}, []string{"c.csv:2:19: name has a NUL character within"}},
		"line break":            {plainHeader + "a@x.example,UZ,ru,\"a\nb\",,,,\n", Options{}, []string{"c.csv:2:19: name has a line break within"}},
		"behind a line break":   {plainHeader + "a@x.example,UZ,\"ru\nen\",b,,,,Nowhere\n", Options{}, []string{`c.csv:3:10: "Nowhere" is no time zone`}},
		"tab":                   {plainHeader + "a@x.example,UZ,ru,a\tb,,,,\n", Options{}, []string{"c.csv:2:19: name has a tab"}},
		"override":              {plainHeader + "a@x.example,UZ,ru,a\u202eb,\u2066x,tv,,\n", Options{}, []string{"c.csv:2:19: name has U+202E, which turns the direction", "c.csv:2:23: outlet has U+2066"}},
		"zero-width":            {plainHeader + "a@x.example,UZ,ru,a\u200bb,,,,\n", Options{}, []string{"c.csv:2:19: name has the invisible character U+200B"}},
		"bad decoding":          {plainHeader + "a@x.example,UZ,ru,\ufffd,,,,\n", Options{}, []string{"c.csv:2:19: name has U+FFFD"}},
		"long names":            {plainHeader + "a@x.example,UZ,ru," + long + "," + long + ",tv,,\n", Options{}, []string{"c.csv:2:19: name is 201 characters long", "c.csv:2:221: outlet is 201 characters long"}},
		"long beat":             {plainHeader + "a@x.example,UZ,ru,,,," + long + ",\n", Options{}, []string{"c.csv:2:22: "}},
		"no kind":               {plainHeader + "a@x.example,UZ,ru,,Daily,,,\n", Options{}, []string{`c.csv:2:26: the outlet "Daily" has no kind`}},
		"kind alone":            {plainHeader + "a@x.example,UZ,ru,,,tv,,\n", Options{}, []string{"c.csv:2:21: outlet_kind is given without an outlet"}},
		"agreement alone":       {"email,country,languages,agreement_date\na@x.example,UZ,ru,2022-01-02\n", Options{}, []string{"c.csv:2:19: agreement_date is given without an outlet"}},
		"agreement undated":     {"email,country,languages,outlet,outlet_kind,agreed_by\na@x.example,UZ,ru,W,wire,Eve\n", Options{}, []string{"c.csv:2:26: agreement_by is given without agreement_date"}},
		"agreement's date":      {"email,country,languages,outlet,outlet_kind,agreement_date\na@x.example,UZ,ru,W,wire,2022-02-30\n", Options{}, []string{`c.csv:2:26: "2022-02-30" is no date`}},
		"website":               {"email,country,languages,outlet,outlet_kind,url\na@x.example,UZ,ru,W,wire,javascript:1\n", Options{}, []string{`c.csv:2:26: "javascript:1" is no website`}},
		"display name":          {plainHeader + "Eve <eve@x.example>,UZ,ru,,,,,\n", Options{}, []string{`c.csv:2:1: "Eve" is no e-mail address`}},
		"long line":             {plainHeader + strings.Repeat("x", maxLineBytes) + "\na@x.example,UZ,ru,,,,,\na@x.example,UZ,ru,,,,,\n", Options{}, []string{"c.csv:2:1: the line is longer than 64 KiB", "c.csv:4:1: a@x.example stands on line 3 already"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := readAll(c.text, c.opts)
			if len(faults) != len(c.want) {
				t.Fatalf("got %d faults, want %d:\n%v", len(faults), len(c.want), faults)
			}
			for i, f := range faults {
				if !strings.HasPrefix(f.Error(), c.want[i]) {
					t.Errorf("got  %s\nwant %s…", f.Error(), c.want[i])
				}
				if f.Want == "" {
					t.Errorf("%s: it says nothing of what would be right", f.Error())
				}
			}
		})
	}
}

func TestReadCSVGoesOnBehindALoneQuote(t *testing.T) {
	row := func(i int) string { return fmt.Sprintf("a%d@x.example,UZ,ru,Name %d,,,,\n", i, i) }
	lone := "q@x.example,UZ,ru,\"Aziza,,,,\n"
	many := ""
	for i := range 100 {
		many += row(i)
	}
	for name, c := range map[string]struct {
		text  string
		rows  int
		fault string
	}{
		"to the end":      {plainHeader + row(1) + lone + row(2) + row(3), 3, "c.csv:3:19: the quote that opens here is not closed before the end of the file"},
		"over many lines": {plainHeader + lone + many, 100, "c.csv:2:19: the quote that opens here is not closed within 20 lines"},
		"to another cell": {plainHeader + lone + row(1) + "b@x.example,UZ,ru,\"Name\",,,,\n" + row(2), 3, "c.csv:2:19: the quote that opens here is closed at 4:19 with text behind it"},
		"within a cell":   {plainHeader + "q@x.example,UZ,ru,the \"Daily\",,,,\n" + row(1), 1, "c.csv:2:23: a quote stands within a cell"},
		"behind a cell":   {plainHeader + "q@x.example,UZ,ru,\"Daily\" x,,,,\n" + row(1), 1, "c.csv:2:19: the quote that opens here is closed at 2:25 with text behind it"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, faults := readAll(c.text, Options{})
			if len(rows) != c.rows {
				t.Errorf("read %d rows, want %d", len(rows), c.rows)
			}
			if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), c.fault) {
				t.Errorf("got %v\nwant %s…", faults, c.fault)
			}
		})
	}
}

func TestReadCSVSaysWhereAQuoteWasOpenBeforeALineItCannotRead(t *testing.T) {
	_, faults := readAll(plainHeader+"q@x.example,UZ,ru,\"A\n\xe9\n", Options{})
	if len(faults) != 2 || faults[0].Line != 2 || faults[1].Line != 3 {
		t.Errorf("got %v, want one fault for the quote and one for the line", faults)
	}
}

func TestReadCSVJoinsAContactsOutlets(t *testing.T) {
	const head = "email,country,languages,outlet,outlet_kind,outlet_country\n"
	rows, faults := readAll(head+
		"a@x.example,UZ,ru,One,wire,\n"+
		"a@x.example,UZ,ru,Two,tv,GB\n"+
		"a@x.example,UZ,ru,One,wire,KZ\n"+
		"b@x.example,UZ,ru,One,wire,\n", Options{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := []press.Outlet{
		{Name: "One", Kind: press.Wire, Country: "UZ"},
		{Name: "Two", Kind: press.TV, Country: "GB"},
		{Name: "One", Kind: press.Wire, Country: "KZ"},
	}
	if len(rows) != 2 || rows[0].Line != 2 || rows[1].Line != 5 || !reflect.DeepEqual(rows[0].Contact.Outlets, want) {
		t.Errorf("got %+v", rows)
	}
}

func TestReadCSVRefusesAnAddressTwiceThatIsNoFurtherOutlet(t *testing.T) {
	const head = "email,country,languages,outlet,outlet_kind\n"
	for name, c := range map[string]struct{ second, fault string }{
		"the same outlet":   {"a@x.example,UZ,ru,One,wire\n", "c.csv:3:1: a@x.example stands on line 2 already"},
		"no outlet":         {"a@x.example,UZ,ru,,\n", "c.csv:3:1: a@x.example stands on line 2 already"},
		"other languages":   {"a@x.example,UZ,en,Two,tv\n", "c.csv:3:16: languages is not what line 2 says of a@x.example"},
		"other spelling":    {"A@x.example,UZ,ru,Two,tv\n", "c.csv:3:1: email is not what line 2 says"},
		"other country":     {"a@x.example,KZ,ru,Two,tv\n", "c.csv:3:13: country is not what line 2 says"},
		"not directly next": {"b@x.example,UZ,ru,,\na@x.example,UZ,ru,Two,tv\n", "c.csv:4:1: a@x.example stands on line 2 already"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := readAll(head+"a@x.example,UZ,ru,One,wire\n"+c.second, Options{})
			if len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), c.fault) {
				t.Errorf("got %v\nwant %s…", faults, c.fault)
			}
		})
	}
}

func TestReadCSVKeepsTheContactWhenItsFurtherOutletIsBad(t *testing.T) {
	rows, faults := readAll("email,country,languages,outlet,outlet_kind\n"+
		"a@x.example,UZ,ru,One,wire\na@x.example,UZ,ru,Two,paper\na@x.example,UZ,ru,Three,tv\n", Options{})
	if len(faults) != 1 || faults[0].Line != 3 || len(rows) != 1 || len(rows[0].Contact.Outlets) != 2 {
		t.Errorf("got %+v and %v; want one contact with two outlets and one fault", rows, faults)
	}
}

func TestReadCSVFillsTheCountry(t *testing.T) {
	rows, faults := readAll("email,languages\na@x.example,ru\n", Options{Country: "TJ"})
	if len(faults) > 0 || rows[0].Contact.Country != "TJ" {
		t.Errorf("got %+v, %v", rows, faults)
	}
	rows, faults = readAll("email,languages,country\na@x.example,ru,\nb@x.example,ru,tj\n", Options{Country: "TJ"})
	if len(faults) > 0 || len(rows) != 2 {
		t.Errorf("got %+v, %v", rows, faults)
	}
}

func TestReadCSVTellsThatTheReaderFailed(t *testing.T) {
	for name, text := range map[string]string{"in the rows": plainHeader + "a@x.example,UZ,ru,,,,,\n", "at once": ""} {
		broken := io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("the disk is gone")))
		var last press.Faults
		good := 0
		for _, faults := range ReadCSV("c.csv", broken, Options{}) {
			if last = faults; len(faults) == 0 {
				good++
			}
		}
		if len(last) != 1 || !strings.Contains(last[0].What, "the disk is gone") || good != strings.Count(text, "@") {
			t.Errorf("%s: read %d contacts, then %v", name, good, last)
		}
	}
}

func TestReadCSVStopsWhenAsked(t *testing.T) {
	text := plainHeader + strings.Repeat("x,,,,,,,\n", 10) + "a@x.example,UZ,ru,,,,,\n"
	for stop := 1; stop <= 11; stop++ {
		n := 0
		for _, faults := range ReadCSV("c.csv", strings.NewReader(text), Options{}) {
			_ = faults // how far it reads is what matters here
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("it went on to %d after %d", n, stop)
		}
	}
}

// Ten thousand rows of which every tenth is broken in another way: each good
// row is read, and each bad one is told with its own line.
func TestReadCSVOfTenThousandRowsWithEveryTenthBroken(t *testing.T) {
	broken := []string{
		"no address,UZ,ru,,,,,",
		",UZ,ru,,,,,",
		"a%d@x.example,ZZ,ru,,,,,",
		"a%d@x.example,UZ,,,,,,",
		"a%d@x.example,UZ,?,,,,,",
		"a%d@x.example,UZ,ru,,,,",
		"a%d@x.example,UZ,ru,,,,,,",
		"a%d@x.example,UZ,ru,\"open,,,,",
		"a%d@x.example,UZ,ru,mid\"dle,,,,",
		"a%d@x.example,UZ,ru,\xff,,,,",
		"a%d@x.example,UZ,ru,a\x00,,,,",
		"a%d@x.example,UZ,ru,\u202ea,,,,",
		"a%d@x.example,UZ,ru,,Daily,,,",
		"a%d@x.example,UZ,ru,,,tv,,",
		"a%d@x.example,UZ,ru,,,,,Asia/Atlantis",
		"good1@x.example,UZ,ru,,,,,",
	}
	var text strings.Builder
	text.WriteString(plainHeader)
	for i := 2; i <= 10_001; i++ {
		form := "good%d@x.example,UZ,ru uz-Latn,Имя,Daily,newspaper,security,Asia/Tashkent"
		if i == 2 {
			form = "good1@x.example,UZ,ru,,,,,"
		} else if i%10 == 0 {
			form = broken[i/10%len(broken)]
		}
		if strings.Contains(form, "%d") {
			form = fmt.Sprintf(form, i)
		}
		text.WriteString(form + "\n")
	}
	good, bad := 0, map[int]bool{}
	for row, faults := range ReadCSV("c.csv", strings.NewReader(text.String()), Options{}) {
		if len(faults) == 0 {
			good++
			continue
		}
		bad[row.Line] = true
		for _, f := range faults {
			if f.Line != row.Line || f.Line%10 != 0 {
				t.Errorf("a fault for the row of line %d: %v", row.Line, f)
			}
		}
	}
	if good != 9000 || len(bad) != 1000 {
		t.Errorf("read %d good and %d bad rows, want 9000 and 1000", good, len(bad))
	}
}
