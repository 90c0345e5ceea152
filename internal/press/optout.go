package press

import (
	"fmt"
	"strings"
	"time"
)

// Scope is how far a word against being written to reaches.
type Scope string

// ScopeAll is everything that this installation sends.
const ScopeAll Scope = "all"

// SenderScope is everything under one sender.
func SenderScope(id string) Scope { return Scope("sender:" + id) }

// TopicScope is everything on one topic.
func TopicScope(topic string) Scope { return Scope("topic:" + topic) }

// ParseScope reads all, sender:ID or topic:NAME.
func ParseScope(s string) (Scope, error) {
	kind, name, _ := strings.Cut(s, ":")
	if s == string(ScopeAll) || ((kind == "sender" || kind == "topic") && CheckSlug(name) == nil) {
		return Scope(s), nil
	}
	return "", fmt.Errorf("%q is no scope; all, sender:ID or topic:NAME is wanted", s)
}

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
