package journal

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"dateline/internal/press"
)

func TestMain(m *testing.M) {
	if os.Getenv(childFolder) != "" {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m)
}

const boot = "3f2a7c2e-1b52-4f6b-9a51-0b6f3a0f3a11"

// idOf makes an id out of a number.
func idOf(n uint64) press.ID {
	var id press.ID
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// outcomeOf is what became of attempt n; n picks among all states.
func outcomeOf(n uint64) press.Outcome {
	states := press.Sending.Next()
	return press.Outcome{
		State: states[n%uint64(len(states))], At: time.UnixMicro(1_800_000_000_000_000 + int64(n)).UTC(),
		Relay: "main", Verb: "DATA", Code: 250, Enhanced: "2.0.0", Text: "Ok: queued as 4Xyz",
	}
}

// house is a journal in a folder of its own.
type house struct {
	t interface {
		Helper()
		Fatal(args ...any)
		Fatalf(format string, args ...any)
	}
	dir     string
	segment int64
	*Journal
}

// open opens the journal; where there was none before, it goes on as a daemon
// does that has settled with the store what it might have held.
func (h *house) open(bootID string) press.Journalled {
	h.t.Helper()
	told := h.openOnly(bootID)
	if len(h.paths) == 0 && h.unproved {
		h.must(h.Forget())
	}
	return told
}

func (h *house) openOnly(bootID string) press.Journalled {
	h.t.Helper()
	j, told, err := openWith(h.dir, bootID, h.segment)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Journal = j
	return told
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) begin(ids ...uint64) {
	h.t.Helper()
	for _, id := range ids {
		h.must(h.Begin(idOf(id)))
	}
}

func (h *house) end(id uint64, s press.State) {
	h.t.Helper()
	h.must(h.End(idOf(id), press.Outcome{State: s}))
}

func (h *house) settled(ids ...uint64) {
	all := make([]press.ID, len(ids))
	for i, id := range ids {
		all[i] = idOf(id)
	}
	h.Settled(all)
}

// files lists the segments by name.
func (h *house) files() []string {
	h.t.Helper()
	var names []string
	entries, err := os.ReadDir(h.dir)
	h.must(err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (h *house) last() string {
	h.t.Helper()
	names := h.files()
	if len(names) == 0 {
		h.t.Fatal("there is no segment")
	}
	return filepath.Join(h.dir, names[len(names)-1])
}

func houseFor(t *testing.T, segment int64) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "journal"), segment: segment}
	t.Cleanup(func() { h.shut(t) })
	return h
}

func (h *house) shut(t *testing.T) {
	if h.Journal == nil {
		return
	}
	if err := h.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		t.Error(err)
	}
}

// model is what an Open must tell.
type model struct {
	begun map[press.ID]bool
	ended map[press.ID]press.Outcome
}

func newModel() model {
	return model{begun: map[press.ID]bool{}, ended: map[press.ID]press.Outcome{}}
}

func (m model) clone() model { return model{maps.Clone(m.begun), maps.Clone(m.ended)} }

func (m model) begin(id press.ID) {
	m.begun[id] = true
	delete(m.ended, id)
}

func (m model) end(id press.ID, o press.Outcome) {
	m.begun[id] = true
	m.ended[id] = o
}

func (m model) settle(id press.ID) {
	delete(m.begun, id)
	delete(m.ended, id)
}

// differs says where what was told is not the model; "" where it is.
func (m model) differs(told press.Journalled) string {
	switch {
	case !told.SameBoot || told.Damage != "":
		return "the journal is not whole: " + told.Damage
	case !maps.Equal(m.begun, told.Begun):
		return "Begun differs"
	case !maps.Equal(m.ended, told.Ended):
		return "Ended differs"
	}
	return ""
}

// drawOutcome makes outcomes with everything that a relay could say.
func drawOutcome(t *rapid.T) press.Outcome {
	word := rapid.StringN(0, 20, 200)
	return press.Outcome{
		State: rapid.SampledFrom(press.Sending.Next()).Draw(t, "state"),
		At:    time.UnixMicro(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "at")).UTC(),
		Relay: word.Draw(t, "relay"), Verb: word.Draw(t, "verb"), Enhanced: word.Draw(t, "enhanced"),
		Code: rapid.IntRange(0, 599).Draw(t, "code"), Text: rapid.String().Draw(t, "text"),
		OfAddress: rapid.Bool().Draw(t, "of the address"),
	}
}
