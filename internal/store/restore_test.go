package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/store"
)

// eachBackup runs a test against a store of each kind and the URL of an empty
// one that it may be put back into.
func eachBackup(t *testing.T, test func(t *testing.T, h house, empty string)) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			test(t, openHouse(t, kind.url(t)), kind.url(t))
		})
	}
}

// backup gives the file and what is in it; the file lies beside the store that
// it is to become.
func (h house) backup(empty string) (string, press.Contents) {
	h.t.Helper()
	folder := h.t.TempDir()
	if path, is := strings.CutPrefix(empty, "sqlite://"); is {
		folder = filepath.Dir(path)
	}
	f, err := os.CreateTemp(folder, "backup-*")
	h.must(err)
	h.must(f.Close())
	c, err := h.Backup(h.ctx(), f.Name())
	h.must(err)
	return f.Name(), c
}

// again opens the store that was put back.
func (h house) again(url string) house { return openHouse(h.t, url) }

// What was due since the backup, or was being sent, may have left; nothing of it
// leaves again by itself, and nothing else before a person says so.
func TestARestoredStoreSendsNothingByItself(t *testing.T) {
	eachBackup(t, func(t *testing.T, h house, empty string) {
		past := h.approve("tashkent", copies(6)...)
		future := h.approve("astana", copies(2, due(noon.Add(48*time.Hour)))...)
		dead := h.approve("dushanbe", copies(1)...)
		h.must(h.Kill(h.ctx(), "dushanbe", "wrong", "Olim", noon))
		desk := func(n string) press.ID { return h.of(past, "desk0000"+n+"@paper.example") }
		h.must(h.RecordDaemon(h.ctx(), berta, "here", 1, noon, noon, ""))
		h.claim(berta, 5)
		h.record(berta, nil, desk("0"), desk("1"), desk("2"))
		h.record(berta, []press.Result{result(desk("0"), press.Accepted), result(desk("1"), press.Deferred)})
		h.must(h.exec(`INSERT INTO sessions (hash, account_id, data, expires_us, ended) VALUES (?, ?, ?, ?, 0)`, []byte{1}, carla, []byte{2}, noon.Add(9999*time.Hour).UnixMicro()))

		file, contents := h.backup(empty)
		now := noon.Add(time.Hour)
		done, err := store.Restore(h.ctx(), empty, file, contents, noon, now)
		h.must(err)
		if done.Unknown["tashkent"] != 5 || len(done.Unknown) != 1 || strings.Join(done.Held, " ") != "astana tashkent" {
			t.Errorf("restored: %+v", done)
		}
		r := h.again(empty)
		r.wantState(desk("0"), press.Accepted)
		for _, n := range []string{"1", "2", "3", "4", "5"} {
			r.wantState(desk(n), press.Unknown)
		}
		if got := r.trail(desk("3")); len(got) != 1 || !strings.HasPrefix(got[0], "sending>unknown: the store was put back from a backup of 2022-03-04 12:00:00 UTC") {
			t.Errorf("the trail of what may have been sent: %v", got)
		}
		r.wantState(h.of(future, "desk00000@paper.example"), press.Planned)
		r.wantState(h.of(dead, "desk00000@paper.example"), press.Planned) // the sweep cancels it
		if ds, err := r.Claim(r.ctx(), carla, noon.Add(90*time.Hour), now, 100); err != nil || len(ds) > 0 {
			t.Errorf("claimed of what was put back: %d, %v", len(ds), err)
		}
		if n, err := r.Replan(r.ctx(), now.Add(time.Minute)); err != nil || n > 0 {
			t.Errorf("on_unknown: resend sent %d again before anybody resumed, %v", n, err)
		}
		if n := get[int](r, `SELECT COUNT(*) FROM sessions`); n > 0 {
			t.Errorf("%d are signed in still", n)
		}
		// The daemon's journal still tells.
		_, err = r.Record(r.ctx(), berta, []press.Result{result(desk("2"), press.Accepted)}, nil, now)
		h.must(err)
		r.wantState(desk("2"), press.Accepted)
		h.must(r.Resume(r.ctx(), "astana", "Olim", now))
		if ds, err := r.Claim(r.ctx(), carla, noon.Add(90*time.Hour), now, 100); err != nil || len(ds) != 2 {
			t.Errorf("resumed, %d may be claimed, %v", len(ds), err)
		}
	})
}

