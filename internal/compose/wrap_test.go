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
		made, used := "", 0
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }) {
			w := slowWidth(word)
			switch {
			case used == 0:
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

func plainIndented(line string) []string {
	if slowWidth(line) <= lineWidth {
		return []string{line}
	}
	rest := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(rest)]
	lines := plainWrap(rest, max(lineWidth-len(indent), lineWidth/3))
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}

func TestWrapIsThePlainOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(anyText(), anyName()).Draw(t, "text")
		n := rapid.IntRange(1, 80).Draw(t, "columns")
		if got, want := wrap(s, n), plainWrap(s, n); !slices.Equal(got, want) {
			t.Errorf("wrapped to %d columns, %q becomes\n%q, want\n%q", n, s, got, want)
		}
		line := strings.Repeat(" ", rapid.IntRange(0, 60).Draw(t, "indent")) + strings.ReplaceAll(s, "\n", " ")
		if got, want := wrapIndented(line), plainIndented(line); !slices.Equal(got, want) {
			t.Errorf("%q becomes\n%q, want\n%q", line, got, want)
		}
	})
}
