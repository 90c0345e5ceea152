package testenv_test

import (
	"slices"
	"testing"
	"time"

	"dateline/internal/testenv"
)

func TestParsePlan(t *testing.T) {
	const join = "Hash Join  (cost=1.00..2.00 rows=1 width=8)\n  ->  Parallel Seq Scan on public.deliveries d  (cost=0.00..1.00 rows=1 width=8)\n  ->  Seq Scan on events  (cost=0.00..1.00 rows=1 width=8)\n  ->  Seq Scan on events e2  (cost=0.00..1.00 rows=1 width=8)"
	for name, c := range map[string]struct {
		message string
		want    testenv.Plan
		scans   []string
	}{
		"one line":     {"duration: 0.250 ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01 rows=1 width=4)\n", testenv.Plan{Query: "SELECT 1", Text: "Result  (cost=0.00..0.01 rows=1 width=4)", Took: 250 * time.Microsecond}, nil},
		"several":      {"duration: 12.000 ms  plan:\nQuery Text: SELECT *\n\tFROM deliveries d\nWHERE x\n" + join, testenv.Plan{Query: "SELECT *\n\tFROM deliveries d\nWHERE x", Text: join, Took: 12 * time.Millisecond}, []string{"deliveries", "events"}},
		"parameters":   {"duration: 1 ms  plan:\nQuery Text: SELECT $1\nQuery Parameters: $1 = 'secret'\nResult  (cost=0.00..0.01 rows=1 width=4)", testenv.Plan{Query: "SELECT $1", Text: "Result  (cost=0.00..0.01 rows=1 width=4)", Took: time.Millisecond}, nil},
		"another's":    {"checkpoint complete: wrote 3 buffers", testenv.Plan{}, nil},
		"no plan":      {"duration: 1 ms  plan:\nQuery Text: SELECT 1", testenv.Plan{}, nil},
		"no duration":  {"duration: long ms  plan:\nQuery Text: SELECT 1\nResult  (cost=0.00..0.01 rows=1 width=4)", testenv.Plan{}, nil},
		"nothing":      {"", testenv.Plan{}, nil},
		"log_duration": {"duration: 1.000 ms", testenv.Plan{}, nil},
	} {
		got, ok := testenv.ParsePlan(c.message)
		if got != c.want || ok != (c.want != testenv.Plan{}) || !slices.Equal(got.Scans(), c.scans) {
			t.Errorf("%s: got %+v, %t, which scans %q", name, got, ok, got.Scans())
		}
	}
}
