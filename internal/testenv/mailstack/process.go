package mailstack

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

//go:embed start.sh
var startScript string

// running is the script that keeps both servers, until its pipe closes.
type running struct {
	life  io.WriteCloser
	words io.Closer
	told  *bufio.Scanner
	shell *exec.Cmd
}

// launch runs the script, and gives the folder in which it wants the settings.
func launch() (*running, string, error) {
	become, err := asRoot()
	if err != nil {
		return nil, "", err
	}
	command := slices.Concat(become, []string{"/bin/sh", "-c", startScript, "start.sh"})
	// It outlives the context of any one test: the pipe ends it.
	shell := exec.Command(command[0], command[1:]...) //nolint:noctx // as above
	shell.Dir = "/"
	// A session of its own: Ctrl-C ends the tests, and their end the servers.
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// The programs of neither server may be led astray (MAIL_CONFIG).
	shell.Env = []string{"PATH=" + os.Getenv("PATH")}
	life, err := shell.StdinPipe()
	if err != nil {
		return nil, "", err
	}
	told, err := shell.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	shell.Stderr = shell.Stdout
	if err := shell.Start(); err != nil {
		return nil, "", err
	}
	r := &running{life, told, bufio.NewScanner(told), shell}
	line, err := r.await("folder ")
	if err != nil {
		return nil, "", err
	}
	return r, line, nil
}

// ready lets the script go on, and waits until both servers take connections.
func (r *running) ready() error {
	if _, err := io.WriteString(r.life, "the settings are there\n"); err != nil {
		return errors.Join(err, r.stop())
	}
	_, err := r.await("ready")
	return err
}

// await waits for a line that begins so, and gives its rest. Where the script
// ends before, it gives what was said instead.
func (r *running) await(begin string) (string, error) {
	var said []string
	for r.told.Scan() {
		if rest, ok := strings.CutPrefix(r.told.Text(), begin); ok {
			return rest, nil
		}
		said = append(said, r.told.Text())
	}
	return "", errors.Join(errors.New(strings.Join(said, "\n")), r.stop())
}

// stop ends the servers and removes their folder.
func (r *running) stop() error {
	return errors.Join(r.life.Close(), r.shell.Wait())
}

// asRoot is what makes a command run as root: nothing, or sudo.
func asRoot() ([]string, error) {
	if os.Geteuid() == 0 {
		return nil, nil
	}
	const wanted = "Postfix's master runs as root alone: run the tests as root, or let sudo work without a password (sudo -n true)"
	sudo, err := exec.LookPath("sudo")
	if err != nil {
		return nil, fmt.Errorf("%s; there is no sudo here: %w", wanted, err)
	}
	if said, err := exec.Command(sudo, "-n", "true").CombinedOutput(); err != nil { //nolint:noctx // it never waits
		return nil, fmt.Errorf("%s: %w: %s", wanted, err, strings.TrimSpace(string(said)))
	}
	return []string{sudo, "-n"}, nil
}

// program finds what root alone has in its PATH.
func program(name string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("there is no program %s in PATH nor in /usr/sbin; `make setup` installs it (Debian: postfix, dovecot-imapd, dovecot-pop3d, dovecot-lmtpd)", name)
}
