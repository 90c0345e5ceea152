package torture

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// rhythm is what happens again and again.
type rhythm struct {
	every time.Duration
	next  time.Time
	do    func()
}

// live runs the soak: one thing after another, in this goroutine, so that
// nothing here needs a lock.
func (s *soak) live() {
	s.t.Helper()
	began := time.Now()
	end := began.Add(s.pace.length)
	var killAt time.Time
	rhythms := []*rhythm{
		{every: s.pace.release, next: began, do: func() {
			if !s.mended() {
				s.reload()
			}
			s.release()
		}},
		{every: s.pace.kill, next: began.Add(s.pace.kill / 2), do: func() { killAt = s.killMoment() }},
		{every: s.pace.reload, next: began.Add(s.pace.reload / 3), do: s.reload},
		{every: s.pace.gone, next: began.Add(s.pace.gone), do: s.goneRelay},
		{every: s.pace.mood, next: began, do: func() { s.relay.setMood(mood(s.rng.IntN(int(moods)))) }},
		{every: s.pace.sample, next: began, do: func() { s.sampleAll(); s.show(time.Since(began)) }},
		{every: time.Second, next: began, do: s.post},
	}
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	for now := range beat.C {
		for _, r := range rhythms {
			if !now.Before(r.next) {
				r.next = r.next.Add(r.every)
				r.do()
			}
		}
		if !killAt.IsZero() && !now.Before(killAt) {
			killAt = time.Time{}
			s.killB()
		}
		if now.After(end) && killAt.IsZero() {
			break
		}
	}
	s.relay.setMood(wellMinded)
	if !s.mended() {
		s.reload()
	}
	s.endLine()
}

// killMoment lies soon after the lift of the newest release: then it is sent.
func (s *soak) killMoment() time.Time {
	lift := s.releases[len(s.releases)-1].lift
	if now := time.Now(); lift.Before(now) {
		lift = now
	}
	return lift.Add(time.Duration(s.rng.Int64N(int64(4 * time.Second))))
}

// killB kills the one daemon and starts it anew at once. None starts with a
// config that it must refuse, so that is mended before.
func (s *soak) killB() {
	s.t.Helper()
	if !s.mended() {
		s.reload()
	}
	s.b.kill()
	s.b.life = s.serve("b")
}

// goneRelay refuses connections for a while.
func (s *soak) goneRelay() {
	s.t.Helper()
	s.relay.leave()
	<-time.After(time.Second + time.Duration(s.rng.Int64N(int64(3*time.Second))))
	s.relay.come()
}

// post looks at what the relay took, and writes back about it.
func (s *soak) post() {
	s.t.Helper()
	s.relay.account(time.Now().Add(-3 * time.Second))
	s.back.answer(s.relay.fresh)
	s.relay.fresh = nil
	if len(s.faults) == 0 { // one that has ended is told of once
		s.a.alive()
		s.b.alive()
	}
}

