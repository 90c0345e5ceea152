package testenv

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Plan is how PostgreSQL went about a statement, as its auto_explain tells: the
// plan that it did use, not one that it would use if it was asked.
type Plan struct {
	Query string
	Text  string // as EXPLAIN prints it
	Took  time.Duration
}

// ParsePlan reads one message of auto_explain; false where it is another's.
func ParsePlan(message string) (Plan, bool) {
	head, rest, isPlan := strings.Cut(message, "plan:\n")
	after, timed := strings.CutPrefix(strings.TrimSpace(head), "duration: ")
	number, _, inMS := strings.Cut(after, " ms")
	ms, err := strconv.ParseFloat(number, 64)
	query, named := strings.CutPrefix(rest, "Query Text: ")
	at := planBegins.FindStringIndex(query)
	if !isPlan || !timed || !inMS || err != nil || !named || at == nil {
		return Plan{}, false
	}
	text := strings.TrimRight(query[at[0]:], "\n")
	query, _, _ = strings.Cut(query[:at[0]], "\nQuery Parameters: ") // from PostgreSQL 16 on
	return Plan{Query: strings.TrimSpace(query), Text: strings.TrimPrefix(text, "\n"), Took: time.Duration(ms * float64(time.Millisecond))}, true
}

// planBegins is the first line of a plan, which its costs give away.
var planBegins = regexp.MustCompile(`(?m)^[A-Z][^\n]*\(cost=\d`)

var scanned = regexp.MustCompile(`Seq Scan on (?:\w+\.)?(\w+)`)

// Scans are the tables that the plan reads from end to end, each once.
func (p Plan) Scans() []string {
	var tables []string
	for _, found := range scanned.FindAllStringSubmatch(p.Text, -1) {
		tables = append(tables, found[1])
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}
