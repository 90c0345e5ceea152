package config

import (
	"os"
	"strings"
	"testing"
)

func TestReferenceIsCommitted(t *testing.T) {
	const path = "../../docs/config.md"
	if *update {
		if err := os.WriteFile(path, []byte(Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != Reference() {
		t.Errorf("%s is not what Reference gives; go test ./internal/config -update writes it", path)
	}
}

// Every key says what it is for, in cells that do not break the table.
func TestReferenceIsComplete(t *testing.T) {
	for line := range strings.SplitSeq(Reference(), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for _, c := range cells {
			if strings.TrimSpace(c) == "" {
				t.Errorf("a cell is empty: %s", line)
			}
		}
		if len(cells) != 4 && len(cells) != 2 {
			t.Errorf("the row has %d cells: %s", len(cells), line)
		}
	}
}
