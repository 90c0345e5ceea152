package access

import "time"

// Refused says why somebody is not let in. It tells nothing that a stranger does
// not know.
type Refused struct {
	Why  string
	Wait time.Duration // so long no other try is taken; 0: none to wait for
}

func (r Refused) Error() string { return r.Why }
