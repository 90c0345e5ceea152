package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dateline/internal/sink"
)

// TestDemo runs the demo as a newcomer does, and then works in the folder that
// it left.
func TestDemo(t *testing.T) {
	for store, open := range stores() {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			demo(t, store, open(t))
		})
	}
}

func demo(t *testing.T, store, url string) {
	program, err := buildOnce()
	if err != nil {
		t.Fatalf("building the program: %v", err)
	}
	in := &installation{t: t, dir: t.TempDir(), program: program, env: os.Environ()}
	args := []string{"demo", "--dir", "demo", "--lift-in", "2s", "--contacts", "300", "--json"}
	if store == "postgres" {
		args = append(args, "--store", url)
	}
	var got sink.Summary
	in.must(json.Unmarshal([]byte(in.run(nil, args...)), &got))
	if got.Recipients < 250 || got.Received != got.Recipients || !got.Clean() || got.FirstAfter < 0 {
		t.Errorf("the demo's sink says %+v", got)
	}
	languages := 0
	for _, n := range got.ByLanguage {
		languages += n
	}
	if len(got.ByLanguage) != 8 || len(got.ByCountry) != 7 || languages != got.Received {
		t.Errorf("%d mails came in the languages %v and to the countries %v; want 8 and 7", got.Received, got.ByLanguage, got.ByCountry)
	}

	mails, err := filepath.Glob(in.path("demo", "mails", "*.eml"))
	if err != nil || len(mails) < 50 {
		t.Errorf("%d mails were saved (%v); at least 50 are wanted", len(mails), err)
	}
	in.run(nil, "--config", "demo/config", "check")
	if log := in.run(nil, "--config", "demo/config", "log", "--state", "accepted", "--limit", "0"); strings.Count(log, " accepted ") != got.Received {
		t.Errorf("the log of the folder that is left has %d lines; want %d", strings.Count(log, " accepted "), got.Received)
	}
	if plan := in.run(nil, "--config", "demo/config", "plan", "tashkent-2022", "--json"); !strings.Contains(plan, `"in_force":true`) {
		t.Errorf("the plan of the folder that is left is not in force: %.300s", plan)
	}
	in.run(nil, "--config", "demo/config", "preview", "tashkent-2022", "--lang", "uz-Cyrl", "--out", "preview")
}
