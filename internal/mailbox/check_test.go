package mailbox

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Looking into a mailbox leaves it as it was, and a fault is told without an
// address in it.
func TestCheckTouchesNothing(t *testing.T) {
	o := newOperator()
	in := newIMAPServer(t, listen(t), rev1(), nil)
	in.put(t, "Subject: one\r\n\r\n.")
	if err := in.client(o).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if in.loggedIn() != 1 || in.holds("INBOX") != 1 {
		t.Errorf("%d logins, %d messages", in.loggedIn(), in.holds("INBOX"))
	}

	ln := listen(t)
	pop := newPopServer(t, ln, "Subject: one\r\n\r\n.")
	if err := popClient(o, ln).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if pop.left() != 1 {
		t.Error("the message is gone")
	}

	dir := newMaildir(t)
	deliver(t, dir, "new/1.a", "Subject: one\r\n\r\n.")
	if err := (Maildir{Settings: o.settings(), Dir: dir}).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if count(t, filepath.Join(dir, "new")) != 1 {
		t.Error("the message is gone")
	}
}

func TestCheckTellsWhatIsWrong(t *testing.T) {
	o := newOperator()
	in := newIMAPServer(t, listen(t), rev1(), nil)
	password, folder, nowhere := in.client(o), in.client(o), in.client(o)
	password.Password, folder.Folder, nowhere.Address = "falsch", "anna@example.org", "127.0.0.1"
	ln := listen(t)
	newPopServer(t, ln)
	pop := popClient(o, ln)
	pop.Password = "falsch"
	for words, check := range map[string]func(context.Context) error{
		"refused the user name or the password": password.Check,
		"selecting the IMAP folder":             folder.Check,
		"must be host:port":                     nowhere.Check,
		"name or the password":                  pop.Check,
		"no such file":                          Maildir{Settings: o.settings(), Dir: t.TempDir()}.Check,
	} {
		if err := check(t.Context()); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "anna@") || strings.Contains(err.Error(), "falsch") {
			t.Errorf("%v; want …%s…", err, words)
		}
	}
}

// A server that does not answer is told from one that refuses.
func TestCheckOfAServerThatHangsIsATimeout(t *testing.T) {
	for _, says := range []string{"", "* OK hello\r\n"} {
		ln, o := listen(t), newOperator()
		serveScript(t, ln, says)
		imap := IMAP{Settings: o.settings(), Address: ln.Addr().String(), Security: NoTLS, Timeout: 100 * time.Millisecond}
		pop := POP3{Settings: o.settings(), Address: ln.Addr().String(), Security: NoTLS, Timeout: 100 * time.Millisecond}
		for name, check := range map[string]func(context.Context) error{"IMAP": imap.Check, "POP3": pop.Check} {
			var timeout interface{ Timeout() bool }
			if err := check(t.Context()); says == "" && (!errors.As(err, &timeout) || !timeout.Timeout()) || err == nil {
				t.Errorf("%s, after %q: %v", name, says, err)
			}
		}
	}
}
