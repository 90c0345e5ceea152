package torture

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What may come back of a copy.
const (
	noReport  = ""
	hard      = "hard"
	soft      = "soft"
	delayed   = "delayed"
	complaint = "complaint"
	optOut    = "opt-out"
)

// copyKey names a copy.
type copyKey struct{ Release, Address string }

// correspondents write back: mail systems about some copies, by SMTP to one
// daemon and by a Maildir to the other, and people by the links in their mail.
type correspondents struct {
	t         *testing.T
	rng       *rand.Rand
	smtp      string // the listener for reports
	maildir   string
	pages     string // where the links lead
	mails     int
	busy      int // times the listener or the pages did not answer, and were asked again
	came      map[copyKey]string
	optedOut  map[string]time.Time // by address: when the page said so
	byReports map[string]int       // how many of each kind
}

func newCorrespondents(t *testing.T, rng *rand.Rand, listener, maildir, pages string) *correspondents {
	t.Helper()
	for _, sub := range []string{"new", "cur", "tmp"} {
		if err := os.MkdirAll(filepath.Join(maildir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return &correspondents{
		t: t, rng: rng, smtp: listener, maildir: maildir, pages: pages,
		came: map[copyKey]string{}, optedOut: map[string]time.Time{}, byReports: map[string]int{},
	}
}

// answer writes back about some of the copies that were taken.
func (c *correspondents) answer(all []taken) {
	c.t.Helper()
	for _, copied := range all {
		kind := c.pick()
		if kind == noReport {
			continue
		}
		var err error
		for range 20 {
			if err = c.send(kind, copied); err == nil {
				break
			}
			c.busy++
			<-time.After(250 * time.Millisecond) // it listens anew where the config has changed
		}
		if err != nil {
			c.t.Fatalf("what comes back is not taken: %v", err)
		}
		c.came[copyKey{copied.Release, copied.To}] = kind
		c.byReports[kind]++
	}
}

// pick draws what comes back of a copy: nothing, as a rule.
func (c *correspondents) pick() string {
	dice := c.rng.Float64()
	for _, k := range []struct {
		kind  string
		share float64
	}{{hard, 0.008}, {soft, 0.02}, {delayed, 0.015}, {complaint, 0.003}, {optOut, 0.004}} {
		if dice -= k.share; dice < 0 {
			return k.kind
		}
	}
	return noReport
}

func (c *correspondents) send(kind string, copied taken) error {
	if kind == optOut {
		return c.press(copied)
	}
	c.mails++
	text := reportOf(kind, copied, c.mails)
	if c.mails%2 == 0 {
		name := fmt.Sprintf("%06d.mx", c.mails)
		whole := filepath.Join(c.maildir, "tmp", name)
		if err := os.WriteFile(whole, text, 0o600); err != nil {
			return err
		}
		return os.Rename(whole, filepath.Join(c.maildir, "new", name))
	}
	err := smtp.SendMail(c.smtp, nil, "", []string{copied.Sender}, text)
	if err != nil {
		c.mails-- // the same mail again: one that was taken counts once
	}
	return err
}

// press is what a mail program does for who opts out: RFC 8058.
func (c *correspondents) press(copied taken) error {
	answer, err := http.Post(c.pages+copied.OptOut, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the page to opt out by says %s", answer.Status)
	}
	c.optedOut[copied.To] = time.Now()
	return nil
}

// left is how many reports lie in the Maildir.
func (c *correspondents) left() int {
	entries, err := os.ReadDir(filepath.Join(c.maildir, "new"))
	if err != nil {
		c.t.Fatal(err)
	}
	return len(entries)
}

// reportOf is what a mail system says of a copy.
func reportOf(kind string, copied taken, number int) []byte {
	text := fmt.Sprintf("From: MAILER-DAEMON@mx.example\nTo: <%s>\nSubject: Report\nMessage-ID: <soak-%d@mx.example>\nMIME-Version: 1.0\n", copied.Sender, number)
	if kind == complaint {
		text += fmt.Sprintf("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nA report.\n\n"+
			"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Soak/1\nVersion: 1\nOriginal-Rcpt-To: <%s>\n\n"+
			"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n\n--b--\n", copied.To, copied.MessageID)
	} else {
		says := map[string][3]string{
			hard:    {"failed", "5.1.1", "550 5.1.1 User unknown"},
			soft:    {"failed", "5.2.2", "552 5.2.2 Mailbox full"},
			delayed: {"delayed", "4.4.1", "connection timed out"},
		}[kind]
		text += fmt.Sprintf("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe mail system.\n\n"+
			"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; %s\n\n"+
			"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: %s\n\n--b--\n", copied.To, says[0], says[1], says[2], copied.MessageID)
	}
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}
