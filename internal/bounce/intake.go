package bounce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

// Store is where reports end up.
type Store interface {
	TakeMails(ctx context.Context, in []press.Incoming, now time.Time) ([]press.Taken, error)
	Refusals(ctx context.Context, since time.Time, limit int) ([]press.LogEntry, error)
	TakeRefusals(ctx context.Context, read map[press.ID]press.Tied, now time.Time) error
}

// Intake takes mails that came back. It is safe for concurrent use: mails that
// are taken at once share a transaction.
type Intake struct {
	store   Store
	optOuts OptOuts
	keys    press.Keyring
	log     *slog.Logger

	refusedSince time.Time // TakeRefusals' own: what came before was looked at

	mu      sync.Mutex
	waiting []*job
	writing bool // somebody writes, and takes what waits next
}

// job is one mail that waits for its transaction.
type job struct {
	mail press.Incoming
	done chan error
}

// NewIntake makes one.
func NewIntake(s Store, o OptOuts, keys press.Keyring, log *slog.Logger) *Intake {
	return &Intake{store: s, optOuts: o, keys: keys, log: log}
}

// Bounds of a transaction.
const (
	batchMails = 200
	gather     = 3 * time.Millisecond // for others that come at the same time: a commit takes longer
	storeWait  = 10 * time.Second
)

// errEarly is for a mail whose delivery is still being written down.
var errEarly = errors.New("the copy that it speaks of is still being written into the ledger; it must be given again")

// Take reads a mail and writes down what it says. When it returns nil, the mail
// may go from where it came from.
func (i *Intake) Take(ctx context.Context, m press.Mail) error {
	j := &job{mail: i.read(m), done: make(chan error, 1)}
	if id, ok := i.asksOut(m, j.mail.Reports); ok {
		if err := i.optOuts.ByMail(ctx, id, time.Now()); err != nil { // first: asked for twice, it counts once
			return err
		}
		j.mail.Trouble = ""
		j.mail.Reports = []press.Tied{{Report: press.Report{Kind: press.ReportOptOut, Diagnostic: "asked for by mail"}, Delivery: id, Tie: press.TieToken}}
	}
	i.mu.Lock()
	i.waiting = append(i.waiting, j)
	leads := !i.writing
	i.writing = true
	i.mu.Unlock()
	if leads {
		i.writeAll(context.WithoutCancel(ctx))
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done(): // it may have been taken: given again, it counts once
		return ctx.Err()
	}
}

// read is what a mail says, and of which deliveries. Whatever a mail does to the
// reader, it must not take the daemon down: it goes to quarantine.
func (i *Intake) read(m press.Mail) (in press.Incoming) {
	in = press.Incoming{Mail: m, Key: sameMail(m, i.addressed(m))}
	defer func() {
		if r := recover(); r != nil {
			in.Reports, in.Trouble = nil, fmt.Sprintf("reading it failed: %v", r)
			i.log.Error("a report made its reader fail; it is in quarantine", "mailbox", m.Mailbox, "ref", m.Ref, "error", r)
		}
	}()
	reports, err := dsn.Read(m)
	if err != nil {
		in.Trouble = err.Error()
		return in
	}
	for _, r := range reports {
		in.Reports = append(in.Reports, i.tie(r))
	}
	return in
}

// writeAll writes what waits until nothing does.
func (i *Intake) writeAll(ctx context.Context) {
	for {
		others := time.NewTimer(gather)
		<-others.C
		i.mu.Lock()
		n := min(len(i.waiting), batchMails)
		batch := i.waiting[:n:n]
		i.waiting = i.waiting[n:]
		i.writing = n > 0
		i.mu.Unlock()
		if n == 0 {
			return
		}
		i.write(ctx, batch)
	}
}

func (i *Intake) write(ctx context.Context, batch []*job) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	in := make([]press.Incoming, len(batch))
	for n, j := range batch {
		in[n] = j.mail
	}
	taken, err := i.store.TakeMails(ctx, in, time.Now())
	if err != nil && len(batch) > 1 { // one of them may be at fault
		for _, j := range batch {
			i.write(ctx, []*job{j})
		}
		return
	}
	for n, j := range batch {
		switch {
		case err != nil:
			j.done <- err
		case taken[n].Early:
			j.done <- errEarly
		default:
			i.tell(j.mail, taken[n])
			j.done <- nil
		}
	}
}

// tell logs what became of a mail; it names no address.
func (i *Intake) tell(m press.Incoming, t press.Taken) {
	switch {
	case t.Known:
		i.log.Debug("a report came once more", "mailbox", m.Mailbox, "ref", m.Ref)
	case m.Trouble != "":
		i.log.Warn("a mail could not be read; see `dateline bounce quarantine list`", "mailbox", m.Mailbox, "ref", m.Ref, "trouble", m.Trouble)
	default:
		i.log.Info("a report was taken", "mailbox", m.Mailbox, "ref", m.Ref, "reports", len(m.Reports), "tied", t.Tied, "moved", t.Moved, "deliveries", deliveries(m.Reports))
	}
}

// deliveries are the ids of the copies that reports are of, each once.
func deliveries(reports []press.Tied) []press.ID {
	var ids []press.ID
	for _, r := range reports {
		if !r.Delivery.IsZero() && !slices.Contains(ids, r.Delivery) {
			ids = append(ids, r.Delivery)
		}
	}
	return ids
}
