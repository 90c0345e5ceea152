package torture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"dateline/internal/relay/relaytest"
)

// How a bad relay is minded.
type mood int

const (
	wellMinded mood = iota // it takes what comes
	slowMinded             // each message waits for its answer
	illMinded              // it refuses, puts off, and breaks off
	moods
)

// taken is one copy that a bad relay took, by its own account.
type taken struct {
	received

	Release  string
	Sender   string // of the envelope: where reports go
	OptOut   string // the path of the link in its header
	Answered bool   // 250 was said whole; else the answer was lost
}

// badRelay is an SMTP server that is well, slow, in trouble and gone by turns,
// and keeps account of what it took. What it answered and what it took are two
// things: it has the copy of which the answer was lost.
type badRelay struct {
	t    *testing.T
	port int

	server *relaytest.Server // nil while it refuses connections
	read   int               // messages of this server that are in the account
	away   int               // times it was gone
	all    []taken
	fresh  []taken // answered, and not yet looked at by whoever reports

	mu      sync.Mutex // over what follows, which connections ask for
	rng     *rand.Rand
	mood    mood
	began   map[[2]int]time.Time // by connection and message: when its data began
	refused map[string]int       // by address: 5xx said
	put     int                  // 4xx said
	broken  int                  // connections that it broke
	lost    int                  // whole messages whose answer it kept to itself
}

func newBadRelay(t *testing.T, rng *rand.Rand) *badRelay {
	r := &badRelay{t: t, rng: rng, refused: map[string]int{}}
	r.come()
	return r
}

// come listens, at the same port as before.
func (r *badRelay) come() {
	r.t.Helper()
	r.mu.Lock()
	r.began = map[[2]int]time.Time{}
	r.mu.Unlock()
	r.server, r.read = relaytest.StartAt(r.t, r.port, relaytest.Script{At: r.at}), 0
	r.port = r.server.Port()
}

// leave breaks every connection, and refuses those that come.
func (r *badRelay) leave() {
	r.t.Helper()
	r.server.Close()
	r.account(time.Time{})
	r.server = nil
	r.away++
}

func (r *badRelay) setMood(m mood) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = m
}

// at is the relay's script.
func (r *badRelay) at(p relaytest.Point) relaytest.Action {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Verb == relaytest.Body {
		r.began[[2]int{p.Conn, p.Message}] = time.Now()
	}
	if r.mood == illMinded {
		if a := r.trouble(p); a != nil {
			return a
		}
	}
	if p.Verb != relaytest.End {
		return nil
	}
	pace := 20 * time.Millisecond
	if r.mood == slowMinded {
		pace = 300 * time.Millisecond
	}
	return relaytest.Wait(time.After(pace), relaytest.Reply(fmt.Sprintf("250 2.0.0 queued as %d-%d", p.Conn, p.Message)))
}

// trouble is what goes wrong at a point; nil, nothing does.
func (r *badRelay) trouble(p relaytest.Point) relaytest.Action {
	dice := r.rng.Float64()
	within := func(share float64) bool { dice -= share; return dice < 0 }
	switch p.Verb {
	case relaytest.Greeting, "MAIL":
		if within(0.02) {
			return r.putOff("421 4.3.2 shutting down", true)
		}
		if p.Verb == "MAIL" && within(0.01) {
			return r.putOff("451 4.3.0 try again later", false)
		}
	case "RCPT":
		if within(0.01) {
			return r.refuse(p.Line, "550 5.1.1 no such user")
		}
		if within(0.01) {
			return r.refuse(p.Line, "554 5.7.1 refused by policy")
		}
		if within(0.05) {
			return r.putOff("450 4.2.0 greylisted", false)
		}
	case relaytest.Body:
		if within(0.01) {
			r.broken++
			return relaytest.After(r.rng.IntN(4000), relaytest.Reset())
		}
	case relaytest.End:
		if within(0.01) {
			return r.putOff("451 4.3.0 out of disk", false)
		}
		if within(0.01) {
			r.lost++
			return relaytest.Close()
		}
	}
	if p.Verb != relaytest.End && within(0.005) {
		r.broken++
		return relaytest.Close()
	}
	return nil
}

func (r *badRelay) putOff(reply string, last bool) relaytest.Action {
	r.put++
	if last {
		return relaytest.Then(relaytest.Reply(reply), relaytest.Close())
	}
	return relaytest.Reply(reply)
}

func (r *badRelay) refuse(line, reply string) relaytest.Action {
	_, rest, _ := strings.Cut(line, "<")
	address, _, _ := strings.Cut(rest, ">")
	r.refused[address]++
	return relaytest.Reply(reply)
}

// account writes down what came in whole before an instant, zero being any: of
// what is younger the answer may not be out.
func (r *badRelay) account(before time.Time) {
	r.t.Helper()
	if r.server == nil {
		return
	}
	messages := r.server.Messages()
	for _, m := range messages[r.read:] {
		if !before.IsZero() && m.At.After(before) {
			return
		}
		r.read++
		if m.Said != "" && !strings.HasPrefix(m.Said, "250") {
			continue // refused at its end
		}
		copies := r.copies(m)
		r.all = append(r.all, copies...)
		if m.Accepted {
			r.fresh = append(r.fresh, copies...)
		}
	}
}

func (r *badRelay) copies(m relaytest.Message) []taken {
	r.t.Helper()
	read, err := mail.ReadMessage(bytes.NewReader(m.Body))
	if err != nil {
		r.t.Fatalf("what came in whole is no message: %v\n%.500s", err, m.Body)
	}
	r.mu.Lock()
	began := r.began[[2]int{m.Conn, m.Number}]
	delete(r.began, [2]int{m.Conn, m.Number})
	r.mu.Unlock()
	web, _, _ := strings.Cut(strings.TrimPrefix(read.Header.Get("List-Unsubscribe"), "<https://"), ">")
	_, path, _ := strings.Cut(web, "/")
	var all []taken
	for _, to := range m.To {
		all = append(all, taken{
			received: received{To: to, Began: began, MessageID: read.Header.Get("Message-ID")},
			Release:  read.Header.Get("X-Dateline-Release"), Sender: m.From, OptOut: "/" + path, Answered: m.Accepted,
		})
	}
	return all
}
