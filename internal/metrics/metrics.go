package metrics

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dateline/internal/press"
)

// Metrics counts. Make it with New; it is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	copies   *prometheus.CounterVec
	lateness *prometheus.HistogramVec
	writes   prometheus.Histogram
	aside    *prometheus.GaugeVec
	skew     *prometheus.GaugeVec
	refused  prometheus.Gauge
	refusals prometheus.Counter
	read     *prometheus.GaugeVec
	alarms   *prometheus.GaugeVec
	free     *prometheus.GaugeVec

	mu    sync.Mutex
	first map[instant]bool // of which a copy was accepted
}

// instant is one of a send's.
type instant struct {
	approval press.ID
	send     string
	at       int64
}

// mostInstants bounds what is remembered of first copies; a send in local times
// has some forty.
const mostInstants = 4096

// New makes metrics of a version of the program, and of what can be asked.
func New(version string, asks Asks) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), first: map[instant]bool{}}
	m.copies = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "dateline_copies_total", Help: "Copies that were handed to a relay, by what came of it: accepted, deferred, rejected, unknown, or unsent where nothing left.",
	}, []string{"relay", "outcome"})
	m.lateness = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "dateline_lift_lateness_seconds", Help: "How long after its own instant a copy was accepted: each one, and the first of each instant that this daemon handed over.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200},
	}, []string{"copies"})
	m.writes = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "dateline_ledger_write_seconds", Help: "How long the store took to write a batch of beginnings or results.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	})
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	}
	m.aside = gauge("dateline_relay_aside", "Whether a relay is put aside: 1, or 0 where it takes mail.", "relay")
	m.skew = gauge("dateline_clock_skew_seconds", "How far another clock was ahead of this machine's when it was last judged: the database's, or the wall clock against the time that elapsed.", "against")
	m.refused = prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_config_refused", Help: "Whether the config folder's newest state was refused: 1, or 0 where it is in use."})
	m.refusals = prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_config_refusals_total", Help: "How often the config folder was refused."})
	m.read = gauge("dateline_mailbox_last_read_timestamp_seconds", "When a mailbox was last read without trouble.", "mailbox")
	m.alarms = gauge("dateline_alarms", "Alarms that stand, by cause; the same on each daemon of a store.", "cause")
	m.free = gauge("dateline_disk_free_bytes", "What is free on the disk of the state folder, and of the SQLite file.", "disk")
	build := gauge("dateline_build_info", "1, with the version of the program.", "version", "go_version")
	build.WithLabelValues(version, runtime.Version()).Set(1)
	for _, c := range press.Causes() {
		m.alarms.WithLabelValues(string(c)).Set(0)
	}
	m.registry.MustRegister(m.copies, m.lateness, m.writes, m.aside, m.skew, m.refused, m.refusals, m.read, m.alarms, m.free, build,
		newAsked(asks), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4, Timeout: 30 * time.Second})
}

// Gatherer is what the metrics are read from.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Outcome counts what came of a copy.
func (m *Metrics) Outcome(d press.Delivery, o press.Outcome) {
	outcome := string(o.State)
	if o.State == press.Planned {
		outcome = "unsent"
	}
	m.copies.WithLabelValues(o.Relay, outcome).Inc()
	if o.State != press.Accepted {
		return
	}
	late := o.At.Sub(d.Due).Seconds()
	m.lateness.WithLabelValues("each").Observe(late)
	if m.isFirst(instant{d.Approval, d.Send, d.Due.UnixMicro()}) {
		m.lateness.WithLabelValues("first").Observe(late)
	}
}

func (m *Metrics) isFirst(i instant) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first[i] {
		return false
	}
	if len(m.first) >= mostInstants {
		clear(m.first)
	}
	m.first[i] = true
	return true
}

// Wrote notes how long the ledger took.
func (m *Metrics) Wrote(took time.Duration) { m.writes.Observe(took.Seconds()) }

// Aside notes whether a relay is put aside.
func (m *Metrics) Aside(relay string, aside bool) { m.aside.WithLabelValues(relay).Set(flag(aside)) }

// Relays sets the relays that there are; what was noted of others goes.
func (m *Metrics) Relays(names []string) {
	m.aside.Reset()
	for _, name := range names {
		m.Aside(name, false)
	}
}

// Clock notes how far another clock is ahead.
func (m *Metrics) Clock(against string, ahead time.Duration) {
	m.skew.WithLabelValues(against).Set(ahead.Seconds())
}

// Config notes how the config folder was read.
func (m *Metrics) Config(refused bool) {
	m.refused.Set(flag(refused))
	if refused {
		m.refusals.Inc()
	}
}

// Mailboxes sets those that there are; what was noted of others goes.
func (m *Metrics) Mailboxes() { m.read.Reset() }

// Read notes that a mailbox was read.
func (m *Metrics) Read(mailbox string, at time.Time) {
	m.read.WithLabelValues(mailbox).Set(float64(at.UnixMilli()) / 1000)
}

// Alarms notes which stand.
func (m *Metrics) Alarms(standing []press.Alarm) {
	n := map[press.Cause]int{}
	for _, a := range standing {
		n[a.Cause]++
	}
	for _, c := range press.Causes() {
		m.alarms.WithLabelValues(string(c)).Set(float64(n[c]))
	}
}

// Free notes what is free on a disk.
func (m *Metrics) Free(disk string, bytes uint64) {
	m.free.WithLabelValues(disk).Set(float64(bytes))
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
