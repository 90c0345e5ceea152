package parity

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"dateline/internal/press"
)

// docs/lint.md has each rule, with its level.
func TestDocsHaveEveryRule(t *testing.T) {
	b, err := os.ReadFile("../../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^### (\S+)\n\n\*(\w+)\.\*`).FindAllStringSubmatch(string(b), -1) {
		told[m[1]] = strings.ToLower(m[2])
	}
	for _, r := range press.LintRules() {
		if told[r.Name] != string(r.Level) {
			t.Errorf("docs/lint.md has %s as %q; it is %q", r.Name, told[r.Name], r.Level)
		}
		delete(told, r.Name)
	}
	for name := range told {
		t.Errorf("docs/lint.md has a rule %s, which does not exist", name)
	}
}
