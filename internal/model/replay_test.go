package model

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/journal"
	"dateline/internal/press"
	"dateline/internal/store"
)

// replay is what the model is a model of.
type replay struct {
	t     *testing.T
	store *store.Store
	tables
	done     map[kind]int
	verdicts map[press.Verdict]int

	sc        *scenario
	s         state
	trace     []step
	now       time.Time // of the walk; the clock's ticks are days
	ids       [copies]press.ID
	approvals []press.Approval
	disks     [daemons]disk
	differ    []string // where the two are not the same
}

// Random walks through the histories are done to a real store, with its own
// functions, and to real journals; after each step the store stands as the model
// does, and each answer of either is the model's.
func TestTheStoreDoesWhatTheModelSays(t *testing.T) {
	t.Parallel()
	walks, steps := usualWalks, 45
	if everything {
		walks, steps = 3000, 80
	}
	r := openReplay(t)
	all := scenarios()
	for n := range walks {
		if r.walk(&all[n%len(all)], uint64(n), steps); len(r.differ) > 0 {
			t.Fatalf("walk %d: %s\n%s", n, strings.Join(r.differ, "\n"), found{trace: r.trace}.story(r.sc))
		}
	}
	for k := tick; k <= takeOver; k++ {
		if r.done[k] == 0 && !(step{kind: k}).inMemory() {
			t.Errorf("no walk had a step of the kind that %s", step{kind: k})
		}
	}
	for _, v := range []press.Verdict{press.Go, press.Held, press.Killed, press.Lost, press.Paced, press.Late} {
		if r.verdicts[v] == 0 {
			t.Errorf("no walk had the verdict %s", v)
		}
	}
	t.Logf("%d walks, steps by kind %v, verdicts %v", walks, r.done, r.verdicts)
}

// A model that does a thing otherwise than the store is found out by the walks,
// too.
func TestTheWalksSeeADifference(t *testing.T) {
	t.Parallel()
	faults := []fault{takeoverPlansSending, lateUnheard, askedOnce}
	if everything { // rarer ones
		faults = append(faults, ownerUnchecked, judgedBefore, secondCopy, onItsWayUnseen, takenIsLeft, releaseSending, forgetsFirst)
	}
	r := openReplay(t)
	for _, f := range faults {
		all := scenarios()
		n := 0
		for r.differ = nil; len(r.differ) == 0 && n < 2000; n++ {
			sc := &all[n%len(all)]
			sc.fault = f
			r.walk(sc, uint64(n), 45)
		}
		if len(r.differ) == 0 {
			t.Errorf("%d walks saw no difference: %s", n, f)
			continue
		}
		t.Logf("%s: walk %d saw that %s", f, n, r.differ[0])
	}
}

// walk goes through a history, until nothing more can happen or the store and
// the model differ.
func (r *replay) walk(sc *scenario, seed uint64, steps int) {
	r.begin(sc)
	defer r.end()
	rng := rand.New(rand.NewPCG(7, seed))
	for range steps {
		choice := r.choices()
		if len(choice) == 0 {
			return
		}
		st := choice[rng.IntN(len(choice))]
		if st.kind == refresh || st.kind == age { // there is always one of them, and rarely news
			st = choice[rng.IntN(len(choice))]
		}
		if r.take(st); len(r.differ) > 0 {
			return
		}
	}
}

// differs notes that the store, or a journal, is not what the model is.
func (r *replay) differs(format string, args ...any) {
	r.differ = append(r.differ, fmt.Sprintf(format, args...))
}

// choices are what may happen next. A claim takes all that there is: of two
// copies the store, and not the walk, would choose which comes first.
func (r *replay) choices() []step {
	w := world{state: r.s, scenario: r.sc}
	claimable := 0
	for c := range w.rows {
		if w.claimable(c) {
			claimable++
		}
	}
	var all []step
	w.steps(func(st step) {
		if st.kind == claim && claimable > 1 && st.lost {
			return
		}
		all = append(all, st)
	})
	return all
}

// take does one step to the model and to what is real, and compares.
func (r *replay) take(st step) {
	w := world{state: r.s, scenario: r.sc}
	sts := []step{st}
	if st.kind == claim && !st.lost {
		for c := range w.rows {
			if c != int(st.copy) && w.claimable(c) && w.state.daemons[st.daemon].hands[c].shelf < 2 {
				sts = append(sts, step{kind: claim, daemon: st.daemon, copy: uint8(c)})
			}
		}
	}
	before := r.s
	for _, st := range sts {
		var broke string
		if r.s, broke = r.sc.do(r.s, st); broke != "" && r.sc.fault == noFault {
			r.differs("%s", broke)
		}
		r.trace = append(r.trace, st)
	}
	r.now = r.now.Add(40 * time.Second) // no wait of the store's is longer
	r.done[st.kind]++
	r.really(before, st, sts)
	if !st.inMemory() {
		r.compare()
	}
}

// disk is a daemon's machine: its journal and its boot.
type disk struct {
	dir     string
	boot    int
	journal *journal.Journal
	told    press.Journalled
}

