package press

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"
)

// Seal vouches for a stretch of the trail, and for all that was sealed before it.
type Seal struct {
	N     int // from 1 on, without a gap
	After ID  // it covers what was written after this,
	To    ID  // up to this one
	Sum
	At       time.Time // when it was made
	Previous Digest    // the mark of the one before; zero in the first
	Mark     Digest    // Keyring.Mark
}

// Sum is what a stretch of the trail adds up to.
type Sum struct {
	Digest Digest
	Events int // of copies
	Acts   int // of people, and of the program
	Tests  int // copies of `dateline test`
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

// Mark is what makes a seal: an HMAC over all else that it says, with a key that
// only the keys file gives. Whoever can write the store, and no more, makes none.
func (k Keyring) Mark(s Seal) Digest {
	key := hmac.New(sha256.New, k.address) // the one key that an installation has for ever
	key.Write([]byte("dateline seal key 1"))
	mac := hmac.New(sha256.New, key.Sum(nil))
	b := []byte("dateline seal 1\n")
	b = number(b, int64(s.N))
	b = append(append(b, s.After[:]...), s.To[:]...)
	for _, n := range []int{s.Events, s.Acts, s.Tests} {
		b = number(b, int64(n))
	}
	b = number(b, s.At.UnixMicro())
	b = append(append(b, s.Digest[:]...), s.Previous[:]...)
	mac.Write(b)
	return Digest(mac.Sum(nil))
}

// TrailSum adds up entries of the trail, each table's in the order of their ids:
// events, then acts, then test copies. It takes in what stays for ever; what relays
// replied, and the persons, may go by age or by an erasure, and are not in it.
type TrailSum struct {
	sum  Sum
	hash hash.Hash
	b    []byte
}

// NewTrailSum begins one.
func NewTrailSum() *TrailSum {
	t := &TrailSum{hash: sha256.New()}
	t.hash.Write([]byte("dateline trail 1\n"))
	return t
}

// SealedEvent is what a seal takes in of an event.
type SealedEvent struct {
	ID, Delivery                               ID
	AtUS, Code, OfAddress                      int64
	From, State, Relay, Verb, Enhanced, SaidBy string
}

// Event adds one.
func (t *TrailSum) Event(e *SealedEvent) {
	t.sum.Events++
	b := append(append(append(t.b[:0], 'e'), e.ID[:]...), e.Delivery[:]...)
	b = number(number(number(b, e.AtUS), e.Code), e.OfAddress)
	t.write(words(b, e.From, e.State, e.Relay, e.Verb, e.Enhanced, e.SaidBy))
}

// Act adds one.
func (t *TrailSum) Act(a Act) {
	t.sum.Acts++
	b := append(append(t.b[:0], 'a'), a.ID[:]...)
	t.write(words(number(b, a.At.UnixMicro()), a.Release, a.Act, a.By, a.Detail))
}

// SealedTest is what a seal takes in of a test copy.
type SealedTest struct {
	ID                      ID
	Key                     AddressKey
	AtUS, Code              int64
	Release, Edition, State string
}

// Test adds a test copy.
func (t *TrailSum) Test(c SealedTest) {
	t.sum.Tests++
	b := append(append(append(t.b[:0], 't'), c.ID[:]...), c.Key[:]...)
	t.write(words(number(number(b, c.AtUS), c.Code), c.Release, c.Edition, c.State))
}

func (t *TrailSum) write(b []byte) {
	t.hash.Write(b)
	t.b = b
}

// Sum is what was added so far.
func (t *TrailSum) Sum() Sum {
	t.sum.Digest = Digest(t.hash.Sum(nil))
	return t.sum
}

// number and words are written so that no two rows give the same bytes: numbers
// in eight, words behind their length.
func number(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // any bits will do
}

func words(b []byte, all ...string) []byte {
	for _, w := range all {
		b = append(binary.AppendUvarint(b, uint64(len(w))), w...)
	}
	return b
}
