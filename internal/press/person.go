package press

import "time"

// KeyOf gives the key of an address: the keyring's AddressKey, which the store
// does not have.
type KeyOf func(Address) AddressKey

// OnFile is a contact with when it came and when it last changed.
type OnFile struct {
	Contact
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// Unsubscribed says what an opt-out, or its taking back, did.
type Unsubscribed struct {
	Scope     Scope
	Mailboxes int // addresses that it was said of
}

// Erased says what an erasure took away.
type Erased struct {
	Contact   ID  `json:"contact"`
	Addresses int `json:"addresses"`
	Copies    int `json:"copies"`  // of the ledger, which keeps them without the person
	Stopped   int `json:"stopped"` // of these, on their way, and not sent any more
	Reports   int `json:"reports"` // that came back, without their text now
}

// Merged says what a merge of two contacts brought to the one that stays.
type Merged struct {
	Keep      ID       `json:"keep"`
	Gone      ID       `json:"gone"`
	Addresses int      `json:"addresses"`
	Outlets   int      `json:"outlets"`
	Filled    []string `json:"filled"` // fields that were empty, or grew
}

// Aged says what a retention took away, or would.
type Aged struct {
	Mails  int `json:"mails"`  // that came back, deleted
	Copies int `json:"copies"` // of the ledger, without the person now
}

// Retention is how long what is personal is kept, beside the contacts
// themselves. Zero is for ever.
type Retention struct {
	Mails  time.Duration `json:"mails"`  // reports and other mail that came in
	Ledger time.Duration `json:"ledger"` // who got which copy
}

// IsZero tells whether everything is kept.
func (r Retention) IsZero() bool { return r == Retention{} }
