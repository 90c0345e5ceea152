package sampleconfig

import (
	"encoding/csv"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"dateline/internal/press"
)

const header = "name,email,outlet,outlet_kind,outlet_website,country,languages,beats,tags,zone,legal_basis,source,agreement_date,agreement_by"

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// row is one contact's row, by column.
type row map[string]string

// contacts are the rows of all contact files, by the file's country.
func contacts(t *testing.T) map[string][]row {
	t.Helper()
	files, err := fs.Glob(Files, "contacts/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]row{}
	for _, file := range files {
		text := read(t, file)
		lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if got := strings.Join(lines[0], ","); got != header {
			t.Fatalf("%s: the header is %s", file, got)
		}
		country := strings.ToUpper(strings.TrimSuffix(path.Base(file), ".csv"))
		for _, cells := range lines[1:] {
			r := row{}
			for i, name := range lines[0] {
				r[name] = cells[i]
				if strings.Contains(cells[i], "  ") || strings.TrimSpace(cells[i]) != cells[i] {
					t.Errorf("%s: spaces too many in %q", file, cells[i])
				}
			}
			all[country] = append(all[country], r)
		}
	}
	return all
}

// reserved tells whether RFC 2606 or RFC 6761 keeps a domain for examples.
func reserved(domain string) bool {
	for _, kept := range []string{"example", "test", "invalid", "example.com", "example.net", "example.org"} {
		if domain == kept || strings.HasSuffix(domain, "."+kept) {
			return true
		}
	}
	return false
}

func TestContactsAreInTheirCountry(t *testing.T) {
	all := contacts(t)
	for _, country := range []string{"KZ", "KG", "TJ", "TM", "UZ", "AT", "US"} {
		if n := len(all[country]); n < 4 || n > 8 {
			t.Errorf("%s has %d contacts, want 4 to 8", country, n)
		}
		for _, r := range all[country] {
			if r["country"] != country {
				t.Errorf("%s stands among the contacts of %s and is of %s", r["email"], country, r["country"])
			}
		}
	}
	if len(all) != 7 {
		t.Errorf("there are %d contact files, want 7", len(all))
	}
}

func TestContactsAreValid(t *testing.T) {
	seen := map[string]bool{}
	for _, rows := range contacts(t) {
		for _, r := range rows {
			address, err := press.ParseAddress(r["email"])
			if err != nil {
				t.Error(err)
				continue
			}
			if seen[address.Key()] {
				t.Errorf("%s stands there twice", address)
			}
			seen[address.Key()] = true
			checkContact(t, r)
		}
	}
}

func checkContact(t *testing.T, r row) {
	t.Helper()
	for lang := range strings.FieldsSeq(r["languages"]) {
		if got, err := press.ParseLang(lang); err != nil || string(got) != lang {
			t.Errorf("%s: the language %q reads as %q, %v", r["email"], lang, got, err)
		}
	}
	if r["languages"] == "" || r["legal_basis"] == "" || r["source"] == "" {
		t.Errorf("%s has no language, legal basis or source", r["email"])
	}
	if (r["outlet"] == "") != (r["outlet_kind"] == "") {
		t.Errorf("%s has an outlet without a kind, or a kind without an outlet", r["email"])
	}
	if kind := press.OutletKind(r["outlet_kind"]); kind != "" && !slices.Contains(press.OutletKinds(), kind) {
		t.Errorf("%s: %q is no kind of outlet", r["email"], kind)
	}
	if zone := r["zone"]; zone != "" {
		if _, err := press.LoadZone(zone); err != nil {
			t.Errorf("%s: %v", r["email"], err)
		}
	}
	if date := r["agreement_date"]; date != "" {
		if _, err := press.ParseDate(date); err != nil {
			t.Errorf("%s: %v", r["email"], err)
		}
	}
	if (r["agreement_date"] == "") != (r["agreement_by"] == "") {
		t.Errorf("%s has half an agreement", r["email"])
	}
}

// The sample has a case for each thing that a plan can say.
func TestContactsShowEveryCase(t *testing.T) {
	kinds, countries := map[string]int{}, map[string]int{}
	agreed, unagreed, unread := 0, 0, 0
	for country, rows := range contacts(t) {
		for _, r := range rows {
			kinds[r["outlet_kind"]]++
			if r["languages"] == "tr" {
				unread++
			}
			if r["outlet_kind"] != string(press.Wire) {
				continue
			}
			countries[country]++
			if r["agreement_date"] == "" {
				unagreed++
			} else {
				agreed++
			}
		}
	}
	for _, kind := range press.OutletKinds() {
		if kinds[string(kind)] == 0 {
			t.Errorf("no contact is at an outlet of the kind %s", kind)
		}
	}
	if len(countries) != 7 || agreed != 6 || unagreed != 1 || unread != 1 {
		t.Errorf("wires in %d countries, %d with an agreement, %d without, %d contacts who read no edition; want 7, 6, 1, 1",
			len(countries), agreed, unagreed, unread)
	}
}

var (
	mailbox = regexp.MustCompile(`[^\s,;\[\]]+@[^\s,;\[\]]+`)
	website = regexp.MustCompile(`[a-z]+://([^/\s,)]+)`)
)

// Beyond the public documents that the release points to, nothing in the
// sample leads to a real domain.
func TestEveryAddressIsReserved(t *testing.T) {
	public := []string{"undocs.org", "unrcca.unmissions.org", "www.osce.org", "www.un.org"}
	found := 0
	err := fs.WalkDir(Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := read(t, name)
		for _, m := range mailbox.FindAllString(text, -1) {
			found++
			address, err := press.ParseAddress(m)
			if err != nil {
				if strings.Contains(m, "://") {
					continue // a database's address
				}
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !reserved(address.Domain()) {
				t.Errorf("%s: %s is at a domain that is not reserved", name, m)
			}
		}
		for _, m := range website.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[0], "postgres:") {
				continue
			}
			inRelease := strings.HasPrefix(name, releaseDir) && slices.Contains(public, m[1])
			if !strings.HasPrefix(m[0], "https:") || !reserved(m[1]) && !inRelease {
				t.Errorf("%s: %s is not https at a domain that is reserved", name, m[0])
			}
		}
		return nil
	})
	if err != nil || found < 40 {
		t.Errorf("found %d addresses, %v", found, err)
	}
}

