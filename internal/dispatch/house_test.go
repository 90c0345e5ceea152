package dispatch_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/config"
	"dateline/internal/contactfile"
	"dateline/internal/desk"
	"dateline/internal/dispatch"
	"dateline/internal/press"
	"dateline/internal/store"
	"dateline/templates"
)

// house is a whole installation on SQLite but for the relay, which is the
// test's, and the clock, which is the bubble's.
type house struct {
	t       testing.TB
	store   *store.Store
	desk    *desk.Desk
	relay   *fakeRelay   // the first of relays
	relays  []*fakeRelay // that serve sends by
	journal *memoryJournal
	lift    time.Time
	running *dispatch.Dispatcher // by serve
	stop    func()
}

const slug = "tashkent-2022"

// Short, since each minute of the bubble costs the store some thousand looks.
const (
	toLift    = 30 * time.Second
	lateAfter = 3 * time.Minute
)

// inHouse runs a test in a bubble of time, with n contacts imported and the
// sample release to be lifted toLift from now.
func inHouse(t *testing.T, n int, test func(*testing.T, *house)) {
	t.Helper()
	t.Parallel() // each bubble has a store and a time of its own
	synctest.Test(t, func(t *testing.T) {
		h := build(t, n, time.Now().Add(toLift))
		defer func() { h.must(h.store.Close()) }()
		test(t, h)
		if h.stop != nil {
			h.stop()
		}
	})
}

// build makes a house whose sample release is to be lifted at an instant.
func build(t testing.TB, n int, lift time.Time) *house {
	t.Helper()
	h := &house{t: t, lift: lift, journal: &memoryJournal{begun: map[press.ID]bool{}, ended: map[press.ID]press.Outcome{}}}
	h.relay = h.another("fake")
	var err error
	h.store, err = store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "dateline.db"))
	h.must(err)
	ring, err := press.ParseKeyring(press.FormatKeyring(make([]byte, 32), make([]byte, 32)))
	h.must(err)
	var contacts []press.Contact
	for c := range contactfile.Generate(n, 1) {
		c.ID = store.NewID()
		contacts = append(contacts, c)
	}
	h.desk = &desk.Desk{Store: peopled{h.store, contacts}, Config: sample(t, h.lift), Keys: ring, NewID: store.NewID}
	h.must(h.store.RecordDaemon(t.Context(), ours(), "here", 1, time.Now(), time.Now(), ""))
	return h
}

// peopled is a store with contacts that nobody had to import, which takes longer
// than most of these tests.
type peopled struct {
	*store.Store
	contacts []press.Contact
}

