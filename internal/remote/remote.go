// Package remote asks a daemon on another machine over HTTP, as package api
// answers.
//
// # What it promises
//
// The token goes to the daemon alone: over TLS, or in plain HTTP on this machine
// itself, and to no place that an answer leads to. What is asked is asked once: an
// act whose answer was lost is told as such, and is for a person to look at.
//
// # How it can fail
//
// An address or a token that cannot be used is an error of New. Whatever the
// daemon refuses is a Problem, with all that it said; where it does not answer,
// or answers with what is none of its answers, the error says so.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"dateline/internal/press"
)

// Daemon is one on another machine.
type Daemon struct {
	url    *url.URL
	token  string
	client *http.Client
}

// New is a daemon at an address, such as https://press.example.org, that a token
// opens.
func New(address, token string) (*Daemon, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q is no address of a console; one such as https://press.example.org is wanted", address)
	case u.Scheme != "https" && (u.Scheme != "http" || !here(u.Hostname())):
		return nil, fmt.Errorf("%q would carry the token in the clear; https is wanted, or an address of this machine such as http://127.0.0.1:8025", address)
	case strings.TrimSpace(token) == "":
		return nil, errors.New("no token is given; `dateline tokens add` makes one, where the daemon is")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Daemon{u, strings.TrimSpace(token), client}, nil
}

// here tells whether a host is this machine.
func here(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Problem is what the daemon refused (RFC 9457).
type Problem struct {
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Faults press.Faults `json:"faults"`
	Wrong  []struct {
		Word string `json:"word"`
		What string `json:"what"`
	} `json:"wrong"`
}

func (p Problem) Error() string {
	lines := []string{fmt.Sprintf("the daemon answers %d: %s", p.Status, p.Detail)}
	for _, f := range p.Faults {
		lines = append(lines, f.Error())
	}
	for _, w := range p.Wrong {
		lines = append(lines, w.Word+": "+w.What)
	}
	return strings.Join(lines, "\n")
}

// Bounds of an answer, and of how long one may take: an approval of a million
// copies is written before it is answered.
const (
	maxAnswer = 512 << 20
	patience  = 10 * time.Minute
)

// Ask asks a path below /api/v1, with a body if there is one, and reads the
// answer into a value.
func (d *Daemon) Ask(ctx context.Context, method, path string, query url.Values, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("writing what is asked: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	u := d.url.JoinPath("/api/v1", path)
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), sent)
	if err != nil {
		return fmt.Errorf("asking the daemon: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return d.unanswered(method, err)
	}
	defer answer.Body.Close()
	return read(answer, into)
}

// unanswered says what a lost answer means.
func (d *Daemon) unanswered(method string, err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	var refused *net.OpError
	if method == http.MethodGet || errors.As(err, &refused) && refused.Op == "dial" {
		return fmt.Errorf("the daemon at %s does not answer: %w", d.url.Host, err)
	}
	return fmt.Errorf("the answer of the daemon at %s was lost, and what was asked may have been done; look with `dateline status`: %w", d.url.Host, err)
}

func read(answer *http.Response, into any) error {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the daemon's answer: %w", err)
	}
	switch {
	case kind == "application/problem+json":
		var p Problem
		if err := json.Unmarshal(text, &p); err != nil {
			return fmt.Errorf("reading the daemon's answer (%s): %w", answer.Status, err)
		}
		return p
	case answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusAccepted || kind != "application/json":
		return fmt.Errorf("what answers there is no Dateline: %s, %s", answer.Status, kind)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading the daemon's answer: %w", err)
	}
	return nil
}
