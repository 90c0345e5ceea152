package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	caller "dateline/internal/alarm" // the colour of one is called alarm here
	"dateline/internal/config"
	"dateline/internal/dispatch"
	"dateline/internal/health"
	"dateline/internal/metrics"
	"dateline/internal/notify"
	"dateline/internal/press"
	"dateline/internal/relay"
)

// lookout is what looks at the daemon from beside it, and goes on while a
// dispatcher is made anew.
type lookout struct {
	metrics *metrics.Metrics
	tower   *watchtower
	turned  atomic.Int64 // when the loop last turned, in Unix seconds
	sending atomic.Bool  // a dispatcher runs

	of   *config.Config // that it runs for; run's own
	stop func()         // and waits for its end; nil where it does not run
}

// aliveFor is how long the loop may take for a turn: it waits for the store, now
// and then more than once.
const aliveFor = 90 * time.Second

func newLookout(o *office) *lookout {
	l := &lookout{
		metrics: metrics.New(version(), metrics.Asks{Depth: o.store.Depth, CameBack: o.store.CameBack}),
		tower:   newWatchtower(o.store),
	}
	l.turn()
	return l
}

func (l *lookout) turn() { l.turned.Store(time.Now().Unix()) }

// told is what the dispatcher tells.
func (l *lookout) told() dispatch.Told {
	m := l.metrics
	return dispatch.Told{Outcome: m.Outcome, Wrote: m.Wrote, Aside: m.Aside, Clock: m.Clock, Turned: l.turn}
}

// lookOn answers those who look on, and calls people, as a config says, until the
// context ends or it is called with another.
func (d *daemon) lookOn(ctx context.Context, c *config.Config) {
	l := d.lookout
	if l.of == c {
		return
	}
	l.end()
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	l.of, l.stop = c, func() { cancel(); running.Wait() }
	l.metrics.Relays(relayNames(c))
	l.metrics.Mailboxes()
	watch := &caller.Watch{Store: d.office.store, Judge: l.judge, Ways: append([]caller.Way{caller.Logged(d.log)}, waysOut(c)...), Repeat: c.Watch.Alarms.Repeat, Log: d.log}
	running.Go(func() { watch.Run(ctx) })
	running.Go(func() { d.watchDisks(ctx, c) })
	if c.Watch.Listen == "" {
		return
	}
	in := &inbox{trouble: func(string, string) {}, doors: &d.doors, names: map[string]bool{}}
	listen := in.listening("watch", "tcp", c.Watch.Listen, d.log, func(ctx context.Context, at net.Listener) error {
		return serveHTTP(ctx, at, site{pages: d.answers()}, d.log)
	})
	running.Go(func() {
		if err := listen(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("metrics and health are not answered any more", "error", err)
		}
	})
}

func (l *lookout) end() {
	if l.stop != nil {
		l.stop()
		l.of, l.stop = nil, nil
	}
}

// judge tells what waits for a person.
func (l *lookout) judge(ctx context.Context) ([]press.Alarm, error) {
	now := time.Now()
	l.tower.read(ctx)
	seen := l.tower.board.Look()
	if err := errors.Join(ctx.Err(), seen.Trouble); err != nil {
		return nil, err
	}
	l.metrics.Alarms(caller.Loud(seen.Waiting, now))
	return seen.Waiting, nil
}

// answers are the pages of the watch's listener.
func (d *daemon) answers() http.Handler {
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", d.lookout.metrics.Handler())
	pages.Handle("/healthz", health.Handler(health.Check{Name: "loop", Ask: d.lookout.lives}))
	pages.Handle("/readyz", health.Handler(
		health.Check{Name: "store", Ask: d.office.store.Answers},
		health.Check{Name: "config", Ask: func(context.Context) error { return nil }, Note: d.configNote},
		health.Check{Name: "dispatcher", Ask: d.lookout.dispatches},
	))
	return pages
}

func (l *lookout) lives(context.Context) error {
	if silent := time.Since(time.Unix(l.turned.Load(), 0)); silent > aliveFor {
		return fmt.Errorf("the loop has not turned for %s", silent.Round(time.Second))
	}
	return nil
}

func (l *lookout) dispatches(context.Context) error {
	if !l.sending.Load() {
		return errors.New("no dispatcher runs: it waits for the store, or the daemon starts or stops")
	}
	return nil
}

// configNote tells that what is in use is not the newest: the daemon is ready all
// the same.
func (d *daemon) configNote() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == "" {
		return ""
	}
	return "the folder's newest state was refused; the one before it is in use"
}

func relayNames(c *config.Config) []string {
	names := make([]string, len(c.Relays))
	for i, r := range c.Relays {
		names[i] = r.Name
	}
	return names
}

// waysOut are the ways by which a config has people called.
func waysOut(c *config.Config) []caller.Way {
	a := c.Watch.Alarms
	var ways []caller.Way
	if address := a.Webhook.Reveal(); address != "" {
		ways = append(ways, caller.Way{Name: "webhook", Tell: notify.NewWebhook(address, a.Key.Reveal()).Tell})
	}
	for i, to := range a.Mail.To {
		// By number: neither the log nor the store should name who is called.
		ways = append(ways, caller.Way{Name: fmt.Sprintf("mail-%d", i+1), Tell: func(ctx context.Context, t press.Telling) error {
			return mailAlarm(ctx, c, t, to)
		}})
	}
	return ways
}

// mailAlarm hands an alarm to the relay that the config names for it.
func mailAlarm(ctx context.Context, c *config.Config, t press.Telling, to press.Address) (err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	from := c.Senders[c.Watch.Alarms.Mail.From].From
	now := time.Now()
	message, err := notify.Mail(t, from, to, host, now)
	if err != nil {
		return err
	}
	for _, r := range c.Relays {
		if r.Name != c.Watch.Alarms.Mail.Relay {
			continue
		}
		options, err := relayOptions(r)
		if err != nil {
			return err
		}
		s, err := relay.Dial(ctx, options)
		if err != nil {
			return fmt.Errorf("mailing the alarm: %w", err)
		}
		o := s.Send(press.Envelope{From: from, To: to, NotBefore: now}.Of(message), message, nil)
		_ = s.Close() // what matters has been answered
		if o.State != press.Accepted {
			return fmt.Errorf("mailing the alarm: relay %s: %s: %d %s", r.Name, o.State, o.Code, o.Text)
		}
		return nil
	}
	return fmt.Errorf("mailing the alarm: there is no relay %s", c.Watch.Alarms.Mail.Relay)
}
