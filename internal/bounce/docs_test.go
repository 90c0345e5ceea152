package bounce_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"dateline/internal/press"
)

// docs/bounces.md has every reason, with its class, and no other.
func TestTheReasonsAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "bounces.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[press.Reason]press.Class{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| (hard|soft) \\|").FindAllStringSubmatch(string(text), -1) {
		documented[press.Reason(row[1])] = press.Class(row[2])
	}
	for _, r := range press.Reasons() {
		if documented[r] != r.Class() {
			t.Errorf("%s is %s, and docs/bounces.md says %q", r, r.Class(), documented[r])
		}
		delete(documented, r)
	}
	for r := range documented {
		t.Errorf("docs/bounces.md has %s, which is no reason", r)
	}
}
