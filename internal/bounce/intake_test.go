package bounce_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/bounce"
	"dateline/internal/press"
)

// shelf is a store in memory that fails where it is told to.
type shelf struct {
	mu      sync.Mutex
	taken   map[press.MailKey]press.Incoming
	steps   int
	fail    func(in []press.Incoming) error
	early   map[string]bool
	refused []press.LogEntry
	read    map[press.ID]press.Tied
	entered chan struct{} // where set, each step says that it began, and waits
	goOn    chan struct{}
	out     []press.ID // deliveries whose contacts asked for no more
	closed  error      // of ByMail
}

func (s *shelf) ByMail(_ context.Context, id press.ID, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.out = append(s.out, id)
	}
	return s.closed
}

func (s *shelf) TakeMails(_ context.Context, in []press.Incoming, _ time.Time) ([]press.Taken, error) {
	if s.entered != nil {
		s.entered <- struct{}{}
		<-s.goOn
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps++
	if s.fail != nil {
		if err := s.fail(in); err != nil {
			return nil, err
		}
	}
	taken := make([]press.Taken, len(in))
	for i, m := range in {
		_, known := s.taken[m.Key]
		taken[i] = press.Taken{Known: known, Early: s.early[m.Ref]}
		if !taken[i].Early {
			s.taken[m.Key] = m
		}
	}
	return taken, nil
}

func (s *shelf) Refusals(context.Context, time.Time, int) ([]press.LogEntry, error) {
	var left []press.LogEntry
	for _, e := range s.refused {
		if _, had := s.read[e.ID]; !had {
			left = append(left, e)
		}
	}
	return left, nil
}

func (s *shelf) TakeRefusals(_ context.Context, read map[press.ID]press.Tied, _ time.Time) error {
	for id, r := range read {
		s.read[id] = r
	}
	return nil
}

func newShelf() *shelf {
	return &shelf{taken: map[press.MailKey]press.Incoming{}, early: map[string]bool{}, read: map[press.ID]press.Tied{}}
}

func newIntake(t *testing.T, s *shelf) (*bounce.Intake, press.Keyring) {
	t.Helper()
	keys, err := press.ParseKeyring(press.FormatKeyring([]byte(strings.Repeat("a", 32)), []byte(strings.Repeat("t", 32))))
	if err != nil {
		t.Fatal(err)
	}
	return bounce.NewIntake(s, s, keys, slog.New(slog.DiscardHandler)), keys
}

// notice is a report as Postfix writes it, about one copy.
func notice(ref, to, recipient, status, said string) press.Mail {
	return press.Mail{
		Mailbox: "bounces", Ref: ref, Format: press.FormatMessage, To: press.Address(to), At: time.Now(),
		Raw: []byte(strings.ReplaceAll(fmt.Sprintf(`From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: %s
Subject: Undelivered Mail Returned to Sender
Message-Id: <%s@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system at host mx.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; %s
Action: failed
Status: %s
Diagnostic-Code: smtp; %s

--b--
`, to, ref, recipient, status, said), "\n", "\r\n")),
	}
}

func TestAReportIsReadAndTied(t *testing.T) {
	s := newShelf()
	i, keys := newIntake(t, s)
	id := press.FirstID(time.Now())
	to := "bounces+" + keys.EnvelopeToken(id) + "@x.example"
	if err := i.Take(t.Context(), notice("1", to, "a@paper.example", "5.1.1", "550 5.1.1 no such user")); err != nil {
		t.Fatal(err)
	}
	for _, m := range s.taken {
		if len(m.Reports) != 1 || m.Trouble != "" {
			t.Fatalf("taken %+v", m)
		}
		r := m.Reports[0]
		if r.Delivery != id || r.Tie != press.TieToken || r.Kind != press.ReportBounce || r.Class != press.Hard || r.Reason != press.ReasonUserUnknown || r.Recipient != "a@paper.example" {
			t.Errorf("the report is %+v", r)
		}
	}
}

func TestWhatCannotBeReadGoesToQuarantine(t *testing.T) {
	s := newShelf()
	i, _ := newIntake(t, s)
	if err := i.Take(t.Context(), press.Mail{Ref: "broken", Format: press.FormatSES, Raw: []byte(`{"notificationType":`)}); err != nil {
		t.Fatalf("it must be taken all the same: %v", err)
	}
	for _, m := range s.taken {
		if m.Trouble == "" || len(m.Reports) > 0 {
			t.Errorf("taken %+v", m)
		}
	}
}

// One mail that the store cannot take keeps no other from it.
func TestOneMailThatFailsKeepsNoOtherFromTheStore(t *testing.T) {
	s := newShelf()
	s.entered, s.goOn = make(chan struct{}, 100), make(chan struct{})
	bad := errors.New("this one not")
	s.fail = func(in []press.Incoming) error {
		for _, m := range in {
			if m.Ref == "bad" {
				return bad
			}
		}
		return nil
	}
	s.early["early"] = true
	i, _ := newIntake(t, s)
	errs := map[string]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	take := func(ref string) {
		all.Go(func() {
			err := i.Take(t.Context(), notice(ref, "b@x.example", "a@paper.example", "5.1.1", "no"))
			mu.Lock()
			errs[ref] = err
			mu.Unlock()
		})
	}
	take("first")
	<-s.entered // it is being written; the others gather behind it
	for _, ref := range []string{"bad", "early", "good", "also good"} {
		take(ref)
	}
	close(s.goOn)
	all.Wait()
	for _, ref := range []string{"first", "good", "also good"} {
		if errs[ref] != nil {
			t.Errorf("%s: %v", ref, errs[ref])
		}
	}
	if !errors.Is(errs["bad"], bad) || errs["early"] == nil || !strings.Contains(errs["early"].Error(), "given again") {
		t.Errorf("bad: %v, early: %v", errs["bad"], errs["early"])
	}
	if len(s.taken) != 3 {
		t.Errorf("%d mails were taken, want 3", len(s.taken))
	}
}

// A thousand that wait for one step need a few more, not a thousand.
func TestMailsThatComeAtOnceShareAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.entered, s.goOn = make(chan struct{}, 2000), make(chan struct{})
		i, _ := newIntake(t, s)
		var all sync.WaitGroup
		for n := range 1000 {
			all.Go(func() {
				if err := i.Take(t.Context(), notice(fmt.Sprint(n), "b@x.example", "a@paper.example", "5.1.1", "no")); err != nil {
					t.Error(err)
				}
			})
		}
		<-time.After(time.Second) // of the bubble's time: one writes, and all the others wait
		close(s.goOn)
		all.Wait()
		<-time.After(time.Second) // the writer ends
		if len(s.taken) != 1000 || s.steps != 5 {
			t.Errorf("%d were taken in %d steps, want 1000 in 5", len(s.taken), s.steps)
		}
	})
}

