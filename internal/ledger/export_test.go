package ledger_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"dateline/internal/ledger"
	"dateline/internal/press"
)

// gone is a reader's disk that is full.
type gone struct{}

var errFull = errors.New("no space left on device")

func (gone) Write([]byte) (int, error) { return 0, errFull }

func given(err error, rows ...press.DeliveryRow) ledger.Deliveries {
	return func(yield func(press.DeliveryRow, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(press.DeliveryRow{}, err)
		}
	}
}

// nasty is a row whose every text was written by somebody who means harm.
func nasty() press.DeliveryRow {
	return press.DeliveryRow{
		ID: press.ID{1}, Release: "tashkent", Send: "general", Address: "+a@x.example", Name: "=HYPERLINK(\"http://x\")", Outlet: "@SUM(1)\nsecond line", Country: "UZ", Edition: "ru",
		State: press.Rejected, Updated: now, Attempts: 2, Reason: press.ReasonBlocked, Class: press.Soft,
		Last: press.Outcome{State: press.Rejected, At: now, Relay: "main", Code: 550, Text: "-1+cmd|' /C calc'!A0, <b>\"quoted\"</b>\r\n"},
	}
}

func TestCSVIsSafeToOpen(t *testing.T) {
	var out bytes.Buffer
	n, err := ledger.WriteCSV(&out, given(nil, nasty(), press.DeliveryRow{}), true)
	if n != 2 || err != nil {
		t.Fatal(n, err)
	}
	read, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(read) != 3 {
		t.Fatal(read, err)
	}
	of := map[string]string{}
	for i, name := range read[0] {
		of[name] = read[1][i]
		for _, row := range read[1:] {
			if cell := row[i]; cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("%s is a formula: %q", name, cell)
			}
		}
	}
	for name, want := range map[string]string{
		"id": nasty().ID.String(), "address": "'+a@x.example", "name": "'=HYPERLINK(\"http://x\")", "outlet": "'@SUM(1)\nsecond line", "state": "rejected", "reason": "blocked", "code": "550", "due": "",
		"updated": "2027-03-04T13:00:00.000Z", "last_at": "2027-03-04T13:00:00.000Z", "reply": "'-1+cmd|' /C calc'!A0, <b>\"quoted\"</b>\n",
	} {
		if of[name] != want {
			t.Errorf("%s is %q, want %q", name, of[name], want)
		}
	}
}

// Addresses and names are written where they are asked for, and nowhere else.
func TestWhatIsPersonalIsAskedFor(t *testing.T) {
	for name, write := range map[string]func(*bytes.Buffer, bool) (int, error){
		"csv": func(b *bytes.Buffer, personal bool) (int, error) {
			return ledger.WriteCSV(b, given(nil, nasty()), personal)
		},
		"jsonl": func(b *bytes.Buffer, personal bool) (int, error) {
			return ledger.WriteJSONL(b, given(nil, nasty()), personal)
		},
	} {
		for _, personal := range []bool{false, true} {
			var out bytes.Buffer
			if n, err := write(&out, personal); n != 1 || err != nil {
				t.Fatal(name, n, err)
			}
			for _, word := range []string{"a@x.example", "HYPERLINK"} {
				if strings.Contains(out.String(), word) != personal {
					t.Errorf("%s, personal %v: %s", name, personal, out.String())
				}
			}
		}
	}
}

func TestJSONLIsALineEach(t *testing.T) {
	var out bytes.Buffer
	if _, err := ledger.WriteJSONL(&out, given(nil, nasty(), nasty()), true); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	var back press.DeliveryRow
	if err := json.Unmarshal([]byte(lines[1]), &back); err != nil || len(lines) != 2 || back != nasty() {
		t.Errorf("%d lines, %v: %+v", len(lines), err, back)
	}
}

// What was read before the store failed is written; a disk that is full says so.
func TestAnExportThatFails(t *testing.T) {
	broke := errors.New("the connection broke")
	var out bytes.Buffer
	if n, err := ledger.WriteJSONL(&out, given(broke, nasty()), false); n != 1 || !errors.Is(err, broke) || out.Len() == 0 {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
	if _, err := ledger.WriteCSV(gone{}, given(nil, nasty()), false); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := ledger.WriteJSONL(gone{}, given(nil, nasty()), false); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}
