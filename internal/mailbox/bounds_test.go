package mailbox

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dateline/internal/testenv"
)

// lasts tells how long a connection is kept whose client says one thing after
// the other, each after a pause, for ever.
func lasts(c net.Conn, pause time.Duration, opening string, next func() string) time.Duration {
	began := time.Now()
	go func() { _, _ = io.Copy(io.Discard, c) }() // whatever it is told
	if _, err := io.WriteString(c, opening); err != nil {
		return time.Since(began)
	}
	for time.Since(began) < 24*time.Hour {
		<-time.After(pause)
		if _, err := io.WriteString(c, next()); err != nil {
			break
		}
	}
	return time.Since(began)
}

// Whoever keeps a place without need loses it: by silence, by a command or a
// message that never ends, by commands that do nothing.
func TestNobodyKeepsAPlaceAtTheListener(t *testing.T) {
	always := func(s string) func() string { return func() string { return s } }
	const envelope = "MAIL FROM:<>\r\nRCPT TO:<token1@example.org>\r\nDATA\r\n"
	for name, c := range map[string]struct {
		pause   time.Duration
		opening string
		next    func() string
		most    time.Duration
	}{
		"silence":                     {time.Hour, "", always("x"), time.Hour},
		"silence after the greeting":  {time.Hour, "HELLO x\r\n", always("x"), time.Hour},
		"a command that never ends":   {time.Second, "HELLO ", always("x"), 2 * time.Minute},
		"a message that never ends":   {time.Second, "HELLO x\r\n" + envelope, always("x\r\n"), 3 * time.Minute},
		"a line that never ends":      {time.Second, "HELLO x\r\n" + envelope, always("x"), 3 * time.Minute},
		"an envelope that never ends": {30 * time.Second, "HELLO x\r\nMAIL FROM:<>\r\n", always("RCPT TO:<token1@example.org>\r\n"), 40 * time.Minute},
		"commands that do nothing":    {50 * time.Second, "HELLO x\r\n", always("NOOP\r\n"), 40 * time.Minute},
		"messages that never begin":   {20 * time.Second, "HELLO x\r\n", always("MAIL FROM:<>\r\nRSET\r\n"), 40 * time.Minute},
	} {
		for protocol, lmtp := range map[string]bool{"smtp": false, "lmtp": true} {
			t.Run(name+" by "+protocol, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					hello := "EHLO"
					if lmtp {
						hello = "LHLO"
					}
					ln, in := testenv.NewPipes(0), newIntake()
					stop := serveIn(t, Listener{LMTP: lmtp, Accepts: onlyTokens}, ln, in)
					defer stop()
					conn := ln.Dial()
					defer conn.Close()
					if got := lasts(conn, c.pause, strings.Replace(c.opening, "HELLO", hello, 1), c.next); got > c.most {
						t.Errorf("the connection lasted %s, more than %s", got, c.most)
					}
					if len(in.got) != 0 {
						t.Error("a message came in")
					}
				})
			})
		}
	}
}

// With all places taken by those who are silent, the next one is told so at
// once, and let in when they were sent away.
func TestSilentOnesFillTheListenerForAWhileOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := testenv.NewPipes(0)
		stop := serveIn(t, Listener{Accepts: onlyTokens, MaxConns: 3, MaxConnsNet: 3}, ln, newIntake())
		defer stop()
		greeted := func() string {
			c := ln.Dial()
			t.Cleanup(func() { c.Close() })
			line, err := bufio.NewReader(c).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			return line[:3]
		}
		for range 3 {
			if got := greeted(); got != "220" {
				t.Fatalf("got %s before it is full", got)
			}
		}
		if got := greeted(); got != "421" {
			t.Errorf("got %s when it is full", got)
		}
		<-time.After(5 * time.Minute) // a minute for their silence, and one in which they do not read that they have to go
		if got := greeted(); got != "220" {
			t.Errorf("got %s after the silent ones had their time", got)
		}
	})
}

func serveIn(t *testing.T, l Listener, ln net.Listener, in *intake) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, ln, in.handle) }()
	return func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// What comes of a message after its time was over is no command: who has it
// sent by a slow server could choose what it says.
func TestTheRestOfALateMessageIsNoCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln, in := testenv.NewPipes(0), newIntake()
		stop := serveIn(t, Listener{Accepts: onlyTokens}, ln, in)
		defer stop()
		conn := ln.Dial()
		defer conn.Close()
		var talking sync.WaitGroup
		defer talking.Wait()
		talking.Go(func() {
			for i, part := range []string{
				"EHLO x\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<token1@example.org>\r\n", "DATA\r\n", "Subject: slow\r\n\r\n",
				"RSET\r\nMAIL FROM:<evil@example.net>\r\nRCPT TO:<token1@example.org>\r\nDATA\r\nSubject: evil\r\n\r\n.\r\n",
			} {
				if i == 5 {
					<-time.After(90 * time.Second)
				}
				if _, err := io.WriteString(conn, part); err != nil {
					return
				}
			}
		})
		said, _ := io.ReadAll(conn) // it ends with the connection
		if len(in.got) != 0 {
			t.Errorf("a message came in: %q", (<-in.got).Raw)
		}
		if replies := strings.Split(strings.TrimSpace(string(said)), "\r\n"); !strings.HasPrefix(replies[len(replies)-1], "421") {
			t.Errorf("the last reply is %q", replies[len(replies)-1])
		}
	})
}

// Who guesses recipients is sent away, whatever envelopes or greetings stand
// between the guesses; what was taken before is not lost.
func TestWhoGuessesRecipientsIsSentAway(t *testing.T) {
	in := newIntake()
	address, _ := serves(t, Listener{}, in)
	k := dialTalk(t, address)
	k.hears(t, "220")
	for range mostRefused {
		k.says(t, "EHLO x", "250")
		k.says(t, "MAIL FROM:<>", "250")
		k.says(t, "RCPT TO:<guess@example.org>", "550 5.1.1")
	}
	k.hears(t, "421")
	if _, err := k.r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection goes on: %v", err)
	}
}
