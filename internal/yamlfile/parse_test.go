package yamlfile

import (
	"fmt"
	"strings"
	"testing"
)

// outline writes a node and all below it, with their places, a line each.
func outline(n Node) string {
	var b strings.Builder
	var walk func(n Node, indent, key string)
	walk = func(n Node, indent, key string) {
		fmt.Fprintf(&b, "%s%s%d:%d %s", indent, key, n.line, n.column, n.kind)
		if n.kind == Scalar {
			fmt.Fprintf(&b, " %q", n.text)
		}
		b.WriteByte('\n')
		for _, item := range n.items {
			walk(item, indent+"  ", "- ")
		}
		for _, p := range n.pairs {
			walk(p.Value, indent+"  ", fmt.Sprintf("%s (%d:%d): ", p.Key.text, p.Key.line, p.Key.column))
		}
	}
	walk(n, "", "")
	return b.String()
}

func TestParseGivesTextAsWrittenWithItsPlace(t *testing.T) {
	root, faults := Parse("a.yaml", []byte(`имя: {ключ: значение, b: NO}
date: 2022-03-04
phone: "+998 71"
port: 587
hex: 0x1F
version: 1.10
empty:
list:
  - a
  - б: в
    г: 'д'
body: |
  one
  two
folded: three
  four
moment: 2027-03-04 18:00 Asia/Tashkent
site: https://a.example/#top
`))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := `1:1 a mapping
  имя (1:1): 1:6 a mapping
    ключ (1:7): 1:13 a single value "значение"
    b (1:23): 1:26 a single value "NO"
  date (2:1): 2:7 a single value "2022-03-04"
  phone (3:1): 3:8 a single value "+998 71"
  port (4:1): 4:7 a single value "587"
  hex (5:1): 5:6 a single value "0x1F"
  version (6:1): 6:10 a single value "1.10"
  empty (7:1): 7:1 nothing
  list (8:1): 9:3 a list
    - 9:5 a single value "a"
    - 10:5 a mapping
      б (10:5): 10:8 a single value "в"
      г (11:5): 11:8 a single value "д"
  body (12:1): 12:7 a single value "one\ntwo\n"
  folded (15:1): 15:9 a single value "three four"
  moment (17:1): 17:9 a single value "2027-03-04 18:00 Asia/Tashkent"
  site (18:1): 18:7 a single value "https://a.example/#top"
`
	if got := outline(root); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParseReadsTheSameWithOtherLineEndsAndAMark(t *testing.T) {
	const text = "a: 1\nb:\n  - x\n"
	want, _ := Parse("f", []byte(text))
	got, faults := Parse("f", []byte("\ufeff"+strings.ReplaceAll(text, "\n", "\r\n")))
	if len(faults) > 0 || outline(got) != outline(want) {
		t.Errorf("faults %v, got\n%s", faults, outline(got))
	}
}

func TestParseRefuses(t *testing.T) {
	const unread = " is not read here; write the value out, or put it in quotes if the sign is part of it"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"doubled keys, in all mappings", "a: 1\nb: {c: 1, c: 2}\na: 3\n", []string{
			`f:2:11: the key "c" stands here a second time; it stands on line 2 already; take one out`,
			`f:3:1: the key "a" stands here a second time; it stands on line 1 already; take one out`,
		}},
		{"all the signs of YAML", "a: &x 1\nb: *x\nc: !!str 5\n<<: *x\n", []string{
			"f:1:4: an anchor (&)" + unread,
			"f:2:4: an alias (*)" + unread,
			"f:3:4: a tag (!)" + unread,
			"f:4:1: a merge key (<<)" + unread,
			"f:4:5: an alias (*)" + unread,
		}},
		{"a directive", "%YAML 1.2\n---\na: 1\n", []string{"f:1:1: a directive (%)" + unread}},
		{"a complex key", "? a\n: b\n", []string{"f:1:1: a key behind a question mark (?)" + unread}},
		{"null as a key", "null: 1\n", []string{"f:1:1: the key is no plain text; a key is one word, such as from"}},
		{"a second document", "a: 1\n---\nb: 2\n", []string{"f:3:1: a second document begins here; one file holds one document"}},
		{"an open list", "a: [1\n", []string{"f:1:4: this is no YAML: sequence end token ']' not found"}},
		{"two colons", "a: b: c\n", []string{"f:1:4: this is no YAML: mapping value is not allowed in this context"}},
		{"an open quote", "a: \"x\nb: 1\n", []string{"f:1:4: this is no YAML: could not find end character of double-quoted text"}},
		{"NUL and CR", "a: x\x00\nb: ё\ry\n", []string{
			"f:1:5: the invisible character U+0000; take it out",
			"f:2:5: the invisible character U+000D; take it out",
		}},
		{"an override of direction", "a: x\u202egpj.exe\n", []string{"f:1:5: the invisible character U+202E; take it out"}},
		{"no UTF-8", "a: \xff\n", []string{"f:1:4: the byte 0xff is no UTF-8; the file must be saved as UTF-8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, faults := Parse("f", []byte(c.text))
			if got, want := faults.Error(), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestParseGoesOnBehindWhatItRefuses(t *testing.T) {
	root, _ := Parse("f", []byte("a: &x 1\nb: *x\nc: 3\n"))
	m := root.Map("a", "b", "c")
	if got := m.Need("a").Text() + m.Need("b").Text() + m.Need("c").Text(); got != "13" {
		t.Errorf("read %q", got)
	}
	if n := len(root.Faults()); n != 2 {
		t.Errorf("%d faults, want the anchor and the alias:\n%v", n, root.Faults())
	}
}

// The worst texts must be refused or read without taking the stack or minutes;
// the run fails by its own time limit where one does.
func TestParseSurvivesTheWorst(t *testing.T) {
	repeat := func(s string, size int) string { return strings.Repeat(s, size/len(s)) }
	var keys, deep strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&keys, "key%d: v\n", i)
	}
	for i := range 1_000 {
		fmt.Fprintf(&deep, "%sa:\n", strings.Repeat(" ", i))
	}
	for name, c := range map[string]struct {
		text string
		want string // of the first fault; empty where the text is fine
	}{
		"open lists":    {repeat("[", MaxSize), "f:1:33: the nesting is too deep"},
		"open mappings": {repeat("{a: ", MaxSize), "f:1:129: the nesting is too deep"},
		"dashes":        {repeat("- ", MaxSize), "f:1:65: the nesting is too deep"},
		"colons":        {repeat("a: ", MaxSize), "f:1:98: the nesting is too deep"},
		"deep blocks":   {deep.String(), "f:33:33: the nesting is too deep"},
		"many keys":     {keys.String(), "f:10001:9: the file has too many keys"},
		"anchors":       {repeat("&a ", MaxSize), "f:1:1: an anchor (&)"},
		"a picture":     {repeat("\x89PNG\x00", MaxSize), "f:1:1: the byte 0x89 is no UTF-8"},
		"too large":     {strings.Repeat("#", MaxSize+1), "f:1:1: the text has 1048577 bytes"},
		"a long list":   {repeat("- someone@example.org\n", MaxSize), ""},
		"a long line":   {"a: " + repeat("x", MaxSize-3), ""},
		"a long text":   {"a: |\n" + repeat("  some text\n", MaxSize-5), ""},
		"empty lines":   {repeat("\n", MaxSize), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := Parse("f", []byte(c.text))
			switch {
			case c.want == "" && len(faults) > 0:
				t.Errorf("refused: %v", faults[0])
			case c.want != "" && (len(faults) == 0 || !strings.HasPrefix(faults[0].Error(), c.want)):
				t.Errorf("faults %.300v, want %q", faults, c.want)
			case len(faults) > maxSigns+1:
				t.Errorf("%d faults: too many for a person", len(faults))
			}
		})
	}
}

