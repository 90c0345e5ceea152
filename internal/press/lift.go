package press

import "time"

// AcceptedPart is what relays accepted within one second of one send, for one
// country in one language: how many, and when the first and the last of them.
type AcceptedPart struct {
	Send    string
	Country Country
	Edition Lang
	N       int
	First   time.Time
	Last    time.Time
}
