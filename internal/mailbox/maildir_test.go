package mailbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dateline/internal/press"
)

// newMaildir makes a Maildir.
func newMaildir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// deliver puts a message there as mail servers do: written in tmp, then named.
func deliver(t *testing.T, dir, name, text string) {
	t.Helper()
	part := filepath.Join(dir, "tmp", filepath.Base(name))
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, dirs ...string) int {
	t.Helper()
	n := 0
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		n += len(entries)
	}
	return n
}

func TestAMaildirIsReadAndEmptied(t *testing.T) {
	dir, in, o := newMaildir(t), newIntake(), newOperator()
	deliver(t, dir, "new/1.a.host", "one")
	deliver(t, dir, "cur/2.b.host:2,RS", "two, which is longer than it may be")
	if err := syscall.Mkfifo(filepath.Join(dir, "new", "0.pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := o.settings()
	s.MaxBytes = 3
	runs(t, func(ctx context.Context) error {
		return Maildir{Settings: s, Dir: dir, Poll: time.Hour}.Run(ctx, in.handle)
	})
	first, second := in.next(t), in.next(t)
	if second.Ref < first.Ref { // both are handled at once
		first, second = second, first
	}
	if first.Ref != "1.a.host" || string(first.Raw) != "one" || first.Mailbox != "bounces" || first.Format != press.FormatMessage || first.At.IsZero() {
		t.Errorf("got %+v", first)
	}
	if second.Ref != "2.b.host" || string(second.Raw) != "two" {
		t.Errorf("got %+v", second)
	}
	eventually(t, "only the pipe is left", func() bool { return count(t, dir+"/new", dir+"/cur") == 1 })

	// With a poll of an hour only the sign of the file system can tell of it.
	deliver(t, dir, "new/3.c.host", "new")
	if got := in.next(t); got.Ref != "3.c.host" {
		t.Errorf("got %+v", got)
	}
}

func TestAMessageThatCannotBeHandledStaysAndOthersGoOn(t *testing.T) {
	dir, target, in, o := newMaildir(t), filepath.Join(t.TempDir(), "done"), newIntake(), newOperator()
	tries := 0
	in.fail = func(m press.Mail) error {
		if m.Ref != "1.bad" {
			return nil
		}
		if tries++; tries < 4 {
			return errors.New("no room for anna@example.org")
		}
		return nil
	}
	deliver(t, dir, "new/1.bad", "bad")
	deliver(t, dir, "new/2.good", "good")
	runs(t, func(ctx context.Context) error {
		return Maildir{Settings: o.settings(), Dir: dir, MoveTo: target}.Run(ctx, in.handle)
	})
	o.hears(t, "no room for (an address)")
	o.hears(t, "")
	eventually(t, "both are moved", func() bool { return count(t, target+"/cur") == 2 && count(t, dir+"/new") == 0 })
	if len(in.got) != 5 {
		t.Errorf("the handler was called %d times, want 4 for the bad one and 1 for the good one", len(in.got))
	}
	if strings.Contains(o.logged(), "@") {
		t.Errorf("the log names an address: %s", o.logged())
	}
}

func TestAMessageThatCannotBeMovedIsHandledOnce(t *testing.T) {
	dir, in, o := newMaildir(t), newIntake(), newOperator()
	target := filepath.Join(t.TempDir(), "done")
	if err := os.WriteFile(target, nil, 0o600); err != nil { // a file where a folder must be
		t.Fatal(err)
	}
	deliver(t, dir, "new/1.a", "one")
	runs(t, func(ctx context.Context) error {
		return Maildir{Settings: o.settings(), Dir: dir, MoveTo: target}.Run(ctx, in.handle)
	})
	o.hears(t, "cannot be removed")
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	o.hears(t, "")
	eventually(t, "it is moved", func() bool { return count(t, dir+"/new") == 0 })
	if len(in.got) != 1 {
		t.Errorf("handled %d times", len(in.got))
	}
}

func TestAMaildirThatIsAwayIsTroubleUntilItIsBack(t *testing.T) {
	in, o, dir := newIntake(), newOperator(), filepath.Join(t.TempDir(), "later")
	runs(t, func(ctx context.Context) error {
		return Maildir{Settings: o.settings(), Dir: dir, Poll: time.Millisecond}.Run(ctx, in.handle)
	})
	o.hears(t, "reading the Maildir")
	for _, sub := range []string{"tmp", "cur", "new"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	o.hears(t, "")
	deliver(t, dir, "new/1.a", "one")
	in.next(t)
}

func TestACopyToAnotherFileSystemIsWhole(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(from, []byte("all of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "all of it" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSettingsThatCannotBeEndRunAtOnce(t *testing.T) {
	ctx := context.Background()
	for name, run := range map[string]func() error{
		"no Maildir":        func() error { return Maildir{}.Run(ctx, nil) },
		"the same Maildir":  func() error { return Maildir{Dir: "x", MoveTo: "x/"}.Run(ctx, nil) },
		"no security":       func() error { return IMAP{Address: "a:1"}.Run(ctx, nil) },
		"no port":           func() error { return IMAP{Address: "a", Security: NoTLS}.Run(ctx, nil) },
		"the same folder":   func() error { return IMAP{Address: "a:1", Security: NoTLS, MoveTo: "INBOX"}.Run(ctx, nil) },
		"no security, POP3": func() error { return POP3{Address: "a:1"}.Run(ctx, nil) },
		"no port, POP3":     func() error { return POP3{Address: "a", Security: NoTLS}.Run(ctx, nil) },
		"no recipients":     func() error { return Listener{}.Serve(ctx, listen(t), nil) },
	} {
		if run() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
