package bounce

import (
	"context"
	"time"

	"dateline/internal/press"
)

// Of what a domain refuses for reasons of our sending.
const (
	alarmBack  = 24 * time.Hour
	alarmLeast = 3 // copies: fewer are no share of anything
)

// Alarms gives the domains that refuse more of a release, within the last day
// and for reasons of our sending, than the policy lets pass. Nobody is
// suppressed for it; the operator must see to it.
func Alarms(ctx context.Context, s Store, now time.Time) ([]press.Blocked, error) {
	policy, err := s.BouncePolicy(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Blocked(ctx, now.Add(-alarmBack), alarmLeast)
	if err != nil {
		return nil, err
	}
	loud := found[:0]
	for _, b := range found {
		if b.Share() >= policy.AlarmShare {
			loud = append(loud, b)
		}
	}
	return loud, nil
}
