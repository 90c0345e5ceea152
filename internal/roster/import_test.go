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

	"dateline/internal/press"
	"dateline/internal/roster"
)

// keeper keeps what is imported; a broken one does not answer from its nth batch on.
type keeper struct {
	contacts []press.Contact
	batches  int
	breaks   int
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

func (k *keeper) ImportContacts(_ context.Context, batch []press.Contact, _ time.Time) (press.Imported, error) {
	if k.batches++; k.breaks > 0 && k.batches >= k.breaks {
		return press.Imported{}, errors.New("the store is gone")
	}
	k.contacts = append(k.contacts, batch...)
	return press.Imported{New: len(batch)}, nil
}

func file(text string) roster.File {
	return roster.File{Name: "uz.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
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
	r, err := roster.Import(t.Context(), k, file(text), "UZ", false, time.Now(), nil)
	var faults press.Faults
	if !errors.As(err, &faults) || len(k.contacts) != 0 || r.Refused != 2 || r.Rows != 2 {
		t.Fatalf("%+v, %v; %d imported", r, err, len(k.contacts))
	}
	if f := faults[0]; f.File != "uz.csv" || f.Line != 3 || f.Column != 1 {
		t.Errorf("the first fault is at %s:%d:%d", f.File, f.Line, f.Column)
	}
	r, err = roster.Import(t.Context(), k, file(text), "UZ", true, time.Now(), nil)
	if err != nil || len(k.contacts) != 2 || r.Done.New != 2 || r.Refused != 2 {
		t.Errorf("%+v, %v; %d imported", r, err, len(k.contacts))
	}
}

func TestALargeFileGoesInBatches(t *testing.T) {
	k := &keeper{}
	told := 0
	r, err := roster.Import(t.Context(), k, file(many(1201)), "UZ", false, time.Now(), func(total, n int) {
		if total != 1201 {
			t.Errorf("a total of %d was told", total)
		}
		told += n
	})
	if err != nil || k.batches != 3 || r.Done.New != 1201 || told != 1201 {
		t.Errorf("%+v, %v; %d batches, told of %d", r, err, k.batches, told)
	}
}

func TestAStoreThatBreaksOffIsSaidWithWhatWasDone(t *testing.T) {
	k := &keeper{breaks: 2}
	r, err := roster.Import(t.Context(), k, file(many(1201)), "UZ", false, time.Now(), nil)
	if err == nil || r.Done.New != 500 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestManyFaultsAreCountedAndTheFirstShown(t *testing.T) {
	r, err := roster.Import(t.Context(), &keeper{}, file("email,languages\n"+strings.Repeat("bad,ru\n", 5000)), "UZ", false, time.Now(), nil)
	if err == nil || r.Refused != 5000 || len(r.Faults) != 1000 {
		t.Errorf("%d refused, %d faults kept, %v", r.Refused, len(r.Faults), err)
	}
}

func TestAFileThatCannotBeOpenedIsSaid(t *testing.T) {
	f := roster.File{Name: "uz.csv", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}
	if _, err := roster.Import(t.Context(), &keeper{}, f, "UZ", false, time.Now(), nil); err == nil || !strings.Contains(err.Error(), "no such file") {
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
	for c, err := range roster.List(t.Context(), k, press.Filter{Countries: []press.Country{"UZ"}}, &list) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(c.Preferred()))
	}
	if strings.Join(got, " ") != "a@x.example" {
		t.Errorf("picked %v", got)
	}
}
