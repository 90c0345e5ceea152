package testenv

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

//go:embed server.sh
var serverScript string

// attempts is how often a start is tried: between the choice of a free port
// and its use another process may take it.
const attempts = 3

// Server is a private PostgreSQL server.
type Server struct {
	url  string
	life io.Closer // the server runs until this pipe closes
	sh   *exec.Cmd
}

// StartServer starts a private server on a free port of the loopback
// interface. It ends with Stop, or with this process.
func StartServer() (*Server, error) {
	programs, err := serverPrograms()
	if err != nil {
		return nil, err
	}
	var failed error
	for range attempts {
		server, err := startOnce(programs)
		if err == nil {
			return server, nil
		}
		failed = err
	}
	return nil, fmt.Errorf("starting a PostgreSQL server for the tests (%s may name one that runs already): %w", PostgresVariable, failed)
}

// URL is the server's own database, as a user who may create others.
func (s *Server) URL() string { return s.url }

// Stop ends the server and removes its folder.
func (s *Server) Stop() error {
	return errors.Join(s.life.Close(), s.sh.Wait())
}

// startOnce runs the script and waits until it says that the server is ready.
func startOnce(programs string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	password := randomHex()
	// It outlives the context of any one test: the pipe ends it.
	sh := exec.Command("/bin/sh", "-c", serverScript, "server.sh", programs, strconv.Itoa(port)) //nolint:noctx // as above
	// The account may not be allowed into our folder.
	sh.Dir = "/"
	// Nothing of PGHOST and its like may reach the server's programs.
	sh.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TMPDIR=" + os.TempDir(), "SERVER_PASSWORD=" + password}
	// A session of its own: Ctrl-C ends the tests, and their end the server.
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: account}

	life, err := sh.StdinPipe()
	if err != nil {
		return nil, err
	}
	told, err := sh.StdoutPipe()
	if err != nil {
		return nil, err
	}
	sh.Stderr = sh.Stdout
	if err := sh.Start(); err != nil {
		return nil, err
	}
	server := &Server{url: serverAddress(port, password), life: life, sh: sh}
	if said, ok := waitReady(told); !ok {
		return nil, errors.Join(errors.New(said), server.Stop())
	}
	return server, nil
}

// waitReady reads until the script says "ready"; else it gives what the script
// said instead.
func waitReady(told io.Reader) (string, bool) {
	var said []string
	lines := bufio.NewScanner(told)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return "", true
		}
		said = append(said, lines.Text())
	}
	return strings.Join(said, "\n"), false
}

func serverAddress(port int, password string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("dateline", password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// serverPrograms is the folder of initdb and pg_ctl: the newest of Debian's, or
// that of the PATH.
func serverPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		newest := slices.MaxFunc(found, func(a, b string) int { return majorVersion(a) - majorVersion(b) })
		return filepath.Dir(newest), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server programs under /usr/lib/postgresql nor in PATH; `make setup` installs them (Debian: apt-get install postgresql), or %s names a server that runs already", PostgresVariable)
	}
	return filepath.Dir(initdb), nil
}

// majorVersion is the 15 of /usr/lib/postgresql/15/bin/initdb.
func majorVersion(initdb string) int {
	version, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	if err != nil {
		return 0
	}
	return version
}

// freePort is a loopback port that nobody listens on just now.
func freePort() (int, error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	port := int(listener.Addr().(*net.TCPAddr).AddrPort().Port())
	return port, listener.Close()
}

// serverAccount is who the server runs as: ourselves, but never root, which
// PostgreSQL refuses.
func serverAccount() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUID, errGID)
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}
