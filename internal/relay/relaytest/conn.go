package relaytest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// conn is one connection's dialogue.
type conn struct {
	server *Server
	number int
	raw    net.Conn
	wire   net.Conn // raw, or TLS over it
	in     *bufio.Reader

	message, total int
	from           string
	to             []string
	commands       []string
	mailed         bool

	said    string   // at this point of the dialogue
	arrived *Message // the one whose end is being answered
	pauseAt int      // so many bytes into the body
	pause   Action
}

func newConn(s *Server, raw net.Conn, number int) *conn {
	c := &conn{server: s, number: number, raw: raw}
	c.use(raw)
	return c
}

func (c *conn) use(n net.Conn) { c.wire, c.in = n, bufio.NewReader(n) }

// wait waits for a channel; it tells false if the server closes before.
func wait[T any](c *conn, until <-chan T) bool {
	select {
	case <-until:
		return true
	case <-c.server.done:
		return false
	}
}

// do asks the script what to do at a point, and does it. What is said is then
// in c.said.
func (c *conn) do(verb, line string, usual Action) (goOn bool) {
	c.said = ""
	if c.server.script.At != nil {
		p := Point{Conn: c.number, Message: c.message, Total: c.total, Verb: verb, Line: line}
		if a := c.server.script.At(p); a != nil {
			return a(c)
		}
	}
	return usual(c)
}

// say writes a text. A message's answer is noted before it is written, so that
// a client that has read it finds it in Messages, and taken back if writing
// fails.
func (c *conn) say(text string) bool {
	c.server.noteReply(c.arrived, c.said+text)
	if _, err := io.WriteString(c.wire, text); err != nil {
		c.server.noteReply(c.arrived, c.said)
		return false
	}
	c.said += text
	return true
}

// serve speaks until either side closes.
func (c *conn) serve() {
	if !c.do(Greeting, "", Reply("220 relay.example ESMTP")) {
		return
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		c.server.noteLine(c.number, line)
		if !c.command(line) {
			return
		}
	}
}

// command answers one command; it tells whether the dialogue goes on.
func (c *conn) command(line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	switch verb {
	case "MAIL":
		c.message, c.total = c.message+1, c.server.nextTotal()
		return c.mail(line)
	case "RCPT":
		return c.rcpt(line)
	case "DATA":
		return c.data(line)
	}
	if verb == "RSET" || verb == "EHLO" || verb == "LHLO" || verb == "HELO" {
		c.forget()
	}
	return c.do(verb, line, c.usual(verb))
}

// usual is what a good relay says to a command that stands alone.
func (c *conn) usual(verb string) Action {
	switch verb {
	case "EHLO", "LHLO":
		lines := append([]string{"relay.example"}, c.server.script.Extensions...)
		for i := range lines {
			sep := "-"
			if i == len(lines)-1 {
				sep = " "
			}
			lines[i] = "250" + sep + lines[i]
		}
		return Reply(lines...)
	case "HELO":
		return Reply("250 relay.example")
	case "RSET", "NOOP":
		return Reply("250 2.0.0 ok")
	case "QUIT":
		return Then(Reply("221 2.0.0 bye"), Close())
	default:
		return Reply("502 5.5.1 no such command")
	}
}

func (c *conn) forget() {
	c.from, c.to, c.commands, c.mailed = "", nil, nil, false
}

func (c *conn) mail(line string) bool {
	usual := Reply("250 2.1.0 sender ok")
	if c.mailed {
		usual = Reply("503 5.5.1 a sender is given already")
	}
	goOn := c.do("MAIL", line, usual)
	if !c.mailed {
		c.commands = append(c.commands, line)
	}
	if strings.HasPrefix(c.said, "2") {
		c.from, c.mailed = path(line), true
	}
	return goOn
}

func (c *conn) rcpt(line string) bool {
	usual := Reply("250 2.1.5 recipient ok")
	if !c.mailed {
		usual = Reply("503 5.5.1 no sender is given")
	}
	goOn := c.do("RCPT", line, usual)
	c.commands = append(c.commands, line)
	if strings.HasPrefix(c.said, "2") {
		c.to = append(c.to, path(line))
	}
	return goOn
}

// path is what stands in the angle brackets of a MAIL or RCPT line.
func path(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	inside, _, _ := strings.Cut(rest, ">")
	return inside
}

func (c *conn) data(line string) bool {
	usual := Reply("354 go on")
	if !c.mailed || len(c.to) == 0 {
		usual = Reply("503 5.5.1 no valid recipients")
	}
	goOn := c.do("DATA", line, usual)
	if !goOn || !strings.HasPrefix(c.said, "354") {
		return goOn
	}
	c.pause = nil
	if !c.do(Body, "", Silent()) {
		return false
	}
	body, ok := c.body()
	if !ok {
		c.server.noteUnfinished(body)
		return false
	}
	m := &Message{
		Conn: c.number, Number: c.message, From: c.from, To: c.to, Commands: c.commands,
		Body: body, At: time.Now(),
	}
	c.forget()
	c.server.noteMessage(m)
	c.arrived = m
	goOn = c.do(End, "", Reply(fmt.Sprintf("250 2.0.0 queued as %d-%d", m.Conn, m.Number)))
	c.arrived = nil
	return goOn
}

// body reads up to the lone dot and takes dots off; ok is false where it broke
// off or the script ended it, and then the body is what had come.
func (c *conn) body() (body []byte, ok bool) {
	var got bytes.Buffer
	var line []byte // so far
	for read := 0; ; read++ {
		if c.pause != nil && read >= c.pauseAt {
			pause := c.pause
			c.pause = nil
			if !pause(c) {
				return append(got.Bytes(), line...), false
			}
		}
		b, err := c.in.ReadByte()
		if err != nil {
			return append(got.Bytes(), line...), false
		}
		line = append(line, b)
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			continue
		}
		if string(line) == ".\r\n" {
			return got.Bytes(), true
		}
		got.Write(bytes.TrimPrefix(line, []byte(".")))
		line = line[:0]
	}
}
