package relay_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"dateline/internal/press"
	"dateline/internal/relay"
	"dateline/internal/relay/relaytest"
)

// A session that is cut off while its relay hangs ends at once, and tells the
// truth: only what had left whole may have been taken.
func TestCutEndsAMessageWhereverItIs(t *testing.T) {
	for verb, want := range map[string]press.State{"MAIL": press.Planned, "RCPT": press.Planned, "DATA": press.Planned, relaytest.End: press.Unknown} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			reached := make(chan struct{})
			server := relaytest.Start(t, relaytest.Script{At: func(p relaytest.Point) relaytest.Action {
				if p.Verb != verb {
					return nil
				}
				close(reached)
				return relaytest.Hang()
			}})
			o := options(server)
			o.Timeout = time.Minute
			s, err := relay.Dial(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				<-reached
				s.Cut()
			}()
			began := time.Now()
			got := s.Send(envelope("aigul@newsroom.example"), []byte(message), nil)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if got.State != want || !strings.Contains(got.Text, "the daemon stopped") || strings.Contains(got.Text, "aigul") {
				t.Errorf("outcome %+v, want %s", got, want)
			}
			if err := s.Close(); err != nil || s.Broken() == nil {
				t.Errorf("closing: %v; broken: %v", err, s.Broken())
			}
		})
	}
}

// A connection that is being made ends with its context, wherever the relay
// hangs.
func TestADialEndsWithItsContext(t *testing.T) {
	cert, pool := certificate(t)
	for _, verb := range []string{relaytest.Greeting, "EHLO", "STARTTLS", "AUTH"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			whole := secured(cert, "PLAIN", nil)
			server := relaytest.Start(t, relaytest.Script{Extensions: whole.Extensions, At: func(p relaytest.Point) relaytest.Action {
				if p.Verb == verb {
					cancel()
					return relaytest.Hang()
				}
				return whole.At(p)
			}})
			o := options(server)
			o.TLS, o.Roots, o.Username, o.Password, o.Timeout = "required", pool, "dateline", "secret", time.Minute
			began := time.Now()
			if s, err := relay.Dial(ctx, o); err == nil || time.Since(began) > 20*time.Second {
				t.Errorf("session %v, error %v, after %s", s, err, time.Since(began))
			}
		})
	}
}
