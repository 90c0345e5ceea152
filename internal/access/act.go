package access

import (
	"context"
	"time"

	"dateline/internal/press"
)

type networkKey struct{}

// FromNetwork has what is done under a context stand in the trail with the
// network that it came from.
func FromNetwork(ctx context.Context, network string) context.Context {
	return context.WithValue(ctx, networkKey{}, network)
}

// CommandLine is who works on the machine itself.
func CommandLine(name string) Person {
	return Person{Name: name, Roles: Roles(), Via: ViaCommandLine}
}

// Act writes into the trail what a person did to what.
func (d *Door) Act(ctx context.Context, p Person, what, target, detail string, now time.Time) error {
	return d.store.AddPersonAct(ctx, d.act(ctx, p, what, target, detail, now))
}

func (d *Door) act(ctx context.Context, p Person, what, target, detail string, now time.Time) press.PersonAct {
	network, _ := ctx.Value(networkKey{}).(string)
	return press.PersonAct{ID: d.newID(), At: now, Account: p.account(), Name: p.Name, Via: p.Via, Act: what, Target: target, Detail: detail, Network: network}
}

// account is the id of the person's account; zero for the command line.
func (p Person) account() press.ID {
	id, err := press.ParseID(p.ID)
	if err != nil {
		return press.ID{}
	}
	return id
}

// Trail reads who did what, newest first.
func (d *Door) Trail(ctx context.Context, q press.PersonActs) ([]press.PersonAct, error) {
	return d.store.PeopleActs(ctx, q)
}
