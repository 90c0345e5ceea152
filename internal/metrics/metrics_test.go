package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/press"
)

// shelf answers as a store does.
type shelf struct {
	depth  press.QueueDepth
	came   []press.CameBack
	broken error
	asked  int
	takes  time.Duration
}

func (s *shelf) asks() Asks {
	return Asks{
		Depth: func(context.Context, time.Time) (press.QueueDepth, error) {
			s.asked++
			<-time.After(s.takes)
			return s.depth, s.broken
		},
		CameBack: func(context.Context, time.Time) ([]press.CameBack, error) { return s.came, s.broken },
	}
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !strings.Contains("\n"+got, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			var like []string
			for l := range strings.SplitSeq(got, "\n") {
				if strings.HasPrefix(l, name) {
					like = append(like, l)
				}
			}
			t.Errorf("there is no %s; like it are\n%s", line, strings.Join(like, "\n"))
		}
	}
}

func TestWhatIsToldIsCounted(t *testing.T) {
	m := New("v1.2.3", (&shelf{}).asks())
	due := time.Date(2027, 3, 4, 13, 0, 0, 0, time.UTC)
	m.Relays([]string{"main", "gone"})
	m.Relays([]string{"main", "second"})
	for i, state := range []press.State{press.Accepted, press.Accepted, press.Rejected, press.Planned} {
		d := press.Delivery{Approval: press.ID{1}, Send: "general", Recipient: press.Recipient{Due: due, Address: "secret@paper.example"}}
		m.Outcome(d, press.Outcome{State: state, Relay: "main", At: due.Add(time.Duration(i+1) * time.Second), Text: "<secret@paper.example>"})
	}
	m.Outcome(press.Delivery{Approval: press.ID{1}, Send: "general", Recipient: press.Recipient{Due: due.Add(time.Hour)}}, press.Outcome{State: press.Accepted, Relay: "main", At: due.Add(2 * time.Hour)})
	m.Wrote(3 * time.Millisecond)
	m.Aside("main", true)
	m.Clock("database", -1500*time.Millisecond)
	m.Config(true)
	m.Config(false)
	m.Mailboxes()
	m.Read("bounces", due)
	m.Alarms([]press.Alarm{{Cause: press.CauseRelay, Of: "main"}, {Cause: press.CauseRelay, Of: "second"}})
	m.Free("state folder", 5<<30)
	got := scrape(t, m)
	wantLines(t, got,
		`dateline_copies_total{outcome="accepted",relay="main"} 3`, `dateline_copies_total{outcome="rejected",relay="main"} 1`, `dateline_copies_total{outcome="unsent",relay="main"} 1`,
		`dateline_lift_lateness_seconds_sum{copies="each"} 3603`, `dateline_lift_lateness_seconds_sum{copies="first"} 3601`, `dateline_lift_lateness_seconds_count{copies="first"} 2`,
		`dateline_ledger_write_seconds_count 1`, `dateline_relay_aside{relay="main"} 1`, `dateline_relay_aside{relay="second"} 0`,
		`dateline_clock_skew_seconds{against="database"} -1.5`, `dateline_config_refused 0`, `dateline_config_refusals_total 1`,
		`dateline_mailbox_last_read_timestamp_seconds{mailbox="bounces"} 1.8041652e+09`, `dateline_alarms{cause="relay-aside"} 2`, `dateline_alarms{cause="disk-low"} 0`,
		`dateline_disk_free_bytes{disk="state folder"} 5.36870912e+09`,
	)
	if strings.Contains(got, "gone") || strings.Contains(got, "@") || !strings.Contains(got, `version="v1.2.3"`) || !strings.Contains(got, "\ngo_goroutines ") {
		t.Errorf("an address, or a relay that is gone, is in it, or the version or Go's own are not:\n%s", got)
	}
}

// Two daemons, or two tests, have nothing in common.
func TestMetricsOfTwo(t *testing.T) {
	one, other := New("a", (&shelf{}).asks()), New("b", (&shelf{}).asks())
	one.Wrote(time.Second)
	wantLines(t, scrape(t, one), "dateline_ledger_write_seconds_count 1")
	wantLines(t, scrape(t, other), "dateline_ledger_write_seconds_count 0")
}

func TestWhatTheStoreIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{depth: press.QueueDepth{Waiting: 7, Due: 3, Claimed: 2, Sending: 1, OldestDue: time.Now().Add(-90 * time.Second)}, takes: 2 * time.Second}
		for i := range 50 {
			s.came = append(s.came, press.CameBack{Kind: "bounced", Relay: "main", Domain: fmt.Sprintf("d%02d.example", i), N: 100 - i})
		}
		m := New("v", s.asks())
		got := scrape(t, m)
		wantLines(t, got, `dateline_queue_copies{state="waiting"} 7`, `dateline_queue_copies{state="due"} 3`, `dateline_queue_copies{state="claimed"} 2`, `dateline_queue_copies{state="sending"} 1`,
			"dateline_queue_oldest_due_seconds 90", "dateline_store_up 1",
			`dateline_returned_copies{domain="d00.example",kind="bounced",relay="main"} 100`, `dateline_returned_copies{domain="d19.example",kind="bounced",relay="main"} 81`,
			`dateline_returned_copies{domain="other",kind="bounced",relay="main"} 1965`)
		if n := strings.Count(got, "dateline_returned_copies{"); n != 21 {
			t.Errorf("there are %d domains, want 20 and the others", n)
		}
		// It took two seconds: for forty it is not asked again.
		<-time.After(30 * time.Second)
		scrape(t, m)
		if s.asked != 1 {
			t.Errorf("within 40 s it was asked %d times", s.asked)
		}
		<-time.After(15 * time.Second)
		s.broken = errors.New("away")
		got = scrape(t, m)
		wantLines(t, got, "dateline_store_up 0")
		if s.asked != 2 || strings.Contains(got, "dateline_queue_copies{") {
			t.Errorf("asked %d times; what an old answer told is told on:\n%s", s.asked, got)
		}
	})
}

// However long a send in local times has gone on, what is remembered of it stays
// small.
func TestFirstCopiesAreBounded(t *testing.T) {
	m := New("v", (&shelf{}).asks())
	for i := range 3 * mostInstants {
		m.isFirst(instant{at: int64(i)})
	}
	if len(m.first) > mostInstants {
		t.Errorf("%d instants are kept", len(m.first))
	}
}
