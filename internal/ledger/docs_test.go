package ledger_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dateline/internal/press"
)

// docs/operate/alarms.md has a part for each cause, and for no other; it says
// whether anybody is called.
func TestTheHandbookHasEachAlarm(t *testing.T) {
	text, err := os.ReadFile("../../docs/operate/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile("(?m)^### `([a-z-]+)`\n\n(.+)$").FindAllStringSubmatch(string(text), -1)
	var have []press.Cause
	for _, p := range parts {
		cause := press.Cause(p[1])
		have = append(have, cause)
		if says := strings.Contains(p[2], "calls nobody"); says != cause.Quiet() {
			t.Errorf("the part on %s says that it calls nobody: %v; it is quiet: %v", cause, says, cause.Quiet())
		}
	}
	if !slices.Equal(have, press.Causes()) {
		t.Errorf("the handbook has %v; the causes are %v", have, press.Causes())
	}
}
