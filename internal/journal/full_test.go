package journal

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// faulty is a disk that fails when it is told to.
type faulty struct {
	file
	room     int // bytes that it still takes
	stuck    bool
	attempts int
}

var errFull = errors.New("no space left on device")

func (f *faulty) Write(b []byte) (int, error) {
	f.attempts++
	if len(b) <= f.room {
		f.room -= len(b)
		return f.file.Write(b)
	}
	n, err := f.file.Write(b[:f.room])
	f.room = 0
	return n, errors.Join(err, errFull)
}

func (f *faulty) Truncate(size int64) error {
	if f.stuck {
		return io.ErrClosedPipe
	}
	return f.file.Truncate(size)
}

func TestAFullDiskLetsNothingBegin(t *testing.T) {
	for room := range 60 { // bytes: in and between the two records
		h := houseFor(t, segmentSize)
		h.open(boot)
		h.begin(1)
		disk := &faulty{file: h.file, room: room}
		h.file = disk
		want := newModel()
		want.begin(idOf(1))
		for id := uint64(2); id < 4; id++ {
			switch err := h.Begin(idOf(id)); {
			case err == nil:
				want.begin(idOf(id))
			case !errors.Is(err, errFull) || !strings.Contains(err.Error(), "nothing of it may be sent"):
				t.Errorf("a full disk gave %v", err)
			}
		}
		if err := h.End(idOf(1), outcomeOf(0)); err == nil || !strings.Contains(err.Error(), idOf(1).String()) {
			t.Errorf("a full disk took an end: %v", err)
		}
		disk.room = 1 << 20 // somebody makes room
		h.begin(4)
		want.begin(idOf(4))
		h.must(h.Close())
		if why := want.differs(h.open(boot)); why != "" {
			t.Errorf("with room for %d bytes: %s", room, why)
		}
		h.must(h.Close())
	}
}

// The end that could not be written is in memory, and in the next segment.
func TestAnEndThatCouldNotBeWrittenIsKept(t *testing.T) {
	h := houseFor(t, 256)
	h.open(boot)
	h.begin(1)
	disk := &faulty{file: h.file}
	h.file = disk
	if err := h.End(idOf(1), outcomeOf(0)); !errors.Is(err, errFull) {
		t.Fatalf("a full disk gave %v", err)
	}
	disk.room = 1 << 20
	want := newModel()
	want.end(idOf(1), outcomeOf(0))
	for id, first := uint64(2), h.number; h.number == first; id++ {
		h.begin(id)
		want.begin(idOf(id))
	}
	h.must(h.Close())
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func TestHalfARecordThatStaysEndsTheJournal(t *testing.T) {
	h := houseFor(t, segmentSize)
	h.open(boot)
	h.begin(1)
	disk := &faulty{file: h.file, room: 10, stuck: true}
	h.file = disk
	if err := h.Begin(idOf(2)); !errors.Is(err, errFull) {
		t.Fatalf("a full disk gave %v", err)
	}
	disk.room, disk.attempts = 1<<20, 0
	for _, err := range []error{h.Begin(idOf(3)), h.End(idOf(1), outcomeOf(0))} {
		if err == nil || !strings.Contains(err.Error(), "until the daemon is started anew") {
			t.Errorf("behind half a record: %v", err)
		}
	}
	if disk.attempts > 0 {
		t.Error("something was written behind half a record")
	}
	h.must(h.Close())
	want := newModel()
	want.begin(idOf(1))
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}

func TestASegmentThatCannotBeginIsNoFailure(t *testing.T) {
	h := houseFor(t, 256)
	h.open(boot)
	first := h.number
	h.must(os.Mkdir(segmentPath(h.dir, first+1), 0o700)) // stands in the way
	for id := range uint64(50) {
		h.begin(id)
	}
	if h.number != first {
		t.Fatalf("segment %d was begun", h.number)
	}
	h.must(os.Remove(segmentPath(h.dir, first+1)))
	want := newModel()
	for id := range uint64(100) {
		h.begin(id)
		want.begin(idOf(id))
	}
	if h.number == first {
		t.Error("a new segment was not tried again")
	}
	h.must(h.Close())
	if why := want.differs(h.open(boot)); why != "" {
		t.Error(why)
	}
}
