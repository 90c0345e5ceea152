package relay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"dateline/internal/press"
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

// readReply reads one answer, of one or more lines.
func readReply(r *bufio.Reader) (reply, error) {
	var out reply
	code, err := readLines(r, func(line string) {
		enhanced, text := splitEnhanced(line)
		if enhanced != "" {
			out.enhanced = enhanced
		}
		if out.text != "" {
			text = out.text + " " + text
		}
		out.text = text
	})
	if err != nil {
		return reply{}, err
	}
	out.code, out.text = code, strings.TrimSpace(out.text)
	return out, nil
}

// readLines reads one answer and gives the text of each of its lines.
func readLines(r *bufio.Reader, each func(text string)) (code int, err error) {
	for range maxReplyLines {
		line, err := readLine(r)
		if err != nil {
			return 0, err
		}
		now, text, last, ok := splitReply(line)
		switch {
		case !ok:
			return 0, fmt.Errorf("the server's reply %.80q is not one of SMTP", line)
		case code != 0 && now != code:
			return 0, fmt.Errorf("the server's reply changes its code from %d to %d", code, now)
		}
		code = now
		each(text)
		if last {
			return code, nil
		}
	}
	return 0, fmt.Errorf("the server's reply has more than %d lines", maxReplyLines)
}

// readLine reads one line, without its end. It is copied once.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if len(line) > maxReplyLine || errors.Is(err, bufio.ErrBufferFull) {
		return "", fmt.Errorf("the server's reply has a line of more than %d bytes", maxReplyLine)
	}
	if err != nil {
		return "", err
	}
	return printable(bytes.TrimRight(line, "\r\n")), nil
}

// printable keeps a reply fit for a log and a terminal.
func printable(line []byte) string {
	plain := true
	for _, c := range line {
		plain = plain && c >= ' ' && c < 0x7f
	}
	if plain {
		return string(line)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || press.TurnsText(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(line), "\uFFFD"))
}

func splitReply(line string) (code int, text string, last, ok bool) {
	if len(line) < 3 {
		return 0, "", false, false
	}
	for i := range 3 {
		c := line[i]
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, "", false, false
	}
	switch {
	case len(line) == 3:
		return code, "", true, true
	case line[3] == ' ' || line[3] == '-':
		return code, line[4:], line[3] == ' ', true
	default:
		return 0, "", false, false
	}
}

// splitEnhanced takes a status such as 5.1.1 off the front of a line (RFC 2034);
// it is "" where none stands there.
func splitEnhanced(line string) (status, text string) {
	if line == "" || (line[0] != '2' && line[0] != '4' && line[0] != '5') {
		return "", line
	}
	at := 1
	for range 2 {
		if at == len(line) || line[at] != '.' {
			return "", line
		}
		at++
		digits := 0
		for at < len(line) && line[at] >= '0' && line[at] <= '9' {
			at, digits = at+1, digits+1
		}
		if digits < 1 || digits > 3 {
			return "", line
		}
	}
	if at < len(line) && line[at] != ' ' {
		return "", line
	}
	return line[:at], strings.TrimLeft(line[at:], " ")
}
