package sink

import (
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/press"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t testing.TB, opts Options) *Sink {
	t.Helper()
	s, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func mail(lang string) string {
	return "From: <press@conference.example>\r\nMessage-ID: <1@conference.example>\r\nContent-Language: " + lang +
		"\r\nX-Dateline-Send: general\r\nSubject: =?utf-8?q?=D0=A2?=\r\n =?utf-8?q?=D0=B0?=\r\n\r\n..dots\r\nand text\r\n"
}

func send(t testing.TB, s *Sink, message string, to ...string) {
	t.Helper()
	if err := smtp.SendMail(s.Addr(), nil, "bounces@conference.example", to, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

func TestAReceiptTellsWhatCame(t *testing.T) {
	var mu sync.Mutex
	var heard []Receipt
	s := start(t, Options{OnReceipt: func(r Receipt) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, r)
	}})
	before := time.Now()
	send(t, s, mail("ru"), "a@x.example", "b@x.example")
	got := s.Received()
	if s.Count() != 1 || len(got) != 1 || len(heard) != 1 {
		t.Fatalf("got %+v, heard %+v", got, heard)
	}
	r := got[0]
	if r.Number != 1 || r.From != "bounces@conference.example" || !slices.Equal(r.To, []string{"a@x.example", "b@x.example"}) ||
		r.Size != len(mail("ru")) || r.MessageID != "<1@conference.example>" || r.Language != "ru" || r.Dateline["X-Dateline-Send"] != "general" {
		t.Errorf("got %+v", r)
	}
	if r.Began.Before(before.Round(0)) || r.Ended.Before(r.Began) || r.Ended.After(time.Now()) {
		t.Errorf("began %v and ended %v, sent at %v", r.Began, r.Ended, before)
	}
}

func TestItOffersWhatTheRelayMayUse(t *testing.T) {
	s := start(t, Options{})
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, extension := range []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"} {
		if ok, _ := c.Extension(extension); !ok {
			t.Errorf("%s is not offered", extension)
		}
	}
	for _, extension := range []string{"AUTH", "STARTTLS"} {
		if ok, _ := c.Extension(extension); ok {
			t.Errorf("%s is offered", extension)
		}
	}
}

// The data's first byte is dated by when it was read from the socket: here the
// body lies in the server's buffer behind the commands before DATA is looked at.
func TestAMessageInOneGroupWithItsCommands(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	before := time.Now().Round(0)
	group := "MAIL FROM:<b@x.example> RET=HDRS ENVID=e1\r\nRCPT TO:<жанна@x.example> NOTIFY=FAILURE\r\nDATA\r\n" + mail("ru") + ".\r\nQUIT\r\n"
	group = strings.Replace(group, "MAIL FROM:<b@x.example>", "MAIL FROM:<b@x.example> SMTPUTF8", 1)
	if _, err := c.W.WriteString(group); err != nil {
		t.Fatal(err)
	}
	if err := c.W.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{250, 250, 354, 250, 221} {
		if code, text, err := c.ReadResponse(want); err != nil {
			t.Fatalf("%d %s: %v", code, text, err)
		}
	}
	got := s.Received()
	if len(got) != 1 || got[0].To[0] != "жанна@x.example" || got[0].Began.Before(before) || got[0].Began.After(got[0].Ended) {
		t.Errorf("got %+v", got)
	}
}

