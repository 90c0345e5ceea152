package press

import "time"

// Scope is how far a word against being written to reaches.
type Scope string

// ScopeAll is everything that this installation sends.
const ScopeAll Scope = "all"

// SenderScope is everything under one sender.
func SenderScope(id string) Scope { return Scope("sender:" + id) }

// TopicScope is everything on one topic.
func TopicScope(topic string) Scope { return Scope("topic:" + topic) }

// ByContact stands as the author of what a journalist did by their own link.
const ByContact = "contact"

// Why somebody is not written to, where it was their own word.
const (
	ReasonOptOut = "opted out"
	ReasonErased = "erased"
)

// Copied is the copy that an opt-out token came with.
type Copied struct {
	Delivery ID
	Contact  ID
	Address  Address // "" once it was erased
	Key      AddressKey
	Release  string
	Sender   Sender // as it was approved
	Topic    string // "" where the release has none
	Edition  Lang
	At       time.Time // when it was due; zero: on approval
}
