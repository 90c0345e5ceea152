package torture

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sample is what a daemon holds at an instant.
type sample struct {
	at         time.Time
	rss        float64 // bytes in RAM
	live       float64 // bytes of the heap that the last collection found in use
	goroutines int
	fds        int
}

// take samples a daemon: by the system's own account, and by its metrics. It
// gives an error where the daemon does not answer, as one that starts.
func take(pid int, metrics string) (sample, error) {
	s := sample{at: time.Now()}
	rss, err := statusField(pid, "VmRSS:")
	if err != nil {
		return s, err
	}
	s.rss = rss
	said, err := scrape(metrics)
	if err != nil {
		return s, err
	}
	// The daemon has these counted itself: it lets no other process look into it.
	s.goroutines, s.fds = int(said["go_goroutines"]), int(said["process_open_fds"])
	// The next collection comes when the heap has doubled since the last one, as
	// GOGC has it by default: so half of that is what the last one left.
	s.live = said["go_memstats_next_gc_bytes"] / 2
	if s.goroutines == 0 || s.fds == 0 || s.live == 0 {
		return s, fmt.Errorf("%s lacks what is sampled", metrics)
	}
	return s, nil
}

// statusField reads a size of /proc/PID/status, in bytes.
func statusField(pid int, field string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == field {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib * 1024, err
		}
	}
	return 0, fmt.Errorf("process %d has no %s", pid, field)
}

// scrape reads the metrics that have no labels.
func scrape(url string) (map[string]float64, error) {
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections() // what is kept open would count as the daemon's
	answer, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	said := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil && name != "#" {
			said[name] = v
		}
	}
	return said, nil
}

// openFiles tells what a process's descriptors are, for faults.
func openFiles(pid int) string {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid)) // the pattern is right
	counts := map[string]int{}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			continue // closed meanwhile
		}
		kind, _, _ := strings.Cut(target, ":")
		counts[kind]++
	}
	return fmt.Sprint(counts)
}

// database is what the store's server says of itself.
type database struct{ db *sql.DB }

func openDatabase(url string) (database, error) {
	db, err := sql.Open("postgres", url)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return database{db}, err
}

// connections counts those of others.
func (d database) connections(ctx context.Context) (n int, err error) {
	err = d.db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&n)
	return n, err
}

// size is in bytes.
func (d database) size(ctx context.Context) (n float64, err error) {
	err = d.db.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
	return n, err
}

// trend fits a line through a value of the samples, by least squares, and gives
// its height at the first and at the last of them.
func trend(all []sample, value func(sample) float64) (from, to float64) {
	var n, sx, sy, sxx, sxy float64
	for _, s := range all {
		x, y := s.at.Sub(all[0].at).Seconds(), value(s)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if n == 0 {
		return 0, 0
	}
	slope := 0.0
	if d := n*sxx - sx*sx; d != 0 {
		slope = (n*sxy - sx*sy) / d
	}
	from = (sy - slope*sx) / n
	return from, from + slope*all[len(all)-1].at.Sub(all[0].at).Seconds()
}

// lows gives the least of each minute, which is what stays when nothing is in
// hand: a lift or a folder that is read anew takes more for a moment.
func lows(all []sample, value func(sample) float64) []sample {
	var least []sample
	for _, s := range all {
		last := len(least) - 1
		switch {
		case last < 0 || !s.at.Truncate(time.Minute).Equal(least[last].at.Truncate(time.Minute)):
			least = append(least, s)
		case value(s) < value(least[last]):
			least[last] = s
		}
	}
	return least
}

// lastThirds are the samples of the last two thirds, by which growth is judged:
// the first third fills caches and pools.
func lastThirds(all []sample) []sample { return all[len(all)/3:] }