func TestListsNameContactsThatExist(t *testing.T) {
	var file struct {
		Lists map[string]struct {
			Include, Exclude []string
			Beats            []string
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "lists.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	var addresses, beats []string
	for _, rows := range contacts(t) {
		for _, r := range rows {
			addresses = append(addresses, r["email"])
			beats = append(beats, strings.Split(r["beats"], "; ")...)
		}
	}
	for name, l := range file.Lists {
		for _, a := range append(l.Include, l.Exclude...) {
			if !slices.Contains(addresses, a) {
				t.Errorf("the list %s names %s, who is no contact", name, a)
			}
		}
		for _, b := range l.Beats {
			if !slices.Contains(beats, b) {
				t.Errorf("the list %s asks for the beat %q, which nobody has", name, b)
			}
		}
	}
	for _, want := range []string{"central-asia", "headquarters", "wires"} {
		if _, ok := file.Lists[want]; !ok {
			t.Errorf("the list %s is missing", want)
		}
	}
}

// Demonstrations set another embargo or another instant by its line, so these
// lines keep their form.
func TestReleaseKeepsItsForm(t *testing.T) {
	text := read(t, releaseDir+"release.yaml")
	for _, line := range []string{
		"embargo: 2027-03-04 18:00 Asia/Tashkent", "sends:",
		"  - name: advance", "    at: lift-24h", "    late_after: 12h",
		"  - name: general", "    at: lift", "    late_after: 2h",
	} {
		if n := strings.Count(text, "\n"+line+"\n"); n != 1 {
			t.Errorf("the line %q stands there %d times, want once", line, n)
		}
	}
	if _, err := press.ParseMoment("2027-03-04 18:00 Asia/Tashkent"); err != nil {
		t.Error(err)
	}
}
