package dispatch

import (
	"context"
	"log/slog"
	"time"

	"dateline/internal/press"
)

// Ledger is the store, as far as sending needs it.
type Ledger interface {
	NextDue(ctx context.Context) (time.Time, bool, error)
	Claim(ctx context.Context, daemon press.ID, by, now time.Time, limit int) ([]press.Delivery, error)
	Release(ctx context.Context, daemon press.ID, ids []press.ID, now time.Time) error
	Postpone(ctx context.Context, daemon press.ID, ids []press.ID, next, now time.Time) error
	ReleaseOthers(ctx context.Context, daemon press.ID, keep []press.ID, now time.Time) (int, error)
	Sending(ctx context.Context, daemon press.ID) ([]press.ID, error)
	TakeOver(ctx context.Context, self press.ID, silence time.Duration, now time.Time) (press.Recovered, error)
	Sweep(ctx context.Context, now time.Time) (int, error)
	Replan(ctx context.Context, now time.Time) (int, error)
	Record(ctx context.Context, daemon press.ID, results []press.Result, begin []press.Begin, now time.Time) (map[press.ID]press.Verdict, error)
	Gate(ctx context.Context, daemon press.ID, slugs []string) (press.Gate, error)
	Waiting(ctx context.Context) ([]string, error)
	Frozen(ctx context.Context, approval press.ID) (press.Frozen, error)
	Hold(ctx context.Context, release, why, by string, now time.Time) error
	HeldFor(ctx context.Context, release, why string) (bool, error)
	RecordRelay(ctx context.Context, daemon press.ID, relay, trouble string, since time.Time) error
}

// Journal is the daemon's own file on the local disk.
type Journal interface {
	Begin(id press.ID) error
	End(id press.ID, o press.Outcome) error
	Settled(ids []press.ID)
	Forget() error
}

// Session is one open connection to a relay. With ahead, the next message's
// transaction may be opened together with this one's data; then either that one
// is sent next, or Abandon comes first. It is for one goroutine, but for Cut,
// which ends whatever it is at: Send then tells what became of its message, as
// far as that can be known.
type Session interface {
	Send(e press.Envelope, message []byte, ahead *press.Envelope) press.Outcome
	Abandon()
	Cut()
	Noop() error
	Broken() error
	Close() error
}

// Relay is a server that mail is handed to.
type Relay struct {
	Name          string
	Connections   int
	Weight        int     // its share among relays; 0: only where no other can
	PerSecond     float64 // messages a second; 0: no limit
	PerConnection int     // messages a connection; 0: no limit
	Dial          func(ctx context.Context) (Session, error)
}

// Options shape a dispatcher.
type Options struct {
	Daemon        press.ID
	Relays        []Relay
	Route         func(press.Address, press.Country) []string // names of relays; nil: all of them
	Sender        func(press.Sender, press.ID) press.Address  // the envelope sender of a delivery; nil: the sender's own
	OptOut        func(press.ID) string                       // the token of a delivery's opt-out links; nil: it has none
	Sign          press.Signing                               // puts the sender's signatures in front; nil: nothing is signed
	Prepare       time.Duration                               // how long before its instant a delivery is claimed and composed
	PrepareMemory int64                                       // bytes of messages composed ahead of their instant
	Retry         []time.Duration                             // waits after a temporary refusal, the last one repeated
	ResendUnknown bool                                        // policy on_unknown: resend
	Journal       Journal
	Earlier       press.Journalled // what the journal tells of an earlier life
	Changes       <-chan struct{}  // signals that the store changed; nil: it is looked at several times a second
	Log           *slog.Logger
	Told          Told
}

// Bounds and rhythms of the dispatcher.
const (
	claimBatch = 500                    // deliveries a claim
	beginBatch = 500                    // deliveries that are begun in the ledger and not yet sent, per relay
	dueLimit   = 2000                   // due messages composed and not yet begun
	lookEvery  = 250 * time.Millisecond // at the store, where nothing signals its changes
	lookAnyway = 2 * time.Second        // at the store, whatever signals
	sweepEvery = time.Second
	goneAfter  = 12 * time.Second // without a sign of life a daemon is gone: with the time between looks, before 15 s are over
	storeWait  = 20 * time.Second // for one answer of the store
)
