package yamlfile

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dateline/internal/press"
)

// Kind is what a node is.
type Kind int

// The kinds of node. Absent is what is not in the file; Null is a key with
// nothing, `null` or `~` behind it.
const (
	Absent Kind = iota
	Null
	Scalar
	List
	Mapping
)

// String names the kind for people.
func (k Kind) String() string {
	return [...]string{"absent", "nothing", "a single value", "a list", "a mapping"}[k]
}

// Node is one value in a file. The zero Node is absent.
type Node struct {
	doc          *document
	kind         Kind
	line, column int
	text         string
	items        []Node
	pairs        []Pair
}

// Pair is one key of a mapping, a scalar, and what stands behind it.
type Pair struct{ Key, Value Node }

// Kind tells what the node is.
func (n Node) Kind() Kind { return n.kind }

// Present tells whether the node is in the file at all.
func (n Node) Present() bool { return n.kind != Absent }

// Place is the node's line and column, from 1; 0, 0 for an absent node.
func (n Node) Place() (line, column int) { return n.line, n.column }

// Fault notes a fault at the node; an absent node's stands for the whole file.
func (n Node) Fault(what, want string) {
	if n.doc != nil {
		n.doc.add(n.line, n.column, what, want)
	}
}

// Refuse notes an error of a press parser at the node: what is wrong, then
// behind a semicolon what would be right. A nil error is none.
func (n Node) Refuse(err error) {
	if err != nil {
		what, want, _ := strings.Cut(err.Error(), "; ")
		n.Fault(what, want)
	}
}

// Faults are all the faults of the node's file so far, of the parsing and of
// the reading, in the order of their places.
func (n Node) Faults() press.Faults {
	if n.doc == nil {
		return nil
	}
	return n.doc.sorted()
}

// is tells whether the node is of a kind, and notes a fault where it is of
// another. An absent node is of none, without a fault.
func (n Node) is(k Kind) bool {
	if n.kind == k || n.kind == Absent {
		return n.kind == k
	}
	what := fmt.Sprintf("%s stands here", n.kind)
	if n.kind == Null {
		what = "no value stands here"
	}
	n.Fault(what, fmt.Sprintf("%s is wanted", k))
	return false
}

// Text gives a scalar as it is written, line breaks included.
func (n Node) Text() string {
	if !n.is(Scalar) {
		return ""
	}
	if i := strings.IndexFunc(n.text, badRune); i >= 0 {
		n.Fault(fmt.Sprintf("the text holds the invisible character %U", []rune(n.text[i:])[0]), "take it out")
		return ""
	}
	return n.text
}

// Line gives a scalar that is one line of text and not empty, without the
// space around it.
func (n Node) Line() string {
	before := len(n.faults())
	s := strings.TrimSpace(n.Text())
	switch {
	case n.kind != Scalar || len(n.faults()) > before:
		return ""
	case s == "":
		n.Fault("the text is empty", "some text is wanted")
	case strings.ContainsAny(s, "\n\t"):
		n.Fault("the text holds a line break or a tab", "one line is wanted")
		return ""
	}
	return s
}

func (n Node) faults() press.Faults {
	if n.doc == nil {
		return nil
	}
	return n.doc.faults
}

// Int reads a whole number from low to high, both allowed.
func (n Node) Int(low, high int) int {
	if !n.is(Scalar) {
		return 0
	}
	v, err := strconv.Atoi(n.text)
	if err != nil || v < low || v > high {
		n.Fault(fmt.Sprintf("%q does not fit", n.text), fmt.Sprintf("a whole number from %d to %d is wanted", low, high))
		return 0
	}
	return v
}

// Bool reads true or false.
func (n Node) Bool() bool {
	if !n.is(Scalar) {
		return false
	}
	if n.text != "true" && n.text != "false" {
		n.Fault(fmt.Sprintf("%q is neither true nor false", n.text), "write true or false")
	}
	return n.text == "true"
}

// Duration reads a span of time as Go writes it (90s, 2m, 1h30m); it is never
// negative.
func (n Node) Duration() time.Duration {
	if !n.is(Scalar) {
		return 0
	}
	v, err := time.ParseDuration(n.text)
	if err != nil || v < 0 {
		n.Fault(fmt.Sprintf("%q is no span of time", n.text), "a number with a unit is wanted, such as 30s, 2m or 12h")
		return 0
	}
	return v
}

// List gives the entries of a list.
func (n Node) List() []Node {
	if !n.is(List) {
		return nil
	}
	return n.items
}

// Pairs gives the keys and values of a mapping whose keys are free, in the
// file's order.
func (n Node) Pairs() []Pair {
	if !n.is(Mapping) {
		return nil
	}
	return n.pairs
}

// Read gives a one-line scalar as parse reads it; its error is a fault at the
// node. It suits the parsers of press.
func Read[T any](n Node, parse func(string) (T, error)) T {
	var zero T
	before := len(n.faults())
	s := n.Line()
	if n.kind != Scalar || len(n.faults()) > before {
		return zero
	}
	v, err := parse(s)
	if err != nil {
		n.Refuse(err)
		return zero
	}
	return v
}
