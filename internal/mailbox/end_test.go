package mailbox

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// idleServer is an IMAP server with an empty folder that tells of a message while
// it idles, and hangs for ever at the end of that.
func idleServer(t *testing.T, ln net.Listener) (hangs chan struct{}) {
	t.Helper()
	hangs = make(chan struct{}, 10)
	var wg sync.WaitGroup
	serve := func(c net.Conn) {
		defer c.Close()
		fmt.Fprint(c, "* OK [CAPABILITY IMAP4rev1 IDLE] hello\r\n")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			words := strings.Fields(lines.Text())
			switch {
			case len(words) < 2: // DONE
				hangs <- struct{}{}
			case words[1] == "IDLE":
				fmt.Fprint(c, "+ idling\r\n* 1 EXISTS\r\n")
			case words[1] == "CAPABILITY":
				fmt.Fprintf(c, "* CAPABILITY IMAP4rev1 IDLE\r\n%s OK\r\n", words[0])
			case words[1] == "SELECT":
				fmt.Fprintf(c, "* 0 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n%s OK [READ-WRITE]\r\n", words[0])
			case words[1] == "UID":
				fmt.Fprintf(c, "* SEARCH\r\n%s OK\r\n", words[0])
			case words[1] == "LOGOUT":
			default:
				fmt.Fprintf(c, "%s OK\r\n", words[0])
			}
		}
	}
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return hangs
}

// ends wants an end of what runs, soon after it was asked for: the daemon is to be
// gone within ten seconds.
func ends(t *testing.T, stop func()) {
	t.Helper()
	asked := time.Now()
	stop()
	if took := time.Since(asked); took > 8*time.Second {
		t.Errorf("the end took %s", took)
	}
}

// Servers that hang as the daemon stops do not keep it.
func TestTheEndIsNotKeptByAnIMAPServerThatHangs(t *testing.T) {
	t.Parallel()
	ln, in, o := listen(t), newIntake(), newOperator()
	hangs := idleServer(t, ln)
	client := IMAP{Settings: o.settings(), Address: ln.Addr().String(), Security: NoTLS, Username: "anna", Password: "secret", Timeout: time.Minute}
	stop := runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	select {
	case <-hangs:
	case <-time.After(patience):
		t.Fatalf("it never idles: %s", o.logged())
	}
	ends(t, stop)
}

func TestTheEndIsNotKeptByAPOP3ServerThatHangs(t *testing.T) {
	t.Parallel()
	ln, in, o := listen(t), newIntake(), newOperator()
	// Greeting, USER, PASS, UIDL, RETR; then no word to DELE.
	serveScript(t, ln, "+OK hello\r\n+OK\r\n+OK\r\n+OK\r\n1 first\r\n.\r\n+OK\r\nSubject: x\r\n\r\nhello\r\n.\r\n")
	client := popClient(o, ln)
	client.Timeout = time.Minute
	stop := runs(t, func(ctx context.Context) error { return client.Run(ctx, in.handle) })
	in.next(t)
	ends(t, stop)
}
