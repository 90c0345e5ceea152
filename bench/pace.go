package main

import "time"

// pace learns how much time this machine needs before a lift: too little spoils
// a measurement, too much makes the whole run long.
type pace struct {
	approve map[string]time.Duration // by store: planning and freezing one delivery
	prepare map[string]time.Duration // by store: claiming and composing one
}

// newPace begins with what a small machine needs.
func newPace() *pace {
	return &pace{approve: map[string]time.Duration{}, prepare: map[string]time.Duration{}}
}

const (
	firstGuess = 100 * time.Microsecond // a delivery
	startUp    = 400 * time.Millisecond // of a daemon
	settling   = 250 * time.Millisecond // without another claim: then all are made
)

func (p *pace) each(of map[string]time.Duration, j job) time.Duration {
	if d, ok := of[j.kind]; ok {
		return d
	}
	return firstGuess
}

// beforeLift is how far from now a job's lift should be.
func (p *pace) beforeLift(j job) time.Duration {
	wait := p.each(p.approve, j)*time.Duration(j.n) + p.starting(j)
	if j.prepared {
		wait += p.each(p.prepare, j)*time.Duration(j.n) + 2*settling
	}
	return wait
}

// starting is what a daemon needs to be up, which grows a little with what its
// store holds.
func (p *pace) starting(j job) time.Duration {
	return startUp + time.Duration(j.n)*2*time.Microsecond
}

// approving notes how long an approval took, with a tenth to spare.
func (p *pace) approving(j job, took time.Duration) {
	p.approve[j.kind] = took * 11 / 10 / time.Duration(j.n)
}

func (p *pace) preparing(j job, took time.Duration) {
	p.prepare[j.kind] = took * 11 / 10 / time.Duration(j.n)
}

// slower doubles the guesses that a lift came too early for.
func (p *pace) slower(j job) {
	p.approve[j.kind] = 2 * p.each(p.approve, j)
	if j.prepared {
		p.prepare[j.kind] = 2 * p.each(p.prepare, j)
	}
}
