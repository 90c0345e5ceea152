package yamlfile

import (
	"fmt"
	"slices"
	"strings"
)

// Map is a mapping with known keys.
type Map struct{ node Node }

// Map reads a mapping whose keys are all among those allowed; each other one
// is a fault. A node that is no mapping gives a Map without keys.
func (n Node) Map(allowed ...string) Map {
	if !n.is(Mapping) {
		return Map{Node{doc: n.doc}}
	}
	for _, p := range n.pairs {
		if !slices.Contains(allowed, p.Key.text) {
			p.Key.Fault(fmt.Sprintf("the key %q is not known here", p.Key.text), "known are "+strings.Join(allowed, ", "))
		}
	}
	return Map{n}
}

// Get gives the value of a key, or an absent node.
func (m Map) Get(key string) Node {
	value, _ := m.find(key)
	return value
}

// Need is Get for a key that must be there.
func (m Map) Need(key string) Node {
	value, found := m.find(key)
	if !found && m.node.kind == Mapping {
		m.node.Fault(fmt.Sprintf("the key %q is missing", key), "")
	}
	return value
}

func (m Map) find(key string) (Node, bool) {
	for _, p := range m.node.pairs {
		if p.Key.text == key {
			return p.Value, true
		}
	}
	return Node{doc: m.node.doc}, false
}

// Node is the mapping itself, for faults that concern it as a whole.
func (m Map) Node() Node { return m.node }
