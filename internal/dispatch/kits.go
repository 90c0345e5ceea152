package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"dateline/internal/compose"
	"dateline/internal/locale"
	"dateline/internal/press"
)

// kits keeps the compiled templates of the approvals that are being sent.
type kits struct {
	ledger Ledger
	mu     sync.Mutex
	byID   map[press.ID]*kit

	buffers sync.Pool // of messages that have left
}

// kit is one approval's release, ready to compose; or why it must not be sent,
// which does not change while the program runs.
type kit struct {
	*compose.Kit
	frozen press.Frozen
	fault  error
}

// kitLimit approvals are kept compiled; a team rarely sends two at once.
const kitLimit = 16

func newKits(l Ledger) *kits { return &kits{ledger: l, byID: map[press.ID]*kit{}} }

func (k *kits) get(ctx context.Context, approval press.ID) (*kit, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.byID[approval]
	if !ok {
		frozen, err := k.ledger.Frozen(ctx, approval)
		var damaged press.Damaged
		if err != nil && !errors.As(err, &damaged) {
			return nil, err // the store did not answer; it may the next time
		}
		if len(k.byID) >= kitLimit {
			clear(k.byID)
		}
		if found = makeKit(frozen); err != nil {
			found = &kit{fault: refused{err}}
		}
		k.byID[approval] = found
	}
	return found, found.fault
}

func makeKit(frozen press.Frozen) *kit {
	made, err := compose.Thaw(frozen)
	if err != nil {
		return &kit{fault: refused{fmt.Errorf("the frozen templates do not compile: %w", err)}}
	}
	k := &kit{Kit: made, frozen: frozen}
	if k.fault = sameZones(frozen); k.fault == nil {
		k.fault = sameBytes(made, frozen)
	}
	return k
}

// refused is a release that this daemon must not send.
type refused struct{ error }

// sameZones holds this program's zone database against the one that the plan was
// approved with: an approved local instant would have moved.
func sameZones(frozen press.Frozen) error {
	if now := locale.ZonesFingerprint(frozen.Release.ZonesAt()); frozen.Zones != "" && now != frozen.Zones {
		return refused{fmt.Errorf("this daemon's zone database (%.12s) is not the one of the approval (%.12s): a local time may have moved; plan and approve anew", now, frozen.Zones)}
	}
	return nil
}

// sameBytes holds this program's rendering against the one that was approved.
func sameBytes(made *compose.Kit, frozen press.Frozen) error {
	for lang, want := range frozen.Probes {
		got, err := made.Probe(lang)
		if err != nil {
			return refused{fmt.Errorf("the %s edition does not render: %w", lang, err)}
		}
		if got != want {
			return refused{fmt.Errorf("this daemon's renderer (version %s) gives other bytes for the %s edition than were approved (version %s)", compose.Version, lang, frozen.Renderer)}
		}
	}
	return nil
}

// composeAll makes the messages of a claim, on all cores. A release that must
// not be sent is held; what cannot be composed is given back.
func (d *Dispatcher) composeAll(ctx context.Context, claimed []press.Delivery) []*prepared {
	made := make([]*prepared, len(claimed))
	faults := make([]error, len(claimed))
	var cores sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		cores.Go(func() {
			for i := range next {
				made[i], faults[i] = d.composeOne(ctx, claimed[i])
			}
		})
	}
	for i := range claimed {
		d.rounds.claimer.turned() // a great batch of great messages takes its time
		next <- i
	}
	close(next)
	cores.Wait()
	var ready, back []*prepared
	told := map[string]bool{}
	for i, p := range made {
		if faults[i] == nil {
			ready = append(ready, p)
			continue
		}
		back = append(back, p)
		if !told[p.delivery.Release] {
			told[p.delivery.Release] = true
			d.refuse(ctx, p.delivery.Release, faults[i])
		}
	}
	d.giveBack(back)
	return ready
}

func (d *Dispatcher) composeOne(ctx context.Context, x press.Delivery) (*prepared, error) {
	p := &prepared{delivery: x}
	k, err := d.kits.get(ctx, x.Approval)
	if err != nil {
		return p, err
	}
	from := k.frozen.Sender.EnvelopeFrom()
	if d.options.Sender != nil {
		from = d.options.Sender(k.frozen.Sender, x.ID)
	}
	p.buffers = &d.kits.buffers
	if p.message, err = d.message(k, x); err != nil {
		return p, refused{err}
	}
	p.envelope = press.Envelope{Delivery: x.ID, From: from, To: x.Address, NotBefore: x.Next}.Of(p.message)
	return p, nil
}

// message makes a copy, signed, in a buffer that was used before.
func (d *Dispatcher) message(k *kit, x press.Delivery) ([]byte, error) {
	letter := d.letter(x, k.frozen)
	made, err := k.AppendMessage(d.kits.buffer(), letter)
	if err != nil {
		return nil, fmt.Errorf("delivery %s does not render: %w", x.ID, err)
	}
	if d.options.Sign == nil || !k.frozen.Sender.Signed() {
		return made, nil
	}
	signed, err := d.options.Sign(d.kits.buffer(), made, k.frozen.Sender, letter.Date)
	d.kits.buffers.Put(&made)
	if err != nil {
		return nil, fmt.Errorf("delivery %s: %w", x.ID, err)
	}
	return signed, nil
}

// buffer is room for a message.
func (k *kits) buffer() []byte {
	if b, _ := k.buffers.Get().(*[]byte); b != nil {
		return (*b)[:0]
	}
	return nil
}

func (d *Dispatcher) refuse(ctx context.Context, release string, why error) {
	d.options.Log.Error("a release cannot be composed", "release", release, "error", why)
	var no refused
	if !errors.As(why, &no) {
		return
	}
	if err := d.ledger.Hold(ctx, release, why.Error(), press.ByDateline, time.Now()); err != nil {
		d.options.Log.Error("the release could not be held", "release", release, "error", err)
	}
}

// letter is a delivery as the composer wants it. The copy is under embargo
// while it is due before the lift.
func (d *Dispatcher) letter(x press.Delivery, f press.Frozen) compose.Letter {
	send, _ := f.Release.Send(x.Send)
	l := compose.Letter{
		Recipient: x.Recipient,
		SendKind:  send.Kind,
		MessageID: x.ID.String() + "@" + f.Sender.From.Domain(),
		Date:      x.Due,
		Held:      !f.Release.Embargo.None && x.Due.Before(f.Release.Embargo.Lift.At),
	}
	if d.options.OptOut != nil {
		l.OptOut = d.options.OptOut(x.ID)
	}
	return l
}
