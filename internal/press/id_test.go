package press

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const anID = "01936b2e-7c1a-7000-8000-0123456789ab"

func TestParseID(t *testing.T) {
	id, err := ParseID(anID)
	if err != nil || id.String() != anID || id.IsZero() {
		t.Errorf("%s: %s, %v", anID, id, err)
	}
	if upper, err := ParseID(strings.ToUpper(anID)); err != nil || upper != id {
		t.Errorf("in capitals: %s, %v", upper, err)
	}
	if zero, err := ParseID("00000000-0000-0000-0000-000000000000"); err != nil || !zero.IsZero() {
		t.Errorf("the zero id: %s, %v", zero, err)
	}
	for _, in := range []string{"", anID[1:], anID + "0", " " + anID, strings.ReplaceAll(anID, "-", ""), strings.ReplaceAll(anID, "-", "_"), "g" + anID[1:], "{" + anID[:34] + "}", strings.Repeat("-", 36), strings.Repeat("é", 18), anID[:35] + "\x00"} {
		id, err := ParseID(in)
		if err == nil || !id.IsZero() || !strings.Contains(err.Error(), "an id looks like "+anID) {
			t.Errorf("%q: %s, %v", in, id, err)
		}
	}
}

func TestIDRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		if back, err := ParseID(id.String()); err != nil || back != id {
			t.Fatalf("as a string: %s, %v", back, err)
		}
		text, err := json.Marshal(map[string]ID{"id": id})
		var read map[string]ID
		if err != nil || json.Unmarshal(text, &read) != nil || read["id"] != id {
			t.Fatalf("as JSON: %s, %v", text, err)
		}
		stored, err := id.Value()
		var scanned ID
		if err != nil || scanned.Scan(stored) != nil || scanned != id {
			t.Fatalf("in the store: %v, %v", stored, err)
		}
	})
}

func TestIDScan(t *testing.T) {
	id := ID{1}
	if err := id.Scan(nil); err != nil || !id.IsZero() {
		t.Errorf("NULL: %s, %v", id, err)
	}
	for _, src := range []any{anID, []byte(anID), []byte{1}, []byte{}, 7, true} {
		if err := new(ID).Scan(src); err == nil || !strings.Contains(err.Error(), "want 16 bytes") {
			t.Errorf("%T: %v", src, err)
		}
	}
	// A driver may use its buffer again.
	buffer := bytes.Repeat([]byte{1}, 16)
	if err := id.Scan(buffer); err != nil {
		t.Fatal(err)
	}
	buffer[0] = 9
	if id[0] != 1 {
		t.Error("the id lives in the driver's buffer")
	}
}

func TestFirstID(t *testing.T) {
	at := time.UnixMilli(0x01936b2e7c1a)
	if got := FirstID(at).String(); got != "01936b2e-7c1a-0000-0000-000000000000" {
		t.Error(got)
	}
	for _, early := range []time.Time{{}, time.Unix(0, 0), time.Unix(-5, 0)} {
		if id := FirstID(early); !id.IsZero() {
			t.Errorf("%s: %s", early, id)
		}
	}
}

// TestIDsSortByTime: an id made at an instant is not below the first one of
// that instant, and below the first one of the next millisecond; and bytes and
// strings sort alike.
func TestIDsSortByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(1000, 1<<57).Draw(t, "at"))
		made := FirstID(at)
		copy(made[6:], rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "rest"))
		made[6] = 0x70 | made[6]&0x0f
		made[8] = 0x80 | made[8]&0x3f
		first, after := FirstID(at), FirstID(at.Add(time.Millisecond))
		if bytes.Compare(first[:], made[:]) > 0 || bytes.Compare(made[:], after[:]) >= 0 {
			t.Fatalf("%s is not between %s and %s", made, first, after)
		}
		if !made.Made().Equal(at.Truncate(time.Millisecond)) {
			t.Fatalf("%s, of %s, says that it was made at %s", made, at, made.Made())
		}
		if first.String() > made.String() || made.String() >= after.String() {
			t.Fatalf("as strings %s is not between %s and %s", made, first, after)
		}
	})
}
