package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// strainCommand gives a listener of the daemon more than it should take, and
// sees that it refuses, reads no further, and serves the next one.
//
//	strain ports NAME…          free ports in $NAME…
//	strain http PORT PATH       a header and a body without measure
//	strain smtp PORT HELLO      a line, an envelope and a message without measure
func strainCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || (args[0] != "ports" && len(args) != 3) {
		ts.Fatalf("usage: strain ports NAME… | http PORT PATH | smtp PORT HELLO")
	}
	switch args[0] {
	case "ports":
		for _, name := range args[1:] {
			port, err := freePort()
			ts.Check(err)
			ts.Setenv(name, strconv.Itoa(port))
		}
	case "http":
		strainHTTP(ts, args[1], args[2])
	default:
		strainSMTP(ts, args[1], args[2])
	}
}

// knock connects; the daemon may just be starting.
func knock(ts *testscript.TestScript, port string) net.Conn {
	var c net.Conn
	var err error
	if !wait(func() bool { c, err = net.Dial("tcp", "127.0.0.1:"+port); return err == nil }, 50*time.Millisecond) {
		ts.Fatalf("nobody listens at %s: %v", port, err)
	}
	ts.Check(c.SetDeadline(time.Now().Add(30 * time.Second)))
	return c
}

// flood says the opening, and then the same for ever, up to 256 MiB; it gives how
// much of that was taken.
func flood(c io.Writer, opening, forever string) (taken int) {
	if _, err := io.WriteString(c, opening); err != nil {
		return 0
	}
	for chunk := []byte(strings.Repeat(forever, 64<<10/len(forever))); taken < 256<<20; {
		n, err := c.Write(chunk)
		taken += n
		if err != nil {
			break
		}
	}
	return taken
}

// mostTaken is what may be on its way in the system's buffers, beside the largest
// body that is taken anywhere.
const mostTaken = 32 << 20

func strainHTTP(ts *testscript.TestScript, port, path string) {
	head := " " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n"
	for what, say := range map[string][2]string{
		"a header":        {"GET" + head + "X: ", "x"},
		"fields":          {"GET" + head, "X: y\r\n"},
		"a body":          {"POST" + head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000000000\r\n\r\n", "x"},
		"chunks":          {"POST" + head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\nxxxxxxxxxxxxxxxx\r\n"},
		"a body of a GET": {"GET" + head + "Content-Length: 1000000000000\r\n\r\n", "x"},
	} {
		c := knock(ts, port)
		if taken := flood(c, say[0], say[1]); taken > mostTaken {
			ts.Fatalf("%s: %s at %s was taken for %d bytes", path, what, port, taken)
		}
		_ = c.Close() // it is broken
	}
	c := knock(ts, port)
	defer c.Close()
	_, err := io.WriteString(c, "GET"+head+"\r\n")
	ts.Check(err)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	ts.Check(err)
	ts.Check(answer.Body.Close())
}

func strainSMTP(ts *testscript.TestScript, port, hello string) {
	for what, say := range map[string][2]string{
		"a line":     {"", "x"},
		"commands":   {hello + " x\r\n", "X\r\n"},
		"recipients": {hello + " x\r\nMAIL FROM:<>\r\n", "RCPT TO:<x@example.org>\r\n"},
		"data":       {hello + " x\r\nMAIL FROM:<>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n", "x\r\n"},
	} {
		c := knock(ts, port)
		heard := make(chan struct{})
		go func() { defer close(heard); _, _ = io.Copy(io.Discard, c) }() // until it is broken
		if taken := flood(c, say[0], say[1]); taken > mostTaken {
			ts.Fatalf("%s at %s were taken for %d bytes", what, port, taken)
		}
		_ = c.Close()
		<-heard
	}
	c := knock(ts, port)
	defer c.Close()
	var greeting string
	_, err := fmt.Fscan(c, &greeting)
	ts.Check(err)
	if greeting != "220" {
		ts.Fatalf("the next one at %s is greeted with %s", port, greeting)
	}
}
