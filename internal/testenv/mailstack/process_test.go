package mailstack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// ownerVariable makes this test binary start the servers and wait to be killed.
const ownerVariable = "MAILSTACK_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		ownServersUntilKilled()
	}
	os.Exit(m.Run())
}

func ownServersUntilKilled() {
	s, err := start(Options{})
	if err != nil {
		panic(err)
	}
	if _, err := os.Stdout.WriteString(strings.Join([]string{s.folder, s.SMTP, s.IMAP}, " ") + "\n"); err != nil {
		panic(err)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	panic(fmt.Sprintf("nobody killed the owner: %v", err))
}

func TestServersEndWhenTheirOwnerIsKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	owner := exec.CommandContext(t.Context(), self)
	owner.Env = append(os.Environ(), ownerVariable+"=1")
	hold, err := owner.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	told, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	owner.Stderr = os.Stderr
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(line)
	folder, addresses := words[0], words[1:]
	removed := watchRemoval(t, folder)
	var witnesses []net.Conn
	for _, address := range addresses {
		witnesses = append(witnesses, connect(t, address))
	}

	if err := owner.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for i, witness := range witnesses {
		if _, err := io.Copy(io.Discard, witness); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s did not close its connection: %v", addresses[i], err)
		}
	}
	removed()
	_ = owner.Wait() // it was killed
	noneLeft(t, folder)
}

// The owner may be killed at any moment, while the servers start, too.
func TestNothingIsLeftWhenTheOwnerIsGoneBeforeTheStart(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"before the settings are there": "", "while the servers start": "the settings are there\n"} {
		t.Run(name, func(t *testing.T) {
			r, c := launchWithSettings(t)
			removed := watchRemoval(t, c.Folder)
			if _, err := io.WriteString(r.life, begin); err != nil {
				t.Fatal(err)
			}
			// What the death of a process does to its pipes.
			if err := errors.Join(r.life.Close(), r.words.Close()); err != nil {
				t.Fatal(err)
			}
			removed()
			_ = r.shell.Wait() // it could not say that it was ready
			noneLeft(t, c.Folder)
		})
	}
}

func TestNothingIsLeftWhenTheTestEnds(t *testing.T) {
	t.Parallel()
	var s *Stack
	t.Run("user", func(t *testing.T) {
		s = Start(t, Options{})
		connect(t, s.POP3)
		// That the search finds some; only root is told of others' processes.
		if n := len(processesIn(t, s.folder)); os.Geteuid() == 0 && n < 4 {
			t.Errorf("%d processes work in the folder, want those of Postfix and Dovecot", n)
		}
	})
	noneLeft(t, s.folder)
}

// What the servers say is what a person needs when they do not start. A port
// that was taken meanwhile is what happens.
func TestFailedStartTellsWhatTheServersSaid(t *testing.T) {
	t.Parallel()
	for taken, want := range map[string]string{
		"smtp":  "mail system startup failed", // newer ones keep the rest to themselves
		"imaps": "Address already in use",
	} {
		t.Run(taken, func(t *testing.T) {
			r, c := launchWithSettings(t)
			ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", c.address(taken))
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			if err := r.ready(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want: %s", err, want)
			}
			noneLeft(t, c.Folder)
		})
	}
}

// launchWithSettings is a start up to the moment when the servers would.
func launchWithSettings(t *testing.T) (*running, settings) {
	t.Helper()
	version, err := dovecotVersion()
	if err != nil {
		t.Fatal(err)
	}
	ports, err := freePorts(portNames()...)
	if err != nil {
		t.Fatal(err)
	}
	r, folder, err := launch()
	if err != nil {
		t.Fatal(err)
	}
	c := settings{Folder: folder, Ports: ports}
	if _, err := writeCertificates(folder); err != nil {
		t.Fatal(err)
	}
	if err := c.write(version); err != nil {
		t.Fatal(err)
	}
	return r, c
}

func TestTransport(t *testing.T) {
	t.Parallel()
	for o, want := range map[Options]string{
		{}:                          "smtp:[127.0.0.1]:1",
		{BouncesTo: "127.0.0.1:24"}: "lmtp:inet:[127.0.0.1]:24",
		{BouncesTo: "/run/x"}:       "lmtp:unix:/run/x",
		{BouncesTo: "localhost:25", BySMTP: true}: "smtp:[localhost]:25",
		{BouncesTo: "localhost"}:                  "",
		{BouncesTo: "run/x"}:                      "",
		{BouncesTo: "/run/x", BySMTP: true}:       "",
	} {
		if got, err := o.transport(); got != want || (err == nil) != (want != "") {
			t.Errorf("%+v gave %q and %v, want %q", o, got, err, want)
		}
	}
}

// noneLeft fails where the folder is still there, or a process in it.
func noneLeft(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there (%v)", folder, err)
	}
	// One that was killed may need a moment.
	deadline, again := time.After(10*time.Second), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for {
		left := processesIn(t, folder)
		if len(left) == 0 {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("processes were left behind: %q", left)
		}
	}
}

// processesIn are those that work in a folder, as each of both servers does.
func processesIn(t *testing.T, folder string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(links, func(link string) bool {
		at, err := os.Readlink(link)
		return err != nil || !strings.HasPrefix(at, folder) // one that has ended has none
	})
}

// openFolder is a short temporary folder that every account may enter.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "mailstack")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// openSocket lets Postfix's own account connect.
func openSocket(t *testing.T, a net.Addr) {
	t.Helper()
	if a.Network() != "unix" {
		return
	}
	if err := os.Chmod(a.String(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// connect opens a bare connection to a server and leaves it idle.
func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// watchRemoval gives a function that waits until the folder is removed.
func watchRemoval(t *testing.T, folder string) func() {
	t.Helper()
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { watcher.Close() })
	if err := watcher.Add(filepath.Dir(folder)); err != nil {
		t.Fatal(err)
	}
	return func() {
		deadline := time.After(30 * time.Second)
		for {
			select {
			case event := <-watcher.Events:
				if event.Name == folder && event.Has(fsnotify.Remove) {
					return
				}
			case err := <-watcher.Errors:
				t.Fatal(err)
			case <-deadline:
				t.Fatalf("%s is still there", folder)
			}
		}
	}
}
