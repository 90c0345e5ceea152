package dsn

import "strings"

// normal is a text as the phrases are written: lower case, single spaces, plain
// quotation marks, and a reply of several lines without the codes that its
// lines repeat.
func normal(s string) string {
	s = strings.ToLower(strings.ToValidUTF8(s, " "))
	words := strings.Fields(s)
	out := make([]string, 0, len(words))
	for i, w := range words {
		if len(w) >= 4 && w[3] == '-' && replyCode(w[:3]) > 0 {
			w = w[4:]
			if i > 0 && findStatus(w) == w {
				continue
			}
		}
		if w != "" {
			out = append(out, w)
		}
	}
	s = strings.Join(out, " ")
	if isASCII(s) && strings.IndexByte(s, '`') < 0 {
		return s
	}
	return strings.NewReplacer("’", "'", "‘", "'", "`", "'", "“", `"`, "”", `"`, "ё", "е").Replace(s)
}

// searchable is a text in normal form that many phrases are looked for in. The
// set of its runs of four bytes, hashed, rules most of them out at once.
type searchable struct {
	text string
	runs [1 << 9]uint64
}

func searchIn(text string) *searchable {
	s := &searchable{text: text}
	for i := 0; i+4 <= len(text); i++ {
		h := hashRun(text[i:])
		s.runs[h>>6] |= 1 << (h & 63)
	}
	return s
}

// hashRun is 15 bits of the first four bytes.
func hashRun(s string) uint32 {
	n := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	return n * 2654435761 >> 17
}

// contains is strings.Contains.
func (s *searchable) contains(phrase string) bool {
	if len(phrase) >= 4 {
		first, last := hashRun(phrase), hashRun(phrase[len(phrase)-4:])
		if s.runs[first>>6]&(1<<(first&63)) == 0 || s.runs[last>>6]&(1<<(last&63)) == 0 {
			return false
		}
	}
	return strings.Contains(s.text, phrase)
}

// holds tells whether one of the phrases, one a line, stands in the text; a `*`
// in a phrase is anything between two parts of it. A line that begins with # is
// a note.
func (s *searchable) holds(phrases string) bool {
	for phrases != "" {
		phrase, rest, _ := strings.Cut(phrases, "\n")
		phrases = rest
		if phrase == "" || phrase[0] == '#' {
			continue
		}
		first, more, wild := strings.Cut(phrase, "*")
		if !s.contains(first) {
			continue
		}
		if !wild || inOrder(s.text, first, more) {
			return true
		}
	}
	return false
}

// maxGap is how many bytes a `*` is at most: more, and the words have nothing to
// do with each other.
const maxGap = 200

// inOrder finds the parts of a phrase one behind the other.
func inOrder(text, first, more string) bool {
	_, text, _ = strings.Cut(text, first)
	for piece := range strings.SplitSeq(more, "*") {
		i := strings.Index(cut(text, maxGap+len(piece)), piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}
