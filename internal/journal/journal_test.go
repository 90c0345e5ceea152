package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dateline/internal/press"
)

func TestAnEarlierLifeIsReadBack(t *testing.T) {
	h := houseFor(t, segmentSize)
	if told := h.open(boot); told.SameBoot || told.Damage != "" || len(told.Begun) > 0 {
		t.Errorf("a folder without a journal proves something: %+v", told)
	}
	h.begin(1, 2, 3, 4)
	h.end(2, press.Accepted)
	h.end(3, press.Deferred)
	h.end(4, press.Rejected)
	h.settled(3, 4)
	h.begin(3) // once more
	h.must(h.Close())
	want := newModel()
	want.begin(idOf(1))
	want.end(idOf(2), press.Outcome{State: press.Accepted})
	want.begin(idOf(3))
	for range 2 { // until it is settled or forgotten, each life is told the same
		if why := want.differs(h.open(boot)); why != "" {
			t.Error(why)
		}
		h.must(h.Close())
	}
	h.open(boot)
	h.settled(1)
	want.settle(idOf(1))
	h.must(h.Close())
	if why := want.differs(h.open(boot)); why != "" {
		t.Errorf("after one was settled: %s", why)
	}
	h.begin(5)
	h.must(h.Forget())
	h.must(h.Close())
	want = newModel()
	want.begin(idOf(5))
	if why := want.differs(h.open(boot)); why != "" {
		t.Errorf("after it was forgotten: %s", why)
	}
}

func TestAnotherBootProvesNothing(t *testing.T) {
	for _, second := range []string{"another", ""} {
		h := houseFor(t, segmentSize)
		h.open(boot)
		for id, s := range press.Sending.Next() {
			h.begin(uint64(id))
			h.end(uint64(id), s)
		}
		h.must(h.Close())
		told := h.open(second)
		if told.SameBoot || told.Damage != "" || len(told.Begun) != len(press.Sending.Next()) {
			t.Errorf("boot %q: %+v", second, told)
		}
		for id, o := range told.Ended {
			if o.State != press.Accepted && o.State != press.Rejected {
				t.Errorf("boot %q: %s ended as %s, and its next beginning may be lost", second, id, o.State)
			}
		}
		if len(told.Ended) != 2 {
			t.Errorf("boot %q: %v ended", second, told.Ended)
		}
		// All that was told is settled, but not what may be missing.
		for id := range told.Begun {
			h.Settled([]press.ID{id})
		}
		h.must(h.Close())
		if told := h.open(second); told.SameBoot || len(told.Begun) > 0 {
			t.Errorf("boot %q: once settled: %+v", second, told)
		}
		h.must(h.Forget())
		h.must(h.Close())
		if told := h.open(second); told.SameBoot != (second != "") {
			t.Errorf("boot %q: once forgotten: %+v", second, told)
		}
		h.must(h.Close())
	}
}

