package cli_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// linkCommand uses the link in the mail that an address got, at the pages that
// listen at $PAGES_PORT: as a browser that opens it, or as a mail program that
// presses it. What is answered goes to the file `answer`, its code first.
//
//	link GET ADDRESS            open the page
//	link POST ADDRESS BODY      send a form
//	link MAIL ADDRESS FILE      write the mail that a mail program sends to opt out
func linkCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: link GET|POST|MAIL ADDRESS [BODY|FILE]")
	}
	web, mailto := linksOf(ts, args[1])
	if args[0] == "MAIL" {
		to, err := url.PathUnescape(strings.TrimPrefix(mailto[:strings.IndexByte(mailto, '?')], "mailto:"))
		ts.Check(err)
		text := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: unsubscribe\r\nMessage-Id: <%s@paper.example>\r\n\r\n", args[1], to, filepath.Base(args[2]))
		ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[2])), 0o700))
		ts.Check(os.WriteFile(ts.MkAbs("mail.tmp"), []byte(text), 0o600))
		ts.Check(os.Rename(ts.MkAbs("mail.tmp"), ts.MkAbs(args[2])))
		return
	}
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	r, err := http.NewRequest(args[0], "http://127.0.0.1:"+ts.Getenv("PAGES_PORT")+web.RequestURI(), strings.NewReader(body))
	ts.Check(err)
	if args[0] == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var said []byte
	ask := func() bool { // the daemon may just be starting
		var answer *http.Response
		if answer, err = client.Do(r); err != nil {
			return false
		}
		var text []byte
		text, err = io.ReadAll(answer.Body)
		err = errors.Join(err, answer.Body.Close())
		said = fmt.Appendf(nil, "%d cookies=%d %s\n%s", answer.StatusCode, len(answer.Cookies()), answer.Header.Get("Location"), text)
		return true
	}
	if !wait(ask, 50*time.Millisecond) {
		ts.Fatalf("the pages do not answer: %v", err)
	}
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), said, 0o600))
}

// linksOf are the two links in the newest mail for an address.
func linksOf(ts *testscript.TestScript, address string) (web *url.URL, mailto string) {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs("mails"), "*"))
	ts.Check(err)
	slices.Sort(files)
	for _, path := range slices.Backward(files) {
		f, err := os.Open(path)
		ts.Check(err)
		m, err := mail.ReadMessage(f)
		ts.Check(errors.Join(err, f.Close()))
		if !strings.Contains(m.Header.Get("To"), address) {
			continue
		}
		links := regexp.MustCompile(`^<(https://[^>]+)>, <(mailto:[^>]+)>$`).FindStringSubmatch(m.Header.Get("List-Unsubscribe"))
		if links == nil || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			ts.Fatalf("%s has no links: %q", path, m.Header.Get("List-Unsubscribe"))
		}
		web, err := url.Parse(links[1])
		ts.Check(err)
		return web, links[2]
	}
	ts.Fatalf("no mail for %s", address)
	return nil, ""
}
