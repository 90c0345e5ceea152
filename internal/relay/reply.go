package relay

import (
	"bufio"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// reply is a server's answer to one command (RFC 5321, section 4.2).
type reply struct {
	code     int
	enhanced string // RFC 3463; "" where none was given
	text     string
}

func (r reply) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", r.code, r.enhanced, r.text))
}

// Bounds on what a server may say: RFC 5321 has 512 bytes a line.
const (
	maxReplyLine  = 2000
	maxReplyLines = 50
)

var enhancedForm = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)`)

// readReply reads one answer, of one or more lines.
func readReply(r *bufio.Reader) (reply, error) {
	var out reply
	var texts []string
	for range maxReplyLines {
		line, err := readLine(r)
		if err != nil {
			return reply{}, err
		}
		code, rest, last, err := splitReply(line)
		if err != nil {
			return reply{}, err
		}
		if out.code != 0 && code != out.code {
			return reply{}, fmt.Errorf("the server's reply changes its code from %d to %d", out.code, code)
		}
		out.code = code
		if m := enhancedForm.FindStringSubmatch(rest); m != nil {
			out.enhanced = m[1]
			rest = rest[len(m[0]):]
		}
		texts = append(texts, rest)
		if last {
			out.text = strings.TrimSpace(strings.Join(texts, " "))
			return out, nil
		}
	}
	return reply{}, fmt.Errorf("the server's reply has more than %d lines", maxReplyLines)
}

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxReplyLine {
			return "", fmt.Errorf("the server's reply has a line of more than %d bytes", maxReplyLine)
		}
		if err == nil {
			return printable(strings.TrimRight(string(line), "\r\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}

// printable keeps a reply fit for a log and a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

func splitReply(line string) (code int, text string, last bool, err error) {
	wrong := fmt.Errorf("the server's reply %.80q is not one of SMTP", line)
	if len(line) < 3 {
		return 0, "", false, wrong
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, "", false, wrong
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, "", false, wrong
	}
	switch {
	case len(line) == 3:
		return code, "", true, nil
	case line[3] == ' ':
		return code, line[4:], true, nil
	case line[3] == '-':
		return code, line[4:], false, nil
	default:
		return 0, "", false, wrong
	}
}
