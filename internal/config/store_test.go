package config

import (
	"os"
	"path/filepath"
	"testing"
)

// A slip anywhere but in what names the store must not keep anybody from a kill.
func TestLoadStoreIsStoppedByLittle(t *testing.T) {
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"nothing but a store", "store: sqlite:dateline.db\nstate: state\n", true},
		{"a slip in the policies", "store: sqlite:dateline.db\nstate: state\npolicies: {on_drift: hope}\n", true},
		{"a key that is unknown", "store: sqlite:dateline.db\nstate: state\nrelais: []\n", true},
		{"a mailbox that is none", "store: sqlite:dateline.db\nstate: state\nmailboxes: [{kind: pigeon}, 7]\nwebhooks: no\n", true},
		{"a mailbox without what it needs", "store: sqlite:dateline.db\nstate: state\nmailboxes: [{name: a, kind: smtp, key: k}, {name: a, kind: ses}]\n", true},
		{"a mailbox's secret that is not set", "store: sqlite:dateline.db\nstate: state\nmailboxes: [{name: a, kind: mailgun, signing_key: \"${DATELINE_NOT_SET}\"}]\nwebhooks: {listen: \":1\"}\n", true},
		{"a slip in what follows a bounce", "store: sqlite:dateline.db\nstate: state\npolicies: {bounces: {soft_count: none}}\n", true},
		{"no store", "state: state\n", false},
		{"a store that is none", "store: mongodb://x\nstate: state\n", false},
		{"no YAML", "store: [\n", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "dateline.yaml"), []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := LoadStore(dir, os.LookupEnv)
			if (err == nil) != test.ok {
				t.Fatalf("error %v", err)
			}
			if test.ok && (c.Store != "sqlite://"+filepath.ToSlash(filepath.Join(dir, "dateline.db")) || c.Keys != filepath.Join(dir, "state", "keys")) {
				t.Errorf("store %q, keys %q", c.Store, c.Keys)
			}
		})
	}
}