func TestWhoStopsWaitingIsTold(t *testing.T) {
	s := newShelf()
	s.entered, s.goOn = make(chan struct{}, 10), make(chan struct{})
	i, _ := newIntake(t, s)
	var first sync.WaitGroup
	first.Go(func() { _ = i.Take(t.Context(), notice("1", "b@x.example", "a@paper.example", "5.1.1", "no")) })
	<-s.entered
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := i.Take(ctx, notice("2", "b@x.example", "a@paper.example", "5.1.1", "no")); !errors.Is(err, context.Canceled) {
		t.Errorf("it was told %v", err)
	}
	close(s.goOn)
	first.Wait()
}

func TestRefusalsAreReadByTheSameRules(t *testing.T) {
	s := newShelf()
	i, _ := newIntake(t, s)
	entry := func(code int, enhanced, text string) press.LogEntry {
		return press.LogEntry{Verb: "RCPT", ID: press.ID{byte(len(s.refused) + 1)}, Delivery: press.ID{9}, Code: code, Enhanced: enhanced, Reply: text}
	}
	s.refused = append(s.refused, entry(550, "5.1.1", "<a@paper.example>: Recipient address rejected: User unknown"))
	s.refused = append(s.refused, entry(550, "5.7.1", "Message rejected due to spam content"))
	s.refused = append(s.refused, entry(552, "5.2.2", "Mailbox full"))
	late := entry(550, "", "User unknown")
	late.Verb = "end of data"
	s.refused = append(s.refused, late)
	moved := entry(551, "5.1.6", "<a@paper.example>: User not local; please try <new@wire.example>")
	moved.Address = "a@paper.example"
	s.refused = append(s.refused, moved)
	if n, err := i.TakeRefusals(t.Context(), time.Now()); err != nil || n != 5 {
		t.Fatalf("%d, %v", n, err)
	}
	want := []struct {
		reason press.Reason
		class  press.Class
	}{{press.ReasonUserUnknown, press.Hard}, {press.ReasonSpamDetected, press.Soft}, {press.ReasonMailboxFull, press.Soft}, {press.ReasonFiltered, press.Soft}, {press.ReasonHasMoved, press.Hard}}
	for n, w := range want {
		r := s.read[press.ID{byte(n + 1)}]
		if r.Reason != w.reason || r.Class != w.class || r.Tie != press.TieDialogue || r.Delivery != (press.ID{9}) {
			t.Errorf("refusal %d is %+v, want %s, %s", n+1, r, w.reason, w.class)
		}
	}
	if got := s.read[press.ID{5}].Proposed; !slices.Equal(got, []press.Address{"new@wire.example"}) {
		t.Errorf("proposed are %v", got)
	}
}
