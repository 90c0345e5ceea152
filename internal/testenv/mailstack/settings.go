package mailstack

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

//go:embed settings
var settingsFiles embed.FS

// settings are what the files of both servers are written from.
type settings struct {
	Folder    string
	Ports     map[string]int
	Listener  string // the transport of listener.test
	Mailboxes []string
	Full      string // the one over quota
	Password  string
}

// attempts is how often a start is tried: between the choice of free ports and
// their use another process may take one.
const attempts = 3

func start(o Options) (*Stack, error) {
	version, err := dovecotVersion()
	if err != nil {
		return nil, err
	}
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	if _, err := program("postfix"); err != nil {
		return nil, err
	}
	var failed error
	for range attempts {
		var s *Stack
		if s, failed = startOnce(version, transport); failed == nil {
			return s, nil
		}
	}
	return nil, failed
}

func startOnce(dovecotVersion, transport string) (*Stack, error) {
	ports, err := freePorts(portNames()...)
	if err != nil {
		return nil, err
	}
	r, folder, err := launch()
	if err != nil {
		return nil, err
	}
	c := settings{
		Folder: folder, Ports: ports, Listener: transport,
		Mailboxes: []string{Reader, Full, Bounces}, Full: Full, Password: rand.Text(),
	}
	pool, err := writeCertificates(folder)
	if err == nil {
		err = c.write(dovecotVersion)
	}
	if err != nil {
		return nil, errors.Join(err, r.stop())
	}
	if err := r.ready(); err != nil {
		return nil, err
	}
	return &Stack{
		SMTP: c.address("smtp"), LMTP: c.address("lmtp"), LMTPSocket: filepath.Join(folder, "dovecot", "run", "lmtp"),
		IMAP: c.address("imap"), IMAPS: c.address("imaps"), POP3: c.address("pop3"), POP3S: c.address("pop3s"),
		Password: c.Password, CAs: pool, CAFile: filepath.Join(folder, caFile),
		folder: folder, running: r,
	}, nil
}

// transport is the entry of listener.test in Postfix's table.
func (o Options) transport() (string, error) {
	switch host, port, err := net.SplitHostPort(o.BouncesTo); {
	case o.BouncesTo == "":
		return "smtp:[127.0.0.1]:1", nil
	case o.BySMTP && err == nil:
		return "smtp:[" + host + "]:" + port, nil
	case filepath.IsAbs(o.BouncesTo) && !o.BySMTP:
		return "lmtp:unix:" + o.BouncesTo, nil
	case err == nil:
		return "lmtp:inet:[" + host + "]:" + port, nil
	default:
		return "", fmt.Errorf("BouncesTo is %q; it must be host:port, or for LMTP the absolute path of a socket", o.BouncesTo)
	}
}

func portNames() []string {
	return []string{"smtp", "refusing", "lmtp", "imap", "imaps", "pop3", "pop3s"}
}

// Port is used by the files.
func (c settings) Port(name string) (int, error) {
	port, ok := c.Ports[name]
	if !ok {
		return 0, fmt.Errorf("no port was chosen for %s", name)
	}
	return port, nil
}

func (c settings) address(name string) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Ports[name]))
}

// write writes the files of both servers.
func (c settings) write(dovecotVersion string) error {
	files, err := template.ParseFS(settingsFiles, "settings/*")
	if err != nil {
		return err
	}
	for from, to := range map[string]string{
		"main.cf":                             "postfix/main.cf",
		"master.cf":                           "postfix/master.cf",
		"recipients":                          "postfix/recipients",
		"transport":                           "postfix/transport",
		"users":                               "dovecot/users",
		"dovecot-" + dovecotVersion + ".conf": "dovecot/dovecot.conf",
	} {
		var text strings.Builder
		if err := files.ExecuteTemplate(&text, from, c); err != nil {
			return err
		}
		// Dovecot reads them under an account of its own.
		if err := os.WriteFile(filepath.Join(c.Folder, to), []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// dovecotVersion is 2.3 or 2.4, whose settings have little in common.
func dovecotVersion() (string, error) {
	dovecot, err := program("dovecot")
	if err != nil {
		return "", err
	}
	said, err := exec.Command(dovecot, "--version").Output() //nolint:noctx // it never waits
	if err != nil {
		return "", fmt.Errorf("asking Dovecot for its version: %w", err)
	}
	for _, known := range []string{"2.3", "2.4"} {
		if strings.HasPrefix(string(said), known+".") {
			return known, nil
		}
	}
	return "", fmt.Errorf("the Dovecot here is of version %s; there are settings for 2.3 and 2.4", strings.TrimSpace(string(said)))
}

// freePorts are loopback ports that nobody listens on just now.
func freePorts(names ...string) (map[string]int, error) {
	ports := map[string]int{}
	// All are held until all are chosen, so that no two are the same.
	var held []net.Listener
	defer func() {
		for _, listener := range held {
			listener.Close()
		}
	}()
	for _, name := range names {
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		held = append(held, listener)
		ports[name] = int(listener.Addr().(*net.TCPAddr).AddrPort().Port())
	}
	return ports, nil
}
