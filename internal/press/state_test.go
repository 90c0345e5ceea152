package press

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// drawn is what docs/delivery-states.md says of one state.
type drawn struct {
	state  State
	copies string // with the recipient?
	next   []State
}

func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/delivery-states.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var code = regexp.MustCompile("^`([a-z]+)`$")

// documented reads the document's table. Whatever it does not understand is a
// fault: a row that were passed over would be held against nothing.
func documented(t *testing.T) []drawn {
	t.Helper()
	var rows []drawn
	for line := range strings.Lines(document(t)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|\n "), "|")
		if len(cells) != 6 {
			t.Fatalf("the row has %d cells: %s", len(cells), line)
		}
		for i, cell := range cells {
			if cells[i] = strings.TrimSpace(cell); cells[i] == "" {
				t.Errorf("the row has an empty cell: %s", line)
			}
		}
		row := drawn{copies: cells[1]}
		state := code.FindStringSubmatch(cells[0])
		if state == nil {
			t.Fatalf("no state: %s", cells[0])
		}
		row.state = State(state[1])
		if cells[5] != "none" {
			for word := range strings.FieldsSeq(cells[5]) {
				next := code.FindStringSubmatch(word)
				if next == nil {
					t.Fatalf("no state: %s", word)
				}
				row.next = append(row.next, State(next[1]))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTableOfTheDocument(t *testing.T) {
	var states []State
	for _, row := range documented(t) {
		states = append(states, row.state)
		for _, to := range row.next {
			if !row.state.MayBecome(to) {
				t.Errorf("the table has %s -> %s, the code has not", row.state, to)
			}
		}
		for _, to := range row.state.Next() {
			if !slices.Contains(row.next, to) {
				t.Errorf("the code has %s -> %s, the table has not", row.state, to)
			}
		}
		if left := row.copies != "no"; left != row.state.MayHaveLeft() {
			t.Errorf("%s: the table says %q, the code says %v", row.state, row.copies, row.state.MayHaveLeft())
		}
	}
	if !slices.Equal(states, States()) {
		t.Errorf("the table's rows are %v; want each state once, in this order: %v", states, States())
	}
}

func TestDiagramOfTheDocument(t *testing.T) {
	text := document(t)
	arrow := regexp.MustCompile(`(?m)^ +(\S+) --> (\S+)$`)
	var got []string
	for _, m := range arrow.FindAllStringSubmatch(text, -1) {
		got = append(got, m[1]+" "+m[2])
	}
	if n := strings.Count(text, "-->"); n != len(got) {
		t.Fatalf("the diagram has %d arrows, of which %d could be read", n, len(got))
	}
	want := []string{"[*] planned"}
	for _, s := range States() {
		for _, to := range s.Next() {
			want = append(want, string(s+" "+to))
		}
		if len(s.Next()) == 0 {
			want = append(want, string(s)+" [*]")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the diagram has the arrows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestRuling5 holds the table against the design's own words, so that code and
// document cannot drift together.
func TestRuling5(t *testing.T) {
	const ruling = "planned→claimed|skipped|cancelled|expired; claimed→sending|planned|deferred|skipped|cancelled|expired; " +
		"sending→accepted|deferred|rejected|unknown|planned; deferred→claimed|skipped|cancelled|expired; " +
		"unknown→accepted|delivered|bounced|complained|planned|cancelled; accepted→delivered|bounced|complained; delivered→bounced|complained"
	n := 0
	for part := range strings.SplitSeq(ruling, "; ") {
		from, to, _ := strings.Cut(part, "→")
		for next := range strings.SplitSeq(to, "|") {
			n++
			if !State(from).MayBecome(State(next)) {
				t.Errorf("%s -> %s is missing", from, next)
			}
		}
	}
	for _, s := range States() {
		n -= len(s.Next())
	}
	if n != 0 {
		t.Errorf("the code has %d transitions more than the ruling", -n)
	}
}

func TestStatesHangTogether(t *testing.T) {
	for _, s := range States() {
		if s.MayBecome(s) {
			t.Errorf("%s follows itself", s)
		}
		if s.MayHaveLeft() && s.Unsent() {
			t.Errorf("%s is both with the recipient and unsent", s)
		}
		if final := len(s.Next()) == 0; final && s.Unsent() {
			t.Errorf("%s is final, and yet waits", s)
		}
		for _, to := range s.Next() {
			if !slices.Contains(States(), to) {
				t.Errorf("%s -> %s leads to no state", s, to)
			}
			// A message that leaves must have been on disk as sending.
			if !s.MayHaveLeft() && to.MayHaveLeft() && to != Sending {
				t.Errorf("%s -> %s passes sending by", s, to)
			}
		}
	}
	for _, s := range []State{"", "sent", "Planned"} {
		if len(s.Next()) > 0 || s.MayHaveLeft() || s.Unsent() || Planned.MayBecome(s) {
			t.Errorf("%q passes for a state", s)
		}
	}
}

// TestOnlyGoIsTheWord: what was never answered must not read as leave to send.
func TestOnlyGoIsTheWord(t *testing.T) {
	all := []Verdict{Go, Held, Killed, Suppressed, Late, Early, Lost}
	seen := map[Verdict]bool{"": true}
	for _, v := range all {
		if seen[v] {
			t.Errorf("the verdict %q is there twice, or empty", v)
		}
		seen[v] = true
	}
	if missing := map[ID]Verdict{}[ID{1}]; missing == Go {
		t.Error("a verdict that is missing says go")
	}
}
