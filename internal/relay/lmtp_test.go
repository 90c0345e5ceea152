package relay_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

func TestLMTP(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lmtp")
	script := relaytest.Script{Extensions: []string{"PIPELINING", "SIZE 1000", "ENHANCEDSTATUSCODES"}, At: func(p relaytest.Point) relaytest.Action {
		if p.Total == 2 && p.Verb == relaytest.End {
			return relaytest.Reply("452 4.2.2 over quota")
		}
		return nil
	}}
	for name, server := range map[string]*relaytest.Server{"tcp": relaytest.Start(t, script), "unix": relaytest.StartUnix(t, path, script)} {
		t.Run(name, func(t *testing.T) {
			o := relay.Options{Name: "local", Host: path, LMTP: true, Timeout: patient, Now: func() time.Time { return clock }, Hello: "desk.example"}
			if name == "tcp" {
				o.Host, o.Port = "127.0.0.1", server.Port()
			}
			s, err := relay.Dial(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			all := letters(3)
			sendAll(s, all, always(true))
			if a, b, c := all[0].outcome, all[1].outcome, all[2].outcome; a.State != press.Accepted || b.State != press.Deferred || c.State != press.Accepted {
				t.Errorf("outcomes %+v, %+v, %+v", a, b, c)
			}
			if o := s.Send(all[0].envelope, make([]byte, 1001), nil); o.Enhanced != "5.3.4" {
				t.Errorf("beyond the limit: %+v", o)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			server.Close()
			truthful(t, server.Messages(), all)
			if lines := server.Lines(1); lines[0] != "LHLO desk.example" || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "MAIL") && strings.Contains(l, " SIZE=") }) {
				t.Errorf("it was told %q", lines)
			}
		})
	}
}

// After a refused recipient there is nobody whom an answer to a lone dot could
// be for, so that none would come.
func TestLMTPHasNoLoneDot(t *testing.T) {
	server := relaytest.Start(t, relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
		switch p.Verb {
		case "RCPT":
			return relaytest.Reply("550 5.1.1 no such user")
		case "DATA":
			return relaytest.Reply("354 go on")
		}
		return nil
	}})
	o := options(server)
	o.LMTP = true
	s, err := relay.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Send(envelope("a@newsroom.example"), []byte(message), nil); o.State != press.Rejected || !o.OfAddress || s.Broken() == nil {
		t.Errorf("outcome %+v, broken: %v", o, s.Broken())
	}
	server.Close()
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d messages came", n)
	}
}

func TestLMTPThatCannotBeDialled(t *testing.T) {
	o := relay.Options{Name: "local", Host: filepath.Join(t.TempDir(), "nobody"), LMTP: true, Timeout: patient}
	if _, err := relay.Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "relay local ("+o.Host+")") {
		t.Errorf("error %v", err)
	}
	for verb, want := range map[string]string{relaytest.Greeting: "the greeting is 554", "LHLO": "LHLO was answered 554"} {
		server := relaytest.Start(t, relaytest.On(verb, relaytest.Reply("554-not\r\n554 you")))
		o := options(server)
		o.LMTP = true
		if _, err := relay.Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := relay.Dial(ended, o); err == nil {
		t.Error("it was dialled after the context's end")
	}
}