// Where the files of an earlier life are gone, or nothing is left of them, it is
// not proved what had not left: nor by the next life, should this one end before
// it has told the store. The model of the ledger found that it was.
func TestALostJournalProvesNothingBeforeForget(t *testing.T) {
	for name, loses := range map[string]func(h *house){
		"the folder":      func(h *house) { h.must(os.RemoveAll(h.dir)) },
		"all of the file": func(h *house) { h.must(os.Truncate(h.last(), 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := houseFor(t, 256)
			h.open("the boot before")
			h.begin(1)
			h.must(h.Close())
			loses(h)
			for life := range 3 {
				if told := h.openOnly(boot); told.SameBoot {
					t.Fatalf("life %d: what the journal does not tell counts as proved", life)
				}
				for id := range uint64(40) { // and none of its own segments does
					h.begin(10 + id)
				}
				h.settled(10, 11)
				h.must(h.Close())
			}
			h.openOnly(boot)
			h.must(h.Forget())
			h.begin(2)
			h.must(h.Close())
			if told := h.openOnly(boot); !told.SameBoot || !told.Begun[idOf(2)] {
				t.Errorf("after Forget it tells %+v, want 2, and that nothing else had begun", told)
			}
		})
	}
}

func TestBootID(t *testing.T) {
	if id := BootID(); id != strings.TrimSpace(id) || id != BootID() || len(id) > maxWord {
		t.Errorf("the boot is %q", id)
	}
}

func TestSegmentsOfAnEarlierLifeStayUntilSettled(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.open(boot)
	h.begin(1, 2)
	h.end(2, press.Accepted)
	h.must(h.Close())
	h.open(boot)
	h.begin(7)
	h.settled(2)
	if got := h.files(); !slices.Equal(got, []string{"journal-000002", "journal-000003"}) {
		t.Errorf("before all is settled there are %v", got)
	}
	h.settled(1)
	if got := h.files(); !slices.Equal(got, []string{"journal-000003"}) {
		t.Errorf("once all is settled there are %v", got)
	}
	h.must(h.Close())
	want := newModel()
	want.begin(idOf(7))
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func TestDiskAndMemoryHoldOnlyWhatIsPending(t *testing.T) {
	h := houseFor(t, 4<<10)
	h.open(boot)
	h.begin(0) // hangs all the while
	for n := uint64(1); n < 5000; n++ {
		h.begin(n)
		h.end(n, press.Accepted)
		h.settled(n)
		if len(h.pending) > 1 {
			t.Fatalf("%d ids are pending", len(h.pending))
		}
	}
	if got := h.files(); len(got) != 1 || got[0] == "journal-000001" {
		t.Errorf("the segments are %v", got)
	}
	if info, err := os.Stat(h.last()); err != nil || info.Size() > 5<<10 {
		t.Errorf("the segment has %d bytes, %v", info.Size(), err)
	}
	h.end(0, press.Rejected)
	h.settled(0)
	if h.size >= h.idle {
		t.Errorf("with nothing pending the segment has %d bytes", h.size)
	}
	h.begin(1)
	h.must(h.Close())
	want := newModel()
	want.begin(idOf(1))
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func TestSettledKeepsWhatHasBegunAnew(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.open(boot)
	h.begin(1)
	h.end(1, press.Planned)
	h.begin(1)
	h.settled(1, 9) // late, and one that never was
	h.must(h.Close())
	want := newModel()
	want.begin(idOf(1))
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func TestOtherFilesInTheFolderAreLeftAlone(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.must(os.MkdirAll(h.dir, 0o700))
	others := []string{"journal-000009.bak", "journal-1", "journal-x", "notes"}
	for _, name := range others {
		h.must(os.WriteFile(filepath.Join(h.dir, name), []byte("x"), 0o600))
	}
	if told := h.open(boot); told.Damage != "" {
		t.Error(told.Damage)
	}
	h.must(h.Forget())
	if got := h.files(); !slices.Equal(got, append([]string{"journal-000002"}, others...)) {
		t.Errorf("the folder has %v", got)
	}
}

func TestOpenFails(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.must(os.WriteFile(h.dir, nil, 0o600))
	if _, _, err := Open(h.dir, boot); err == nil || !strings.Contains(err.Error(), "opening the journal") {
		t.Errorf("a file in the folder's place gave %v", err)
	}
	h.must(os.Remove(h.dir))
	h.must(os.MkdirAll(segmentPath(h.dir, 1), 0o700))
	// A folder in a segment's place can be opened and not read: damage.
	if told := h.open(boot); told.SameBoot || !strings.Contains(told.Damage, "journal-000001") {
		t.Errorf("a folder in a segment's place gave %+v", told)
	}
	if _, _, err := Open(h.dir, strings.Repeat("x", maxWord+1)); err == nil {
		t.Error("a boot id that fits no record was taken")
	}
}

func TestDamageLeavesTheRestReadable(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.open(boot)
	h.begin(1)
	at := h.size
	h.begin(2, 3)
	h.end(3, press.Accepted)
	h.must(h.Close())
	path := h.last()
	content, err := os.ReadFile(path)
	h.must(err)
	content[at+frameSize+3]++ // in the id of 2
	h.must(os.WriteFile(path, content, 0o600))
	told := h.open(boot)
	if told.SameBoot || !told.Begun[idOf(1)] || !told.Begun[idOf(3)] || told.Ended[idOf(3)].State != press.Accepted || len(told.Begun) != 2 {
		t.Errorf("got %+v", told)
	}
}

func TestClosed(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.open(boot)
	h.must(h.Close())
	if err := h.Begin(idOf(1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed journal let a message begin: %v", err)
	}
}

func TestManyGoroutines(t *testing.T) {
	h := houseFor(t, 16<<10)
	h.open(boot)
	want := newModel()
	var mu sync.Mutex
	var all sync.WaitGroup
	for g := range uint64(20) {
		all.Go(func() {
			for n := range uint64(200) {
				id := idOf(g<<32 | n)
				if err := errors.Join(h.Begin(id), h.End(id, outcomeOf(n))); err != nil {
					t.Error(err)
				}
				if n%3 > 0 {
					h.Settled([]press.ID{id})
					continue
				}
				mu.Lock()
				want.end(id, outcomeOf(n))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	h.must(h.Close())
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func BenchmarkJournal(b *testing.B) {
	j, _, err := Open(b.TempDir(), boot)
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	o := outcomeOf(0)
	b.SetParallelism(5) // of each core: 10 connections on two
	var next sync.Mutex
	var number uint64
	b.RunParallel(func(pb *testing.PB) {
		next.Lock()
		number++
		base := number << 40
		next.Unlock()
		var ids []press.ID
		for n := base; pb.Next(); n++ {
			id := idOf(n)
			if err := errors.Join(j.Begin(id), j.End(id, o)); err != nil {
				b.Error(err)
			}
			if ids = append(ids, id); len(ids) == 500 {
				j.Settled(ids)
				ids = ids[:0]
			}
		}
	})
}
