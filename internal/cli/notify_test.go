package cli_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// listenAsSystemd is the socket that systemd would have; what it is told comes
// line by line.
func listenAsSystemd(t *testing.T) (path string, told <-chan string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path = filepath.Join(dir, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for buffer := make([]byte, 4096); ; {
			n, _, err := conn.ReadFromUnix(buffer)
			if err != nil {
				return
			}
			for line := range strings.SplitSeq(string(buffer[:n]), "\n") {
				lines <- line
			}
		}
	}()
	return path, lines
}

// The daemon tells systemd when it is ready, that it lives, that it reads its
// config anew, and that it stops.
func TestTheDaemonTellsSystemd(t *testing.T) {
	t.Parallel()
	in := install(t, "sqlite:../state/dateline.db", 25)
	socket, told := listenAsSystemd(t)
	in.env = append(in.env, "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=400000")
	daemon := in.serve()
	await := func(want string) {
		t.Helper()
		for deadline := time.After(patience); ; {
			select {
			case line := <-told:
				if line == want {
					return
				}
			case <-deadline:
				t.Fatalf("systemd was never told %q; the daemon's log:\n%s", want, in.log())
			}
		}
	}
	await("READY=1")
	await("STATUS=Serving; 2 releases in the config folder")
	await("WATCHDOG=1")
	await("WATCHDOG=1")
	in.must(change(in.path("config", "lists.yaml"), `\A`, "# read me anew\n"))
	await("RELOADING=1")
	await("READY=1")
	in.must(daemon.Process.Signal(os.Interrupt))
	await("STOPPING=1")
	if err := daemon.Wait(); err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
}
