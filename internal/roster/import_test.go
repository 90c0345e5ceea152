package roster_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/press"
	"dateline/internal/roster"
)

// keeper keeps what is imported; a broken one does not answer from its nth batch on.
type keeper struct {
	contacts []press.Contact
	batches  int
	breaks   int
	begun    int
	ended    int
}

func (k *keeper) Contacts(context.Context) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		for _, c := range k.contacts {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (k *keeper) ImportContacts(_ context.Context, b press.ImportBatch, _ time.Time) (press.Imported, []press.ImportChange, error) {
	if k.batches++; k.breaks > 0 && k.batches >= k.breaks {
		return press.Imported{}, nil, errors.New("the store is gone")
	}
	changes := make([]press.ImportChange, len(b.Rows))
	for i, r := range b.Rows {
		changes[i] = press.ImportChange{Line: r.Line, Verdict: press.ImportNew}
		if !b.Dry {
			k.contacts = append(k.contacts, r.Contact)
		}
	}
	return press.Imported{New: len(b.Rows)}, changes, nil
}

func (k *keeper) BeginImport(context.Context, string, int, time.Time) (press.ID, error) {
	k.begun++
	return press.ID{1}, nil
}

func (k *keeper) EndImport(context.Context, press.ID) error {
	k.ended++
	return nil
}

func importing(text string) roster.Importing {
	return roster.Importing{File: file(text), Options: contactfile.Options{Country: "UZ"}, Now: time.Now()}
}

func file(text string) contactfile.File {
	return contactfile.File{Name: "uz.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func many(n int) string {
	var b strings.Builder
	b.WriteString("email,languages\n")
	for i := range n {
		fmt.Fprintf(&b, "reader%d@newsroom.example,ru\n", i)
	}
	return b.String()
}

func TestAFaultyRowStopsEverythingUnlessPartial(t *testing.T) {
	text := "email,languages\ngood@newsroom.example,ru\nbad,ru\nother@newsroom.example,xx-nothing-99999999999\nlast@newsroom.example,kk ru\n"
	k := &keeper{}
	r, err := roster.Import(t.Context(), k, importing(text))
	var faults press.Faults
	if !errors.As(err, &faults) || len(k.contacts) != 0 || r.Refused != 2 || r.Rows != 2 {
		t.Fatalf("%+v, %v; %d imported", r, err, len(k.contacts))
	}
	if f := faults[0]; f.File != "uz.csv" || f.Line != 3 || f.Column != 1 {
		t.Errorf("the first fault is at %s:%d:%d", f.File, f.Line, f.Column)
	}
	partial := importing(text)
	partial.Partial = true
	r, err = roster.Import(t.Context(), k, partial)
	if err != nil || len(k.contacts) != 2 || r.Done.New != 2 || r.Refused != 2 {
		t.Errorf("%+v, %v; %d imported", r, err, len(k.contacts))
	}
}

func TestALargeFileGoesInBatches(t *testing.T) {
	k := &keeper{}
	told := 0
	in := importing(many(2401))
	in.Progress = func(total, n int) {
		if total != 2401 {
			t.Errorf("a total of %d was told", total)
		}
		told += n
	}
	r, err := roster.Import(t.Context(), k, in)
	if err != nil || k.batches != 3 || r.Done.New != 2401 || told != 2401 || k.begun != 1 || k.ended != 1 {
		t.Errorf("%+v, %v; %d batches, told of %d", r, err, k.batches, told)
	}
}

func TestAStoreThatBreaksOffIsSaidWithWhatWasDone(t *testing.T) {
	k := &keeper{breaks: 2}
	r, err := roster.Import(t.Context(), k, importing(many(2401)))
	if err == nil || r.Done.New != 1000 || k.ended != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestManyFaultsAreCountedAndTheFirstShown(t *testing.T) {
	r, err := roster.Import(t.Context(), &keeper{}, importing("email,languages\n"+strings.Repeat("bad,ru\n", 5000)))
	if err == nil || r.Refused != 5000 || len(r.Faults) != 1000 {
		t.Errorf("%d refused, %d faults kept, %v", r.Refused, len(r.Faults), err)
	}
}

func TestAFileThatCannotBeOpenedIsSaid(t *testing.T) {
	f := contactfile.File{Name: "uz.csv", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}
	if _, err := roster.Import(t.Context(), &keeper{}, roster.Importing{File: f}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}

func TestListPicksByFilterAndList(t *testing.T) {
	k := &keeper{contacts: []press.Contact{
		{Addresses: []press.Address{"a@x.example"}, Country: "UZ"},
		{Addresses: []press.Address{"b@x.example"}, Country: "KZ"},
		{Addresses: []press.Address{"c@x.example"}, Country: "UZ"},
	}}
	var got []string
	list := press.List{All: true, Exclude: []press.Address{"C@x.example"}}
	for c, err := range roster.List(t.Context(), k, press.Filter{Countries: []press.Country{"UZ"}}, &list, press.Date{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(c.Preferred()))
	}
	if strings.Join(got, " ") != "a@x.example" {
		t.Errorf("picked %v", got)
	}
}

// A dry run tells of all rows, the faulty ones and the good ones, and writes none.
func TestADryRunTellsOfAll(t *testing.T) {
	k := &keeper{}
	in := importing("email,languages,beats\na@newsroom.example,ru,water\nbad,ru,water\nb@newsroom.example,ru,sport\n")
	in.Dry, in.Beats = true, []string{"water"}
	r, err := roster.Import(t.Context(), k, in)
	if err != nil || r.Rows != 1 || r.Refused != 2 || len(r.Changes) != 1 || r.Changes[0].Line != 2 || len(k.contacts)+k.begun > 0 {
		t.Errorf("%+v, %v; %d written", r, err, len(k.contacts))
	}
	if len(r.Faults) != 2 || r.Faults[0].Line != 3 || !strings.Contains(r.Faults[1].Error(), `uz.csv:4:1: "sport" is no beat`) {
		t.Errorf("the faults are %v", r.Faults)
	}
}

// Where a country has several zones a contact's is asked for.
func TestContactsWithoutAZoneAreCounted(t *testing.T) {
	in := importing("email,languages,country,zone\na@x.example,ru,US,\nb@x.example,ru,US,America/Chicago\nc@x.example,ru,AT,\n")
	in.Options.Country = ""
	r, err := roster.Import(t.Context(), &keeper{}, in)
	if err != nil || len(r.Zoneless) != 1 || r.Zoneless["US"] != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
