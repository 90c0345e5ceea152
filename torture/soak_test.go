package torture

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dateline/internal/testenv"
)

// soakPace is how often things happen in a soak.
type soakPace struct {
	length  time.Duration
	release time.Duration // from one release to the next
	lead    time.Duration // from its writing to its lift
	kill    time.Duration // from one kill of the daemon b to the next
	reload  time.Duration // from one change of the config to the next
	gone    time.Duration // from one time that the relay refuses connections to the next
	mood    time.Duration
	sample  time.Duration
}

// paceOf is that of a soak of some length: the whole one has minutes for what a
// short one has seconds for.
func paceOf(length time.Duration) soakPace {
	p := soakPace{
		length: length, release: time.Minute, lead: 25 * time.Second, kill: 2 * time.Minute,
		reload: 20 * time.Second, gone: 95 * time.Second, mood: 7 * time.Second, sample: 5 * time.Second,
	}
	if length < 10*time.Minute {
		p.release, p.lead, p.kill, p.gone, p.mood, p.sample = 20*time.Second, 8*time.Second, 40*time.Second, 35*time.Second, 3*time.Second, 2*time.Second
	}
	return p
}

// judgedFrom is how long a soak must last for its memory to be judged.
const judgedFrom = 10 * time.Minute

const soakContacts = 500

// daemon is one of the two, through all its lives.
type daemon struct {
	*life

	metrics string
	samples []sample
	idle    sample // at the start, after the first release
	end     sample // in the end
}

func (d *daemon) sample() (sample, error) { return take(d.cmd.Process.Pid, d.metrics) }

// soak is two daemons over one PostgreSQL, and all that befalls them.
type soak struct {
	ordeal

	pace      soakPace
	relay     *badRelay
	back      *correspondents
	db        database
	a, b      *daemon // b is the one that is killed
	releases  []soaked
	written   int           // releases, approved or not
	check     time.Duration // what the last `dateline check` took
	reloads   int
	refused   int // configs that were meant to be refused
	conns     int // of PostgreSQL, the most
	size      float64
	firstSize float64
	stopped   [2]time.Duration
	shown     time.Duration // when it next says how it stands, where no terminal is
}

// TestSoak lets two daemons live for a long while: a release a minute through a
// bad relay, bounces that come in, configs that change, and a kill every two
// minutes on one of the daemons. DATELINE_SOAK says how long; without it, not.
func TestSoak(t *testing.T) {
	asked := os.Getenv("DATELINE_SOAK")
	if asked == "" {
		t.Skip("`make soak` runs this one")
	}
	length, err := time.ParseDuration(asked)
	if err != nil || length < 40*time.Second {
		t.Fatalf("DATELINE_SOAK is %q; a duration from 40s on is wanted, such as 30m", asked)
	}
	s := &soak{ordeal: newOrdeal(t, "postgres", t.TempDir(), testenv.Postgres(t)), pace: paceOf(length)}
	s.furnish()
	s.warmUp()
	s.live()
	s.windDown()
	s.report()
}

// furnish makes the relay, the folders, the contacts and the daemons.
func (s *soak) furnish() {
	s.t.Helper()
	var err error
	s.db, err = openDatabase(s.store)
	s.must(err)
	s.t.Cleanup(func() { _ = s.db.db.Close() })
	s.relay = newBadRelay(s.t, s.rng)
	listener, pages, metricsA, metricsB := s.address(), s.address(), s.address(), s.address()
	s.back = newCorrespondents(s.t, s.rng, listener, filepath.Join(s.dir, "reports"), "http://"+pages)
	const both = "console: {listen: off}\n"
	s.beside = map[string]string{
		"a": both + fmt.Sprintf("optout: {url: \"https://press.example\", listen: %q}\nwatch: {listen: %q}\nmailboxes: [{name: listener, kind: smtp, listen: %q}]\n", pages, metricsA, listener),
		"b": both + fmt.Sprintf("optout: {url: \"https://press.example\"}\nwatch: {listen: %q}\nmailboxes: [{name: folder, kind: maildir, path: %s, poll: 1s}]\n", metricsB, s.back.maildir),
	}
	for _, name := range []string{"a", "b"} {
		s.house(name, s.relay.port)
		s.change(name, "dateline.yaml", fmt.Sprintf("connections: %d}", connections), fmt.Sprintf("connections: %d, timeout: 10s, data_timeout: 15s}", connections))
	}
	s.contacts(soakContacts)
	s.a = &daemon{life: s.serve("a"), metrics: "http://" + metricsA + "/metrics"}
	s.b = &daemon{life: s.serve("b"), metrics: "http://" + metricsB + "/metrics"}
}

// address is one that is free to listen at.
func (s *soak) address() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	defer l.Close()
	return l.Addr().String()
}

