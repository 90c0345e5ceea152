// Package probe asks over HTTP how an address answers, and a time server what
// the time is.
//
// It promises that each question is over within its time, that no redirect is
// followed (where one leads is part of the answer), that no more of a body is
// kept than a page has, and that TLS is checked as a browser does. It keeps
// neither cookies nor connections, and asks no proxy.
//
// It fails where the server cannot be found or reached, TLS does not stand, no
// answer comes in time, or the answer is not one. An error that says nothing of
// the server keeps what says so: its cause has Timeout or Temporary.
package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// perQuestion bounds one question.
const perQuestion = 3 * time.Second

// maxBody is how much of an answer is kept.
const maxBody = 64 << 10

// Prober asks over HTTP. Make it with New.
type Prober struct{ client *http.Client }

// New makes a prober that connects by dial.
func New(dial func(ctx context.Context, network, address string) (net.Conn, error)) Prober {
	return Prober{&http.Client{
		Timeout:       perQuestion,
		Transport:     &http.Transport{DialContext: dial, DisableKeepAlives: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Reply is one answer.
type Reply struct {
	Status int
	To     string // where it redirects to
	Body   string
	Type   string    // of the body
	Date   time.Time // by the server's clock, in whole seconds; zero where it does not say
	Asked  time.Time
	Took   time.Duration
}

// Get asks for a page.
func (p Prober) Get(ctx context.Context, address string) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return Reply{}, err
	}
	return p.do(r)
}

// Post sends a form.
func (p Prober) Post(ctx context.Context, address string, form url.Values) (Reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return Reply{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(r)
}

func (p Prober) do(r *http.Request) (Reply, error) {
	asked := time.Now()
	answer, err := p.client.Do(r)
	if err != nil {
		why := &url.Error{}
		if errors.As(err, &why) {
			err = why.Err // the address stays with who asks
		}
		return Reply{}, fmt.Errorf("%s to %s: %w", r.Method, r.URL.Host, err)
	}
	took := time.Since(asked)
	defer func() { _ = answer.Body.Close() }() // what was wanted of it is read
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return Reply{}, fmt.Errorf("%s to %s: reading the answer: %w", r.Method, r.URL.Host, err)
	}
	reply := Reply{Status: answer.StatusCode, To: answer.Header.Get("Location"), Body: string(body), Type: answer.Header.Get("Content-Type"), Asked: asked, Took: took}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		reply.Date = date
	}
	return reply, nil
}
