package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"strings"
	"time"

	"dateline/internal/contactfile"
	"dateline/internal/desk"
	"dateline/internal/press"
	"dateline/internal/store"
)

// crowded is a store whose contacts are made up while they are read: importing
// a million of them is not what is measured here.
type crowded struct {
	*store.Store
	contacts int // 0: its own, which were imported
}

// seed is where the made-up contacts start from: the same ones in every run.
const seed = 2022

// Contacts gives the made-up ones, the same at each call.
func (c crowded) Contacts(ctx context.Context) iter.Seq2[press.Contact, error] {
	if c.contacts == 0 {
		return c.Store.Contacts(ctx)
	}
	return func(yield func(press.Contact, error) bool) {
		var n uint64
		for contact := range contactfile.Generate(c.contacts, seed) {
			n++
			binary.BigEndian.PutUint64(contact.ID[8:], n)
			if !yield(contact, ctx.Err()) || ctx.Err() != nil {
				return
			}
		}
	}
}

// approved is a release that waits for its lift.
type approved struct {
	slug string
	lift time.Time
	n    int           // deliveries
	plan time.Duration // the plan that is looked at
	took time.Duration // the approval: the plan again, and the freezing
}

// tooLate says that the lift passed, or came too close, while things were made
// ready for it: it is tried again with more time.
var errTooLate = errors.New("the lift came before things were ready")

// approve plans a release and says yes to the plan, so that it is lifted after
// the given time, or up to a second later: an embargo is told in whole seconds.
func (h *house) approve(ctx context.Context, slug string, contacts int, after time.Duration) (a approved, err error) {
	a = approved{slug: slug, lift: time.Now().Add(after + time.Second - 1).Truncate(time.Second)}
	if err := h.setLift(slug, a.lift); err != nil {
		return a, err
	}
	conf, err := h.load()
	if err != nil {
		return a, err
	}
	opened, err := h.open(ctx, contacts)
	if err != nil {
		return a, err
	}
	defer func() {
		err = errors.Join(err, opened.Close())
		debug.FreeOSMemory() // nothing of ours is collected while others are measured
	}()
	d := &desk.Desk{Store: opened, Config: conf, Keys: h.keys, NewID: store.NewID}
	began := time.Now()
	p, err := d.Plan(ctx, slug, began, false)
	if err != nil {
		return a, err
	}
	a.plan = time.Since(began)
	if len(p.Errors) > 0 {
		return a, late(a, errors.New(strings.Join(p.Errors, "; ")))
	}
	began = time.Now()
	given, err := d.Approve(ctx, desk.Yes{Release: slug, Digest: p.Digest, By: "bench"}, began, nil)
	if err != nil {
		return a, late(a, err)
	}
	a.took, a.n = time.Since(began), given.Recipients
	if time.Now().After(a.lift) {
		return a, errTooLate
	}
	return a, nil
}

// late tells a failure that comes of the lift having passed from others.
func late(a approved, err error) error {
	if time.Now().After(a.lift) {
		return errTooLate
	}
	return fmt.Errorf("approving %s: %w", a.slug, err)
}
