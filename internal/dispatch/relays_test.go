package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dateline/internal/dispatch"
	"dateline/internal/press"
)

// relayed runs a test with a second relay beside the first, and changes both.
func relayed(t *testing.T, n int, change func(first, second *dispatch.Relay), test func(t *testing.T, h *house, second *fakeRelay, all []press.Recipient)) {
	inHouse(t, n, func(t *testing.T, h *house) {
		second := h.another("second")
		all := h.approve()
		h.serve(h.store, func(o *dispatch.Options) {
			if change != nil {
				change(&o.Relays[0], &o.Relays[1])
			}
		})
		test(t, h, second, all)
	})
}

// refuse lets a relay break every session on its first message, as one does
// that refuses the daemon.
func refuse(int, press.Address) press.State { return press.Planned }

func TestRelaysShareByTheirWeight(t *testing.T) {
	weigh := func(first, second *dispatch.Relay) {
		first.Weight, first.Connections = 3, 250 // so that both have room for all
		second.Weight, second.Connections = 1, 250
	}
	relayed(t, 600, weigh, func(t *testing.T, h *house, second *fakeRelay, all []press.Recipient) {
		h.pass(toLift + 5*time.Second)
		h.onceEach(all)
		a, b := len(h.relay.all()), len(second.all())
		if a+b < 400 || a < 3*b-8 || a > 3*b+8 {
			t.Errorf("weights of 3 and 1 share %d messages as %d and %d", len(all), a, b)
		}
	})
}

func TestARelayOfNoWeightSendsOnlyWhereNoOtherCan(t *testing.T) {
	spare := func(_, second *dispatch.Relay) { second.Weight = 0 }
	relayed(t, 300, spare, func(t *testing.T, h *house, second *fakeRelay, all []press.Recipient) {
		h.relay.setTakes(50 * time.Millisecond)
		h.pass(toLift + time.Second)
		if n := len(second.all()); n != 0 {
			t.Errorf("the spare relay sent %d messages while the other one took some", n)
		}
		h.relay.fail(errors.New("connection refused"), refuse)
		down := time.Now()
		h.pass(10 * time.Second)
		spared := len(second.all())
		if spared == 0 || !second.all()[0].at.After(down) {
			t.Errorf("the spare relay sent %d messages while the other one was down", spared)
		}
		h.onceEach(all)
	})
}

// fail takes a relay down: no connection comes about, and those that stand get
// an answer of the test's.
func (r *fakeRelay) fail(dial error, answer func(int, press.Address) press.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down, r.answer = dial, answer
}

func TestTheOtherRelayTakesOver(t *testing.T) {
	t.Run("one is down at the lift", func(t *testing.T) {
		inHouse(t, 200, func(t *testing.T, h *house) {
			second := h.another("second")
			all := h.approve()
			h.relay.setDown(errors.New("connection refused"))
			h.serve(h.store, nil)
			h.pass(toLift + 2*time.Second)
			if n := len(second.all()); n != len(all) {
				t.Errorf("the other relay sent %d of %d", n, len(all))
			}
			h.onceEach(all)
		})
	})
	t.Run("one breaks in the middle and comes back", func(t *testing.T) {
		slow := func(first, second *dispatch.Relay) { first.Connections, second.Connections = 2, 2 }
		relayed(t, 600, slow, func(t *testing.T, h *house, second *fakeRelay, all []press.Recipient) {
			h.relay.setTakes(100 * time.Millisecond)
			second.setTakes(100 * time.Millisecond)
			h.pass(toLift + time.Second)
			h.relay.fail(errors.New("connection refused"), refuse)
			h.pass(200 * time.Millisecond)
			n, m, down := len(h.relay.all()), len(second.all()), time.Now()
			h.pass(5 * time.Second)
			if got := len(h.relay.all()); got != n {
				t.Errorf("%d messages went to a relay that was down", got-n)
			}
			if got := len(second.all()) - m; got < 90 {
				t.Errorf("the other relay sent %d messages in 5 s, want about 100", got)
			}
			if n := h.states()[press.Sending]; n > 20 {
				t.Errorf("%d deliveries stand in sending", n)
			}
			h.relay.fail(nil, nil)
			back := time.Now()
			h.pass(time.Minute)
			h.onceEach(all)
			h.expect(map[press.State]int{press.Accepted: len(all)})
			again := 0
			for _, x := range h.relay.all() {
				if x.at.After(back) {
					again++
				}
			}
			if again < 50 {
				t.Errorf("the relay that came back after %s sent %d messages more", back.Sub(down), again)
			}
		})
	})
}

