package relaytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is a bare SMTP client.
type client struct {
	*testing.T
	*textproto.Conn
	raw net.Conn
}

func dial(t *testing.T, s *Server) *client {
	t.Helper()
	raw, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return &client{t, textproto.NewConn(raw), raw}
}

// say writes text and expects replies that begin so, one each; "EOF" for the
// end of the connection.
func (c *client) say(text string, replies ...string) {
	c.Helper()
	if _, err := io.WriteString(c.raw, text); err != nil {
		c.Fatal(err)
	}
	for _, want := range replies {
		code, got, err := c.ReadResponse(0)
		if want == "EOF" {
			if err == nil {
				c.Fatalf("after %q the server says %d %s", text, code, got)
			}
			continue
		}
		if line := fmt.Sprintf("%d %s", code, got); err != nil || !strings.HasPrefix(line, want) {
			c.Fatalf("after %q: got %q, %v; want %q", text, line, err, want)
		}
	}
}

const (
	hello    = "EHLO test.example\r\n"
	envelope = "MAIL FROM:<b@x.example> RET=HDRS\r\nRCPT TO:<a@x.example> NOTIFY=NEVER\r\nDATA\r\n"
	body     = "Subject: x\r\n\r\n..one dot\r\nbare\nline\r\n"
	plain    = "Subject: x\r\n\r\n.one dot\r\nbare\nline\r\n"
)

func TestAGoodRelayByDefault(t *testing.T) {
	s := Start(t, Script{})
	c := dial(t, s)
	c.say("", "220")
	c.say(hello, "250 relay.example\nPIPELINING\n8BITMIME\nSMTPUTF8\nDSN\nENHANCEDSTATUSCODES")
	c.say(envelope, "250 2.1.0", "250 2.1.5", "354")
	c.say(body+".\r\nRSET\r\n"+envelope, "250 2.0.0 queued as 1-1", "250", "250", "250", "354") // pipelined behind the body
	c.say(".\r\n", "250")
	c.say("RCPT TO:<a@x.example>\r\nDATA\r\nVRFY x\r\nNOOP\r\nQUIT\r\n", "503", "503", "502", "250", "221", "EOF")
	got := s.Messages()
	if len(got) != 2 || s.Conns() != 1 {
		t.Fatalf("%d messages over %d connections: %+v", len(got), s.Conns(), got)
	}
	m := got[0]
	if m.From != "b@x.example" || !slices.Equal(m.To, []string{"a@x.example"}) || string(m.Body) != plain || !m.Accepted || m.At.IsZero() {
		t.Errorf("got %+v", m)
	}
	if !slices.Equal(m.Commands, []string{"MAIL FROM:<b@x.example> RET=HDRS", "RCPT TO:<a@x.example> NOTIFY=NEVER"}) {
		t.Errorf("got the commands %q", m.Commands)
	}
	if lines := s.Lines(1); len(lines) != 13 || lines[4] != "RSET" || s.Lines(2) != nil {
		t.Errorf("got the lines %q", lines)
	}
}

func TestRepliesAtEachPoint(t *testing.T) {
	for verb, dialogue := range map[string][]string{
		Greeting: {"", "554 no"},
		"EHLO":   {"", "220", hello, "554 no"},
		"MAIL":   {"", "220", "MAIL FROM:<>\r\n", "554 no"},
		"RCPT":   {"", "220", "MAIL FROM:<>\r\n", "250", "RCPT TO:<a@x.example>\r\n", "554 no", "DATA\r\n", "503"},
		"DATA":   {"", "220", "MAIL FROM:<>\r\n", "250", "RCPT TO:<a@x.example>\r\n", "250", "DATA\r\n", "554 no", "NOOP\r\n", "250"},
		"RSET":   {"", "220", "RSET\r\n", "554 no"},
		"QUIT":   {"", "220", "QUIT\r\n", "554 no", "NOOP\r\n", "250"},
		"AUTH":   {"", "220", "AUTH PLAIN x\r\n", "554 no"},
	} {
		t.Run(verb, func(t *testing.T) {
			s := Start(t, On(verb, Reply("554-no", "554 at all")))
			c := dial(t, s)
			for i := 0; i < len(dialogue); i += 2 {
				c.say(dialogue[i], dialogue[i+1])
			}
			if n := len(s.Messages()); n != 0 {
				t.Errorf("%d messages came", n)
			}
		})
	}
}

