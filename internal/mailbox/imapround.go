package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dateline/internal/press"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// batch is how many messages are fetched by one command, and removed by one:
// few, for all are held in memory, and come again when the connection breaks.
const batch = 16

// round handles everything that is there now.
func (s *imapSession) round(ctx context.Context) (handling, removing, err error) {
	all, err := s.search(ctx, &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return nil, nil, fmt.Errorf("listing the IMAP folder: %w", err)
	}
	refs := map[string]bool{}
	for _, uid := range all {
		refs[s.ref(uid)] = true
	}
	s.later.keep(refs)
	now := time.Now()
	due := slices.DeleteFunc(all, func(uid imap.UID) bool { return !s.later.due(s.ref(uid), now) })
	for part := range slices.Chunk(due, batch) {
		if ctx.Err() != nil {
			return handling, removing, nil
		}
		done, failed, err := s.handlePart(ctx, part)
		if failed != nil {
			handling = failed
		}
		if err != nil {
			return handling, removing, err
		}
		if len(done) == 0 {
			continue
		}
		err = s.remove(ctx, done)
		if said := (*imap.Error)(nil); errors.As(err, &said) && said.Type != imap.StatusResponseTypeBye {
			removing = err // the server refused: the connection stands
		} else if err != nil {
			return handling, removing, fmt.Errorf("removing messages that were handled: %w", err)
		}
	}
	return handling, removing, nil
}

// ref names a message for good: a UID means nothing without the validity.
func (s *imapSession) ref(uid imap.UID) string { return fmt.Sprintf("%d/%d", s.validity, uid) }

func (s *imapSession) search(ctx context.Context, criteria *imap.SearchCriteria) ([]imap.UID, error) {
	const most = 16 << 20 // a million messages
	var found *imap.SearchData
	err := s.do(ctx, most, func() error {
		var err error
		found, err = s.client.UIDSearch(criteria, nil).Wait()
		return err
	})
	if err != nil {
		return nil, err
	}
	uids := found.AllUIDs()
	slices.Sort(uids)
	return uids, nil
}

// handlePart fetches and hands on a few messages; those that may be removed
// are told, also when the connection broke.
func (s *imapSession) handlePart(ctx context.Context, uids []imap.UID) (done []imap.UID, handling, err error) {
	var fetch []imap.UID
	for _, uid := range uids {
		if s.later.handled[s.ref(uid)] {
			done = append(done, uid)
		} else {
			fetch = append(fetch, uid)
		}
	}
	if len(fetch) == 0 {
		return done, nil, nil
	}
	messages, err := s.fetch(ctx, fetch)
	if err != nil {
		return done, nil, fmt.Errorf("fetching messages: %w", err)
	}
	var mails []press.Mail
	var of []imap.UID
	for _, m := range messages {
		if len(m.BodySection) == 0 {
			continue // another client has removed it meanwhile
		}
		mail := press.Mail{Mailbox: s.Name, Ref: s.ref(m.UID), Format: press.FormatMessage, At: m.InternalDate.UTC(), Raw: m.BodySection[0].Bytes}
		if m.InternalDate.IsZero() {
			mail.At = time.Now().UTC()
		}
		mails, of = append(mails, mail), append(of, m.UID)
	}
	remove, handling := s.later.handle(ctx, s.handler, mails...)
	for i, uid := range of {
		if remove[i] {
			done = append(done, uid)
		}
	}
	return done, handling, nil
}

// fetch reads messages, of each at most MaxBytes, without marking them as seen.
func (s *imapSession) fetch(ctx context.Context, uids []imap.UID) ([]*imapclient.FetchMessageBuffer, error) {
	const overhead = 1 << 20 // of TLS, and of what the server says beside
	options := &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{
		{Peek: true, Partial: &imap.SectionPartial{Size: s.MaxBytes}},
	}}
	var messages []*imapclient.FetchMessageBuffer
	err := s.do(ctx, int64(len(uids))*s.MaxBytes*9/8+overhead, func() error {
		var err error
		messages, err = s.client.Fetch(imap.UIDSetNum(uids...), options).Collect()
		return err
	})
	return messages, err
}

// remove takes messages that were handled away.
func (s *imapSession) remove(ctx context.Context, uids []imap.UID) error {
	if s.MoveTo == "" {
		return s.delete(ctx, uids)
	}
	err := s.moveOrCopy(ctx, uids)
	if said := (*imap.Error)(nil); errors.As(err, &said) && said.Code == imap.ResponseCodeTryCreate {
		if err := s.do(ctx, 1<<20, func() error { return s.client.Create(s.MoveTo, nil).Wait() }); err != nil {
			return fmt.Errorf("making the IMAP folder %q: %w", s.MoveTo, err)
		}
		err = s.moveOrCopy(ctx, uids)
	}
	if err != nil {
		return fmt.Errorf("moving to the IMAP folder %q: %w", s.MoveTo, err)
	}
	if s.client.Caps().Has(imap.CapMove) {
		return nil
	}
	return s.delete(ctx, uids)
}

func (s *imapSession) moveOrCopy(ctx context.Context, uids []imap.UID) error {
	set := imap.UIDSetNum(uids...)
	return s.do(ctx, 1<<20, func() error {
		var err error
		if s.client.Caps().Has(imap.CapMove) {
			_, err = s.client.Move(set, s.MoveTo).Wait()
		} else {
			_, err = s.client.Copy(set, s.MoveTo).Wait()
		}
		return err
	})
}

// delete marks messages and expunges them, and them alone.
func (s *imapSession) delete(ctx context.Context, uids []imap.UID) error {
	set := imap.UIDSetNum(uids...)
	err := s.do(ctx, 1<<20, func() error {
		return s.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
	})
	if err != nil {
		return err
	}
	if s.client.Caps().Has(imap.CapUIDPlus) {
		return s.do(ctx, 1<<20, func() error { return s.client.UIDExpunge(set).Close() })
	}
	marked, err := s.search(ctx, &imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(marked, func(uid imap.UID) bool { return !set.Contains(uid) }) {
		return nil // somebody else's are among them: ours stay marked, and are not listed again
	}
	return s.do(ctx, 1<<20, func() error { return s.client.Expunge().Close() })
}
