package press

// Journalled is what a daemon's journal tells of its earlier life, of messages
// whose results the store may lack.
//
// With SameBoot the journal is whole up to the end of that life: a delivery of
// which it tells nothing had not begun. Without, its end may be missing: then
// nothing follows from what it does not tell, and Ended holds only outcomes
// after which a delivery never begins again, because a later beginning may be
// among what is missing.
type Journalled struct {
	Begun    map[ID]bool    // without an outcome in Ended, the message may have left
	Ended    map[ID]Outcome // what the relay said; each of them is in Begun, too
	SameBoot bool           // the machine was not started anew since, and nothing is damaged
	Damage   string         // where the journal could not be read; "" where it could
}
