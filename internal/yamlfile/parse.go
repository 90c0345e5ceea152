package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"dateline/internal/press"
)

// The bounds of a file. They keep a broken file from taking the memory or the
// stack of the process: the parser underneath calls itself for every level and
// for every key, and takes time by the square of a mapping's keys.
const (
	MaxSize  = 1 << 20 // bytes
	MaxDepth = 32      // levels of mappings and lists
	MaxKeys  = 10_000  // keys of all mappings together
)

// document is what all nodes of one file share.
type document struct {
	file   string
	faults press.Faults
}

func (d *document) add(line, column int, what, want string) {
	d.faults = append(d.faults, press.Fault{File: d.file, Line: line, Column: column, What: what, Want: want})
}

// Parse reads a file's text. The faults are those of the parsing alone; the
// node goes on collecting what its readers find (Node.Faults gives both). Text
// that is no YAML gives an absent node.
func Parse(file string, text []byte) (Node, press.Faults) {
	d := &document{file: file}
	root := d.parse(text)
	return root, d.sorted()
}

func (d *document) sorted() press.Faults {
	fs := append(press.Faults(nil), d.faults...)
	fs.Sort()
	return fs
}

func (d *document) parse(text []byte) Node {
	absent := Node{doc: d}
	if len(text) > MaxSize {
		d.add(1, 1, fmt.Sprintf("the text has %d bytes", len(text)), fmt.Sprintf("at most %d are read", MaxSize))
		return absent
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if d.checkCharacters(text); len(d.faults) > 0 {
		return absent
	}
	tokens := lexer.Tokenize(string(text))
	if !d.checkBounds(tokens) {
		return absent
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return absent
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if _, directive := doc.Body.(*ast.DirectiveNode); doc.Body != nil && !directive {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		return Node{doc: d, kind: Null, line: 1, column: 1}
	}
	if len(bodies) > 1 {
		line, column := d.place(bodies[1])
		d.add(line, column, "a second document begins here", "one file holds one document")
	}
	return d.convert(bodies[0])
}

// syntax notes the one fault at which the parser gave up.
func (d *document) syntax(err error) {
	line, column, what := 1, 1, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		what = at.GetMessage()
		if tk := at.GetToken(); tk != nil && tk.Position != nil {
			line, column = tk.Position.Line, tk.Position.Column
		}
	}
	d.add(line, column, "this is no YAML: "+what, "")
}

// checkCharacters refuses what may stand nowhere in a file.
func (d *document) checkCharacters(text []byte) {
	line, column := 1, 1
	for len(text) > 0 && len(d.faults) < maxSigns {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			d.add(line, column, fmt.Sprintf("the byte %#02x is no UTF-8", text[0]), "the file must be saved as UTF-8")
		case badRune(r):
			d.add(line, column, fmt.Sprintf("the invisible character %U", r), "take it out")
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		text = text[size:]
	}
}

// badRune tells control characters and the marks that override the direction
// of text, which can make a line read as something that it is not.
func badRune(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e ||
		r == 0x2028 || r == 0x2029 || r == 0xfeff
}

// checkBounds tells whether the nesting, the keys and the signs of YAML that
// are not read stay within bounds, before the parser meets them.
func (d *document) checkBounds(tokens token.Tokens) bool {
	flow, marks, keys, signs, line := 0, 0, 0, 0, 0
	var indents []int // the columns at which the open blocks begin
	for _, tk := range tokens {
		at := tk.Position
		if at.Line != line {
			line, marks = at.Line, 0
			for len(indents) > 0 && indents[len(indents)-1] >= at.Column {
				indents = indents[:len(indents)-1]
			}
			indents = append(indents, at.Column)
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.MappingValueType:
			marks, keys = marks+1, keys+1
		case token.SequenceEntryType, token.MappingKeyType:
			marks++
		}
		if name := unread(tk.Type); name != "" {
			signs++
			d.add(at.Line, at.Column, name+" is not read here", "write the value out, or put it in quotes if the sign is part of it")
		}
		deep := flow > MaxDepth || flow == 0 && marks > MaxDepth || len(indents) > MaxDepth
		switch {
		case deep:
			d.add(at.Line, at.Column, "the nesting is too deep", fmt.Sprintf("at most %d levels are read", MaxDepth))
			return false
		case keys > MaxKeys:
			d.add(at.Line, at.Column, "the file has too many keys", fmt.Sprintf("at most %d are read", MaxKeys))
			return false
		case signs > maxSigns:
			return false
		}
	}
	return true
}

// maxSigns is how many characters and signs that are not read a file is told
// of: a picture under the name of a YAML file has a million. The parser takes
// time by the square of the number of anchors.
const maxSigns = 50

// unread names the parts of YAML by which a file says something other than
// what stands there; they are refused.
func unread(t token.Type) string {
	switch t {
	case token.AnchorType:
		return "an anchor (&)"
	case token.AliasType:
		return "an alias (*)"
	case token.MergeKeyType:
		return "a merge key (<<)"
	case token.TagType:
		return "a tag (!)"
	case token.DirectiveType:
		return "a directive (%)"
	case token.MappingKeyType:
		return "a key behind a question mark (?)"
	default:
		return ""
	}
}

// place gives a node's line and column in its file.
func (d *document) place(n ast.Node) (line, column int) {
	tk := n.GetToken()
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			tk = n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		tk = n.Key.GetToken()
	}
	if tk == nil || tk.Position == nil {
		return 1, 1
	}
	return tk.Position.Line, tk.Position.Column
}

// convert turns the parser's tree into nodes and notes what is refused.
func (d *document) convert(n ast.Node) Node {
	line, column := d.place(n)
	out := Node{doc: d, line: line, column: column}
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = Null
	case *ast.MappingNode:
		out.kind = Mapping
		d.convertPairs(&out, n.Values)
	case *ast.MappingValueNode:
		out.kind = Mapping
		d.convertPairs(&out, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out.kind = List
		for _, v := range n.Values {
			out.items = append(out.items, d.convert(v))
		}
	case *ast.StringNode:
		out.kind, out.text = Scalar, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = Scalar, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = Scalar, n.GetToken().Value
	case *ast.AnchorNode:
		return d.convert(n.Value)
	case *ast.TagNode:
		return d.convert(n.Value)
	}
	return out // what checkBounds has refused is absent
}

func (d *document) convertPairs(out *Node, pairs []*ast.MappingValueNode) {
	first := map[string]int{}
	for _, pair := range pairs {
		key := d.convert(pair.Key)
		if key.kind != Scalar {
			if key.kind != Absent {
				key.Fault("the key is no plain text", "a key is one word, such as from")
			}
			continue
		}
		if line, twice := first[key.text]; twice {
			key.Fault(fmt.Sprintf("the key %q stands here a second time", key.text), fmt.Sprintf("it stands on line %d already; take one out", line))
			continue
		}
		first[key.text] = key.line
		value := d.convert(pair.Value)
		if value.kind == Null {
			// The parser places a missing value anywhere; people look at the key.
			value.line, value.column = key.line, key.column
		}
		out.pairs = append(out.pairs, Pair{Key: key, Value: value})
	}
}
