package optout

import (
	"context"
	"errors"
	"slices"
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
	Test     bool // the link of a test copy, by which nothing can be changed
}

// Wishes are what a journalist may set about themselves.
type Wishes struct {
	Languages []press.Lang  // in order; empty leaves them as they are
	Address   press.Address // one of theirs to use from now on; "" leaves it
	Another   press.Address // one that is not on file: the team is asked to put it in; "" for none
}

// Store is where what they say is kept.
type Store interface {
	Copied(ctx context.Context, delivery press.ID) (press.Copied, bool, error)
	ContactByID(ctx context.Context, id press.ID) (press.OnFile, bool, error)
	Barring(ctx context.Context, keys []press.AddressKey) ([]press.Suppression, error)
	OptOut(ctx context.Context, c press.Copied, scope press.Scope, key press.KeyOf, now time.Time) (press.Unsubscribed, error)
	OptIn(ctx context.Context, c press.Copied, scope press.Scope, key press.KeyOf, now time.Time) (press.Unsubscribed, error)
	SetLanguages(ctx context.Context, contact press.ID, langs []press.Lang, now time.Time) error
	Prefer(ctx context.Context, contact press.ID, a press.Address, by string, now time.Time) error
	Ask(ctx context.Context, contact press.ID, old, wanted press.Address, now time.Time) error
	Erase(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, by string, now time.Time) (press.Erased, error)
	Dossier(ctx context.Context, contact press.ID, also []press.AddressKey, key press.KeyOf, now time.Time) (press.Dossier, error)
}

// Service carries out what journalists ask for by their own links. Every method
// takes a token as it stands in a link, and fails with ErrToken where it is not
// one of ours.
type Service struct {
	store Store
	keys  press.Keyring
}

// New makes one.
func New(s Store, keys press.Keyring) *Service { return &Service{s, keys} }

// copied is the copy that a token came with. A token that is ours and names no
// copy is that of a test copy.
func (s *Service) copied(ctx context.Context, token string) (press.Copied, bool, error) {
	id, err := s.keys.CheckOptOutToken(token)
	if err != nil {
		return press.Copied{}, false, ErrToken
	}
	return s.store.Copied(ctx, id)
}

// Subject tells whom a token speaks of, and what is held on them.
func (s *Service) Subject(ctx context.Context, token string) (Subject, error) {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return Subject{Test: err == nil, Out: map[Choice]bool{}}, err
	}
	sub := Subject{Copy: c, Out: map[Choice]bool{}, HasTopic: c.Topic != ""}
	contact, ok, err := s.store.ContactByID(ctx, c.Contact)
	if err != nil {
		return Subject{}, err
	}
	if ok {
		sub.Contact = &contact.Contact
	}
	barring, err := s.store.Barring(ctx, []press.AddressKey{c.Key})
	if err != nil {
		return Subject{}, err
	}
	for _, b := range barring {
		switch b.Author {
		case press.AuthorErasure:
			sub.Erased = true
		case press.AuthorReport:
			sub.Bounced = sub.Bounced || press.Scope(b.Scope) == press.ScopeAll
		case press.AuthorDesk: // the desk's own affair; the journalist sees it in what is held on them
		case press.AuthorContact:
			for _, choice := range []Choice{Topic, Sender, Everything} {
				if scope, ok := scopeOf(c, choice); ok && string(scope) == b.Scope {
					sub.Out[choice] = true
				}
			}
		}
	}
	return sub, nil
}

// scopeOf is how far a choice reaches; false where the copy has no topic.
func scopeOf(c press.Copied, choice Choice) (press.Scope, bool) {
	switch choice {
	case Topic:
		return press.TopicScope(c.Topic), c.Topic != ""
	case Sender:
		return press.SenderScope(c.Sender.ID), true
	case Everything:
		return press.ScopeAll, true
	default:
		return "", false
	}
}

// OptOut keeps whoever holds the token from being written to. Of a test copy it
// changes nothing.
func (s *Service) OptOut(ctx context.Context, token string, choice Choice, now time.Time) error {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return err
	}
	return s.optOut(ctx, c, choice, now)
}