// house is where the walks' days begin.
var house = time.Date(2022, 3, 4, 12, 0, 0, 0, time.UTC)

// who are the daemons.
var who = [daemons]press.ID{{0xa}, {0xb}}

const (
	day  = 24 * time.Hour
	slug = "tashkent"
)

func openReplay(t *testing.T) *replay {
	file := filepath.Join(t.TempDir(), "dateline.db")
	s, err := store.Open(t.Context(), "sqlite://"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &replay{t: t, store: s, tables: openTables(t, file), done: map[kind]int{}, verdicts: map[press.Verdict]int{}}
}

// at is the instant of a tick.
func at(tick uint8) time.Time { return house.Add(time.Duration(tick) * day) }

// begin makes the store and the disks what a walk begins with.
func (r *replay) begin(sc *scenario) {
	r.sc, r.s, r.trace, r.now = sc, start(sc), nil, house
	r.empty()
	r.approvals = nil
	for a := uint8(1); a <= sc.approvals; a++ {
		r.stage(a)
	}
	r.must(r.store.Approve(r.t.Context(), r.approvals[0], releaseOf()))
	for d := range r.disks {
		r.disks[d] = disk{dir: r.t.TempDir()}
		r.open(d)
		r.must(r.disks[d].journal.Forget()) // an earlier life left nothing
		r.must(r.store.RecordDaemon(r.t.Context(), who[d], "here", 1, r.now, r.now, ""))
	}
	for c, p := range sc.pieces {
		r.ids[c] = r.id(r.approvals[p.approval-1].ID, addressOf(p))
	}
	r.compare()
}

func releaseOf() press.Release {
	return press.Release{Slug: slug, Sender: "conference", Topic: "security"}
}

func addressOf(p piece) press.Address {
	return press.Address(fmt.Sprintf("desk%d@paper.example", p.mailbox))
}

func (r *replay) stage(number uint8) {
	a := press.Approval{ID: store.NewID(), Release: slug, Digest: "d", By: "Olim", At: r.now}
	r.must(r.store.Stage(r.t.Context(), a, press.Frozen{}))
	var ds []press.Delivery
	for _, p := range r.sc.pieces {
		if p.approval != number {
			continue
		}
		ds = append(ds, press.Delivery{
			Approval: a.ID, Release: slug, Send: "general", AddressKey: press.AddressKey{byte(p.mailbox + 1)},
			Recipient: press.Recipient{
				Contact: store.NewID(), Address: addressOf(p), Country: "UZ", Edition: "ru", Zone: "Asia/Tashkent",
				Due: at(p.due), Deadline: at(p.deadline),
			},
		})
	}
	r.must(r.store.StageDeliveries(r.t.Context(), ds, a.At, nil))
	r.approvals = append(r.approvals, a)
}

func (r *replay) end() {
	for d := range r.disks {
		r.closes(d)
	}
}

func (r *replay) must(err error) {
	if err != nil {
		r.t.Helper()
		r.t.Fatalf("%v, after\n%s", err, found{trace: r.trace}.story(r.sc))
	}
}

// open is the start of a daemon: it reads its journal.
func (r *replay) open(d int) {
	x := &r.disks[d]
	var err error
	x.journal, x.told, err = journal.Open(x.dir, fmt.Sprintf("boot %d", x.boot))
	r.must(err)
}

func (r *replay) closes(d int) {
	if j := r.disks[d].journal; j != nil {
		r.must(j.Close())
	}
	r.disks[d].journal = nil
}

// clock is a daemon's.
func (r *replay) clock(d int) time.Time {
	now := r.now.Add(time.Duration(r.s.clock) * day)
	if d >= 0 && r.s.daemons[d].ahead {
		now = now.Add(day)
	}
	return now
}

// outcome is what a worker, or the gate, makes of a message.
func (r *replay) outcome(p phase) press.Outcome {
	return press.Outcome{State: p.state(), At: r.clock(-1), Text: "as the walk has it"}
}

func (r *replay) result(c int, p phase) press.Result {
	res := press.Result{Delivery: r.ids[c], Outcome: r.outcome(p)}
	if p == deferred {
		res.Next = res.Outcome.At
	}
	return res
}

// loses is what a machine's failure makes of its disk.
func (r *replay) loses(d int, all bool) {
	r.closes(d)
	r.disks[d].boot++
	if all {
		r.must(errors.Join(os.RemoveAll(r.disks[d].dir), os.Mkdir(r.disks[d].dir, 0o700)))
	}
}

// which are the ids of the copies for which it holds.
func (r *replay) which(holds func(c int) bool) []press.ID {
	var ids []press.ID
	for c := range r.ids {
		if holds(c) {
			ids = append(ids, r.ids[c])
		}
	}
	return ids
}

// same compares two sets of copies.
func (r *replay) same(what string, got, want []press.ID) {
	order := func(a, b press.ID) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		r.differs("%s: the store says %v, the model %v", what, got, want)
	}
}