func TestAStoreIsPutBackOnlyIntoAnEmptyOne(t *testing.T) {
	eachBackup(t, func(t *testing.T, h house, other string) {
		h.approve("tashkent", copies(2)...)
		file, contents := h.backup(other)
		o := openHouse(t, other) // opened, and with a daemon's row: that is empty still
		h.must(o.RecordDaemon(h.ctx(), carla, "there", 1, noon, noon.Add(-time.Hour), ""))
		o.seen(carla, noon.Add(-time.Hour))
		h.must(o.exec(`INSERT INTO disks (daemon_id, name, trouble, since_us) VALUES (?, 'state', '', 0)`, carla))
		h.must(o.BindKeyring(h.ctx(), keyring("another key of thirty-two bytes!")))
		o.approve("astana", copies(1)...)
		if _, err := store.Restore(h.ctx(), other, file, contents, noon, noon); err == nil || !strings.Contains(err.Error(), "the store is not empty (it has ") {
			t.Fatalf("over a store that is not empty: %v", err)
		}
		if n := get[int](o, `SELECT COUNT(*) FROM releases WHERE slug = 'astana'`); n != 1 {
			t.Error("the store that was refused has changed")
		}
		for _, table := range []string{"events", "acts", "queue", "deliveries", "releases", "approvals"} {
			h.must(o.exec("DELETE FROM " + table))
		}
		_, err := store.Restore(h.ctx(), other, file, contents, noon, noon)
		h.must(err)
		r := h.again(other)
		if n := get[int](r, `SELECT COUNT(*) FROM deliveries WHERE release = 'tashkent' AND state = 'unknown'`); n != 2 {
			t.Errorf("%d copies are unknown, want 2", n)
		}
		if bound, err := r.Keyring(h.ctx()); err != nil || bound != contents.Keyring {
			t.Errorf("it is held to the keys %q, want those of the backup, %q (%v)", bound, contents.Keyring, err)
		}
	})
}

func TestABackupOfAnotherKindIsRefused(t *testing.T) {
	eachBackup(t, func(t *testing.T, h house, other string) {
		file, contents := h.backup(other)
		contents.Kind = map[string]string{"sqlite": "postgres", "postgres": "sqlite"}[contents.Kind]
		if _, err := store.Restore(h.ctx(), other, file, contents, noon, noon); err == nil || !strings.Contains(err.Error(), "another kind") {
			t.Errorf("got %v", err)
		}
	})
}

// Rows that are missing are told, and what was put back in part is nobody's.
func TestABackupThatLacksRowsIsRefused(t *testing.T) {
	eachBackup(t, func(t *testing.T, h house, other string) {
		h.approve("tashkent", copies(2)...)
		file, contents := h.backup(other)
		contents.Rows["deliveries"] = 3
		for range 2 { // it is no better the second time
			if _, err := store.Restore(h.ctx(), other, file, contents, noon, noon); err == nil || !strings.Contains(err.Error(), "deliveries has 2 rows, and the backup's manifest tells of 3") {
				t.Fatalf("got %v", err)
			}
		}
		s, err := store.Open(h.ctx(), other)
		if err == nil {
			n := get[int](house{s, t, s.DB()}, `SELECT COUNT(*) FROM deliveries`)
			h.must(s.Close())
			if n > 0 {
				t.Error("a store that was put back in part can be opened")
			}
		} else if !strings.Contains(err.Error(), "has begun and not ended") {
			t.Error(err)
		}
	})
}