func (s *Service) optOut(ctx context.Context, c press.Copied, choice Choice, now time.Time) error {
	scope, ok := scopeOf(c, choice)
	if !ok {
		return noSuchChoice(choice)
	}
	_, err := s.store.OptOut(ctx, c, scope, s.keys.AddressKey, now)
	return err
}

// ByMail is an opt-out that came as a mail to the address in List-Unsubscribe:
// of the organisation, as by one click.
func (s *Service) ByMail(ctx context.Context, delivery press.ID, now time.Time) error {
	c, ok, err := s.store.Copied(ctx, delivery)
	if err != nil || !ok {
		return err
	}
	return s.optOut(ctx, c, Sender, now)
}

func noSuchChoice(c Choice) error {
	return press.Faults{{What: "there is no choice `" + string(c) + "` here", Want: "topic (where the release has one), sender or everything is wanted"}}
}

// OptIn takes an opt-out back.
func (s *Service) OptIn(ctx context.Context, token string, choice Choice, now time.Time) error {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return err
	}
	scope, ok := scopeOf(c, choice)
	if !ok {
		return noSuchChoice(choice)
	}
	_, err = s.store.OptIn(ctx, c, scope, s.keys.AddressKey, now)
	return err
}

// maxLanguages is how many languages somebody may put in order.
const maxLanguages = 10

// Wish sets what they want to be written to in, and where. Nothing is set where
// one of the wishes cannot be.
func (s *Service) Wish(ctx context.Context, token string, w Wishes, now time.Time) error {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return err
	}
	contact, ok, err := s.store.ContactByID(ctx, c.Contact)
	if err != nil {
		return err
	}
	if faults := judge(w, contact.Contact, ok); len(faults) > 0 {
		return faults
	}
	if len(w.Languages) > 0 {
		if err := s.store.SetLanguages(ctx, c.Contact, w.Languages, now); err != nil {
			return err
		}
	}
	if w.Address != "" {
		if err := s.store.Prefer(ctx, c.Contact, w.Address, press.ByContact, now); err != nil {
			return err
		}
	}
	if w.Another != "" && !has(contact.Contact, w.Another) {
		return s.store.Ask(ctx, c.Contact, contact.Preferred(), w.Another, now)
	}
	return nil
}

func has(c press.Contact, a press.Address) bool {
	return slices.ContainsFunc(c.Addresses, func(b press.Address) bool { return a.Key() == b.Key() })
}

func judge(w Wishes, c press.Contact, onFile bool) press.Faults {
	var faults press.Faults
	fault := func(what, want string) { faults = append(faults, press.Fault{What: what, Want: want}) }
	if !onFile {
		fault("nothing is held on you any more", "ask the press office to put you on its list again")
		return faults
	}
	if len(w.Languages) > maxLanguages {
		fault("these are too many languages", "up to ten are wanted")
	}
	for i, l := range w.Languages {
		if known, err := press.ParseLang(string(l)); err != nil || known != l {
			fault("there is no language "+string(l), "one of those that are shown is wanted")
		}
		if slices.Contains(w.Languages[:i], l) {
			fault("the language "+string(l)+" is there twice", "each once is wanted")
		}
	}
	if w.Address != "" && !has(c, w.Address) {
		fault("that address is not on file", "one of those that are shown is wanted")
	}
	if w.Another != "" {
		if _, err := press.ParseAddress(string(w.Another)); err != nil {
			fault(err.Error(), "an address such as name@example.org is wanted")
		}
	}
	return faults
}

// Erase deletes what is held on them.
func (s *Service) Erase(ctx context.Context, token string, now time.Time) error {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return err
	}
	_, err = s.store.Erase(ctx, c.Contact, []press.AddressKey{c.Key}, s.keys.AddressKey, press.ByContact, now)
	return err
}

// Dossier gathers everything that is held on them.
func (s *Service) Dossier(ctx context.Context, token string, now time.Time) (press.Dossier, error) {
	c, ok, err := s.copied(ctx, token)
	if err != nil || !ok {
		return press.Dossier{At: now}, err
	}
	return s.store.Dossier(ctx, c.Contact, []press.AddressKey{c.Key}, s.keys.AddressKey, now)
}