func TestARefusalAtTheEndIsKeptWithTheMessage(t *testing.T) {
	s := Start(t, OnMessage(2, End, Reply("451 4.3.0 later")))
	c := dial(t, s)
	c.say("", "220")
	for _, reply := range []string{"250", "451", "250"} {
		c.say(envelope, "250", "250", "354")
		c.say(body+".\r\n", reply)
	}
	got := s.Messages()
	if len(got) != 3 || !got[0].Accepted || got[1].Accepted || !got[2].Accepted || got[1].Said != "451 4.3.0 later\r\n" || got[2].Number != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestTheConnectionEndsWhereTheScriptSays(t *testing.T) {
	for name, c := range map[string]struct {
		script   Script
		kept     int
		accepted bool
	}{
		"at the greeting":           {On(Greeting, Close()), 0, false},
		"at MAIL":                   {On("MAIL", Reset()), 0, false},
		"within the body":           {On(Body, After(5, Close())), 0, false},
		"before the body":           {On(Body, Close()), 0, false},
		"at the end without a word": {On(End, Close()), 1, false},
		"after the last reply":      {On(End, Then(Reply("250 ok"), Close())), 1, true},
		"after half a reply":        {On(End, Then(Raw("250 o"), Close())), 1, false},
		"with 421 within the body":  {On(Body, After(1, Then(Reply("421 4.3.2 going down"), Close()))), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, c.script)
			client := dial(t, s)
			_, _ = io.WriteString(client.raw, hello+envelope+body+".\r\n") // it may break off on the way
			_, _ = io.Copy(io.Discard, client.raw)
			s.Close()
			got := s.Messages()
			if len(got) != c.kept || (c.kept == 1 && got[0].Accepted != c.accepted) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWaitHoldsTheReplyBack(t *testing.T) {
	release, asked := make(chan struct{}), make(chan struct{})
	s := Start(t, Script{At: func(p Point) Action {
		if p.Verb == End {
			close(asked)
			return Wait(release, Reply("250 ok"))
		}
		return nil
	}})
	c := dial(t, s)
	c.say("", "220")
	c.say(envelope, "250", "250", "354")
	c.say(body + ".\r\n")
	<-asked
	if got := s.Messages(); len(got) != 1 || got[0].Accepted {
		t.Errorf("before the reply: %+v", got)
	}
	close(release)
	c.say("", "250")
}

func TestRepliesBeforeTheirCommands(t *testing.T) {
	s := Start(t, Script{At: func(p Point) Action {
		switch p.Verb {
		case "MAIL":
			return Reply("250 sender", "250 recipient, not yet named")
		case "RCPT":
			return Silent()
		}
		return nil
	}})
	c := dial(t, s)
	c.say("", "220")
	c.say("MAIL FROM:<>\r\n", "250", "250")
	c.say("RCPT TO:<a@x.example>\r\nNOOP\r\n", "250 2.0.0")
}

func TestDripAndFlood(t *testing.T) {
	s := Start(t, Script{At: func(p Point) Action {
		switch p.Verb {
		case "EHLO":
			return Drip("250-slow\r\n250 relay\r\n", time.Microsecond)
		case "MAIL":
			return Flood("250-and more\r\n")
		}
		return nil
	}})
	c := dial(t, s)
	c.say("", "220")
	c.say(hello, "250 slow\nrelay")
	c.say("MAIL FROM:<>\r\n")
	got := make([]byte, 1<<20)
	if _, err := io.ReadFull(c.raw, got); err != nil || !bytes.Contains(got, []byte("more\r\n250-and")) {
		t.Errorf("the flood ends: %v", err)
	}
}

// The test's end must not wait for scripts that hang; goleak looks after it.
func TestCloseEndsWhatHangs(t *testing.T) {
	never := make(chan struct{})
	for name, a := range map[string]Action{
		"hang": Hang(), "wait": Wait(never, Close()), "drip": Drip("250 slow\r\n", time.Hour), "flood": Flood("x"),
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{})
			s := Start(t, Script{At: func(p Point) Action {
				if p.Verb != "EHLO" {
					return nil
				}
				close(asked)
				return a
			}})
			c := dial(t, s)
			c.say("", "220")
			c.say(hello)
			<-asked
			s.Close()
			s.Close()
			_, err := io.Copy(io.Discard, c.raw)
			if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
				t.Errorf("the connection is still open: %v", err)
			}
			if _, err := net.Dial("tcp", s.Addr()); err == nil {
				t.Error("it still listens")
			}
		})
	}
}

func TestExtensionsAndPorts(t *testing.T) {
	s := Start(t, Script{Extensions: []string{}})
	c := dial(t, s)
	c.say("", "220")
	c.say(hello, "250 relay.example")
	c.say("HELO x\r\n", "250 relay.example")
	if _, port, err := net.SplitHostPort(s.Addr()); err != nil || port != strconv.Itoa(s.Port()) {
		t.Errorf("%s is not at port %d", s.Addr(), s.Port())
	}
}

func TestStartTLSGoesOnOverTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"relay.example"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	s := Start(t, On("STARTTLS", StartTLS(&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})))
	c := dial(t, s)
	c.say("", "220")
	c.say("STARTTLS\r\n", "220")
	secure := tls.Client(c.raw, &tls.Config{RootCAs: roots, ServerName: "relay.example"})
	over := &client{t, textproto.NewConn(secure), secure}
	over.say(hello, "250")
	over.say(envelope, "250", "250", "354")
	over.say(body+".\r\n", "250")

	c = dial(t, s)
	c.say("", "220")
	c.say("STARTTLS\r\n", "220")
	c.say("no handshake\r\n", "EOF")
}

func TestLMTPOverAUnixSocket(t *testing.T) {
	s := StartUnix(t, filepath.Join(t.TempDir(), "lmtp"), Script{Extensions: []string{"PIPELINING"}})
	raw, err := net.Dial("unix", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	c := &client{t, textproto.NewConn(raw), raw}
	c.say("", "220")
	c.say("LHLO test.example\r\n", "250 relay.example\nPIPELINING")
	c.say(envelope, "250", "250", "354")
	c.say(body+".\r\n", "250 2.0.0")
	if m := s.Messages(); len(m) != 1 || string(m[0].Body) != plain {
		t.Errorf("%+v", m)
	}
}

func TestWhatBrokeOffIsKept(t *testing.T) {
	s := Start(t, Script{})
	c := dial(t, s)
	c.say("", "220")
	c.say(envelope, "250", "250", "354")
	c.say("Subject: x\r\n..half")
	if err := c.raw.Close(); err != nil {
		t.Fatal(err)
	}
	for len(s.Unfinished()) == 0 {
		runtime.Gosched()
	}
	if got := s.Unfinished(); len(got) != 1 || string(got[0]) != "Subject: x\r\n..half" || len(s.Messages()) != 0 {
		t.Errorf("%q", got)
	}
}
