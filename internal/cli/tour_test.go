package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const tourFile = "../../docs/tour.md"

// TestTour does what docs/tour.md tells its readers to do, in an empty folder,
// with the program as it ships: it writes the files, makes the changes, types
// the commands, and holds what they print against what the tour shows. Digests,
// times and sizes may differ; everything else may not.
func TestTour(t *testing.T) {
	t.Parallel()
	program, err := buildOnce()
	if err != nil {
		t.Fatalf("building the program: %v", err)
	}
	text, err := os.ReadFile(tourFile)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := parseTour(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) < 20 {
		t.Fatalf("only %d blocks were found in the tour: are they looked for in the right way?", len(blocks))
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{
		dir: t.TempDir(), program: program, port: strconv.Itoa(port), started: time.Now(),
		digests: map[string]string{}, terminals: map[string]*terminal{},
	}
	t.Cleanup(func() {
		if err := v.leave(); err != nil {
			t.Error(err)
		}
	})
	for _, b := range blocks {
		if err := v.do(b); err != nil {
			t.Fatalf("%s:%d: %v", tourFile, b.line, err)
		}
	}
}

// visitor is somebody who takes the tour.
type visitor struct {
	dir, program, port string
	started            time.Time
	planned            time.Duration     // how long the last plan took
	digests            map[string]string // what this run has in the place of the tour's
	terminals          map[string]*terminal
}

// The tour's day and port; a run takes tomorrow, and a port of its own.
const (
	tourDay  = "2027-03-04"
	tourPort = "2525"
)

// own puts what this run has into the place of what the tour shows.
func (v *visitor) own(text string) string {
	for shown, real := range v.digests {
		text = strings.NewReplacer(shown, real, shown[:12], real[:12]).Replace(text)
	}
	text = strings.ReplaceAll(text, ":"+tourPort, ":"+v.port)
	return strings.ReplaceAll(text, tourDay, v.started.In(tashkent()).AddDate(0, 0, 1).Format(time.DateOnly))
}

func tashkent() *time.Location { return time.FixedZone("Asia/Tashkent", 5*60*60) }

func (v *visitor) do(b tourBlock) error {
	name := b.attrs["terminal"]
	switch {
	case b.language == "diff":
		return v.change(b)
	case b.attrs["file"] != "":
		return v.write(b.attrs["file"], v.own(b.text))
	case b.language == "console" && name != "":
		return v.open(name, b.commands()[0].typed)
	case b.language == "console":
		return v.console(b)
	case b.language == "text" && name != "":
		return v.watch(name, b.text)
	}
	return fmt.Errorf("nobody would know what to do with a block `%s`", b.language)
}

func (v *visitor) write(file, text string) error {
	path := filepath.Join(v.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// change makes the changes of a diff, each of which has lines to take out.
func (v *visitor) change(b tourBlock) error {
	path := filepath.Join(v.dir, b.attrs["file"])
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, c := range b.changes() {
		out, in := v.own(c.out), v.own(c.in)
		if b.attrs["lift"] == "soon" {
			in = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`).ReplaceAllString(in, v.soon())
		}
		if strings.Count(string(text), out) != 1 {
			return fmt.Errorf("%s has these lines %d times:\n%s\nit is:\n%s", b.attrs["file"], strings.Count(string(text), out), out, text)
		}
		text = []byte(strings.Replace(string(text), out, in, 1))
	}
	return os.WriteFile(path, text, 0o600)
}

// soon is an embargo that this machine has time enough to plan and approve,
// which may be busy with other things.
func (v *visitor) soon() string {
	return time.Now().Add(10*v.planned + 2*time.Second).In(tashkent()).Format(time.DateTime)
}

// console types the commands of a block. The exit code is that of the first one;
// those behind it succeed.
func (v *visitor) console(b tourBlock) error {
	code := 0
	if wanted := b.attrs["exit"]; wanted != "" {
		var err error
		if code, err = strconv.Atoi(wanted); err != nil {
			return err
		}
	}
	_, waits := b.attrs["waits"]
	for _, c := range b.commands() {
		var err error
		if waits {
			wait(func() bool { err = v.typed(c, code); return err == nil }, 50*time.Millisecond)
		} else {
			err = v.typed(c, code)
		}
		if err != nil {
			return err
		}
		code = 0
	}
	return nil
}

func (v *visitor) command(typed string) *exec.Cmd {
	typed = v.own(typed)
	if strings.HasPrefix(typed, "dateline sink") {
		typed += " --port " + v.port
	}
	cmd := exec.Command("sh", "-c", "exec "+typed)
	cmd.Dir = v.dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(v.program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	return cmd
}

func (v *visitor) typed(c tourCommand, code int) error {
	cmd, began := v.command(c.typed), time.Now()
	out, err := cmd.CombinedOutput()
	if strings.HasPrefix(c.typed, "dateline plan") {
		v.planned = time.Since(began)
	}
	if cmd.ProcessState == nil {
		return err
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return fmt.Errorf("`%s` ended with exit code %d; the tour says %d:\n%s", c.typed, got, code, out)
	}
	if err := v.compare(c.shown, string(out)); err != nil {
		return fmt.Errorf("`%s`: %w", c.typed, err)
	}
	return nil
}

// compare holds what was printed against what the tour shows, and learns the
// digests.
func (v *visitor) compare(shown, printed string) error {
	printed = tidy(printed)
	form, digests, err := shape(tidy(v.own(shown)), func(digest string) bool {
		return len(digest) >= 12 && slices.ContainsFunc(slices.Collect(maps.Values(v.digests)), func(real string) bool { return strings.HasPrefix(real, digest) })
	})
	if err != nil {
		return err
	}
	found := form.FindStringSubmatch(printed)
	if found == nil {
		return fmt.Errorf("the tour shows\n%s\nand this was printed:\n%s", tidy(v.own(shown)), printed)
	}
	for i, d := range digests {
		v.digests[d] = found[i+1]
	}
	return nil
}

// terminal is a command that goes on while others are typed.
type terminal struct {
	cmd *exec.Cmd
	mu  sync.Mutex
	out bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(p)
}

func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.String()
}

func (v *visitor) open(name, typed string) error {
	t := &terminal{cmd: v.command(typed)}
	t.cmd.Stdout, t.cmd.Stderr = t, t
	if err := t.cmd.Start(); err != nil {
		return err
	}
	v.terminals[name] = t
	if !wait(func() bool { return t.text() != "" }, 20*time.Millisecond) {
		return fmt.Errorf("`%s` said nothing", typed)
	}
	return nil
}

// watch waits until a terminal shows the lines, in any order, for copies of one
// instant leave in any.
func (v *visitor) watch(name, shown string) error {
	var err error
	wait(func() bool {
		for line := range strings.Lines(shown) {
			if strings.TrimSpace(line) == "…" {
				continue
			}
			if err = v.compare("…\n"+line+"…\n", v.terminals[name].text()); err != nil {
				return false
			}
		}
		return true
	}, 50*time.Millisecond)
	return err
}

// leave ends what goes on, as Ctrl-C does.
func (v *visitor) leave() error {
	var errs []error
	for name, t := range v.terminals {
		errs = append(errs, t.cmd.Process.Signal(syscall.SIGINT))
		if err := t.cmd.Wait(); err != nil {
			errs = append(errs, fmt.Errorf("the terminal %s ended with %w:\n%s", name, err, t.text()))
		}
	}
	return errors.Join(errs...)
}
