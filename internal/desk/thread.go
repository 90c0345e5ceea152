package desk

import (
	"context"

	"dateline/internal/press"
)

// thread makes each copy that follows an earlier one its answer: a follow-up
// that of the send that it follows, a correction that of the newest copy that
// its reader has of what it corrects. Mail programs show them together.
func (d *Desk) thread(ctx context.Context, frozen press.Frozen, copies []press.Delivery) error {
	if frozen.Release.Kind == press.Correction {
		has, err := d.messages(ctx, frozen.Release.About)
		if err != nil {
			return err
		}
		for i := range copies {
			if copies[i].After == "" && copies[i].InReplyTo == "" {
				copies[i].InReplyTo = has[held{key: copies[i].AddressKey}]
			}
		}
	}
	followed := map[string]bool{}
	for _, s := range frozen.Release.Sends {
		if s.After != "" {
			followed[s.After] = true
		}
	}
	if len(followed) == 0 {
		return nil
	}
	has, err := d.messages(ctx, frozen.Release.Slug)
	if err != nil {
		return err
	}
	for i := range copies {
		c := &copies[i]
		c.ID = d.NewID()
		if followed[c.Send] {
			has[held{c.Send, c.AddressKey}] = frozen.MessageID(c.ID)
		}
	}
	for i := range copies {
		if c := &copies[i]; c.After != "" {
			c.InReplyTo = has[held{c.After, c.AddressKey}]
		}
	}
	return nil
}

// held is a copy that a mailbox has: of a send, or of any where it is empty.
type held struct {
	send string
	key  press.AddressKey
}

// messages gives the Message-IDs of the copies of a release that are held, the
// newest of each.
func (d *Desk) messages(ctx context.Context, slug string) (map[held]string, error) {
	copies, err := d.Store.HeldCopies(ctx, slug)
	if err != nil || len(copies) == 0 {
		return map[held]string{}, err
	}
	origins, err := d.origins(ctx, slug)
	if err != nil {
		return nil, err
	}
	froze := map[press.ID]press.Frozen{}
	for _, o := range origins {
		froze[o.id] = o.frozen
	}
	ids := make(map[held]string, 2*len(copies))
	for _, c := range copies { // oldest first
		if f, ok := froze[c.Approval]; ok {
			id := f.MessageID(c.ID)
			ids[held{c.Send, c.AddressKey}], ids[held{key: c.AddressKey}] = id, id
		}
	}
	return ids, nil
}