// Contacts gives them.
func (p peopled) Contacts(context.Context) iter.Seq2[press.Contact, error] {
	return func(yield func(press.Contact, error) bool) {
		for _, c := range p.contacts {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// sample is the config that ships, its release to be lifted at an instant, with
// a general send only.
func sample(t testing.TB, lift time.Time) *config.Config {
	t.Helper()
	shipped := map[string]string{}
	err := fs.WalkDir(templates.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := templates.Files.ReadFile(path)
		shipped[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("../../config", shipped, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	r := &c.Releases[0].Release
	r.Embargo.Lift.At = lift
	r.Sends = r.Sends[1:]
	r.Sends[0].LateAfter = lateAfter
	r.Editions = slices.DeleteFunc(r.Editions, func(e press.Edition) bool { return e.Lang != "en" }) // the others fall back to it
	return c
}

// pass lets time pass in the bubble, where that takes none.
func (h *house) pass(d time.Duration) { <-time.After(d) }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// approve approves the plan of now and gives its recipients.
func (h *house) approve() []press.Recipient {
	h.t.Helper()
	p, err := h.desk.Plan(h.t.Context(), slug, time.Now(), false)
	h.must(err)
	_, err = h.desk.Approve(h.t.Context(), desk.Yes{Release: slug, Digest: p.Digest, By: "Anna"}, time.Now(), nil)
	h.must(err)
	return p.Sends[0].Recipients
}

// serve runs a dispatcher over a ledger until it is stopped.
func (h *house) serve(ledger dispatch.Ledger, change func(*dispatch.Options)) {
	h.t.Helper()
	o := dispatch.Options{
		Daemon: press.ID{1}, Prepare: 20 * time.Second, PrepareMemory: 64 << 20, Journal: h.journal, Retry: []time.Duration{time.Minute}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, r := range h.relays {
		o.Relays = append(o.Relays, dispatch.Relay{Name: r.name, Connections: 3, Weight: 1, Dial: r.dial})
	}
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithCancel(h.t.Context())
	var running sync.WaitGroup
	h.running = dispatch.New(ledger, o)
	running.Go(func() { h.running.Run(ctx) })
	h.stop = func() {
		cancel()
		running.Wait()
		h.stop = nil
	}
}

// states counts the release's deliveries by state.
func (h *house) states() map[press.State]int {
	h.t.Helper()
	rs, err := h.store.Releases(context.Background(), slug)
	h.must(err)
	states := map[press.State]int{}
	for _, c := range rs[0].Counts {
		states[c.State] += c.N
	}
	return states
}

// expect holds the states against what they should be.
func (h *house) expect(want map[press.State]int) {
	h.t.Helper()
	if got := h.states(); fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("states %v, want %v", got, want)
	}
}

// onceEach checks that every recipient got its copy once, and nobody else any.
func (h *house) onceEach(want []press.Recipient) {
	h.t.Helper()
	got := map[press.Address]int{}
	for _, r := range h.relays {
		for _, m := range r.accepted() {
			got[m.envelope.To]++
		}
		if r.wrong > 0 {
			h.t.Errorf("%d messages went into another's transaction", r.wrong)
		}
	}
	for _, r := range want {
		if got[r.Address] != 1 {
			h.t.Errorf("%s got %d copies, want 1", r.Address, got[r.Address])
		}
	}
	if len(got) != len(want) {
		h.t.Errorf("%d mailboxes got mail, want %d", len(got), len(want))
	}
}

// memoryJournal is a journal that outlives a dispatcher, and can be full.
type memoryJournal struct {
	mu    sync.Mutex
	full  error
	begun map[press.ID]bool
	ended map[press.ID]press.Outcome
}

func (j *memoryJournal) Begin(id press.ID) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.full == nil {
		j.begun[id] = true
		delete(j.ended, id)
	}
	return j.full
}

func (j *memoryJournal) End(id press.ID, o press.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended[id] = o
	return nil
}

func (j *memoryJournal) Settled(ids []press.ID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, id := range ids {
		delete(j.begun, id)
		delete(j.ended, id)
	}
}

func (j *memoryJournal) Forget() error { return nil }

func (j *memoryJournal) setFull(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.full = err
}

// earlier is what a next life would read of it.
func (j *memoryJournal) earlier(sameBoot bool) press.Journalled {
	j.mu.Lock()
	defer j.mu.Unlock()
	return press.Journalled{Begun: maps.Clone(j.begun), Ended: maps.Clone(j.ended), SameBoot: sameBoot}
}

// fakeRelay takes messages and answers as the test says.
type fakeRelay struct {
	name      string
	mu        sync.Mutex
	takes     time.Duration                               // for a message; 0: 5 ms
	down      error                                       // what dialling says
	answer    func(nth int, to press.Address) press.State // nil: accepted
	says      string                                      // why it breaks a session; "": the connection was lost
	during    func(nth int)                               // runs while a message is on its way
	dialed    []time.Time
	sent      []sentMessage
	sessions  []*fakeSession
	opens     int // transactions that were opened ahead
	abandoned int // of these
	wrong     int // data that went into another message's transaction
}

type sentMessage struct {
	session  *fakeSession
	envelope press.Envelope
	at       time.Time
	message  string
	state    press.State
}

// another adds a relay to those that serve sends by.
func (h *house) another(name string) *fakeRelay {
	r := &fakeRelay{name: name}
	h.relays = append(h.relays, r)
	return r
}

func (r *fakeRelay) dial(context.Context) (dispatch.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down != nil {
		return nil, r.down
	}
	r.dialed = append(r.dialed, time.Now())
	s := &fakeSession{relay: r, cut: make(chan struct{})}
	r.sessions = append(r.sessions, s)
	return s, nil
}

func (r *fakeRelay) setDown(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = err
}

func (r *fakeRelay) setTakes(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.takes = d
}

func (r *fakeRelay) all() []sentMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]sentMessage(nil), r.sent...)
}

func (r *fakeRelay) accepted() []sentMessage {
	var out []sentMessage
	for _, m := range r.all() {
		if m.state == press.Accepted {
			out = append(out, m)
		}
	}
	return out
}

type fakeSession struct {
	relay  *fakeRelay
	cut    chan struct{}
	opened *press.ID
	broken error
}

func (s *fakeSession) Send(e press.Envelope, message []byte, ahead *press.Envelope) press.Outcome {
	r := s.relay
	r.mu.Lock()
	if s.opened != nil && *s.opened != e.Delivery {
		r.wrong++ // another transaction stands open: its data would go to another's recipient
	}
	s.opened = nil
	if ahead != nil {
		s.opened = &ahead.Delivery
		r.opens++
	}
	nth := len(r.sent)
	m := sentMessage{session: s, envelope: e, at: time.Now(), message: string(message), state: press.Accepted}
	if r.answer != nil {
		m.state = r.answer(nth, e.To)
	}
	if m.state == press.Planned || m.state == press.Unknown {
		s.broken = errors.New(cmp.Or(r.says, "the connection was lost"))
	}
	r.sent = append(r.sent, m)
	during, takes := r.during, cmp.Or(r.takes, 5*time.Millisecond)
	r.mu.Unlock()
	if during != nil {
		during(nth)
	}
	select {
	case <-time.After(takes): // of the bubble: a relay takes time
	case <-s.cut:
		return s.wasCut(nth)
	}
	return press.Outcome{State: m.state, At: time.Now(), Relay: r.name, Code: 250}
}

// wasCut is what becomes of a message whose last byte had left.
func (s *fakeSession) wasCut(nth int) press.Outcome {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.broken = errors.New("the connection was cut")
	s.relay.sent[nth].state = press.Unknown
	return press.Outcome{State: press.Unknown, At: time.Now(), Relay: s.relay.name}
}

func (s *fakeSession) Cut() { close(s.cut) }

// Abandon ends the connection where a transaction was opened, as a relay does.
func (s *fakeSession) Abandon() {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if s.opened != nil {
		s.relay.abandoned++
		s.broken = errors.New("the opened transaction was abandoned")
	}
}

func (s *fakeSession) Noop() error   { return s.broken }
func (s *fakeSession) Broken() error { return s.broken }
func (s *fakeSession) Close() error  { return nil }
