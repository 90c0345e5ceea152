package console

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Who looks is never kept waiting: what takes long is shown as it was before.
func TestBeside(t *testing.T) {
	var b beside[string, int]
	now := time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)
	want := func(at time.Time, n int, count func(context.Context) (int, error)) {
		t.Helper()
		got, err := b.at("a", at, count)
		if err != nil || got == nil || got.Value != n {
			t.Fatalf("at %s: %+v, %v, want %d", at, got, err, n)
		}
	}
	gives := func(n int) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { return n, nil }
	}
	want(now, 1, gives(1))
	want(now.Add(countFresh), 1, gives(2)) // fresh enough
	want(now.Add(countFresh+1), 2, gives(2))

	later := now.Add(3 * countFresh)
	end := make(chan struct{})
	slow := func(context.Context) (int, error) { <-end; return 3, nil }
	want(later, 2, slow) // meanwhile what was counted before
	if first, err := b.at("b", later, slow); first != nil || err != nil {
		t.Errorf("the first look has %+v, %v", first, err)
	}
	close(end)
	want(later, 3, gives(4))

	failure := errors.New("the store does not answer")
	failing := func(context.Context) (int, error) { return 0, failure }
	if _, err := b.at("a", later.Add(2*countFresh), failing); !errors.Is(err, failure) {
		t.Errorf("a failure is %v", err)
	}
	want(later.Add(2*countFresh), 5, gives(5)) // tried again at once
	b.forget()
	want(later.Add(2*countFresh), 6, gives(6))

	for i := range 3 * countsKept { // whoever asks for ever other things fills no memory
		at := later.Add(time.Duration(i) * time.Hour)
		if _, err := b.at(at.String(), at, gives(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.have) > countsKept {
		t.Errorf("%d are kept", len(b.have))
	}
}
