package bounce

import (
	"strings"

	"dateline/internal/press"
)

// tie finds out which delivery a report is about, as far as its keys tell
// without the store. Each key is asked in the order of its worth.
func (i *Intake) tie(r press.Report) press.Tied {
	r.Recipient, r.Original = known(r.Recipient), known(r.Original)
	t := press.Tied{Report: r}
	if id, err := i.keys.CheckEnvelopeToken(r.Token); err == nil {
		t.Delivery, t.Tie = id, press.TieToken
		return t
	}
	if id, err := i.keys.CheckOptOutToken(r.Token); err == nil { // from the header of the copy that came back
		t.Delivery, t.Tie = id, press.TieToken
		return t
	}
	if id, ok := deliveryOf(r.EnvelopeID); ok {
		t.Delivery, t.Tie = id, press.TieEnvelope
		return t
	}
	local, _, _ := strings.Cut(r.MessageID, "@")
	if id, ok := deliveryOf(local); ok {
		t.Delivery, t.Tie = id, press.TieMessage
		return t
	}
	for _, a := range []press.Address{r.Original, r.Recipient} {
		if a != "" {
			t.Keys = append(t.Keys, i.keys.AddressKey(a))
		}
	}
	return t
}

// deliveryOf reads the id of a delivery where one may stand.
func deliveryOf(s string) (press.ID, bool) {
	id, err := press.ParseID(strings.ToLower(strings.TrimSpace(s)))
	return id, err == nil && !id.IsZero()
}

// known is an address in the form in which the ledger has it; what is none stays
// as it is.
func known(a press.Address) press.Address {
	if parsed, err := press.ParseAddress(string(a)); err == nil {
		return parsed
	}
	return a
}