// sampleAll samples both daemons and the store. The one that is killed may just
// be starting.
func (s *soak) sampleAll() {
	s.t.Helper()
	got, err := s.a.sample()
	if err != nil {
		s.fault("daemon a cannot be sampled: %v", err)
		return
	}
	s.a.samples = append(s.a.samples, got)
	if got, err := s.b.sample(); err == nil {
		s.b.samples = append(s.b.samples, got)
	}
	n, err := s.db.connections(s.t.Context())
	s.must(err)
	s.conns = max(s.conns, n)
	if s.size, err = s.db.size(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// show writes how it stands: over and over on a terminal, once a minute elsewhere.
func (s *soak) show(passed time.Duration) {
	if len(s.a.samples) == 0 {
		return
	}
	terminal := term.IsTerminal(int(os.Stdout.Fd()))
	if !terminal && passed < s.shown {
		return
	}
	s.shown = passed.Truncate(time.Minute) + time.Minute
	at := s.a.samples[len(s.a.samples)-1]
	line := fmt.Sprintf("%s of %s  releases %d  taken %d  back %d  kills %d  reloads %d  a: %.0f MiB, live %.1f, %d goroutines, %d descriptors  postgres %d connections, %.0f MiB",
		passed.Round(time.Second), s.pace.length, len(s.releases), len(s.relay.all), len(s.back.came), s.blows, s.reloads,
		at.rss/mib, at.live/mib, at.goroutines, at.fds, s.conns, s.size/mib)
	if terminal {
		fmt.Fprintf(os.Stdout, "\r%s\x1b[K", line)
		return
	}
	fmt.Fprintln(os.Stdout, line)
}

func (s *soak) endLine() {
	if term.IsTerminal(int(os.Stdout.Fd())) {
		fmt.Fprintln(os.Stdout)
	}
}

const mib = 1 << 20

// windDown lets everything come to its end, and looks whether the daemons give
// back what they held.
func (s *soak) windDown() {
	s.t.Helper()
	s.settleAll()
	s.post()
	s.relay.account(time.Time{})
	s.back.answer(s.relay.fresh)
	s.await("the Maildir is empty", func() bool { return s.back.left() == 0 })
	for _, d := range []*daemon{s.a, s.b} {
		s.awaitIdle(d)
		s.stopInTime(d)
	}
	s.await("the daemons' connections to PostgreSQL are given back", func() bool {
		n, err := s.db.connections(s.t.Context())
		s.must(err)
		return n == 0
	})
	s.readLog(s.a)
	s.readLog(s.b)
	for i := range s.releases {
		r := &s.releases[i]
		r.trail = map[string][]entry{}
		for _, e := range s.logOf(r.slug) {
			r.trail[e.Address] = append(r.trail[e.Address], e)
		}
	}
}

// awaitIdle waits until a daemon holds no more than when it was idle before.
func (s *soak) awaitIdle(d *daemon) {
	s.t.Helper()
	late := time.Now().Add(time.Minute)
	for {
		got, err := d.sample()
		s.must(err)
		d.end = got
		if got.goroutines <= d.idle.goroutines && got.fds <= d.idle.fds {
			return
		}
		if got.at.After(late) {
			s.fault("daemon %s, idle, has %d goroutines and %d descriptors %s; it had %d and %d at the start", d.daemon, got.goroutines, got.fds, openFiles(d.cmd.Process.Pid), d.idle.goroutines, d.idle.fds)
			return
		}
		<-time.After(time.Second)
	}
}

// stopInTime stops a daemon, which has ten seconds for it.
func (s *soak) stopInTime(d *daemon) {
	s.t.Helper()
	const allowed = 10 * time.Second
	from := time.Now()
	d.stop()
	took := time.Since(from)
	if took > allowed {
		s.fault("daemon %s took %s to stop; %s are allowed", d.daemon, took, allowed)
	}
	s.stopped[strings.Index("ab", d.daemon)] = took
}

// said is an error in a daemon's log, or what the runtime says where it dies.
var said = regexp.MustCompile(`(?m)level=ERROR msg=("[^"]*"|\S+).*|^(panic|fatal error): .*`)

// readLog is a fault for each kind of error that a daemon told of and that
// nothing here leads to.
func (s *soak) readLog(d *daemon) {
	s.t.Helper()
	expected := []string{
		"alarm",                            // of what waits for a person
		`"a relay is put aside; `,          // the relay is bad
		`"the config folder was refused; `, // every fourth is meant to be
	}
	text, err := os.ReadFile(s.logFile(d.daemon))
	s.must(err)
	first, times := map[string]string{}, map[string]int{}
	for _, line := range said.FindAllStringSubmatch(string(text), -1) {
		kind := line[1] + line[2]
		if slices.ContainsFunc(expected, func(e string) bool { return strings.HasPrefix(kind, e) }) {
			continue
		}
		if times[kind]++; times[kind] == 1 {
			first[kind] = line[0]
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(first)) {
		s.fault("daemon %s said %d times: %s", d.daemon, times[kind], first[kind])
	}
}
