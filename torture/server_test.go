package torture

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "github.com/lib/pq" // the driver "postgres", for the server's own folder

	"dateline/internal/testenv"
)

// server is a PostgreSQL server of an ordeal's own, which can be gone.
type server struct {
	t        *testing.T
	url      string
	data     string // its folder
	programs string
	account  *syscall.Credential // who it runs as, where that is not us
	frozen   []int               // the processes that stand still
}

func newServer(t *testing.T) *server {
	t.Helper()
	started, err := testenv.StartServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := started.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := &server{t: t, url: started.URL()}
	db, err := sql.Open("postgres", s.url)
	s.must(err)
	defer db.Close()
	s.must(db.QueryRowContext(context.Background(), `SHOW data_directory`).Scan(&s.data))
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", s.pid()))
	s.must(err)
	s.programs = filepath.Dir(program)
	info, err := os.Stat(s.data)
	s.must(err)
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Getuid() {
		s.account = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	return s
}

func (s *server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// pid is the server's first process.
func (s *server) pid() int {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, "postmaster.pid"))
	s.must(err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	s.must(err)
	return pid
}

// halt ends the server at once, as a crash would.
func (s *server) halt() { s.control("-m", "immediate", "stop") }

// start starts it again.
func (s *server) start() { s.control("-l", filepath.Join(filepath.Dir(s.data), "server.log"), "start") }

func (s *server) control(args ...string) {
	s.t.Helper()
	c := exec.Command(filepath.Join(s.programs, "pg_ctl"), append([]string{"-D", s.data, "-w", "-t", "60"}, args...)...)
	c.Dir = "/"
	c.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"}
	// A session of its own, as the first time: Ctrl-C ends the tests, and their end the server.
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: s.account}
	// No output is read: the server would keep the pipe open.
	if err := c.Run(); err != nil {
		s.t.Fatalf("pg_ctl %v: %v", args, err)
	}
}

// freeze stops the server's processes: it neither answers nor closes a
// connection, like a machine that is gone without a word.
func (s *server) freeze() {
	s.t.Helper()
	first := s.pid()
	s.signal(first, syscall.SIGSTOP) // before its children, so that it makes no others
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", first, first))
	s.must(err)
	s.frozen = []int{first}
	for field := range strings.FieldsSeq(string(text)) {
		child, err := strconv.Atoi(field)
		s.must(err)
		s.signal(child, syscall.SIGSTOP)
		s.frozen = append(s.frozen, child)
	}
	s.t.Cleanup(s.thaw) // or it could not be ended
}

func (s *server) thaw() {
	for _, pid := range s.frozen {
		s.signal(pid, syscall.SIGCONT)
	}
	s.frozen = nil
}

func (s *server) signal(pid int, sig syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		s.t.Errorf("signal %s to the server's process %d: %v", sig, pid, err)
	}
}
