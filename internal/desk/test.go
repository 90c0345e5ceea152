package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dateline/internal/compose"
	"dateline/internal/press"
)

// Handover gives one message to a relay.
type Handover func(ctx context.Context, e press.Envelope, message []byte) (press.Outcome, error)

// Test sends every edition of a release, or the one asked for, to one of the
// config's test addresses. The copies are marked as tests, and stand in no plan;
// but whoever got them holds the text, which is noted.
func (d *Desk) Test(ctx context.Context, slug string, to press.Address, only press.Lang, now time.Time, give Handover) ([]press.Outcome, error) {
	f, err := d.folder(slug, now)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.Config.TestAddresses, func(a press.Address) bool { return a.Key() == to.Key() }) {
		return nil, Refused{fmt.Sprintf("%s is no test address; a test goes only to those under test_addresses in dateline.yaml", to)}
	}
	frozen, kit, err := d.freeze(f)
	if err != nil {
		return nil, err
	}
	editions, err := editionsOf(f.Release, only)
	if err != nil {
		return nil, err
	}
	var outcomes []press.Outcome
	for _, e := range editions {
		o, err := d.testCopy(ctx, kit, frozen, e, to, now, give)
		if err != nil {
			return outcomes, err
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

func (d *Desk) testCopy(ctx context.Context, kit *compose.Kit, f press.Frozen, e press.Edition, to press.Address, now time.Time, give Handover) (press.Outcome, error) {
	id := d.NewID()
	message, err := kit.Message(compose.Letter{
		Recipient: press.Recipient{Address: to, Edition: e.Lang, Zone: f.Release.Dateline.Zone, Due: now},
		SendKind:  press.General,
		Test:      true,
		MessageID: id.String() + "@" + f.Sender.From.Domain(),
		Date:      now,
		OptOut:    d.Keys.OptOutToken(id),
		Held:      !f.Release.Embargo.None && now.Before(f.Release.Embargo.Lift.At),
	})
	if err != nil {
		return press.Outcome{}, err
	}
	if d.Sign != nil {
		if message, err = d.Sign(nil, message, f.Sender, now); err != nil {
			return press.Outcome{}, err
		}
	}
	o, err := give(ctx, press.Envelope{From: f.Sender.EnvelopeFrom(), To: to}, message)
	if err != nil {
		return o, err
	}
	return o, d.Store.TestCopy(ctx, f.Release.Slug, d.Keys.AddressKey(to), e.Lang, o)
}

// NoEdition says that a release has no edition in a language.
type NoEdition struct {
	Lang press.Lang
	Have []press.Lang
}

func (e NoEdition) Error() string {
	have := make([]string, len(e.Have))
	for i, l := range e.Have {
		have[i] = string(l)
	}
	return fmt.Sprintf("there is no edition in %s; there are: %s", e.Lang, strings.Join(have, ", "))
}

func editionsOf(r press.Release, only press.Lang) ([]press.Edition, error) {
	if only == "" {
		return r.Editions, nil
	}
	if e, ok := r.Edition(only); ok {
		return []press.Edition{e}, nil
	}
	err := NoEdition{Lang: only}
	for _, e := range r.Editions {
		err.Have = append(err.Have, e.Lang)
	}
	return nil, err
}