// A daemon may be at work on the store that should be empty.
func TestAStoreInUseIsNotPutBackInto(t *testing.T) {
	h := openHouse(t, kinds[1].url(t))
	other := kinds[1].url(t)
	file, contents := h.backup(other)
	o := openHouse(t, other)
	h.must(o.RecordDaemon(h.ctx(), carla, "desk7", 1, noon, noon, ""))
	if _, err := store.Restore(h.ctx(), other, file, contents, noon, noon); err == nil || !strings.Contains(err.Error(), "a daemon on desk7 serves from this store") {
		t.Errorf("got %v", err)
	}
}

// A backup is the store as it was at one moment, whoever writes meanwhile.
func TestABackupIsOfOneMoment(t *testing.T) {
	eachBackup(t, func(t *testing.T, h house, empty string) {
		const n = 2000
		h.approve("tashkent", copies(n)...)
		started, backedUp, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- func() error {
				for i := 0; ; i++ {
					select {
					case <-backedUp:
						return nil
					default:
					}
					ds, err := h.Claim(t.Context(), berta, noon, noon, 5)
					if err != nil || len(ds) == 0 {
						return err
					}
					if _, err := h.Record(t.Context(), berta, nil, begins(ids(ds)...), noon); err != nil {
						return err
					}
					var results []press.Result
					for _, d := range ds {
						results = append(results, result(d.ID, press.Accepted))
					}
					if _, err := h.Record(t.Context(), berta, results, nil, noon); err != nil {
						return err
					}
					if i == 2 {
						close(started)
					}
				}
			}()
		}()
		<-started
		file, contents := h.backup(empty)
		close(backedUp)
		h.must(<-ended)
		if got := contents.Rows["queue"] + contents.Rows["events"]; got != n || contents.Rows["queue"] == 0 || contents.Rows["events"] == 0 {
			t.Errorf("the backup counted %d copies to come and %d events, want %d in all, and some of each", contents.Rows["queue"], contents.Rows["events"], n)
		}
		_, err := store.Restore(h.ctx(), empty, file, contents, noon, noon.Add(-time.Hour)) // nothing is due: only what was being sent is unknown
		h.must(err)
		r := h.again(empty)
		events := get[int64](r, `SELECT COUNT(DISTINCT delivery_id) FROM events WHERE state = 'accepted'`)
		if accepted := get[int64](r, `SELECT COUNT(*) FROM deliveries WHERE state = 'accepted'`); accepted != events || accepted != contents.Rows["events"] {
			t.Errorf("%d are accepted, %d have that in their trail, and the manifest says %d", accepted, events, contents.Rows["events"])
		}
		if left := get[int](r, `SELECT COUNT(*) FROM deliveries WHERE state IN ('claimed', 'sending')`); left > 0 {
			t.Errorf("%d are still some daemon's", left)
		}
	})
}

// A restore that broke off leaves a store that nobody can open, and goes on when
// it is called again.
func TestARestoreThatBrokeOffGoesOn(t *testing.T) {
	h, other := openHouse(t, kinds[1].url(t)), kinds[1].url(t)
	a := h.approve("tashkent", copies(3)...)
	file, contents := h.backup(other)
	_, err := store.Restore(h.ctx(), other, file, contents, noon, noon)
	h.must(err)
	r := h.again(other) // as it stands between the rows and what may have been sent
	r.put(press.Planned, "send = 'general'")
	h.must(r.exec(`INSERT INTO settings (name, value) VALUES ('restoring', '')`))
	if _, err := store.Open(h.ctx(), other); err == nil || !strings.Contains(err.Error(), "run `dateline restore` with the same file again") {
		t.Errorf("a store that was put back in part: %v", err)
	}
	done, err := store.Restore(h.ctx(), other, file, contents, noon, noon)
	h.must(err)
	if done.Unknown["tashkent"] != 3 {
		t.Errorf("restored: %+v", done)
	}
	h.again(other).wantState(h.of(a, "desk00001@paper.example"), press.Unknown)
}
