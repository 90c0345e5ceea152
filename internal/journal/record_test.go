package journal

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dateline/internal/press"
)

// endBody is the part of an end's record that readOutcome reads.
func endBody(o press.Outcome) []byte {
	return appendEnd(nil, press.ID{}, o)[frameSize+1+idSize:]
}

func TestOutcomeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawOutcome(t)
		// What a later version adds stands behind, and is passed over.
		later := rapid.SliceOf(rapid.Byte()).Draw(t, "later fields")
		body := append(endBody(o), later...)
		body[0] += rapid.Byte().Draw(t, "later version") % 250
		got, err := readOutcome(body)
		if err != nil || got != o {
			t.Fatalf("%+v became %+v, %v", o, got, err)
		}
	})
	if got, err := readOutcome(endBody(press.Outcome{State: press.Accepted})); err != nil || !got.At.IsZero() {
		t.Errorf("an outcome without an instant became %+v, %v", got, err)
	}
}

// A field that is added to press.Outcome must be added here as well.
func TestOutcomeKeepsEveryField(t *testing.T) {
	var o press.Outcome
	v := reflect.ValueOf(&o).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case press.State:
			f.SetString(string(press.Rejected))
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2027, 3, 4, 13, 0, 0, 1000, time.UTC)))
		case string:
			f.SetString(v.Type().Field(i).Name)
		case int:
			f.SetInt(550)
		case bool:
			f.SetBool(true)
		default:
			t.Fatalf("the journal does not know how to keep %s", v.Type().Field(i).Name)
		}
	}
	if got, err := readOutcome(endBody(o)); err != nil || got != o {
		t.Errorf("%+v became %+v, %v", o, got, err)
	}
}

func TestOutcomeIsCutToFit(t *testing.T) {
	long := strings.Repeat("é", maxPayload)
	o := press.Outcome{
		State: press.Rejected, At: time.UnixMicro(math.MaxInt64).UTC(), Code: math.MaxInt,
		Relay: long, Verb: long, Enhanced: long, Text: "x" + long,
	}
	record := appendEnd(nil, press.ID{}, o)
	if len(record) > frameSize+maxPayload {
		t.Fatalf("the record has %d bytes, more than a frame holds", len(record))
	}
	got, err := readOutcome(record[frameSize+1+idSize:])
	if err != nil || !strings.HasPrefix(o.Text, got.Text) || len(got.Text) < maxText-utf8.UTFMax || !utf8.ValidString(got.Text) {
		t.Errorf("the text was cut to %d bytes, %v", len(got.Text), err)
	}
	if settled := appendSettled(nil, make([]press.ID, maxSettled)); len(settled) > frameSize+maxPayload {
		t.Errorf("a record of settled ids has %d bytes", len(settled))
	}
}

func TestReadOutcomeRefuses(t *testing.T) {
	whole := endBody(outcomeOf(0))
	for n := range whole {
		if o, err := readOutcome(whole[:n]); err == nil {
			t.Errorf("the first %d bytes of an outcome gave %+v", n, o)
		}
	}
	if o, err := readOutcome(endBody(press.Outcome{State: press.Claimed})); err == nil {
		t.Errorf("a state that no message ends in gave %+v", o)
	}
}

// FuzzRead gives any bytes for two segments: nothing panics, what is told is
// consistent, and proof is taken only from segments that would be written so.
func FuzzRead(f *testing.F) {
	head := headerOf(boot)
	begun := appendBegin(head, idOf(1))
	ended := appendEnd(begun, idOf(1), outcomeOf(0))
	f.Add(head, begun)
	f.Add(ended, head[:5])
	f.Add(ended, append(bytes.Clone(head), appendSettled(nil, []press.ID{idOf(1), idOf(2)})...))
	f.Add(ended[:len(ended)-1], begun)
	f.Add(append(bytes.Clone(ended), make([]byte, 64)...), []byte{})
	f.Add([]byte{0, 0, 255, 255, 0, 0, 0, 0}, []byte("no journal at all"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		r := newReading(boot)
		for i, segment := range [][]byte{first, second} {
			length, torn := r.segment("s", bytes.NewReader(segment), i == 1)
			if length > int64(len(segment)) || !torn && r.damage == "" && length != int64(len(segment)) {
				t.Fatalf("%d of %d bytes are whole, torn %v, damage %q", length, len(segment), torn, r.damage)
			}
			if i == 1 && r.whole {
				again := newReading(boot)
				if n, torn := again.segment("s", bytes.NewReader(segment[:length]), true); n != length || torn != (length == 0) {
					t.Fatalf("cut to its %d whole bytes, a segment has %d, torn %v", length, n, torn)
				}
			}
		}
		told := r.journalled()
		if told.SameBoot && told.Damage != "" {
			t.Fatalf("damage is taken for proof: %s", told.Damage)
		}
		for id, o := range told.Ended {
			if !told.Begun[id] || !press.Sending.MayBecome(o.State) {
				t.Fatalf("%s ended as %q, begun %v", id, o.State, told.Begun[id])
			}
		}
	})
}
