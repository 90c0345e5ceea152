package parity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// twins are letters of Latin and Cyrillic that look the same, in pairs.
const twins = "aаeеoоpрcсxхyуiіjјsѕhһdԁwԝqԛAАBВCСEЕHНIІJЈKКMМOОPРSЅTТXХYУ"

// twin is the letter of the other script that looks the same.
func twin(r rune) (rune, bool) {
	letters := []rune(twins)
	for i, l := range letters {
		if l == r {
			return letters[i^1], true
		}
	}
	return 0, false
}

func inWesternScript(r rune) bool { return isLatin(r) || isCyrillic(r) }

func isLatin(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r >= utf8.RuneSelf && unicode.Is(unicode.Latin, r)
}

func isCyrillic(r rune) bool {
	return r >= utf8.RuneSelf && unicode.Is(unicode.Cyrillic, r)
}

// checkLookAlikes finds words in which Latin and Cyrillic letters are mixed,
// and single letters of the other script that stand as a word.
func (c *checker) checkLookAlikes(e *edition, p *passage) {
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		if !isLetter(r) {
			i += size
			continue
		}
		end := i
		for end < len(p.text) {
			r, size := utf8.DecodeRuneInString(p.text[end:])
			if !isLetter(r) {
				break
			}
			end += size
		}
		c.checkLetters(e, p, i, end)
		i = end
	}
}

func (c *checker) checkLetters(e *edition, p *passage, from, to int) {
	word := p.text[from:to]
	latin, cyrillic := 0, 0
	for _, r := range word {
		switch {
		case isLatin(r):
			latin++
		case isCyrillic(r):
			cyrillic++
		}
	}
	alone := latin+cyrillic == 1 && (latin == 1) != e.latin && p.strangerBetweenWords(from, to, e.latin)
	if !alone && (latin == 0 || cyrillic == 0) {
		return
	}
	toLatin := latin > cyrillic
	if alone || latin == cyrillic {
		toLatin = e.latin
	}
	what := "the word " + clip(word) + " has Latin and Cyrillic letters in it: " + lettersOf(word, !toLatin)
	if alone {
		what = "the letter " + clip(word) + " is " + scriptName(!toLatin)
	}
	want := "part the scripts with a hyphen, as in COVID-га"
	if plain, ok := inOneScript(word, toLatin); ok {
		want = "in " + scriptName(toLatin) + " letters it is " + plain
	}
	at := from
	for i, r := range word {
		if unicode.Is(scriptOf(!toLatin), r) {
			at = from + i
			break
		}
	}
	c.report("look-alikes", e, p.place(at), what, want)
}

// strangerBetweenWords tells whether a single small letter with a twin stands
// where a word of the edition's own script would: a Latin c for the Russian "с".
func (p *passage) strangerBetweenWords(from, to int, latin bool) bool {
	r, _ := utf8.DecodeRuneInString(p.text[from:to])
	if _, ok := twin(r); !ok || !unicode.IsLower(r) {
		return false
	}
	before, after := strings.TrimRight(p.text[:from], " \n"), strings.TrimLeft(p.text[to:], " \n")
	if from > 0 && len(before) == from || len(after) == len(p.text)-to {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	own := scriptOf(latin)
	return (unicode.Is(own, next) || isDigit(next)) && (from == 0 || unicode.Is(own, last) || strings.ContainsRune(",;:—–.", last))
}

func scriptOf(latin bool) *unicode.RangeTable {
	if latin {
		return unicode.Latin
	}
	return unicode.Cyrillic
}

func scriptName(latin bool) string {
	if latin {
		return "Latin"
	}
	return "Cyrillic"
}

// lettersOf lists the letters of one script in a word.
func lettersOf(word string, latin bool) string {
	var found []string
	for _, r := range word {
		if unicode.Is(scriptOf(latin), r) {
			found = append(found, string(r))
		}
	}
	verb := " is "
	if len(found) > 1 {
		verb = " are "
	}
	return strings.Join(found, ", ") + verb + scriptName(latin)
}

// inOneScript writes a word in one script, where each letter of the other has a
// twin.
func inOneScript(word string, latin bool) (string, bool) {
	ok := true
	plain := strings.Map(func(r rune) rune {
		if !unicode.Is(scriptOf(!latin), r) {
			return r
		}
		t, found := twin(r)
		ok = ok && found
		return t
	}, word)
	return plain, ok
}
