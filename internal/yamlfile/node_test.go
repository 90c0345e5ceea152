package yamlfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReadersNoteEveryFaultAndGoOn(t *testing.T) {
	root, _ := Parse("f", []byte(`text: [a]
none:
lines: "a\nb"
blank: "  "
hidden: "a\u202eb"
port: 70000
word: seven
yes: yes
span: 5
past: -3m
list: {a: 1}
map: [x]
spare: 1
`))
	m := root.Map("text", "none", "lines", "blank", "hidden", "port", "word", "yes", "span", "past", "list", "map", "wanted")
	m.Need("text").Line()
	m.Need("none").Text()
	m.Need("lines").Line()
	m.Need("blank").Line()
	m.Need("hidden").Line()
	m.Need("port").Int(1, 65535)
	m.Need("word").Int(1, 65535)
	m.Need("yes").Bool()
	m.Need("span").Duration()
	m.Need("past").Duration()
	m.Need("list").List()
	m.Need("map").Map("x").Need("x").Line()
	m.Need("wanted").Line()
	want := `f:1:1: the key "wanted" is missing
f:1:7: a list stands here; a single value is wanted
f:2:1: no value stands here; a single value is wanted
f:3:8: the text holds a line break or a tab; one line is wanted
f:4:8: the text is empty; some text is wanted
f:5:9: the text holds the invisible character U+202E; take it out
f:6:7: "70000" does not fit; a whole number from 1 to 65535 is wanted
f:7:7: "seven" does not fit; a whole number from 1 to 65535 is wanted
f:8:6: "yes" is neither true nor false; write true or false
f:9:7: "5" is no span of time; a number with a unit is wanted, such as 30s, 2m or 12h
f:10:7: "-3m" is no span of time; a number with a unit is wanted, such as 30s, 2m or 12h
f:11:7: a mapping stands here; a list is wanted
f:12:6: a list stands here; a mapping is wanted
f:13:1: the key "spare" is not known here; known are text, none, lines, blank, hidden, port, word, yes, span, past, list, map, wanted`
	if got := root.Faults().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReadersGiveValues(t *testing.T) {
	root, _ := Parse("f", []byte("port: 587\non: true\nwait: 1h30m\nlist: [a, b]\nfree: {x: 1, y: 2}\nname: ' a b '\n"))
	m := root.Map("port", "on", "wait", "list", "free", "name", "absent")
	if got := m.Get("port").Int(1, 65535); got != 587 {
		t.Errorf("port %d", got)
	}
	if !m.Get("on").Bool() {
		t.Error("on is false")
	}
	if got := m.Get("wait").Duration(); got != 90*time.Minute {
		t.Errorf("wait %v", got)
	}
	if got := m.Get("list").List(); len(got) != 2 || got[1].Text() != "b" {
		t.Errorf("list %v", got)
	}
	if got := m.Get("free").Pairs(); len(got) != 2 || got[1].Key.Text() != "y" || got[1].Value.Text() != "2" {
		t.Errorf("free %v", got)
	}
	if got := m.Get("name").Line(); got != "a b" {
		t.Errorf("name %q", got)
	}
	absent := m.Get("absent")
	if absent.Present() || absent.Line() != "" || absent.Int(1, 2) != 0 || absent.List() != nil || absent.Map().Get("x").Bool() {
		t.Error("an absent node gives values")
	}
	if faults := root.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
}

func TestReadTakesThePartsOfAnError(t *testing.T) {
	root, _ := Parse("f", []byte("a: x\nb: ''\nc: y\n"))
	refuse := func(s string) (int, error) { return 7, fmt.Errorf("%q is wrong; 1 is right", s) }
	m := root.Map("a", "b", "c")
	if got := Read(m.Get("a"), refuse); got != 0 {
		t.Errorf("a refused value gave %d", got)
	}
	Read(m.Get("b"), refuse)
	m.Get("c").Refuse(errors.New("bad"))
	m.Get("c").Refuse(nil)
	want := "f:1:4: \"x\" is wrong; 1 is right\nf:2:4: the text is empty; some text is wanted\nf:3:4: bad"
	if got := root.Faults().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if f := root.Faults()[0]; f.What != `"x" is wrong` || f.Want != "1 is right" {
		t.Errorf("got %+v", f)
	}
}

// What a double-quoted scalar says comes back as it was, wherever it stands.
func TestTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zёқ0-9 '#:,{}\[\]&*!|>%@-]{1,12}`), 1, 5).Draw(t, "words")
		var b strings.Builder
		for i, w := range words {
			fmt.Fprintf(&b, "k%d:\n  - \"%s\"\n", i, w)
		}
		root, faults := Parse("f", []byte(b.String()))
		if len(faults) > 0 {
			t.Fatalf("%v\n%s", faults, b.String())
		}
		for i, w := range words {
			item := root.Pairs()[i].Value.List()[0]
			if got := item.Text(); got != w {
				t.Errorf("got %q, want %q", got, w)
			}
			if line, column := item.Place(); line != 2*i+2 || column != 5 {
				t.Errorf("%q stands at %d:%d, want %d:5", w, line, column, 2*i+2)
			}
		}
	})
}