// FuzzParse holds that any text is read or refused, and that every fault and
// node has a place within the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: 1\n", "- a\n- b: c\n", "{a: [1, 'x'], b: \"\\u202e\"}", "a: |\n  x\n", "a: &x\nb: *x", "? [a]\n: b\n",
		"---\n...\n---\n", "<<: {a: 1}", "a: !!binary x", "a:\n\t- b", "", "\x00", "\ufeff", "%TAG ! x", "a: >-\n\n x\n", "null: ~",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, parsing := Parse("f", []byte(text))
		lines := strings.Count(text, "\n") + 1
		visit(root, func(n Node) {
			if n.Present() && (n.line < 1 || n.line > lines || n.column < 1) {
				t.Errorf("a node at %d:%d of %d lines", n.line, n.column, lines)
			}
			n.Line()
			n.Int(0, 9)
			n.Bool()
			n.Duration()
		})
		all := root.Faults()
		if len(all) < len(parsing) {
			t.Errorf("%d faults, of which %d from the parsing", len(all), len(parsing))
		}
		for _, fault := range all {
			if fault.Line < 1 || fault.Line > lines || fault.Column < 1 || fault.What == "" {
				t.Errorf("the fault %v in a text of %d lines", fault, lines)
			}
		}
	})
}

func visit(n Node, f func(Node)) {
	f(n)
	for _, item := range n.items {
		visit(item, f)
	}
	for _, p := range n.pairs {
		visit(p.Value, f)
	}
}