// change replaces a piece of a daemon's file, at once, as editors do.
func (s *soak) change(name, file, from, to string) {
	s.t.Helper()
	path := filepath.Join(s.config(name), file)
	text, err := os.ReadFile(path)
	s.must(err)
	if !strings.Contains(string(text), from) {
		s.t.Fatalf("%s lacks %q", path, from)
	}
	whole := filepath.Join(s.dir, "whole.tmp")
	s.must(os.WriteFile(whole, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
	s.must(os.Rename(whole, path))
}

// warmUp sends a first release, with nothing in its way, and notes what the
// daemons hold when they are idle: connections stand, and caches are filled.
func (s *soak) warmUp() {
	s.t.Helper()
	s.until("both daemons answer", func() bool {
		_, errA := s.a.sample()
		_, errB := s.b.sample()
		return errA == nil && errB == nil
	})
	s.release()
	s.settleAll()
	s.a.idle, s.b.idle = s.quietest(s.a), s.quietest(s.b)
	size, err := s.db.size(s.t.Context())
	s.must(err)
	s.firstSize = size
}

// quietest is the sample with the fewest goroutines and descriptors of some
// seconds in which nothing happens.
func (s *soak) quietest(d *daemon) sample {
	s.t.Helper()
	var least sample
	for range 10 {
		<-time.After(time.Second)
		got, err := d.sample()
		s.must(err)
		if least.at.IsZero() || got.goroutines+got.fds <= least.goroutines+least.fds {
			least = got
		}
	}
	return least
}

// release writes the next release into both folders, plans and approves it.
func (s *soak) release() {
	s.t.Helper()
	slug := fmt.Sprintf("soak-%03d", s.written)
	s.written++
	// A check makes every page of every release in the folder, which takes longer with each.
	lift := time.Now().Add(s.pace.lead + 2*s.check).Truncate(time.Second).UTC()
	for _, name := range []string{"a", "b"} {
		// Under a name of its own first, so that no daemon reads half of it.
		draft := filepath.Join(s.dir, name, "draft")
		s.must(os.CopyFS(draft, os.DirFS("testdata/house/releases/alpha")))
		s.must(os.CopyFS(draft, os.DirFS("testdata/soak")))
		path := filepath.Join(draft, "release.yaml")
		text, err := os.ReadFile(path)
		s.must(err)
		_, after, found := strings.Cut(string(text), "embargo: 2022-03-04 13:00:00 UTC")
		if !found {
			s.t.Fatalf("%s has another embargo", path)
		}
		before, _, _ := strings.Cut(string(text), "embargo: ")
		s.must(os.WriteFile(path, []byte(before+lift.Format("embargo: 2006-01-02 15:04:05 UTC")+after), 0o600))
		s.must(os.Rename(draft, filepath.Join(s.config(name), "releases", slug)))
	}
	s.archive()
	begun := time.Now()
	s.run(nil, "check")
	s.check = time.Since(begun)
	tries := ""
	for range 5 {
		// What comes back meanwhile changes the plan, and then another yes is wanted.
		planned, said, err := s.agree(slug)
		if err == nil {
			s.releases = append(s.releases, soaked{slug: slug, planned: planned, lift: lift})
			return
		}
		tries += string(said)
	}
	s.fault("%s is not approved: %s", slug, tries)
}

// kept is how many releases stay in the folders.
const kept = 8

// archive takes the oldest release out of the folders, as people do with what is
// over: each one there is read anew with every change, and checked.
func (s *soak) archive() {
	s.t.Helper()
	if s.written <= kept {
		return
	}
	for _, name := range []string{"a", "b"} {
		old := filepath.Join(s.config(name), "releases", fmt.Sprintf("soak-%03d", s.written-kept-1))
		gone := filepath.Join(s.dir, name, "archived")
		s.must(os.Rename(old, gone))
		s.must(os.RemoveAll(gone))
	}
}

// reload changes the config of both daemons: what relays are asked for, or
// something that must be refused and is mended with the next change.
func (s *soak) reload() {
	s.t.Helper()
	s.reloads++
	many, few := fmt.Sprintf("connections: %d,", connections), fmt.Sprintf("connections: %d,", connections-2)
	for _, name := range []string{"a", "b"} {
		switch s.reloads % 4 {
		case 1:
			s.change(name, "dateline.yaml", many, few)
		case 2:
			s.change(name, "dateline.yaml", few, many)
		case 3:
			s.change(name, "lists.yaml", "{all: true}", "{al: true}")
		default:
			s.change(name, "lists.yaml", "{al: true}", "{all: true}")
		}
	}
	if s.reloads%4 == 3 {
		s.refused++
	}
}

// mended is a config that daemons take: a release can be written.
func (s *soak) mended() bool { return s.reloads%4 != 3 }

// unfinished counts copies that are not at an end, over all releases.
func (s *soak) unfinished() int {
	s.t.Helper()
	var status struct {
		Releases []struct {
			States map[string]int `json:"states"`
		} `json:"releases"`
	}
	s.must(json.Unmarshal(s.run(nil, "status", "--json"), &status))
	n := 0
	for _, r := range status.Releases {
		n += r.States["planned"] + r.States["claimed"] + r.States["sending"] + r.States["deferred"]
	}
	return n
}

func (s *soak) settleAll() {
	s.t.Helper()
	s.await("every copy is at an end", func() bool {
		<-time.After(time.Second)
		return s.unfinished() == 0
	})
}

// await is until, but for what must not keep the soak from being judged: what
// did not come is a fault.
func (s *soak) await(what string, look func() bool) {
	late := time.Now().Add(patience)
	for !look() {
		if time.Now().After(late) {
			s.fault("in vain waited until %s", what)
			return
		}
		<-time.After(50 * time.Millisecond)
	}
}
