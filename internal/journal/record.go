package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"dateline/internal/press"
)

// A record is framed by its payload's length, that length's complement (so that
// a damaged length is not taken for a record that breaks off) and the payload's
// CRC-32C, all little-endian. The payload begins with its kind.
const (
	frameSize  = 8
	maxPayload = 1<<16 - 1
)

// The kinds of record.
const (
	kindHeader  = 1 // version, boot id: the first record of each segment
	kindBegin   = 2 // id
	kindEnd     = 3 // id, outcome
	kindSettled = 4 // ids
)

// headerVersion is raised when what is written here can no longer be read by
// programs from before; they then take nothing for proved.
const headerVersion = 1

// outcomeVersion is raised with each field that is added to an outcome, at its
// end: an older program reads the fields that it knows.
const outcomeVersion = 1

// flagOfAddress is the first of an outcome's flags.
const flagOfAddress = 1

const idSize = len(press.ID{})

// maxSettled is how many ids go into one record.
const maxSettled = 1000

// Bounds on what an outcome says, far above what a relay's reply has; what is
// longer is cut, so that an outcome fits a record.
const (
	maxText = 32 << 10
	maxWord = 1 << 10
)

// frame leaves room for a record's frame; seal fills it in.
func frame(b []byte, kind byte) []byte {
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0, kind)
}

func seal(b []byte, start int) []byte {
	payload := b[start+frameSize:]
	n := uint16(len(payload))
	binary.LittleEndian.PutUint16(b[start:], n)
	binary.LittleEndian.PutUint16(b[start+2:], ^n)
	binary.LittleEndian.PutUint32(b[start+4:], checksum(payload))
	return b
}

func checksum(payload []byte) uint32 {
	return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli))
}

func headerOf(bootID string) []byte {
	b := append(frame(nil, kindHeader), headerVersion)
	return seal(append(b, bootID...), 0)
}

func appendBegin(b []byte, id press.ID) []byte {
	start := len(b)
	return seal(append(frame(b, kindBegin), id[:]...), start)
}

func appendSettled(b []byte, ids []press.ID) []byte {
	start := len(b)
	b = frame(b, kindSettled)
	for _, id := range ids {
		b = append(b, id[:]...)
	}
	return seal(b, start)
}

func appendEnd(b []byte, id press.ID, o press.Outcome) []byte {
	start := len(b)
	b = append(frame(b, kindEnd), id[:]...)
	b = append(b, outcomeVersion)
	b = binary.AppendVarint(b, o.At.UnixMicro())
	b = binary.AppendVarint(b, int64(o.Code))
	var flags int64
	if o.OfAddress {
		flags |= flagOfAddress
	}
	b = binary.AppendVarint(b, flags)
	b = appendText(b, string(o.State), maxWord)
	b = appendText(b, o.Relay, maxWord)
	b = appendText(b, o.Verb, maxWord)
	b = appendText(b, o.Enhanced, maxWord)
	b = appendText(b, o.Text, maxText)
	return seal(b, start)
}

func appendText(b []byte, s string, limit int) []byte {
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errNotWhole = errors.New("an outcome breaks off")

// readOutcome reads what stands behind the id of an end.
func readOutcome(b []byte) (press.Outcome, error) {
	if len(b) == 0 || b[0] == 0 {
		return press.Outcome{}, errNotWhole
	}
	f := fields{rest: b[1:]}
	o := press.Outcome{At: time.UnixMicro(f.number()).UTC(), Code: int(f.number())}
	o.OfAddress = f.number()&flagOfAddress != 0
	o.State = press.State(f.text())
	o.Relay, o.Verb, o.Enhanced, o.Text = f.text(), f.text(), f.text(), f.text()
	if f.broken {
		return press.Outcome{}, errNotWhole
	}
	if !slices.Contains(press.Sending.Next(), o.State) {
		return press.Outcome{}, fmt.Errorf("%q is no outcome of a message", o.State)
	}
	return o, nil
}

// fields reads one field after the other; past the end they are empty.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) number() int64 {
	v, n := binary.Varint(f.rest)
	return took(f, v, n)
}

func (f *fields) text() string {
	v, n := binary.Uvarint(f.rest)
	length := took(f, v, n)
	if length > uint64(len(f.rest)) {
		f.broken = true
		return ""
	}
	s := string(f.rest[:length])
	f.rest = f.rest[length:]
	return s
}

func took[T any](f *fields, v T, n int) T {
	if f.broken = f.broken || n <= 0; f.broken {
		var none T
		return none
	}
	f.rest = f.rest[n:]
	return v
}
