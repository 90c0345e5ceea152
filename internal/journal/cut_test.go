package journal

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// written is what stood in the journal when a segment had some length.
type written struct {
	segment string
	length  int64
	model   model
}

// Whatever the order of calls, and wherever the file is cut: what had been
// acknowledged up to there is read back, and nothing else.
func TestCutAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		h := &house{t: t, dir: dir, segment: rapid.Int64Range(100, 2000).Draw(t, "segment size")}
		h.open(boot)
		held := rapid.Bool().Draw(t, "an earlier life is not forgotten")
		if held { // then no segment is removed, and any prefix of all can be tried
			h.begin(99)
			h.must(h.Close())
			h.open(boot)
		}
		past := walk(t, h, held)
		h.must(h.Close())

		path := h.last()
		info, err := os.Stat(path)
		h.must(err)
		floor := int64(0)
		if !held {
			// The segment before is removed only once this much is written.
			floor = past[slices.IndexFunc(past, func(w written) bool { return w.segment == path })].length
		}
		cut := rapid.Int64Range(floor, info.Size()).Draw(t, "cut")
		h.must(os.Truncate(path, cut))
		want := past[0].model
		for _, w := range past {
			if w.segment != path || w.length <= cut {
				want = w.model
			}
		}
		if why := want.differs(h.open(boot)); why != "" {
			t.Fatalf("cut at %d of %d: %s", cut, info.Size(), why)
		}
		h.must(h.Close())
	})
}

// walk makes calls, and notes what each left.
func walk(t *rapid.T, h *house, held bool) []written {
	m := newModel()
	if held {
		m.begin(idOf(99))
	}
	note := func() written { return written{segmentPath(h.dir, h.number), h.size, m.clone()} }
	past := []written{note()}
	for range rapid.IntRange(1, 60).Draw(t, "calls") {
		before, checkpoint := h.number, m.clone()
		id := idOf(uint64(rapid.IntRange(1, 8).Draw(t, "id")))
		var record []byte
		switch _, ended := m.ended[id]; {
		case !m.begun[id] || ended && rapid.Bool().Draw(t, "again"):
			h.must(h.Begin(id))
			m.begin(id)
			record = appendBegin(nil, id)
		case !ended:
			o := drawOutcome(t)
			h.must(h.End(id, o))
			m.end(id, o)
			record = appendEnd(nil, id, o)
		default:
			h.Settled([]press.ID{id})
			m.settle(id)
			record = appendSettled(nil, []press.ID{id})
			if !held { // a segment that begins now leaves it out; held ones still tell it
				checkpoint = m.clone()
			}
		}
		switch {
		case h.size == int64(len(headerOf(boot))): // cut: what was longer is gone
			past = slices.DeleteFunc(past, func(w written) bool { return w.segment == segmentPath(h.dir, h.number) })
		case h.number != before: // the new segment begins with what was pending
			past = append(past, written{segmentPath(h.dir, h.number), h.size - int64(len(record)), checkpoint})
		}
		past = append(past, note())
	}
	return past
}

// Any byte that changes is noticed, and what is told remains true.
func TestDamageIsNoProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		h := &house{t: t, dir: dir, segment: segmentSize}
		h.open(boot)
		walk(t, h, false)
		h.begin(50)
		h.end(50, press.Deferred)
		h.begin(50)
		h.must(h.Close())
		path := h.last()
		content, err := os.ReadFile(path)
		h.must(err)
		content[rapid.IntRange(0, len(content)-1).Draw(t, "at")] ^= rapid.ByteRange(1, 255).Draw(t, "change")
		h.must(os.WriteFile(path, content, 0o600))
		for range 2 {
			told := h.open(boot)
			if told.SameBoot || !strings.HasPrefix(told.Damage, filepath.Base(path)+": ") {
				t.Fatalf("the damage was not noticed: %+v", told)
			}
			if o, ok := told.Ended[idOf(50)]; ok {
				t.Fatalf("what began once more is told as %s", o.State)
			}
			h.must(h.Close())
		}
	})
}
