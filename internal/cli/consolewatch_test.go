package cli_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dateline/internal/contactfile"
	"dateline/internal/sink"
	"dateline/internal/testenv"
)

// A real lift into a sink, watched in a real browser: approved there, held in the
// middle, resumed, and whole in the end, without the page being opened anew.
func TestALiftIsWatchedInTheConsole(t *testing.T) {
	t.Parallel()
	const contacts, free = 240, 60
	gate := make(chan struct{})
	catcher, err := sink.Start(sink.Options{OnReceipt: func(r sink.Receipt) {
		if r.Number > free {
			<-gate // before this message is answered
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer catcher.Close()
	in := install(t, "sqlite:../state/dateline.db", portOf(t, catcher))
	at := freeAddress(t)
	in.must(change(in.path("config", "dateline.yaml"), `(?m)^store: .*$`, "store: sqlite:../state/dateline.db\nconsole:\n  listen: "+at,
		`(?m)^  ky: .*$`, "  {ky: [ru], kk: [ru], tg: [ru], tk: [ru], uz-Latn: [ru], uz-Cyrl: [ru], de: [en], fr: [en]}"))
	f, err := os.Create(in.path("contacts.csv"))
	in.must(err)
	in.must(contactfile.WriteCSV(f, contactfile.Generate(contacts, 7)))
	in.must(f.Close())
	in.run(nil, "contacts", "import", "contacts.csv")
	in.must(os.WriteFile(in.path("password"), []byte("a word for the console\n"), 0o600))
	in.run(nil, "users", "add", "dilnoza", "--name", "Dilnoza Karimova", "--role", "approver,operator", "--password-file", "password")
	daemon := in.serve()
	w := &watcher{t: t, tab: testenv.OpenTab(t), url: "http://" + at}
	w.answers()
	w.do(chromedp.Navigate(w.url+"/releases/alpha"), chromedp.SendKeys("#name", "dilnoza"), chromedp.SendKeys("#password", "a word for the console\r"))
	w.sees("Nobody has said yes yet")
	w.do(chromedp.Click(`a[href$="/approve"]`))
	w.until(`document.querySelector('input[name=digest]') !== null`)
	w.mean()
	w.sees(strconv.Itoa(free) + " accepted")
	w.do(chromedp.Click(`a[href$="/hold"]`), chromedp.SendKeys("#f-why", "a name is misspelt"))
	w.mean()
	w.sees("Held by Dilnoza Karimova")
	close(gate)
	w.until(`!document.body.textContent.includes(' sending')`)
	if n := catcher.Count(); n > free+10 {
		t.Errorf("%d copies came, although it was held at %d", n, free)
	}
	w.do(chromedp.Click(`a[href$="/resume"]`))
	w.mean()
	w.sees("Resumed.")
	w.until(`(window.opened = true)`)
	states := in.settled("alpha")
	w.sees(strconv.Itoa(states["accepted"]) + " accepted")
	w.until(`window.opened === true`) // the page was not opened anew
	if states["accepted"] != catcher.Count() || states["accepted"] < contacts*9/10 {
		t.Errorf("%v, and %d came", states, catcher.Count())
	}
	w.comesBack(in, daemon)
}

// watcher is somebody before a browser.
type watcher struct {
	t   *testing.T
	tab context.Context
	url string
}

// comesBack starts the daemon anew under an open page: it says that nobody
// answers, and follows again by itself, for the same person.
func (w *watcher) comesBack(in *installation, daemon *exec.Cmd) {
	w.t.Helper()
	in.must(daemon.Process.Signal(os.Interrupt))
	_ = daemon.Wait() // its log tells how it ended
	w.until(`!document.getElementById('line').hidden`)
	in.serve()
	w.until(`document.getElementById('line').hidden`)
	in.run(nil, "kill", "alpha", "--by", "Olim", "--why", "withdrawn while the page was open")
	w.sees("withdrawn while the page was open")
	w.until(`window.opened === true`)
}

// do does something in the browser.
func (w *watcher) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.tab, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for a condition of the page; while that is read anew it has none.
func (w *watcher) until(condition string) {
	w.t.Helper()
	if !wait(func() bool {
		so, err := chromedp.Run(w.tab, chromedp.Evaluate[bool](condition))
		return err == nil && so
	}, 50*time.Millisecond) {
		text, err := chromedp.Run(w.tab, chromedp.Evaluate[string](`document.body.innerText`))
		w.t.Fatalf("never %s; the page says, %v:\n%s", condition, err, text)
	}
}

// sees waits until the page says something.
func (w *watcher) sees(text string) {
	w.t.Helper()
	w.until(`document.body.innerText.replace(/\s+/g, ' ').includes(` + strconv.Quote(text) + `)`)
}

// mean types the release's name, and presses the button.
func (w *watcher) mean() {
	w.t.Helper()
	w.do(chromedp.SendKeys("#slug", "alpha\r"))
}

// freeAddress is one of this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// answers waits until the console answers.
func (w *watcher) answers() {
	w.t.Helper()
	if !wait(func() bool {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(w.url, "http://"), time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, pollEvery) {
		w.t.Fatal("the console does not answer")
	}
}
