package press

import "time"

// Seal vouches for a stretch of the trail, and for all that was sealed before it.
type Seal struct {
	N        int       // from 1 on, without a gap
	After    ID        // it covers what was written after this,
	To       ID        // up to this one
	Events   int       // of copies
	Acts     int       // of people
	Tests    int       // copies of `dateline test`
	At       time.Time // when it was made
	Digest   Digest    // of what it covers
	Previous Digest    // the mark of the one before; zero in the first
	Mark     Digest    // of all of the above, with a key that the store does not know
}

// SealMark is what a printed receipt shows of a seal, so that the chain cannot be
// made anew without anybody seeing it.
type SealMark struct {
	N    int       `json:"n"`
	At   time.Time `json:"at"`
	Mark Digest    `json:"mark"`
}

// Shown is what a receipt shows of the seal.
func (s Seal) Shown() SealMark { return SealMark{s.N, s.At, s.Mark} }
