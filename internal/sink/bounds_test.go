package sink

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// dialogue says all of it and gives the replies, greeting included.
func dialogue(t *testing.T, address, says string) []string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, says); err != nil {
		t.Fatal(err)
	}
	var replies []string
	for lines := bufio.NewScanner(c); lines.Scan(); {
		if line := lines.Text(); line[3] != '-' {
			replies = append(replies, line[:3])
		}
	}
	return replies
}

// A dot that stands between others than CRLF ends no message: a demo that took
// it for an end would show two mails where a relay sends one.
func TestNoMessageIsSmuggledIntoTheSink(t *testing.T) {
	for _, end := range []string{"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\x00.\r\n"} {
		s := start(t, Options{})
		got := dialogue(t, s.Addr(), "EHLO x\r\nMAIL FROM:<a@press.example>\r\nRCPT TO:<b@news.example>\r\nDATA\r\nSubject: one\r\n\r\na"+
			end+"MAIL FROM:<evil@press.example>\r\nRCPT TO:<b@news.example>\r\nDATA\r\nSubject: two\r\n\r\nb\r\n.\r\nQUIT\r\n")
		if want := "220 250 250 250 354 250 221"; strings.Join(got, " ") != want {
			t.Errorf("with %q the replies are %s, want %s", end, got, want)
		}
		if r := s.Received(); len(r) != 1 || r[0].From != "a@press.example" {
			t.Errorf("with %q it received %+v", end, r)
		}
	}
}
