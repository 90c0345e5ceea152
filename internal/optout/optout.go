package optout

import (
	"context"
	"errors"
	"time"

	"dateline/internal/press"
)

// ErrToken is what a link gives that no mail of this installation had.
var ErrToken = errors.New("this link is not one of ours")

// Choice is what a journalist does not want to get any more.
type Choice string

// The choices, from the narrowest on.
const (
	Topic      Choice = "topic"      // this topic
	Sender     Choice = "sender"     // this organisation
	Everything Choice = "everything" // everything
)

// Subject is whom a link speaks of, and what is held on them.
type Subject struct {
	Copy     press.Copied
	Contact  *press.Contact // nil: nothing is held on them any more
	Out      map[Choice]bool
	Erased   bool // they asked to be
	Bounced  bool // the mailbox takes no mail, so it gets none, whatever they choose
	HasTopic bool // the copy's release has a topic, so that Topic is a choice
}

// Wishes are what a journalist may set about themselves.
type Wishes struct {
	Languages []press.Lang  // in order; empty leaves them as they are
	Address   press.Address // one of theirs to use from now on; "" leaves it
	Another   press.Address // one that is not on file: the team is asked to put it in; "" for none
}

// Service carries out what journalists ask for by their own links. Every method
// takes a token as it stands in a link, and fails with ErrToken where it is not
// one of ours.
type Service interface {
	Subject(ctx context.Context, token string) (Subject, error)
	OptOut(ctx context.Context, token string, c Choice, now time.Time) error
	OptIn(ctx context.Context, token string, c Choice, now time.Time) error
	Wish(ctx context.Context, token string, w Wishes, now time.Time) error
	Erase(ctx context.Context, token string, now time.Time) error
	Dossier(ctx context.Context, token string, now time.Time) (press.Dossier, error)
}
