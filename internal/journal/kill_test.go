package journal

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"dateline/internal/press"
)

const (
	childFolder   = "DATELINE_TEST_JOURNAL"
	childSegment  = 32 << 10
	childWriters  = 10
	kills         = 8
	killedAfter   = 4000 // acknowledgements, and a little more with each kill
	beforeSettled = 50
)

// child is another process: it writes to the journal from ten goroutines, and
// says on its standard output what it was told is written. It never ends by
// itself.
func child() int {
	j, _, err := openWith(os.Getenv(childFolder), boot, childSegment)
	if err == nil {
		err = j.Forget()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var all sync.WaitGroup
	for g := range uint64(childWriters) {
		all.Go(func() {
			if err := writeOn(j, g); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		})
	}
	all.Wait() // for the signal, or for a parent that is gone
	return 1
}

func writeOn(j *Journal, g uint64) error {
	var done []press.ID
	var settled strings.Builder
	for n := g << 32; ; n++ {
		id := idOf(n)
		if err := j.Begin(id); err != nil {
			return err
		}
		// One write each, of far less than a pipe takes at once.
		if _, err := fmt.Fprintf(os.Stdout, "b %d\n", n); err != nil {
			return err
		}
		if err := j.End(id, outcomeOf(n)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(os.Stdout, "e %d\n", n); err != nil {
			return err
		}
		if n%7 == 0 {
			continue // stays, so that segments begin with something
		}
		done = append(done, id)
		fmt.Fprintf(&settled, "s %d\n", n)
		if len(done) == beforeSettled {
			// Said before it is so: a kill between the two proves nothing.
			if _, err := os.Stdout.WriteString(settled.String()); err != nil {
				return err
			}
			j.Settled(done)
			done = done[:0]
			settled.Reset()
		}
	}
}

// Processes are really killed while ten goroutines write: all that was
// acknowledged is read back, and each goroutine leaves at most one message of
// which the end is not known.
func TestKilled(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for round := range kills {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), childFolder+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acked := map[string]map[press.ID]bool{"b": {}, "e": {}, "s": {}}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ { // to the end: what is in the pipe outlives the process
			if n == killedAfter+137*round {
				if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			verb, number, _ := strings.Cut(lines.Text(), " ")
			id, err := strconv.ParseUint(number, 10, 64)
			if err != nil || acked[verb] == nil {
				continue // the pipe's last line may break off
			}
			acked[verb][idOf(id)] = true
		}
		_ = cmd.Wait() // it was killed
		if state := cmd.ProcessState.Sys().(syscall.WaitStatus); state.Signal() != syscall.SIGKILL {
			t.Fatalf("the process ended by itself: %v", cmd.ProcessState)
		}
		checkKilled(t, dir, acked)
	}
}

func checkKilled(t *testing.T, dir string, acked map[string]map[press.ID]bool) {
	t.Helper()
	j, told, err := openWith(dir, boot, childSegment)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if !told.SameBoot || told.Damage != "" {
		t.Errorf("the journal is not whole: %s", told.Damage)
	}
	maps.DeleteFunc(acked["b"], func(id press.ID, _ bool) bool { return acked["s"][id] })
	maps.DeleteFunc(acked["e"], func(id press.ID, _ bool) bool { return acked["s"][id] })
	if len(acked["e"]) < 100 || j.number < 3 {
		t.Errorf("only %d ends and %d segments: the test shows too little", len(acked["e"]), j.number)
	}
	for id := range acked["b"] {
		if !told.Begun[id] {
			t.Errorf("%s had begun and is lost", id)
		}
	}
	for id := range acked["e"] {
		n, _ := strconv.ParseUint(strings.ReplaceAll(id.String(), "-", "")[16:], 16, 64)
		if told.Ended[id] != outcomeOf(n) {
			t.Errorf("%s had ended as %v and is told as %v", id, outcomeOf(n), told.Ended[id])
		}
	}
	if open := len(told.Begun) - len(told.Ended); open > childWriters {
		t.Errorf("%d messages are unknown, with %d writers", open, childWriters)
	}
}