// A relay that refuses the daemon itself is put aside with what it says, and no
// recipient suffers.
func TestARelayThatRefusesTheDaemonIsPutAside(t *testing.T) {
	inHouse(t, 300, func(t *testing.T, h *house) {
		second := h.another("second")
		all := h.approve()
		h.relay.answer = refuse
		h.relay.says = "550 5.7.1 sender refused"
		second.takes = 100 * time.Millisecond
		h.serve(h.store, nil)
		h.pass(toLift + 6*time.Second)
		states := map[string]string{}
		for _, r := range h.health() {
			states[r.Name] = r.Trouble
		}
		if !strings.Contains(states["fake"], "5.7.1") || states["second"] != "" {
			t.Errorf("the store says of the relays: %q", states)
		}
		h.pass(time.Minute)
		h.onceEach(all)
		if n := len(second.all()); n != len(all) {
			t.Errorf("the other relay sent %d of %d", n, len(all))
		}
		h.expect(map[press.State]int{press.Accepted: len(all)})
		if n := len(h.relay.all()); n > 60 {
			t.Errorf("the relay that refuses was tried with %d messages", n)
		}
	})
}

func TestARelaysRateHolds(t *testing.T) {
	inHouse(t, 100, func(t *testing.T, h *house) {
		all := h.approve()
		h.serve(h.store, func(o *dispatch.Options) { o.Relays[0].PerSecond = 5 })
		h.pass(toLift + time.Minute)
		h.onceEach(all)
		sent := h.relay.all()
		for i, m := range sent {
			within := 0
			for _, later := range sent[i:] {
				if later.at.Sub(m.at) < time.Second {
					within++
				}
			}
			if within > 5 {
				t.Fatalf("%d messages began within a second, want 5 at most", within)
			}
		}
		if took := sent[len(sent)-1].at.Sub(h.lift); took > time.Duration(len(all))*time.Second/5+time.Second {
			t.Errorf("%d messages at 5 a second took %s", len(all), took)
		}
	})
}

// A connection is closed after its number of messages, which is nobody's fault:
// nothing that has begun goes back for it.
func TestAConnectionHasItsNumberOfMessages(t *testing.T) {
	for name, connections := range map[string]int{"one connection": 1, "three": 3} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, 100, func(t *testing.T, h *house) {
				all := h.approve()
				h.serve(h.store, func(o *dispatch.Options) {
					o.Relays[0].PerConnection, o.Relays[0].Connections = 7, connections
				})
				h.pass(toLift + 20*time.Second)
				h.onceEach(all)
				per := map[*fakeSession]int{}
				for _, m := range h.relay.all() {
					per[m.session]++
				}
				for _, n := range per {
					if n > 7 {
						t.Errorf("a connection had %d messages, want 7 at most", n)
					}
				}
				if len(per) > len(all)/7+connections {
					t.Errorf("%d messages took %d connections", len(all), len(per))
				}
				if n := h.unsent(); n != 0 {
					t.Errorf("%d messages that had begun went back", n)
				}
			})
		})
	}
}

// A relay that hangs while it is dialled keeps nothing from the other one.
func TestARelayThatHangsKeepsNothingBack(t *testing.T) {
	inHouse(t, 200, func(t *testing.T, h *house) {
		second := h.another("second")
		all := h.approve()
		h.serve(h.store, func(o *dispatch.Options) {
			o.Relays[0].Dial = func(ctx context.Context) (dispatch.Session, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		h.pass(toLift + 2*time.Second)
		h.onceEach(all)
		if n := len(second.all()); n != len(all) {
			t.Errorf("the other relay sent %d of %d", n, len(all))
		}
	})
}
