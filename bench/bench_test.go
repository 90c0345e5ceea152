package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dateline/internal/press"
)

func TestSizeOf(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "full"}, {[]string{"full"}, "full"}, {[]string{"quick"}, "quick"}, {[]string{"slow"}, ""}, {[]string{"quick", "quick"}, ""}} {
		s, err := sizeOf(c.args)
		if s.name != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%q: got %q, %v", c.args, s.name, err)
		}
	}
}

func TestLastCount(t *testing.T) {
	for text, want := range map[string]int{
		"":                       0,
		"sess=1 quit=0 mesg=7\r": 7,
		"sess=1 quit=0 mesg=7\rsess=1 quit=0 mesg=12\rsess=1 quit=1 mesg=12\r": 12,
		"smtp-sink: fatal: no such user":                                       0,
		"mesg=7\rmesg=":                                                        0,
	} {
		if got := lastCount([]byte(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{5, 1, 3}, 3}, {[]float64{4, 1, 2, 100}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("of nothing: got %v", got)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 20000: "20,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What one client says together is answered together, once, so much later; what
// it says one by one takes that long each time.
func TestGoMailPaysForEachRoundTrip(t *testing.T) {
	const late = 20 * time.Millisecond
	r, err := startSlowRelay(t.Context(), late)
	if err != nil {
		t.Fatal(err)
	}
	took, err := goMailSend(t.Context(), r.address(), connections, 7500)
	if err != nil {
		t.Fatal(err)
	}
	// Greeting, EHLO, NOOP, MAIL, RCPT, DATA, the dot, NOOP and RSET at least.
	if took < 8*late {
		t.Errorf("took %s, want at least %s", took, 8*late)
	}
	if taken, twice := r.finish(); taken != connections || twice != 0 {
		t.Errorf("%d messages came, %d of them twice", taken, twice)
	}
}

// A relay that is spoken to in groups answers each within little more than its
// lateness, and counts a second copy as such.
func TestSlowRelayAnswersAGroupAtOnce(t *testing.T) {
	const late = 50 * time.Millisecond
	began := time.Now() // before the relay can accept, which starts its first wait
	r, err := startSlowRelay(t.Context(), late)
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, r.address())
	one := "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example> NOTIFY=NEVER\r\nDATA\r\n"
	say(t, conn, "", "220 ")
	say(t, conn, "EHLO me\r\n", "250 ENHANCEDSTATUSCODES\r\n")
	say(t, conn, one, "354 ")
	say(t, conn, "x\r\n..\r\n.\r\n"+one, "354 ")
	say(t, conn, "y\r\n.\r\nQUIT\r\n", "221 ")
	took := time.Since(began) // eleven answers one by one would take eleven times
	if took < 5*late || took > 10*late {
		t.Errorf("five exchanges took %s, want a little more than %s", took, 5*late)
	}
	if taken, twice := r.finish(); taken != 2 || twice != 1 {
		t.Errorf("%d messages came, %d of them twice; want 2 and 1", taken, twice)
	}
}

func TestGoMailMessagesHaveTheSizeThatIsWanted(t *testing.T) {
	shares, err := goMailMessages(25, 7500)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, share := range shares {
		for _, m := range share {
			n++
			size, err := m.WriteTo(io.Discard)
			if err != nil || size < 7480 || size > 7520 {
				t.Errorf("a message has %d bytes (%v), want some 7500", size, err)
			}
		}
	}
	if n != 25 || len(shares) != connections {
		t.Errorf("%d messages for %d connections", n, len(shares))
	}
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		taken, twice int
		states       map[press.State]int
		want         []string
	}{
		"all well":          {5, 0, map[press.State]int{press.Accepted: 5}, nil},
		"lost":              {4, 0, map[press.State]int{press.Accepted: 5}, []string{"1 of 5 messages did not come"}},
		"twice":             {6, 0, map[press.State]int{press.Accepted: 5}, []string{"1 messages came twice"}},
		"lost and twice":    {5, 1, map[press.State]int{press.Accepted: 5}, []string{"1 messages came twice"}},
		"unknown":           {5, 0, map[press.State]int{press.Accepted: 4, press.Unknown: 1}, []string{"the ledger has"}},
		"more than planned": {5, 0, map[press.State]int{press.Accepted: 6}, []string{"the ledger has"}},
	} {
		b := &bench{found: newFound(quickSize())}
		b.judge("row", 5, c.taken, c.twice, c.states)
		if len(b.found.wrong) != len(c.want) {
			t.Errorf("%s: got %q, want %q", name, b.found.wrong, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(b.found.wrong[i], want) {
				t.Errorf("%s: got %q, want …%s…", name, b.found.wrong[i], want)
			}
		}
	}
}

func TestPaceLearns(t *testing.T) {
	p := newPace()
	j := job{kind: "sqlite", n: 1000}
	first := p.beforeLift(j)
	if p.slower(j); p.beforeLift(j) <= first {
		t.Error("after a lift that came too early there is no more time")
	}
	p.approving(j, time.Second)
	if got := p.beforeLift(j); got < time.Second || got > 2*time.Second {
		t.Errorf("after an approval of a second the lift is %s away", got)
	}
	prepared := j
	prepared.prepared = true
	if p.beforeLift(prepared) <= p.beforeLift(j) {
		t.Error("preparing takes no time")
	}
}

// What the issue names is in the last line, whatever was measured.
func TestPrint(t *testing.T) {
	f := newFound(fullSize())
	for i, row := range []string{"smtp-source", "go-mail", "pg_prepared", "pg_inline", "sqlite_prepared", "sqlite_inline", "slow, go-mail", "slow, dateline"} {
		f.rates[row] = []float64{1000 * float64(i+1), 2000 * float64(i+1)}
		f.peaks[row] = []float64{90, 100 + float64(i)}
	}
	f.lifts["sqlite"] = []float64{3, 4, 60}
	var out bytes.Buffer
	if err := f.print(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines[:len(lines)-1] {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	var got map[string]*float64
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{
		"pg_prepared": 3, "pg_inline": 4, "sqlite_prepared": 5, "sqlite_inline": 6, "slow_relay_vs_gomail": 1.14,
		"first_ms": 4, "early": 0, "rss_mib_20k": 105,
	} {
		if v := got[key]; v == nil || *v != want {
			t.Errorf("%s: want %v in %s", key, want, lines[len(lines)-1])
		}
	}
	for _, key := range []string{"rss_mib_1m", "time_1m_over_100k"} {
		if v, ok := got[key]; !ok || v != nil {
			t.Errorf("%s was not measured, and stands in %s", key, lines[len(lines)-1])
		}
	}
}

// A whole run, with few messages: every row is measured, and nothing is wrong.
func TestMeasure(t *testing.T) {
	few := size{name: "small", n: 300, rounds: 1, budget: time.Hour, slow: 40, slowest: 1, lifts: 2, readers: 20, small: 100, large: 500}
	t.Setenv("TMPDIR", openFolder(t))
	var told bytes.Buffer
	f, err := measure(t.Context(), few, &told)
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	for _, wrong := range f.wrong {
		t.Error(wrong)
	}
	for row, want := range map[string]int{"smtp-source": 1, "go-mail": 1, "pg_prepared": 1, "pg_inline": 1, "sqlite_prepared": 1, "sqlite_inline": 1, "slow, go-mail": 1, "slow, dateline": 1} {
		if got := f.rates[row]; len(got) != want || slices.Min(got) <= 0 {
			t.Errorf("%s: %v, want %d rates", row, got, want)
		}
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		if len(f.lifts[kind]) != 2 || slices.Min(f.lifts[kind]) < 0 || len(f.volumes[kind]) != 3 {
			t.Errorf("%s: lifts %v, volumes %v", kind, f.lifts[kind], f.volumes[kind])
		}
	}
	if f.meanSize < 7000 || f.meanSize > 8192 {
		t.Errorf("messages have %.0f bytes, want 7 to 8 KB", f.meanSize)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "dateline-bench-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// The processes end with the context, and one that ends by itself says why.
func TestCrew(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newCrew(ctx, t.TempDir())
	sleeper, err := c.start("sleeper", "sleep", "600")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.run("failing", "sh", "-c", "echo no luck; exit 3"); err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("got %v, want what it said", err)
	}
	if peak, err := sleeper.peakMiB(); err != nil || peak <= 0 || peak > 100 {
		t.Errorf("sleep had %v MiB (%v)", peak, err)
	}
	cancel()
	<-sleeper.ended
	if _, err := c.start("late", "true"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// ownerVariable makes this test binary start a process and wait to be killed.
const ownerVariable = "BENCH_TEST_OWNER"

func TestMain(m *testing.M) {
	if fifo := os.Getenv(ownerVariable); fifo != "" {
		p, err := newCrew(context.Background(), filepath.Dir(fifo)).start("orphan", "sh", "-c", `exec sleep 600 >"$0"`, fifo)
		if err != nil {
			panic(err)
		}
		<-p.ended
	}
	os.Exit(m.Run())
}

func TestNothingOutlivesABenchThatIsKilled(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	owner := exec.CommandContext(t.Context(), self)
	owner.Env = append(os.Environ(), ownerVariable+"="+fifo)
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(fifo) // once the process has it open, too
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(held); err != nil || len(rest) > 0 { // ends with the process
		t.Errorf("read %q, %v", rest, err)
	}
	_ = owner.Wait() // it was killed
}

// openFolder is one that the accounts of PostgreSQL and smtp-sink may enter,
// which that of t.TempDir is not.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "bench-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(folder, os.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	return folder
}

func dial(t *testing.T, address string) *bufio.ReadWriter {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
}

// say says something at once, and reads until a line of the answer begins so.
func say(t *testing.T, conn *bufio.ReadWriter, text, until string) {
	t.Helper()
	if _, err := conn.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := conn.ReadString('\n')
		if err != nil {
			t.Fatalf("waiting for %q: %v", until, err)
		}
		if strings.HasPrefix(line, until) {
			return
		}
	}
}
