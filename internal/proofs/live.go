package proofs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"dateline/internal/desk"
	"dateline/internal/webpage"
)

// Live serves the proofs of a release as they are now: Show and Fail change
// them, and the pages that are open follow.
type Live struct {
	hosts webpage.Hosts
	log   *slog.Logger

	mu      sync.Mutex
	sheet   sheet
	files   map[string][]byte
	index   []byte
	version string
	changed chan struct{} // closed at the next change
}

// NewLive serves at an address, where it was told to listen at asked.
func NewLive(asked string, at net.Addr, log *slog.Logger) (*Live, error) {
	h, err := webpage.HostsOf(asked, at)
	if err != nil {
		return nil, fmt.Errorf("serving the proofs: %w", err)
	}
	return &Live{hosts: h, log: log, changed: make(chan struct{})}, nil
}

// Show shows proofs, in the place of others and of what was wrong.
func (l *Live) Show(p desk.Proofs) error {
	s, files, err := newSheet(p)
	if err != nil {
		return err
	}
	byName := make(map[string][]byte, len(files))
	for _, f := range files {
		byName[f.Name] = f.Content
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files = byName
	return l.turn(s)
}

// Fail shows what is wrong above the last proofs that were right.
func (l *Live) Fail(why error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sheet
	s.Faults, s.Wrong = nil, ""
	if !errors.As(why, &s.Faults) {
		s.Wrong = why.Error()
	}
	return l.turn(s)
}

// turn writes the page anew, and tells those who have it open if it is another.
func (l *Live) turn(s sheet) error {
	s.Live, s.Local, s.At = true, l.hosts.Local(), l.hosts.String()
	sum := sha256.Sum256([]byte(s.Version + "\n" + s.Faults.Error() + "\n" + s.Wrong))
	l.sheet = s
	s.Version = hex.EncodeToString(sum[:12])
	index, err := s.page()
	if err != nil {
		return err
	}
	l.index = index
	if s.Version != l.version {
		l.version = s.Version
		close(l.changed)
		l.changed = make(chan struct{})
	}
	return nil
}

// ServeHTTP answers for the page, its files and its changes.
func (l *Live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	switch {
	case !l.hosts.Knows(r.Host):
		http.Error(w, "This is served at http://"+l.hosts.String()+"/ and by no other name.", http.StatusMisdirectedRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		webpage.Only("GET, HEAD")(w, r)
	case r.URL.Path == "/changes":
		l.tellChanges(w, r)
	case r.URL.Path == "/" || r.URL.Path == "/"+Index:
		l.mu.Lock()
		index, policy := l.index, l.policy()
		l.mu.Unlock()
		h.Set("Content-Security-Policy", policy)
		l.write(w, r, Index, index)
	default:
		l.serveFile(w, r, strings.TrimPrefix(r.URL.Path, "/"))
	}
}

func (l *Live) policy() string {
	s := l.sheet
	s.Live = true
	return s.policy() + "; frame-ancestors 'none'"
}

func (l *Live) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	l.mu.Lock()
	content, ok := l.files[name]
	l.mu.Unlock()
	if !ok {
		http.Error(w, "There is no such file; the page at / leads to all there are.", http.StatusNotFound)
		return
	}
	if path.Ext(name) == ".html" {
		w.Header().Set("Content-Security-Policy", mailPolicy+"; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	}
	l.write(w, r, name, content)
}

func (l *Live) write(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	switch path.Ext(name) {
	case ".html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	case ".eml":
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Disposition", "attachment")
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// tellChanges tells, as server-sent events, that the page is another one than
// was seen.
func (l *Live) tellChanges(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // it waits for as long as it takes; what cannot be told breaks off below
	w.Header().Set("Content-Type", "text/event-stream")
	say := func(text string) bool {
		_, err := w.Write([]byte(text))
		return err == nil && out.Flush() == nil
	}
	if !say("retry: 1000\n: waiting for a change\n\n") {
		return
	}
	seen := r.URL.Query().Get("seen")
	for {
		l.mu.Lock()
		version, changed := l.version, l.changed
		l.mu.Unlock()
		if version != seen {
			if !say("data: " + version + "\n\n") {
				return
			}
			seen = version
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}
