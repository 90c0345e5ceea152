package relay

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
)

// lmtp dials without go-mail, which does not speak it: the greeting and LHLO.
func (d *dialler) lmtp(ctx context.Context) (*Session, error) {
	o := d.options
	network := "tcp"
	if o.unix() {
		network = "unix"
	}
	bounded, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	conn, err := d.connect(bounded, network, o.address())
	if err != nil {
		return nil, err
	}
	s := &Session{options: o, raw: conn, in: bufio.NewReader(conn), out: bufio.NewWriter(conn)}
	if err := s.deadline(o.Timeout); err != nil {
		return nil, err
	}
	greeting, err := readReply(s.in)
	if err == nil && greeting.code != 220 {
		err = fmt.Errorf("the greeting is %s", greeting)
	}
	if err != nil {
		return nil, err
	}
	s.can, err = s.lhlo(helloName(o))
	return s, err
}

// lhlo greets an LMTP server and reads what it offers.
func (s *Session) lhlo(name string) (abilities, error) {
	if _, err := s.write([]byte("LHLO " + name + "\r\n")); err != nil {
		return abilities{}, err
	}
	offers := map[string]string{}
	var said []string
	code, err := readLines(s.in, func(line string) {
		said = append(said, line)
		name, parameters, _ := strings.Cut(line, " ")
		offers[strings.ToUpper(name)] = parameters
	})
	if err == nil && code != 250 {
		err = fmt.Errorf("LHLO was answered %d %s", code, strings.Join(said, " "))
	}
	return newAbilities(func(name string) (bool, string) {
		parameters, ok := offers[name]
		return ok, parameters
	}, s.options.Delivered), err
}

// helloName is the name that the server is greeted with.
func helloName(o Options) string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return cmp.Or(o.Hello, host)
}
