package config

import (
	"strings"

	"dateline/internal/yamlfile"
)

// key is one key of the grammar: how it is written, what it stands for and how
// it is read. The same tables drive the reading and the reference, so that no
// key exists undocumented.
type key[T any] struct {
	name   string
	form   string // what is written, in words
	preset string // "required", the default, or empty where leaving it out means none
	doc    string
	read   func(r *reader, n yamlfile.Node, into *T)
}

const required = "required"

// decode reads the keys of one mapping into a value. It refuses unknown keys,
// keys without a value and the lack of a required one, and gives the node of
// each key that it found.
func decode[T any](r *reader, n yamlfile.Node, what string, keys []key[T], into *T) map[string]yamlfile.Node {
	if n.Kind() == yamlfile.Null {
		n.Fault(what+" is empty", "the keys here are "+strings.Join(names(keys), ", "))
		return nil
	}
	pairs := n.Pairs() // notes what is no mapping
	if n.Kind() != yamlfile.Mapping {
		return nil
	}
	found := map[string]yamlfile.Node{}
	for _, p := range pairs {
		name := p.Key.Text()
		k, ok := find(keys, name)
		if !ok {
			p.Key.Fault("unknown key `"+shown(name)+"` in "+what, DidYouMean(name, names(keys), "the keys here are"))
			continue
		}
		found[k.name] = p.Value
		k.read(r, p.Value, into)
	}
	for _, k := range keys {
		if _, ok := found[k.name]; !ok && k.preset == required {
			n.Fault(what+" has no `"+k.name+"`", "wanted: "+k.form)
		}
	}
	return found
}

func names[T any](keys []key[T]) []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.name
	}
	return all
}

func find[T any](keys []key[T], name string) (key[T], bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key[T]{}, false
}

// shown cuts a word that is quoted in a fault to a length that can be read.
func shown(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60]) + "…"
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
