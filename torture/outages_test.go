package torture

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite", for the lock
)

const (
	outageContacts = 3000
	outage         = 30 * time.Second
	// A daemon without its store starts no further message after a second; what
	// had begun comes to the relay a little later.
	mayGoOn = 1500 * time.Millisecond
)

// outageOrdeal is one daemon in the middle of one release.
type outageOrdeal struct {
	ordeal
	relay   *relay
	daemon  *life
	planned []string
	lift    time.Time
}

func beginOutage(o ordeal) *outageOrdeal {
	o.t.Helper()
	x := &outageOrdeal{ordeal: o, relay: newRelay(o.t, 10*time.Millisecond)}
	x.house("a", x.relay.port)
	x.planned, x.lift = x.approve(outageContacts)
	x.daemon = x.serve("a")
	x.middle()
	return x
}

// middle waits for some hundred messages more.
func (x *outageOrdeal) middle() {
	x.t.Helper()
	at := x.relay.count() + 300 + x.rng.IntN(700)
	x.until("it sends", func() bool { return x.relay.count() >= at })
}

func (x *outageOrdeal) end() {
	x.t.Helper()
	x.settled()
	x.daemon.alive()
	x.daemon.stop()
	x.finish(account{planned: x.planned, lift: x.lift, got: x.relay.received()})
}

// silent is a fault where messages began although the store was gone.
func (x *outageOrdeal) silent(from, to time.Time) {
	if n := x.relay.within(from.Add(mayGoOn), to); n > 0 {
		x.fault("%d messages began while the store did not answer, more than %s after it had gone", n, mayGoOn)
	}
}

// TestPostgresHalted: the server ends at once and is started again.
func TestPostgresHalted(t *testing.T) {
	onlyInFull(t)
	s := newServer(t)
	withoutPostgres(t, s, s.halt, s.start)
}

// TestPostgresFrozen: the server does not answer, and no connection breaks.
func TestPostgresFrozen(t *testing.T) {
	onlyInFull(t)
	s := newServer(t)
	withoutPostgres(t, s, s.freeze, s.thaw)
}

func withoutPostgres(t *testing.T, s *server, away, back func()) {
	t.Helper()
	o := newOrdeal(t, "postgres", t.TempDir(), s.url)
	x := beginOutage(o)
	x.blows++
	away()
	gone := time.Now()
	<-time.After(outage)
	returns := time.Now()
	back()
	x.silent(gone, returns)
	began := x.relay.count()
	x.until("it sends again", func() bool { return x.relay.count() > began })
	again := time.Since(returns)
	x.note = fmt.Sprintf("gone for %.0f s, sending again %.1f s after that", returns.Sub(gone).Seconds(), again.Seconds())
	x.end()
}

// TestSQLiteBusy: another process holds the write lock, once for less than
// SQLite waits and once for more. The store can be read meanwhile, so a hold or
// a kill would be seen: what the daemon has noted elsewhere may still leave.
func TestSQLiteBusy(t *testing.T) {
	onlyInFull(t)
	dir := t.TempDir()
	o := newOrdeal(t, "sqlite", dir, "sqlite://"+sqliteFile(dir))
	x := beginOutage(o)
	db, err := sql.Open("sqlite", "file:"+sqliteFile(dir)+"?_pragma=busy_timeout(20000)")
	x.must(err)
	defer db.Close()
	for _, hold := range []time.Duration{5 * time.Second, 15 * time.Second} {
		x.blows++
		from := time.Now()
		x.lock(db, hold)
		x.note += fmt.Sprintf("locked for %s, %d messages began meanwhile; ", hold, x.relay.within(from, time.Now()))
		x.middle()
	}
	x.end()
}

func (x *outageOrdeal) lock(db *sql.DB, hold time.Duration) {
	x.t.Helper()
	c, err := db.Conn(context.Background())
	x.must(err)
	defer c.Close()
	_, err = c.ExecContext(context.Background(), "BEGIN IMMEDIATE")
	x.must(err)
	<-time.After(hold)
	_, err = c.ExecContext(context.Background(), "ROLLBACK")
	x.must(err)
}

// TestDiskFull: the disk with the store and the state folder is full for a
// while.
func TestDiskFull(t *testing.T) {
	onlyInFull(t)
	dir := t.TempDir()
	o := newOrdeal(t, "sqlite", dir, "sqlite://"+sqliteFile(dir))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=192m"); err != nil {
		o.skip(fmt.Errorf("%w: %w", errNotRoot, err))
	}
	t.Cleanup(func() { // after the daemon's end; the folder is removed after this
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	x := beginOutage(o)
	filler := filepath.Join(dir, "filler")
	x.blows++
	x.must(fill(filler))
	full := time.Now()
	x.until("the full disk stops the sending", x.relay.stands(2*time.Second))
	stood := x.relay.count()
	<-time.After(5 * time.Second)
	x.must(os.Remove(filler))
	freed := time.Now()
	if stood >= len(x.planned) {
		x.fault("the release was over before the disk was full enough to matter")
	}
	x.until("it sends again", func() bool { return x.relay.count() > stood })
	x.note = fmt.Sprintf("full for %.0f s; it stood still at %d messages, and went on %.1f s after there was room", freed.Sub(full).Seconds(), stood, time.Since(freed).Seconds())
	x.end()
}

// stands tells whether no message has come for so long.
func (p *post) stands(quiet time.Duration) func() bool {
	n, since := p.count(), time.Now()
	return func() bool {
		if now := p.count(); now != n {
			n, since = now, time.Now()
		}
		return time.Since(since) >= quiet
	}
}

// fill writes until the disk is full, to the last byte.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// TestRelayGone: the relay breaks every connection, is gone for a while and
// comes back, three times.
func TestRelayGone(t *testing.T) {
	onlyInFull(t)
	onBothStores(t, func(t *testing.T, o ordeal) {
		x := beginOutage(o)
		for _, away := range []time.Duration{100 * time.Millisecond, 2 * time.Second, 5 * time.Second} {
			x.blows++
			x.relay.close()
			<-time.After(away)
			x.relay.open()
			x.middle()
		}
		x.note = "gone for 0.1 s, 2 s and 5 s"
		x.end()
	})
}

// TestRelayKilled: the relay is a process, killed and started again.
func TestRelayKilled(t *testing.T) {
	onlyInFull(t)
	onBothStores(t, func(t *testing.T, o ordeal) {
		r := newRelayProcess(t, o.dir)
		o.house("a", r.port)
		planned, lift := o.approve(outageContacts)
		l := o.serve("a")
		for range 3 {
			at := r.count() + 300 + o.rng.IntN(700)
			o.until("it sends", func() bool { return r.count() >= at })
			<-time.After(time.Duration(o.rng.IntN(int(relayPace))))
			o.blows++
			r.kill()
			<-time.After(time.Duration(o.rng.Int64N(int64(2 * time.Second))))
			r.start()
		}
		o.settled()
		l.alive()
		l.stop()
		o.finish(account{planned: planned, lift: lift, got: r.received()})
	})
}
