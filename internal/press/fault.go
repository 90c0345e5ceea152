package press

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in an input, at a place a person can open.
type Fault struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // 1-based; 0 where the whole file is meant
	Column int    `json:"column"` // 1-based, in characters
	What   string `json:"what"`   // what is wrong
	Want   string `json:"want"`   // what would be right
}

// Error gives file:line:column: what; what would be right.
func (f Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", f.File, max(f.Line, 1), max(f.Column, 1), f.What)
	if f.Want != "" {
		b.WriteString("; ")
		b.WriteString(f.Want)
	}
	return b.String()
}

// Faults are all the faults of one input, in the order of their places.
type Faults []Fault

// Error lists every fault, a line each.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders the faults by file, line and column.
func (fs Faults) Sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// OrNil is the faults as an error, or nil where there is none.
func (fs Faults) OrNil() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}
