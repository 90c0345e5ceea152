package testenv

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// ownerVariable makes this test binary start a server and wait to be killed.
const ownerVariable = "TESTENV_SERVER_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		ownServerUntilKilled()
	}
	os.Exit(m.Run())
}

func ownServerUntilKilled() {
	server, err := StartServer()
	if err != nil {
		panic(err)
	}
	if _, err := os.Stdout.WriteString(server.URL() + "\n"); err != nil {
		panic(err)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	panic(fmt.Sprintf("nobody killed the owner: %v", err))
}

func TestServerEndsWhenItsOwnerIsKilled(t *testing.T) {
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
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	folder := serverFolder(t, address)
	witness := connect(t, address)
	removed := watchRemoval(t, folder)

	if err := owner.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, witness); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server did not close its connections: %v", err)
	}
	removed()
	_ = owner.Wait() // it was killed
}

func TestStopRemovesTheFolder(t *testing.T) {
	server, err := StartServer()
	if err != nil {
		t.Fatal(err)
	}
	folder := serverFolder(t, server.URL())
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there (%v)", folder, err)
	}
}

func TestServerAsksForThePassword(t *testing.T) {
	server, err := ownServer()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("dateline", "wrong")
	if err := execute(u, "SELECT 1"); err == nil || !strings.Contains(err.Error(), "password authentication failed") {
		t.Errorf("a wrong password gave %v", err)
	}
}

// What the programs say is what a person needs when the server does not start.
func TestFailedStartTellsWhatTheProgramsSaid(t *testing.T) {
	programs := openFolder(t)
	fake := "#!/bin/sh\necho 'initdb: no space left' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(programs, "initdb"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := startOnce(programs); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v, want what initdb said", err)
	}
	if _, err := startOnce(filepath.Join(programs, "absent")); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("got %v, want that initdb was not found", err)
	}
}

func TestParseServerURL(t *testing.T) {
	for _, bad := range []string{"127.0.0.1:5432", "host=/tmp user=x", "mysql://u:s3cret@host/db", "postgres:///db", "postgres://u:s3cret@ho st/", "\x00"} {
		if _, err := parseServerURL(bad); err == nil {
			t.Errorf("%q was taken for a server's URL", bad)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the message repeats a password: %v", err)
		}
	}
	u, err := parseServerURL("postgres://u:p@db.example:5433/postgres?sslmode=disable")
	if err != nil || u.Host != "db.example:5433" {
		t.Errorf("got %v, %v", u, err)
	}
}

func TestMajorVersion(t *testing.T) {
	for path, want := range map[string]int{
		"/usr/lib/postgresql/9/bin/initdb":   9,
		"/usr/lib/postgresql/15/bin/initdb":  15,
		"/usr/lib/postgresql/dev/bin/initdb": 0,
	} {
		if got := majorVersion(path); got != want {
			t.Errorf("majorVersion(%q) = %d, want %d", path, got, want)
		}
	}
}

// openFolder is a temporary folder that the server's account may enter too,
// which that of t.TempDir is not.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "testenv")
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

// serverFolder asks a server where its folder is.
func serverFolder(t *testing.T, address string) string {
	t.Helper()
	db, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var data string
	if err := db.QueryRowContext(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(data)
}

// connect opens a bare connection to a server and leaves it idle.
func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	// The server waits for a greeting for a minute; ours never comes.
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
