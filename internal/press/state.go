package press

import "slices"

// State is where a delivery stands. docs/delivery-states.md draws the states.
type State string

// The states of a delivery.
const (
	Planned    State = "planned"
	Claimed    State = "claimed"
	Sending    State = "sending" // on disk before the first byte of data leaves
	Accepted   State = "accepted"
	Deferred   State = "deferred"
	Rejected   State = "rejected"
	Unknown    State = "unknown" // may have left; never sent again by itself
	Delivered  State = "delivered"
	Bounced    State = "bounced"
	Complained State = "complained"
	Skipped    State = "skipped"
	Cancelled  State = "cancelled"
	Expired    State = "expired"
)

// States lists every state, in the order of a delivery's life.
func States() []State {
	return []State{
		Planned, Claimed, Sending, Accepted, Deferred, Rejected, Unknown,
		Delivered, Bounced, Complained, Skipped, Cancelled, Expired,
	}
}

// Next lists the states that may follow a state; none means that it is final.
// It is the one table of transitions.
func (s State) Next() []State {
	switch s {
	case Planned:
		return []State{Claimed, Skipped, Cancelled, Expired}
	case Claimed:
		return []State{Sending, Planned, Deferred, Skipped, Cancelled, Expired}
	case Sending:
		return []State{Accepted, Deferred, Rejected, Unknown, Planned}
	case Deferred:
		return []State{Claimed, Skipped, Cancelled, Expired}
	case Unknown:
		return []State{Accepted, Delivered, Bounced, Complained, Planned, Cancelled}
	case Accepted:
		return []State{Delivered, Bounced, Complained}
	case Delivered:
		return []State{Bounced, Complained}
	default:
		return nil
	}
}

// MayBecome tells whether a transition is in the table.
func (s State) MayBecome(to State) bool { return slices.Contains(s.Next(), to) }

// MayHaveLeft tells whether a copy in this state is, or may be, with the
// recipient. At most one delivery per address and send is ever in such a state.
func (s State) MayHaveLeft() bool {
	switch s {
	case Sending, Accepted, Unknown, Delivered, Bounced, Complained:
		return true
	default:
		return false
	}
}

// Unsent tells whether a delivery still waits to be sent.
func (s State) Unsent() bool { return s == Planned || s == Claimed || s == Deferred }
