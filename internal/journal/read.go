package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"

	"dateline/internal/press"
)

// reading gathers what the segments of earlier lives tell.
type reading struct {
	bootID string
	begun  map[press.ID]bool
	ended  map[press.ID]press.Outcome
	whole  bool   // all segments so far are of this boot, and undamaged
	damage string // the first one
}

func newReading(bootID string) *reading {
	return &reading{bootID: bootID, begun: map[press.ID]bool{}, ended: map[press.ID]press.Outcome{}, whole: bootID != ""}
}

// damaged notes that something could not be read.
func (r *reading) damaged(segment, why string) {
	r.whole = false
	if r.damage == "" {
		r.damage = segment + ": " + why
	}
}

// errTorn says that a segment ends within a record.
var errTorn = errors.New("a record breaks off at the end of the file")

// segment reads a segment to its end, or as far as it goes, and gives the
// length of its whole records. It is torn when a record breaks off behind them.
func (r *reading) segment(name string, in io.Reader, last bool) (length int64, torn bool) {
	frames := bufio.NewReaderSize(in, frameSize+maxPayload)
	for {
		payload, err := nextFrame(frames)
		switch {
		case errors.Is(err, io.EOF) && length > 0:
			return length, false
		case errors.Is(err, io.EOF), errors.Is(err, errTorn):
			if !last {
				r.damaged(name, fmt.Sprintf("it breaks off at byte %d, and a later segment exists", length))
			}
			return length, true
		case errors.Is(err, errChecksum):
			// Its length is sound, so that what follows it can be read.
			r.damaged(name, fmt.Sprintf("the record at byte %d is damaged", length))
		case err != nil:
			r.damaged(name, fmt.Sprintf("from byte %d on it cannot be read: %v", length, err))
			return length, false
		default:
			if why := r.record(payload, length == 0); why != "" {
				r.damaged(name, fmt.Sprintf("the record at byte %d: %s", length, why))
			}
		}
		length += int64(frameSize + len(payload))
		_, _ = frames.Discard(frameSize + len(payload)) // it was peeked at
	}
}

var (
	errLength   = errors.New("a record's length is damaged")
	errChecksum = errors.New("a record's checksum is wrong")
)

// nextFrame gives the payload of the next record, without going past it. With
// errChecksum it gives the payload, too, for its length.
func nextFrame(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(frameSize)
	if len(head) >= 4 && binary.LittleEndian.Uint16(head) != ^binary.LittleEndian.Uint16(head[2:]) {
		return nil, errLength
	}
	switch {
	case errors.Is(err, io.EOF) && len(head) == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return nil, errTorn
	case err != nil:
		return nil, err
	}
	sum := binary.LittleEndian.Uint32(head[4:])
	whole, err := in.Peek(frameSize + int(binary.LittleEndian.Uint16(head)))
	switch {
	case errors.Is(err, io.EOF):
		return nil, errTorn
	case err != nil:
		return nil, err
	}
	payload := whole[frameSize:]
	if checksum(payload) != sum {
		return payload, errChecksum
	}
	return payload, nil
}

// record takes in one record, and says what is wrong with it, or "".
func (r *reading) record(payload []byte, first bool) string {
	if len(payload) == 0 {
		return "it is empty"
	}
	kind, body := payload[0], payload[1:]
	if first != (kind == kindHeader) {
		return "a segment begins with one header, and this is not so"
	}
	switch {
	case kind == kindHeader:
		return r.header(body)
	case kind == kindBegin && len(body) == idSize:
		id := press.ID(body)
		r.begun[id] = true
		delete(r.ended, id)
	case kind == kindEnd && len(body) > idSize:
		return r.end(press.ID(body[:idSize]), body[idSize:])
	case kind == kindSettled && len(body)%idSize == 0:
		for ; len(body) > 0; body = body[idSize:] {
			id := press.ID(body[:idSize])
			delete(r.begun, id)
			delete(r.ended, id)
		}
	default:
		return fmt.Sprintf("its kind %d of %d bytes is not known", kind, len(body))
	}
	return ""
}

func (r *reading) header(body []byte) string {
	if len(body) == 0 || body[0] != headerVersion {
		return "another version of Dateline wrote this segment"
	}
	if string(body[1:]) != r.bootID {
		r.whole = false
	}
	return ""
}

func (r *reading) end(id press.ID, body []byte) string {
	r.begun[id] = true
	delete(r.ended, id)
	o, err := readOutcome(body)
	if err != nil {
		return err.Error()
	}
	r.ended[id] = o
	return ""
}

// journalled is what all segments together tell. Where their end may be
// missing, so may be that a delivery began once more after it was deferred, or
// put back, or found unknown.
func (r *reading) journalled() press.Journalled {
	if !r.whole {
		maps.DeleteFunc(r.ended, func(_ press.ID, o press.Outcome) bool {
			return o.State != press.Accepted && o.State != press.Rejected
		})
	}
	return press.Journalled{Begun: r.begun, Ended: r.ended, SameBoot: r.whole, Damage: r.damage}
}
