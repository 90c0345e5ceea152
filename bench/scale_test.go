package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A whole run of scale, with few: every step is measured, nothing is read from end
// to end, and the plans are kept.
func TestScale(t *testing.T) {
	t.Setenv("TMPDIR", openFolder(t))
	kept := t.TempDir()
	var out, told bytes.Buffer
	if code := run([]string{"scale", "-contacts", "500", "-past", "40000", "-explain", kept}, &out, &told); code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, out.String(), told.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var got struct {
		Steps []scaleStep
		Log   []answerFigure
		Pages []pageFigure
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) == 0 || len(got.Log) == 0 || len(got.Pages) == 0 {
		t.Errorf("something was not measured: %s", lines[len(lines)-1])
	}
	for _, step := range got.Steps {
		if step.Figure <= 0 {
			t.Errorf("%s: %v %s", step.Step, step.Figure, step.Unit)
		}
	}
	for _, part := range []string{working, reading} {
		files, err := filepath.Glob(filepath.Join(kept, part+"-*.txt"))
		if err != nil || len(files) != hotOnes {
			t.Errorf("%d plans of %s were kept (%v), want %d", len(files), part, err, hotOnes)
		}
	}
}

func TestScaleOf(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "-contacts 100 -past 40000": true, "-contacts 0": false, "-past 10": false, "-contacts many": false, "-past": false, "full": false,
	} {
		if _, err := scaleOf(strings.Fields(text), io.Discard); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Statements that differ in the number of their arguments are one; a plan that
// reads all of a table is not hidden by one that does not.
func TestExplainerKeepsTheWorstPlan(t *testing.T) {
	e := &explainer{each: 10, part: working, byText: map[string]*statement{}}
	for _, said := range []struct{ args, plan string }{
		{"$1", "Index Scan using x on deliveries"},
		{"$1, $2", "Seq Scan on deliveries"},
		{"$1, $2, $3", "Index Scan using x on deliveries"},
	} {
		e.note("duration: 2.000 ms  plan:\nQuery Text: SELECT id\n\tFROM deliveries WHERE id IN (" + said.args + ")\n" + said.plan + "  (cost=0.00..1.00 rows=1 width=1)\n")
	}
	e.note("checkpoint starting: time")
	hot := e.hottest(2)
	if len(hot) != 1 {
		t.Fatalf("%d statements, want 1", len(hot))
	}
	many := hot[0]
	if many.calls != 30 || many.total != 60 || !slices.Equal(many.Scans(), []string{"deliveries"}) {
		t.Errorf("got %+v", many)
	}
}
