package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"dateline/internal/relay/relaytest"
)

// A stop takes ten seconds at most, in the middle of a dialogue with a relay that
// does not answer any more, and whatever had left whole is unknown. A second
// signal does not wait for that.
func TestAStopInTheMiddleOfADialogue(t *testing.T) {
	for _, c := range []struct {
		verb  string
		twice bool
		state string
	}{{"MAIL", false, "planned"}, {relaytest.End, false, "unknown"}, {relaytest.End, true, "sending"}} {
		name := c.verb
		if c.twice {
			name += ", a second signal"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached := make(chan struct{}, 100)
			relay := relaytest.Start(t, relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
				if p.Verb != c.verb {
					return nil
				}
				reached <- struct{}{}
				return relaytest.Hang()
			}})
			in := install(t, "sqlite:../state/dateline.db", relay.Port())
			in.run(nil, "contacts", "import", "config/contacts.csv")
			in.must(change(in.path("config", "releases", "bravo", "release.yaml"), `(?m)^embargo: .*$`, "embargo: none"))
			in.approve("bravo")
			daemon := in.serve()
			<-reached
			took := stopped(t, in, daemon, c.twice)
			if took > 10*time.Second || c.twice && took > 5*time.Second {
				t.Errorf("the stop took %s", took)
			}
			if states := in.states("bravo"); states[c.state] == 0 || states[c.state]+states["planned"] < states["claimed"]+states["sending"]+states["unknown"] {
				t.Errorf("after the stop: %v, want %s", states, c.state)
			}
		})
	}
}

// stopped ends a daemon by one signal or two, and tells how long that took.
func stopped(t *testing.T, in *installation, daemon *exec.Cmd, twice bool) time.Duration {
	t.Helper()
	asked := time.Now()
	in.must(daemon.Process.Signal(syscall.SIGTERM))
	if twice {
		time.AfterFunc(500*time.Millisecond, func() { _ = daemon.Process.Signal(syscall.SIGTERM) }) // it has stopped waiting for the first by then
	}
	err := daemon.Wait()
	if twice == (err == nil) {
		t.Errorf("the daemon ended with %v; its log:\n%s", err, in.log())
	}
	return time.Since(asked)
}

// What hangs in the system, where no context reaches, is ended within ten seconds,
// too: here a file that is a pipe into which nobody writes.
func TestACommandThatHangsEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	in := install(t, "sqlite:../state/dateline.db", 25)
	in.must(syscall.Mkfifo(in.path("pipe.csv"), 0o600))
	command := in.command("contacts", "import", "pipe.csv")
	var said bytes.Buffer
	command.Stderr = &said
	in.must(command.Start())
	go func() {
		// Its opening is waited for by the system: then the command reads.
		pipe, err := os.OpenFile(in.path("pipe.csv"), os.O_WRONLY, 0)
		if err != nil {
			return
		}
		_ = command.Process.Signal(syscall.SIGTERM)
		<-t.Context().Done()
		_ = pipe.Close()
	}()
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		if code := command.ProcessState.ExitCode(); code != 1 {
			t.Errorf("exit code %d, %v; it said %s", code, err, said.String())
		}
	case <-time.After(patience):
		_ = command.Process.Kill()
		t.Error("it did not end")
	}
}
