package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dateline/internal/sink"
	"dateline/internal/testenv"
	"dateline/migrations"
)

// TestAnUpgradeInTheMiddleOfALift sends with two daemons. In the middle a daemon
// of the next version starts, and brings the schema further; the others are
// stopped, one after the other, and the new one sends what is left. Each address
// gets its copy once, and meanwhile the commands of both versions work.
func TestAnUpgradeInTheMiddleOfALift(t *testing.T) {
	t.Parallel()
	const met, first, second = 500, 1500, 3000 // messages at which something happens
	marks := map[int]chan struct{}{met: make(chan struct{}), first: make(chan struct{}), second: make(chan struct{})}
	started := make(chan struct{})
	catcher, err := sink.Start(sink.Options{OnReceipt: func(r sink.Receipt) {
		if mark := marks[r.Number]; mark != nil {
			close(mark)
		}
		if r.Number >= met {
			<-started // every session waits for its answer
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer catcher.Close()
	release := sync.OnceFunc(func() { close(started) })
	defer release()
	in := install(t, testenv.Postgres(t), portOf(t, catcher))
	in.must(change(in.path("config", "dateline.yaml"),
		`    connections: 2`, "    connections: 4",
		`(?m)^  ky: .*$`, "  {ky: [ru], kk: [ru], tg: [ru], tk: [ru], uz-Latn: [ru], uz-Cyrl: [ru], de: [en], fr: [en]}"))
	next := *in
	next.program = nextVersion(t, in.program)
	due, p := in.approveMany()
	var daemons []*exec.Cmd
	for _, name := range []string{"one", "two", "three"} {
		in.must(os.CopyFS(in.path(name), os.DirFS(in.path("config"))))
		in.must(change(in.path(name, "dateline.yaml"), `(?m)^state: .*$`, "state: ../state-"+name+"\nkeys_file: ../state/keys"))
		if name != "three" {
			daemons = append(daemons, in.serve("--config", name))
		}
	}
	stop := func(daemon *exec.Cmd) {
		t.Helper()
		in.must(daemon.Process.Signal(os.Interrupt))
		if err := daemon.Wait(); err != nil {
			t.Errorf("a daemon ended with %v; the log:\n%s", err, in.log())
		}
	}

	<-marks[met]
	newest := next.serve("--config", "three")
	if !wait(func() bool { return in.daemons() == 3 }, pollEvery) {
		t.Fatalf("the daemon of the next version does not serve; the log:\n%s", in.log())
	}
	if said := next.run(nil, "migrate"); !strings.Contains(said, "up to date") {
		t.Errorf("the next version has not brought the schema further: %s", said)
	}
	in.run(nil, "log", "--release", "alpha", "--limit", "5")
	release()
	<-marks[first]
	stop(daemons[0])
	<-marks[second]
	stop(daemons[1])
	states := next.settled("alpha")
	in.run(nil, "log", "--release", "alpha", "--limit", "5")
	stop(newest)

	got := map[string]int{}
	for _, r := range catcher.Received() {
		if r.Began.Before(due) {
			t.Errorf("a copy came at %s, before %s", r.Began, due)
		}
		for _, to := range r.To {
			got[to]++
		}
	}
	if states["accepted"] != p.Recipients || len(got) != p.Recipients {
		t.Errorf("%d recipients were planned, %d got something, and at the end stand %v; the log:\n%s", p.Recipients, len(got), states, in.log())
	}
	for address, n := range got {
		if n != 1 {
			t.Errorf("%s got %d copies", address, n)
		}
	}
}

// daemons is how many serve now.
func (in *installation) daemons() int {
	in.t.Helper()
	var status struct {
		Daemons []struct{} `json:"daemons"`
	}
	in.must(json.Unmarshal([]byte(in.run([]int{0, 1}, "status", "--json")), &status))
	return len(status.Daemons)
}

// nextVersion builds the program with a migration that is yet to be written: it
// adds to every table that a daemon writes. It lies beside the program.
func nextVersion(t *testing.T, beside string) string {
	t.Helper()
	var sql strings.Builder
	sql.WriteString("-- +goose Up\n-- +goose StatementBegin\n")
	for _, table := range []string{"settings", "contacts", "approvals", "releases", "deliveries", "queue", "events", "acts", "daemons", "relays"} {
		sql.WriteString("ALTER TABLE " + table + " ADD COLUMN of_the_next TEXT NOT NULL DEFAULT 'x';\n")
	}
	sql.WriteString("CREATE TABLE of_the_next (id BYTEA PRIMARY KEY);\n-- +goose StatementEnd\n-- +goose Down\n")
	dir := t.TempDir()
	file, overlay := filepath.Join(dir, "next.sql"), filepath.Join(dir, "overlay.json")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	number := strconv.FormatInt(migrations.Newest()+1, 10)
	added, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "migrations", strings.Repeat("0", 5-len(number))+number+"_next.sql"): file}})
	program := filepath.Join(filepath.Dir(beside), "dateline-next")
	if err := errors.Join(err, os.WriteFile(file, []byte(sql.String()), 0o600), os.WriteFile(overlay, added, 0o600)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program, "dateline/cmd/dateline").CombinedOutput(); err != nil {
		t.Fatalf("building the next version: %v\n%s", err, out)
	}
	return program
}
