package compose

import (
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"

	"dateline/internal/locale"
	"dateline/internal/press"
)

// source is a layout and the files of a kind over it, parsed: their texts one
// behind the other, so that an offset tells a place in all of them.
type source struct {
	files []sourceFile
	text  string
	html  bool
	trees map[string]*parse.Tree
}

// sourceFile is one file of a source.
type sourceFile struct {
	name string // within templates/
	at   int    // where it begins in the source's text
	line int    // lines before it
}

var noFunction = regexp.MustCompile(`function "(\w+)" not defined`)

// parseSource reads the files of a source, the layout first. What a later file
// defines takes the place of what an earlier one does.
func parseSource(names []string, texts map[string]string, html bool) (*source, press.Faults) {
	s := &source{html: html, trees: map[string]*parse.Tree{}}
	for _, name := range names {
		s.files = append(s.files, sourceFile{name, len(s.text), strings.Count(s.text, "\n")})
		s.text += texts[name]
		if !strings.HasSuffix(s.text, "\n") {
			s.text += "\n"
		}
	}
	var faults press.Faults
	for i := range s.files {
		faults = append(faults, s.parse(i)...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	if t := s.trees[names[0]]; t == nil || parse.IsEmptyTree(t.Root) {
		return nil, press.Faults{{File: "templates/" + names[0], What: "the template is empty", Want: "a page for a release is wanted"}}
	}
	for _, t := range s.trees {
		s.countRounds(t.Root)
	}
	return s, nil
}

// parse reads one file. A function that does not exist is a fault, and reading
// goes on behind it, so that every such fault is found in one run. What stands
// before the file is blanked, so that every place in it is one in the whole.
func (s *source) parse(i int) press.Faults {
	f, end := s.files[i], len(s.text)
	if i+1 < len(s.files) {
		end = s.files[i+1].at
	}
	text := blank(s.text[:f.at]) + strings.TrimSuffix(s.text[f.at:end], "\n")
	known := functions(nil)
	var faults press.Faults
	for {
		t, err := texttemplate.New(f.name).Funcs(known).Parse(text)
		if err == nil {
			for _, t := range t.Templates() {
				if t.Tree != nil && (i == 0 || t.Name() != f.name) {
					s.trees[t.Name()] = t.Tree
				}
			}
			return faults
		}
		faults = append(faults, f.located(s.inWhole(err)))
		missing := noFunction.FindStringSubmatch(err.Error())
		if len(missing) < 2 || known[missing[1]] != nil {
			return faults
		}
		known[missing[1]] = func(...any) string { return "" }
	}
}

// blank makes spaces of everything but line ends.
func blank(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// layout is the name of the template that is run.
func (s *source) layout() string { return s.files[0].name }

// located gives a fault in the whole text its file and its line there.
func (f sourceFile) located(fault press.Fault) press.Fault {
	fault.File = "templates/" + f.name
	fault.Line = max(fault.Line-f.line, 0)
	return fault
}

// fileOf is the file that a line of the whole stands in.
func (s *source) fileOf(line int) sourceFile {
	found := s.files[0]
	for _, f := range s.files {
		if f.line < line {
			found = f
		}
	}
	return found
}

// countRounds puts a call that counts at the head of each range, so that a
// range over a huge number ends with an error instead of never.
func (s *source) countRounds(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			s.countRounds(child)
		}
	case *parse.RangeNode:
		s.countRounds(n.List)
		s.countRounds(n.ElseList)
		n.List.Nodes = append([]parse.Node{s.roundNode(int(n.Position()))}, n.List.Nodes...)
	case *parse.IfNode:
		s.countRounds(n.List)
		s.countRounds(n.ElseList)
	case *parse.WithNode:
		s.countRounds(n.List)
		s.countRounds(n.ElseList)
	}
}

// roundNode makes the counting call; what stands before it in its own little
// template gives its errors the place of the range.
func (s *source) roundNode(at int) parse.Node {
	before := s.text[:at]
	line := strings.Count(before, "\n")
	column := at - (strings.LastIndexByte(before, '\n') + 1)
	little := strings.Repeat("\n", line) + strings.Repeat(" ", max(0, column-len("{{if "))) + "{{if " + roundFunc + "}}{{end}}"
	trees, err := parse.Parse(s.layout(), little, "", "", functions(nil))
	if err != nil {
		panic("compose: the counting call does not parse: " + err.Error())
	}
	nodes := trees[s.layout()].Root.Nodes
	return nodes[len(nodes)-1]
}

// without gives the source without the action at an offset of its text, and
// false where none is there.
func (s *source) without(at int) (*source, bool) {
	smaller := *s
	smaller.trees = map[string]*parse.Tree{}
	cut := false
	for name, t := range s.trees {
		t = t.Copy()
		smaller.trees[name] = t
	}
	// The definition that holds the offset is the one that begins last before it.
	names := slices.Collect(maps.Keys(s.trees))
	slices.SortFunc(names, func(a, b string) int {
		return int(s.trees[b].Root.Position()) - int(s.trees[a].Root.Position())
	})
	for _, name := range names {
		if root := smaller.trees[name].Root; int(root.Position()) <= at {
			if cut = remove(root, at); cut {
				break
			}
		}
	}
	return &smaller, cut
}

// remove takes the innermost node around an offset out of a list.
func remove(list *parse.ListNode, at int) bool {
	if list == nil {
		return false
	}
	found := -1
	for i, n := range list.Nodes {
		if n.Type() != parse.NodeText && int(n.Position()) <= at && !isRound(n) {
			found = i
		}
	}
	if found < 0 {
		return false
	}
	for _, inner := range branches(list.Nodes[found]) {
		if inner != nil && int(inner.Position()) <= at && remove(inner, at) {
			return true
		}
	}
	list.Nodes = slices.Delete(list.Nodes, found, found+1)
	return true
}

func isRound(n parse.Node) bool {
	i, ok := n.(*parse.IfNode)
	return ok && i.Pipe.String() == roundFunc
}

// branches are the lists within a node, the later first.
func branches(n parse.Node) []*parse.ListNode {
	switch n := n.(type) {
	case *parse.IfNode:
		return []*parse.ListNode{n.ElseList, n.List}
	case *parse.RangeNode:
		return []*parse.ListNode{n.ElseList, n.List}
	case *parse.WithNode:
		return []*parse.ListNode{n.ElseList, n.List}
	default:
		return nil
	}
}

// actions are the offsets of everything in the source that prints a value.
func (s *source) actions() []int {
	var found []int
	var walk func(list *parse.ListNode)
	walk = func(list *parse.ListNode) {
		if list == nil {
			return
		}
		for _, n := range list.Nodes {
			if n.Type() == parse.NodeAction || n.Type() == parse.NodeTemplate {
				found = append(found, int(n.Position()))
			}
			for _, inner := range branches(n) {
				walk(inner)
			}
		}
	}
	for _, t := range s.trees {
		walk(t.Root)
	}
	slices.Sort(found)
	return found
}

// bind makes the source ready to run in a language. What it gives may be run
// again and again, by one goroutine at a time, up to the bounds of one run
// each time.
func (s *source) bind(l *locale.Language) (func(Data) (string, error), error) {
	type executor interface{ Execute(io.Writer, any) error }
	var rounds int
	funcs := functions(l)
	count := func() (bool, error) {
		if rounds++; rounds > maxRounds {
			return false, errTooOften
		}
		return false, nil
	}
	funcs[roundFunc] = count
	var t executor
	if s.html {
		set := htmltemplate.New("").Funcs(funcs).Option("missingkey=error")
		for name, tree := range s.trees {
			if _, err := set.AddParseTree(name, tree.Copy()); err != nil {
				return nil, fmt.Errorf("reading %s: %w", "templates/"+s.layout(), err)
			}
		}
		t = set.Lookup(s.layout())
	} else {
		set := texttemplate.New("").Funcs(funcs).Option("missingkey=error")
		for name, tree := range s.trees {
			if _, err := set.AddParseTree(name, tree.Copy()); err != nil {
				return nil, fmt.Errorf("reading %s: %w", "templates/"+s.layout(), err)
			}
		}
		t = set.Lookup(s.layout())
	}
	return func(d Data) (string, error) {
		rounds = 0
		var out limited
		err := t.Execute(&out, d)
		return out.String(), err
	}, nil
}
