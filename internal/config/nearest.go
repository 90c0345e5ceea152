package config

import (
	"slices"
	"strings"
)

// DidYouMean proposes the known word that is nearest to one that is not known,
// or names them all.
func DidYouMean(word string, known []string, all string) string {
	if near, ok := nearest(word, known); ok {
		return "did you mean `" + near + "`?"
	}
	if len(known) == 0 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return all + " " + strings.Join(sorted, ", ")
}

// nearest finds the known word that is at most a third of its letters away.
func nearest(word string, known []string) (string, bool) {
	best, least := "", -1
	for _, k := range known {
		if len(word) > 2*len(k)+2 {
			continue
		}
		d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(k)))
		if d <= max(1, len(k)/3) && (least < 0 || d < least) {
			best, least = k, d
		}
	}
	return best, least >= 0
}

// distance is the number of letters to add, drop, change or swap with their
// neighbour (optimal string alignment).
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
