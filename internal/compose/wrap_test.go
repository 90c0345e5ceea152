package compose

import (
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"
)

// slowWidth is the library's answer, which width may only give sooner.
func slowWidth(s string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(s)
}

// A single character takes one column, beside whatever other.
func TestSingleCharactersTakeOneColumn(t *testing.T) {
	found := 0
	for r := rune(0); r <= 0x10FFFF; r++ {
		if !single(r) {
			continue
		}
		found++
		for _, s := range []string{string(r), "a" + string(r), string(r) + "a", string([]rune{r, r}), "©" + string(r), string(r) + "й"} {
			if got, want := slowWidth(s), len([]rune(s)); got != want {
				t.Errorf("%q takes %d columns", s, got)
			}
		}
	}
	if found < 900 {
		t.Errorf("%d characters are single", found)
	}
}

func TestWidthIsTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyName().Draw(t, "text")
		if got, want := width(s), slowWidth(s); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	})
}

// plainWrap says in few words what wrap does.
func plainWrap(s string, n int) []string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		made, used := "", -1
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }) {
			w := slowWidth(word)
			switch {
			case used < 0:
				used = w
			case used+1+w > n:
				lines = append(lines, made)
				made, used = "", w
			default:
				made += " "
				used += 1 + w
			}
			made += word
		}
		lines = append(lines, made)
	}
	return lines
}

// unflowed is what a reader makes of lines in format=flowed: soft breaks go, the
// spaces that were stuffed go, a quotation keeps one mark.
func unflowed(lines []string) []string {
	var out []string
	open := false
	for _, line := range lines {
		line = strings.TrimPrefix(line, " ")
		if open {
			last := &out[len(out)-1]
			*last += strings.TrimPrefix(line, "> ")
		} else {
			out = append(out, line)
		}
		open = strings.HasSuffix(line, " ")
	}
	return out
}

// Whatever the text, who reads it as flowed gets its words back in one line,
// and no line that came is too long.
func TestLinesFlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SampledFrom([]string{"", "> ", " ", "    ", "From "}).Draw(t, "before")
		s := before + strings.Join(strings.Fields(strings.ReplaceAll(rapid.OneOf(anyText(), anyName()).Draw(t, "text"), ">", "")), " ")
		s = strings.TrimRight(s, " ")
		made := strings.Split(strings.TrimSuffix(string(appendLine(nil, []byte(s), "\n")), "\n"), "\n")
		for _, line := range made {
			if slowWidth(line) > lineWidth+2 && strings.Contains(strings.TrimSpace(strings.TrimPrefix(line, "> ")), " ") {
				t.Errorf("%q is too long", line)
			}
		}
		got := unflowed(made)
		if strings.HasPrefix(before, " ") { // fixed lines, each with the indent
			if words := strings.Fields(strings.Join(got, " ")); !slices.Equal(words, strings.Fields(s)) {
				t.Errorf("%q becomes %q", s, got)
			}
			return
		}
		if len(got) != 1 || got[0] != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

func TestWrapIsThePlainOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(anyText(), anyName()).Draw(t, "text")
		n := rapid.IntRange(1, 80).Draw(t, "columns")
		if got, want := wrap(s, n), plainWrap(s, n); !slices.Equal(got, want) {
			t.Errorf("wrapped to %d columns, %q becomes\n%q, want\n%q", n, s, got, want)
		}
	})
}
