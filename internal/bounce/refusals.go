package bounce

import (
	"context"
	"time"

	"dateline/internal/dsn"
	"dateline/internal/press"
)

// How far back, and how many at once, refusals are looked for: at first as far
// as what was refused while no daemon ran may lie, then only what may have been
// written since the last look, by a clock that is a little behind ours.
const (
	refusalsBack    = 7 * 24 * time.Hour
	refusalsOverlap = time.Minute
	refusalsMost    = 500
)

// TakeRefusals reads what relays refused in the dialogue, by the rules by which
// reports are read, and tells how many it took. It is not for concurrent use.
func (i *Intake) TakeRefusals(ctx context.Context, now time.Time) (int, error) {
	total := 0
	if i.refusedSince.IsZero() {
		i.refusedSince = now.Add(-refusalsBack)
	}
	for {
		found, err := i.store.Refusals(ctx, i.refusedSince, refusalsMost)
		if err != nil {
			return total, err
		}
		if len(found) == 0 {
			i.refusedSince = now.Add(-refusalsOverlap)
			return total, nil
		}
		read := make(map[press.ID]press.Tied, len(found))
		for _, e := range found {
			read[e.ID] = refusal(e)
		}
		if err := i.store.TakeRefusals(ctx, read, now); err != nil {
			return total, err
		}
		total += len(found)
	}
}

// refusal is a relay's answer as a report.
func refusal(e press.LogEntry) press.Tied {
	text := e.Reply
	if e.Verb != "RCPT" { // by then the address had been taken
		text += " (in reply to end of DATA command)"
	}
	reason, class := dsn.Classify(e.Code, e.Enhanced, text)
	var proposed []press.Address
	if reason == press.ReasonHasMoved {
		proposed = dsn.Proposed(e.Reply, e.Address)
	}
	return press.Tied{
		Report: press.Report{
			Kind: press.ReportBounce, Action: "failed", Status: e.Enhanced, Code: e.Code, Class: class, Reason: reason, Diagnostic: e.Reply, Reporter: e.Relay, At: e.At, Proposed: proposed,
		},
		Delivery: e.Delivery, Tie: press.TieDialogue,
	}
}
