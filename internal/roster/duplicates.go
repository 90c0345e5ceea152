package roster

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dateline/internal/press"
)

// Pair is two contacts that may be one person, and why.
type Pair struct {
	Keep  press.Contact `json:"keep"` // the one that came first
	Other press.Contact `json:"other"`
	Why   string        `json:"why"`
}

// maxAlike is how many contacts of one name are still looked at pair by pair;
// what more share is no person's name.
const maxAlike = 20

// Duplicates finds contacts that may be one person: of the same name in the same
// country or at the same outlet, in Latin or in Cyrillic letters and in any
// order of its words; or with the same part before the @ and the same name of an
// outlet's domain. It never looks at dots or plus signs. It reads the contacts
// twice and keeps a hash for each; a million take some 100 MB.
func Duplicates(ctx context.Context, s Store) ([]Pair, error) {
	seed := maphash.MakeSeed()
	seen := map[uint64]uint8{}
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return nil, err
		}
		for _, mark := range marksOf(c) {
			if h := maphash.String(seed, mark.key); seen[h] < maxAlike+1 {
				seen[h]++
			}
		}
	}
	alike := map[string][]press.Contact{}
	why := map[string]string{}
	for c, err := range s.Contacts(ctx) {
		if err != nil {
			return nil, err
		}
		for _, mark := range marksOf(c) {
			if n := seen[maphash.String(seed, mark.key)]; n > 1 && n <= maxAlike {
				alike[mark.key], why[mark.key] = append(alike[mark.key], c), mark.why
			}
		}
	}
	return pairsOf(alike, why), nil
}

// pairsOf gives each pair once, with the first reason.
func pairsOf(alike map[string][]press.Contact, why map[string]string) []Pair {
	var pairs []Pair
	told := map[[2]press.ID]bool{}
	keys := make([]string, 0, len(alike))
	for key := range alike {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		for i, a := range alike[key] {
			for _, b := range alike[key][i+1:] {
				if ids := [2]press.ID{a.ID, b.ID}; !told[ids] && a.ID != b.ID {
					told[ids] = true
					pairs = append(pairs, Pair{a, b, why[key]})
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b Pair) int { return cmp.Or(a.Keep.ID.Compare(b.Keep.ID), a.Other.ID.Compare(b.Other.ID)) })
	return pairs
}

// mark is what two contacts of one person would share.
type mark struct{ key, why string }

func marksOf(c press.Contact) []mark {
	var marks []mark
	if name := foldPerson(c.Name); strings.Contains(name, " ") { // one word alone is no person
		marks = append(marks, mark{"name " + string(c.Country) + " " + name, fmt.Sprintf("the same name in %s", c.Country)})
		for _, o := range c.Outlets {
			marks = append(marks, mark{"outlet " + string(o.Country) + strings.ToLower(o.Name) + " " + name, "the same name at " + o.Name})
		}
	}
	if c.Name == "" {
		return marks // a desk shares its part before the @ with many
	}
	for _, a := range c.Addresses {
		labels := strings.Split(a.Domain(), ".")
		if len(labels) > 1 {
			marks = append(marks, mark{"local " + strings.ToLower(a.Local()) + "@" + labels[len(labels)-2], "the same mailbox at two domains of " + labels[len(labels)-2]})
		}
	}
	return marks
}

// foldPerson is a name in small Latin letters without accents, its words in the
// order of the alphabet.
func foldPerson(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch latin, cyrillic := latinOf(r); {
		case cyrillic:
			b.WriteString(latin)
		case unicode.IsLetter(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || strings.ContainsRune("'ʻʼ’ʹ`", r):
		default:
			b.WriteByte(' ')
		}
	}
	// What one writing has and another leaves out.
	words := strings.Fields(strings.NewReplacer("kh", "h", "yu", "iu", "ya", "ia", "j", "i", "y", "i", "x", "h", "q", "k", "w", "v", "ii", "i").Replace(b.String()))
	slices.Sort(words)
	return strings.Join(words, " ")
}

// latinOf writes a Cyrillic letter of Russian, Uzbek, Kazakh, Kyrgyz or Tajik in
// Latin ones. Letters with accents come decomposed.
func latinOf(r rune) (string, bool) {
	const from = "абвгдежзийклмнопрстуфхцчшщъыьэюяғқҳҷәіңүұһөі"
	to := [...]string{
		"a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "h", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
		"g", "k", "h", "j", "a", "i", "n", "u", "u", "h", "o", "i",
	}
	n := 0
	for _, c := range from {
		if c == r {
			return to[n], true
		}
		n++
	}
	return "", false
}
