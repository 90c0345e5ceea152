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
