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
		dir: t.TempDir(), program: program, port: strconv.Itoa(port), started: time.Now(), slow: 4 * time.Second,
		digests: map[string]string{}, terminals: map[string]*terminal{},
	}
	t.Cleanup(func() {
		if err := v.leave(); err != nil {
			t.Error(err)
		}
	})
	lifts := 0 // the block that sets the embargo which the visitor waits for
	for i := 0; i < len(blocks); i++ {
		err := v.do(blocks[i])
		switch {
		case err == nil && blocks[i].attrs["lift"] == "soon":
			lifts = i
		case err != nil && lifts > 0 && i <= lifts+2 && time.Now().After(v.lift):
			// It passed before the plan was approved; the tour says what to do then.
			v.slow *= 2
			v.digests = v.known
			if err := v.write(blocks[lifts].attrs["file"], v.before); err != nil {
				t.Fatal(err)
			}
			i = lifts - 1
		case err != nil:
			t.Fatalf("%s:%d: %v", tourFile, blocks[i].line, err)
		}
	}
}

// visitor is somebody who takes the tour.
type visitor struct {
	dir, program, port string
	started            time.Time
	digests            map[string]string // what this run has in the place of the tour's
	terminals          map[string]*terminal
	slow               time.Duration     // what plan and approval may take
	lift               time.Time         // of the embargo that is near
	before             string            // what its file was
	known              map[string]string // the digests by then
}

// The tour's day and port; a run takes tomorrow, and a port of its own.
const (
	tourDay  = "2027-03-04"
	tourPort = "2525"
)

// own puts what this run has into the place of what the tour shows.
func (v *visitor) own(text string) string {
	for shown, printed := range v.digests {
		text = strings.NewReplacer(shown, printed, shown[:12], printed[:12]).Replace(text)
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
			v.lift, v.before, v.known = time.Now().Add(v.slow), string(text), maps.Clone(v.digests)
			in = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`).ReplaceAllString(in, v.lift.In(tashkent()).Format(time.DateTime))
		}
		if strings.Count(string(text), out) != 1 {
			return fmt.Errorf("%s has these lines %d times:\n%s\nit is:\n%s", b.attrs["file"], strings.Count(string(text), out), out, text)
		}
		text = []byte(strings.Replace(string(text), out, in, 1))
	}
	return os.WriteFile(path, text, 0o600)
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
	cmd := v.command(c.typed)
	out, err := cmd.CombinedOutput()
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
		return len(digest) >= 12 && slices.ContainsFunc(slices.Collect(maps.Values(v.digests)), func(d string) bool { return strings.HasPrefix(d, digest) })
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
