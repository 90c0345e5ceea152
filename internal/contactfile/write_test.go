package contactfile

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"

	"pgregory.net/rapid"
)

func TestWriteCSVKeepsSpreadsheetsFromRunningCells(t *testing.T) {
	c := press.Contact{
		Name: `=HYPERLINK("http://x")`, Addresses: []press.Address{"+a@x.example", "a|b@x.example"}, Country: "UZ",
		Languages: []press.Lang{"ru"}, Beats: []string{"-1", "'=quoted"}, Tags: []string{"'@x"}, Source: "'tis said",
		Outlets: []press.Outlet{{Name: "@Daily", Kind: press.Online, Country: "UZ"}},
	}
	var out bytes.Buffer
	if err := WriteCSV(&out, slices.Values([]press.Contact{c})); err != nil {
		t.Fatal(err)
	}
	want := strings.Join(columnNames(), ",") + "\n" +
		`"'=HYPERLINK(""http://x"")",'+a@x.example; <a|b@x.example>,'@Daily,online,UZ,,,UZ,ru,'-1; '=quoted,''@x,,,'tis said,,,,,,,` + "\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
	rows, faults := readAll(out.String(), Options{})
	if len(faults) > 0 || len(rows) != 1 || !reflect.DeepEqual(rows[0].Contact, c) {
		t.Errorf("read back: %+v %v", rows, faults)
	}
}

func TestUnguardTakesOffExactlyWhatGuardPutThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("'=+-@\t\ra "))).Draw(t, "cell")
		if got := unguard(Guard(s)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if g := Guard(s); g != "" && strings.IndexByte(formulaStart, g[0]) >= 0 {
			t.Fatalf("%q is still a formula", g)
		}
	})
}

// someText draws a text as ReadCSV leaves it: clean, not empty.
func someText(without string, most int) *rapid.Generator[string] {
	runes := rapid.OneOf(rapid.SampledFrom([]rune(`'"=+-@,;|<>\ aбўқńй名`)), rapid.Rune())
	return rapid.Custom(func(t *rapid.T) string {
		raw := rapid.StringOfN(runes, 1, most, -1).Draw(t, "text")
		raw = strings.Map(func(r rune) rune {
			if forbidden(r) || strings.ContainsRune(without, r) {
				return -1
			}
			return r
		}, raw)
		clean, _, _ := cleanText(raw)
		if clean == "" || strings.ContainsAny(clean, without) {
			return "x"
		}
		return clean
	})
}

func someOutlet() *rapid.Generator[press.Outlet] {
	return rapid.Custom(func(t *rapid.T) press.Outlet {
		o := press.Outlet{
			Name:    someText("", 30).Draw(t, "outlet"),
			Country: rapid.SampledFrom([]press.Country{"UZ", "GB"}).Draw(t, "outlet's country"),
			Kind:    rapid.SampledFrom(press.OutletKinds()).Draw(t, "kind"),
			Website: rapid.SampledFrom([]string{"", "https://daily.example/a,b?c=d;e"}).Draw(t, "website"),
			Zone:    rapid.SampledFrom([]string{"", "Asia/Tashkent", "Europe/London"}).Draw(t, "outlet's zone"),
		}
		if rapid.Bool().Draw(t, "agreed") {
			o.Agreement.On = press.Date{Year: 2022, Month: 3, Day: rapid.IntRange(1, 31).Draw(t, "day")}
			o.Agreement.By = rapid.OneOf(rapid.Just(""), someText("", 20)).Draw(t, "by")
		}
		return o
	})
}

func someContacts() *rapid.Generator[[]press.Contact] {
	locals := rapid.StringMatching(`[a-zж'=+|*/-][a-z0-9|=+-]{0,8}`)
	contact := rapid.Custom(func(t *rapid.T) press.Contact {
		words := rapid.SliceOfNDistinct(someText(",;|", 20), 0, 3, rapid.ID[string])
		maybe := rapid.OneOf(rapid.Just(""), someText("", 40))
		c := press.Contact{
			Name:       maybe.Draw(t, "name"),
			Country:    rapid.SampledFrom([]press.Country{"UZ", "KZ"}).Draw(t, "country"),
			Languages:  rapid.SliceOfNDistinct(rapid.SampledFrom([]press.Lang{"ru", "uz-Cyrl", "kk", "en-GB"}), 1, 3, rapid.ID[press.Lang]).Draw(t, "languages"),
			Beats:      words.Draw(t, "beats"),
			Tags:       words.Draw(t, "tags"),
			Zone:       rapid.SampledFrom([]string{"", "Asia/Samarkand"}).Draw(t, "zone"),
			LegalBasis: maybe.Draw(t, "basis"),
			Source:     maybe.Draw(t, "source"),
			Outlets: rapid.SliceOfNDistinct(someOutlet(), 0, 3, func(o press.Outlet) string {
				return o.Name + string(o.Country)
			}).Draw(t, "outlets"),
		}
		for _, l := range rapid.SliceOfN(locals, 1, 3).Draw(t, "local parts") {
			c.Addresses = append(c.Addresses, press.Address(l))
		}
		return c
	})
	return rapid.Custom(func(t *rapid.T) []press.Contact {
		all := rapid.SliceOfN(contact, 0, 5).Draw(t, "contacts")
		for i := range all { // every address its own
			for j := range all[i].Addresses {
				all[i].Addresses[j] += press.Address("-" + string(rune('a'+i)) + string(rune('a'+j)) + "@daily.example")
			}
		}
		return all
	})
}

func TestWhatIsWrittenIsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		contacts := someContacts().Draw(t, "file")
		var out bytes.Buffer
		if err := WriteCSV(&out, slices.Values(contacts)); err != nil {
			t.Fatal(err)
		}
		rows, faults := readAll(out.String(), Options{})
		if len(faults) > 0 {
			t.Fatalf("%v\nin\n%s", faults, out.String())
		}
		if len(rows) != len(contacts) {
			t.Fatalf("%d contacts became %d", len(contacts), len(rows))
		}
		for i, row := range rows {
			if !same(row.Contact, contacts[i]) {
				t.Fatalf("got  %+v\nwant %+v\nfrom\n%s", row.Contact, contacts[i], out.String())
			}
		}
	})
}

// same compares contacts; no beats are no beats, nil or empty.
func same(a, b press.Contact) bool {
	for _, c := range []*press.Contact{&a, &b} {
		c.Beats, c.Tags = append([]string{}, c.Beats...), append([]string{}, c.Tags...)
		c.Outlets = append([]press.Outlet{}, c.Outlets...)
	}
	return reflect.DeepEqual(a, b)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWriteCSVTellsThatTheWriterFailed(t *testing.T) {
	for _, contacts := range []iter.Seq[press.Contact]{slices.Values([]press.Contact{}), Generate(2000, 1)} {
		if err := WriteCSV(fullDisk{}, contacts); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("got %v", err)
		}
	}
}

// Whatever the bytes, each step gives a contact that survives a round trip or
// faults within the file.
func FuzzReadCSV(f *testing.F) {
	var sample bytes.Buffer
	if err := WriteCSV(&sample, Generate(3, 1)); err != nil {
		f.Fatal(err)
	}
	f.Add(sample.String())
	f.Add(plainHeader + "a@x.example|b@x.example,UZ,\"ru\nen\",\"x\"\"y\",'=D,tv,a;b,Asia/Tashkent\n")
	f.Add("\xff\xfea\x00")
	f.Add("\ufeffe-mail;Country;lang\r\n\"<a|b@x.example>\";UZ;iw\r\n\"open;;\r\n\xff;;\r")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		var good []press.Contact
		for row, faults := range ReadCSV("c.csv", strings.NewReader(text), Options{}) {
			if len(faults) == 0 {
				good = append(good, row.Contact)
			}
			for _, fault := range faults {
				if fault.Line < 1 || fault.Line > len(lines) || fault.Column < 1 || fault.Column > len([]rune(lines[fault.Line-1]))+1 {
					t.Fatalf("a place outside of the file: %v", fault)
				}
				if fault.What == "" {
					t.Fatal("a fault that says nothing")
				}
			}
		}
		var out bytes.Buffer
		if err := WriteCSV(&out, slices.Values(good)); err != nil {
			t.Fatal(err)
		}
		rows, faults := readAll(out.String(), Options{})
		if len(faults) > 0 || len(rows) != len(good) {
			t.Fatalf("%d contacts became %d with %v in\n%s", len(good), len(rows), faults, out.String())
		}
		for i := range rows {
			if !reflect.DeepEqual(rows[i].Contact, good[i]) {
				t.Fatalf("got  %+v\nwant %+v", rows[i].Contact, good[i])
			}
		}
	})
}

func BenchmarkReadCSV(b *testing.B) {
	var file bytes.Buffer
	if err := WriteCSV(&file, Generate(100_000, 1)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(file.Len()))
	n := 0
	for b.Loop() {
		for _, faults := range ReadCSV("c.csv", bytes.NewReader(file.Bytes()), Options{}) {
			if len(faults) > 0 {
				b.Fatal(faults)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkWriteCSV(b *testing.B) {
	contacts := slices.Collect(Generate(100_000, 1))
	n := 0
	for b.Loop() {
		if err := WriteCSV(io.Discard, slices.Values(contacts)); err != nil {
			b.Fatal(err)
		}
		n += len(contacts)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