// dial opens a connection and greets.
func dial(t testing.TB, s *Sink) *textproto.Conn {
	t.Helper()
	c, err := textproto.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, _, err := c.ReadResponse(220); err != nil {
		t.Fatal(err)
	}
	if err := c.PrintfLine("EHLO test.example"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ReadResponse(250); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAMessageThatBreaksOffLeavesNoReceipt(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	for _, step := range []struct {
		line string
		code int
	}{{"MAIL FROM:<b@x.example>", 250}, {"RCPT TO:<a@x.example>", 250}, {"DATA", 354}} {
		if err := c.PrintfLine("%s", step.line); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.ReadResponse(step.code); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.PrintfLine("Subject: half"); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Count() != 0 {
		t.Errorf("got %+v", s.Received())
	}
}

func TestItSavesTheFirstMessagesAndTheFirstOfEachLanguage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	s := start(t, Options{SaveDir: dir, SaveMax: 2})
	for _, lang := range []string{"ru", "ru", "ru", "en", "uz-Cyrl", "en", "../../../tmp/x"} {
		send(t, s, mail(lang), "a@x.example")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"1-ru.eml", "2-ru.eml", "4-en.eml", "5-uz-Cyrl.eml", "7-und.eml"}; !slices.Equal(names, want) {
		t.Errorf("saved %v, want %v", names, want)
	}
	if saved, err := os.ReadFile(filepath.Join(dir, "1-ru.eml")); err != nil || string(saved) != mail("ru") {
		t.Errorf("saved %q, %v", saved, err)
	}
}

func TestAMessageThatCannotBeSavedStillCounts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	s := start(t, Options{SaveDir: dir, SaveMax: 5})
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	send(t, s, mail("ru"), "a@x.example")
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "saving message 1") {
		t.Errorf("Close tells %v", err)
	}
	if s.Count() != 1 {
		t.Errorf("%d messages are counted, want 1", s.Count())
	}
}

func TestStartTellsWhyItCannot(t *testing.T) {
	s := start(t, Options{})
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if _, err := fmt.Sscan(port, &n); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(Options{Port: n}); err == nil || !strings.Contains(err.Error(), "cannot listen") {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(Options{SaveDir: file}); err == nil {
		t.Error("a file was taken for a folder")
	}
}

func TestCloseBreaksConnectionsAndMayComeTwice(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if line, err := c.ReadLine(); err == nil {
		t.Errorf("the connection still speaks: %q", line)
	}
}

func TestTallyOverTheWire(t *testing.T) {
	s := start(t, Options{})
	lift := time.Now().Round(0)
	send(t, s, mail("ru"), "a@x.example")
	send(t, s, mail("ru"), "A@x.example")
	send(t, s, mail("en"), "stranger@x.example")
	sum := s.Tally([]Expected{
		{Address: "a@x.example", Country: "UZ", Language: "ru", NotBefore: lift},
		{Address: press.Address("b@x.example"), Country: "KZ", Language: "ru", NotBefore: lift},
	}, lift)
	if sum.Recipients != 2 || sum.Received != 1 || sum.Duplicates != 1 || sum.Missing != 1 || sum.Unexpected != 1 || sum.Early != 0 {
		t.Errorf("got %+v", sum)
	}
	if sum.FirstAfter < 0 || sum.LastAfter < sum.FirstAfter || sum.LastAfter > 60_000 {
		t.Errorf("first %v and last %v ms after the lift", sum.FirstAfter, sum.LastAfter)
	}
}

// Ten connections, each a message at a time in one group.
func BenchmarkSink(b *testing.B) {
	for _, size := range []int{1 << 10, 20 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			s := start(b, Options{})
			body := mail("ru") + strings.Repeat(strings.Repeat("x", 74)+"\r\n", size/76)
			group := "RSET\r\nMAIL FROM:<b@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n" + body + ".\r\n"
			var conns []*textproto.Conn
			for range 10 {
				conns = append(conns, dial(b, s))
			}
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for i, c := range conns {
				all.Go(func() {
					for range b.N/10 + min(1, b.N%10/(i+1)) {
						if _, err := c.W.WriteString(group); err != nil {
							b.Error(err)
							return
						}
						if err := c.W.Flush(); err != nil {
							b.Error(err)
							return
						}
						for _, want := range []int{250, 250, 250, 354, 250} {
							if _, _, err := c.ReadResponse(want); err != nil {
								b.Error(err)
								return
							}
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(s.Count())/b.Elapsed().Seconds(), "msgs/s")
		})
	}
}
